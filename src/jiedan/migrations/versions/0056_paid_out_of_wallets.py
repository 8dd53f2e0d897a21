"""Let orders be paid out of gift cards and store credit, and refunds go there.

Revision: 0056, after 0055.
"""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

_METHOD = "ck_payment_method_known"
_OLD = "'card', 'bank_transfer', 'cash_on_delivery', 'boleto', 'voucher', 'debit_card', 'other'"
_NEW = f"{_OLD}, 'gift_card', 'store_credit'"


def upgrade() -> None:
    """Create what this revision adds."""
    op.add_column("orders", sa.Column("from_wallets_minor", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_check_constraint(
        op.f("ck_orders_wallets_are_money"), "orders", "from_wallets_minor BETWEEN 0 AND captured_minor"
    )
    op.add_column("payment_operation", sa.Column("to_wallet", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_check_constraint(
        op.f("ck_payment_operation_only_refunds_go_to_wallets"), "payment_operation", "NOT to_wallet OR kind = 'refund'"
    )
    op.drop_constraint(op.f(_METHOD), "payment")
    op.create_check_constraint(op.f(_METHOD), "payment", f"method IN ({_NEW})")


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_constraint(op.f(_METHOD), "payment")
    op.create_check_constraint(op.f(_METHOD), "payment", f"method IN ({_OLD})")
    op.drop_constraint(op.f("ck_payment_operation_only_refunds_go_to_wallets"), "payment_operation")
    op.drop_column("payment_operation", "to_wallet")
    op.drop_constraint(op.f("ck_orders_wallets_are_money"), "orders")
    op.drop_column("orders", "from_wallets_minor")
