"""Let customers have store credit, gift cards and points: balances, lots, and a ledger in double entry.

Revision: 0049, after 0048.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_MOMENT = sa.DateTime(timezone=True)
_WALLET = ["wallet.tenant_id", "wallet.wallet_id"]


def upgrade() -> None:
    """Create what this revision adds."""
    for table in (_wallets(), _gift_cards(), _movements(), _entries(), _lots(), _loyalty_rules()):
        for statement in protection.protect(table):
            op.execute(statement)


def downgrade() -> None:
    """Remove what this revision added."""
    for name in ("loyalty_rule", "wallet_lot", "wallet_entry", "wallet_movement", "gift_card", "wallet"):
        op.drop_table(name)


def _wallets() -> sa.Table:
    table = op.create_table(
        "wallet",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("wallet_id", sa.UUID(), nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=True),
        sa.Column("unit", _TEXT, nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.CheckConstraint("(kind = 'points') = (unit = 'points')", name=op.f("ck_wallet_points_are_points")),
        sa.CheckConstraint("kind = 'gift_card' OR customer_id IS NOT NULL", name=op.f("ck_wallet_has_an_owner")),
        sa.CheckConstraint("kind IN ('credit', 'gift_card', 'points')", name=op.f("ck_wallet_kind_known")),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_wallet_balance_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customer.tenant_id", "customer.customer_id"],
            name=op.f("fk_wallet_tenant_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "wallet_id", name=op.f("pk_wallet")),
        info={"storage": {"fillfactor": 70}},
    )
    op.create_index("ix_wallet_customer", "wallet", ["tenant_id", "customer_id", "wallet_id"])
    op.create_index(
        "ix_wallet_key",
        "wallet",
        ["tenant_id", "customer_id", "kind", "unit"],
        unique=True,
        postgresql_where=sa.text("kind <> 'gift_card'"),
    )
    return table


def _gift_cards() -> sa.Table:
    table = op.create_table(
        "gift_card",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("wallet_id", sa.UUID(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("last_four", _TEXT, nullable=False),
        sa.Column("issued", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=True),
        sa.Column("blocked_at", _MOMENT, nullable=True),
        sa.Column("note", _TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("issued > 0", name=op.f("ck_gift_card_issued_something")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_gift_card_version_positive")),
        sa.ForeignKeyConstraint(["tenant_id", "wallet_id"], _WALLET, name=op.f("fk_gift_card_tenant_id_wallet_id")),
        sa.PrimaryKeyConstraint("tenant_id", "wallet_id", name=op.f("pk_gift_card")),
        sa.UniqueConstraint("tenant_id", "code_hash", name=op.f("uq_gift_card_tenant_id_code_hash")),
    )
    op.create_index("ix_gift_card_last_four", "gift_card", ["tenant_id", "last_four", "wallet_id"])
    return table


def _movements() -> sa.Table:
    table = op.create_table(
        "wallet_movement",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("movement_id", sa.UUID(), nullable=False),
        sa.Column("wallet_id", sa.UUID(), nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("reason", _TEXT, nullable=False),
        sa.Column("note", _TEXT, nullable=False),
        sa.Column("subject_id", sa.UUID(), nullable=True),
        sa.Column("reverses", sa.UUID(), nullable=True),
        sa.Column("lives_until", _MOMENT, nullable=True),
        sa.Column("operation_key", _TEXT, nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("actor_kind", _TEXT, nullable=False),
        sa.Column("actor_id", _TEXT, nullable=False),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.CheckConstraint(
            "(kind = 'give_back') = (reverses IS NOT NULL)", name=op.f("ck_wallet_movement_reversal_fits")
        ),
        sa.CheckConstraint(
            "(kind IN ('issue', 'adjustment')) = (reason <> '')", name=op.f("ck_wallet_movement_reason_fits")
        ),
        sa.CheckConstraint(
            "kind <> 'redemption' OR subject_id IS NOT NULL", name=op.f("ck_wallet_movement_redeemed_for_something")
        ),
        sa.CheckConstraint(
            "kind IN ('issue', 'adjustment', 'refund', 'earning', 'redemption', 'give_back', 'expiry')",
            name=op.f("ck_wallet_movement_kind_known"),
        ),
        sa.CheckConstraint(
            "reason IN ('', 'sale', 'goodwill', 'correction', 'payout')", name=op.f("ck_wallet_movement_reason_known")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "wallet_id"], _WALLET, name=op.f("fk_wallet_movement_tenant_id_wallet_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "movement_id", name=op.f("pk_wallet_movement")),
        sa.UniqueConstraint(
            "tenant_id", "operation_key", "part", name=op.f("uq_wallet_movement_tenant_id_operation_key_part")
        ),
        info={"append_only": True, "erasable": ("note",)},
    )
    op.create_index(
        "ix_wallet_movement_reverses",
        "wallet_movement",
        ["tenant_id", "reverses"],
        postgresql_where=sa.text("reverses IS NOT NULL"),
    )
    op.create_index(
        "ix_wallet_movement_subject",
        "wallet_movement",
        ["tenant_id", "subject_id", "movement_id"],
        postgresql_where=sa.text("subject_id IS NOT NULL"),
    )
    return table


def _entries() -> sa.Table:
    table = op.create_table(
        "wallet_entry",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("movement_id", sa.UUID(), nullable=False),
        sa.Column("side", _TEXT, nullable=False),
        sa.Column("wallet_id", sa.UUID(), nullable=True),
        sa.Column("account", _TEXT, nullable=True),
        sa.Column("unit", _TEXT, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(side = 'wallet') = (wallet_id IS NOT NULL) AND (side = 'wallet') = (balance IS NOT NULL) AND (side = 'merchant') = (account IS NOT NULL)",
            name=op.f("ck_wallet_entry_side_fits"),
        ),
        sa.CheckConstraint(
            "account IN ('sales', 'goodwill', 'corrections', 'payouts', 'refunds', 'rewards', 'orders', 'breakage')",
            name=op.f("ck_wallet_entry_account_known"),
        ),
        sa.CheckConstraint("side IN ('wallet', 'merchant')", name=op.f("ck_wallet_entry_side_known")),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_wallet_entry_amount_moves")),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_wallet_entry_balance_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "movement_id"],
            ["wallet_movement.tenant_id", "wallet_movement.movement_id"],
            name=op.f("fk_wallet_entry_tenant_id_movement_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id", "wallet_id"], _WALLET, name=op.f("fk_wallet_entry_tenant_id_wallet_id")),
        sa.PrimaryKeyConstraint("tenant_id", "movement_id", "side", name=op.f("pk_wallet_entry")),
        info={"append_only": True},
    )
    op.create_index(
        "ix_wallet_entry_wallet",
        "wallet_entry",
        ["tenant_id", "wallet_id", "movement_id"],
        postgresql_where=sa.text("wallet_id IS NOT NULL"),
    )
    return table


def _lots() -> sa.Table:
    table = op.create_table(
        "wallet_lot",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("wallet_id", sa.UUID(), nullable=False),
        sa.Column("lot_id", sa.UUID(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_wallet_lot_amount_came_in")),
        sa.CheckConstraint("remaining BETWEEN 0 AND amount", name=op.f("ck_wallet_lot_remaining_is_there")),
        sa.ForeignKeyConstraint(["tenant_id", "wallet_id"], _WALLET, name=op.f("fk_wallet_lot_tenant_id_wallet_id")),
        sa.PrimaryKeyConstraint("tenant_id", "wallet_id", "lot_id", name=op.f("pk_wallet_lot")),
        info={"storage": {"fillfactor": 70}},
    )
    op.create_index(
        "ix_wallet_lot_due",
        "wallet_lot",
        ["tenant_id", "expires_at", "wallet_id"],
        postgresql_where=sa.text("remaining > 0 AND expires_at IS NOT NULL"),
    )
    op.create_index(
        "ix_wallet_lot_there",
        "wallet_lot",
        ["tenant_id", "wallet_id", "lot_id"],
        postgresql_where=sa.text("remaining > 0"),
    )
    return table


def _loyalty_rules() -> sa.Table:
    return op.create_table(
        "loyalty_rule",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("currency", _TEXT, nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("step_minor", sa.BigInteger(), nullable=False),
        sa.Column("lives_days", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("lives_days > 0", name=op.f("ck_loyalty_rule_lives_a_while")),
        sa.CheckConstraint("points >= 0", name=op.f("ck_loyalty_rule_points_not_negative")),
        sa.CheckConstraint("step_minor > 0", name=op.f("ck_loyalty_rule_step_positive")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_loyalty_rule_version_positive")),
        sa.PrimaryKeyConstraint("tenant_id", "currency", name=op.f("pk_loyalty_rule")),
    )
