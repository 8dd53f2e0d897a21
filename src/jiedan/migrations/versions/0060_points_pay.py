"""Let orders be paid with loyalty points, at a rate that each redemption keeps.

Revision: 0060, after 0059.
"""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

_METHOD = "ck_payment_method_known"
_OLD = (
    "'card', 'bank_transfer', 'cash_on_delivery', 'boleto', 'voucher', 'debit_card', 'other', 'gift_card',"
    " 'store_credit'"
)
_NEW = f"{_OLD}, 'points'"


def upgrade() -> None:
    """Create what this revision adds."""
    for name, default in (("pays_points", 0), ("pays_minor", 1), ("pays_points_min", 0), ("pays_share_percent", 100)):
        op.add_column(
            "loyalty_rule", sa.Column(name, sa.BigInteger(), nullable=False, server_default=sa.text(f"'{default}'"))
        )
    op.create_check_constraint(
        op.f("ck_loyalty_rule_pays_within_reason"),
        "loyalty_rule",
        "pays_points >= 0 AND pays_minor > 0 AND pays_points_min >= 0 AND pays_share_percent BETWEEN 1 AND 100",
    )
    op.add_column("wallet_movement", sa.Column("worth_minor", sa.BigInteger(), nullable=True))
    op.add_column("wallet_movement", sa.Column("worth_currency", sa.Text(collation="C"), nullable=True))
    op.create_check_constraint(
        op.f("ck_wallet_movement_worth_fits"),
        "wallet_movement",
        "(worth_minor IS NULL) = (worth_currency IS NULL) AND (worth_minor IS NULL OR kind = 'redemption')",
    )
    op.create_check_constraint(op.f("ck_wallet_movement_worth_something"), "wallet_movement", "worth_minor > 0")
    op.drop_constraint(op.f(_METHOD), "payment")
    op.create_check_constraint(op.f(_METHOD), "payment", f"method IN ({_NEW})")


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_constraint(op.f(_METHOD), "payment")
    op.create_check_constraint(op.f(_METHOD), "payment", f"method IN ({_OLD})")
    op.drop_constraint(op.f("ck_wallet_movement_worth_something"), "wallet_movement")
    op.drop_constraint(op.f("ck_wallet_movement_worth_fits"), "wallet_movement")
    op.drop_column("wallet_movement", "worth_currency")
    op.drop_column("wallet_movement", "worth_minor")
    op.drop_constraint(op.f("ck_loyalty_rule_pays_within_reason"), "loyalty_rule")
    for name in ("pays_share_percent", "pays_points_min", "pays_minor", "pays_points"):
        op.drop_column("loyalty_rule", name)
