"""Create the tables of payments.

Revision: 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from jiedan.base import schema as protection

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    _create_payment_inbox()
    _create_payment_provider()
    _create_payment()
    _create_payment_operation()
    _create_payment_entry()
    _create_refund_line()


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("refund_line")
    op.drop_table("payment_entry")
    op.drop_table("payment_operation")
    op.drop_table("payment")
    op.drop_table("payment_provider")
    op.drop_table("payment_inbox")


def _protect(table: sa.Table) -> None:
    for statement in protection.protect(table):
        op.execute(statement)


def _create_payment_inbox() -> None:
    table = op.create_table(
        "payment_inbox",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("provider", sa.Text(collation="C"), nullable=False),
        sa.Column("external_id", sa.Text(collation="C"), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "provider", "external_id", name=op.f("pk_payment_inbox")),
    )
    op.create_index(
        "ix_payment_inbox_unhandled",
        "payment_inbox",
        ["tenant_id", "received_at"],
        unique=False,
        postgresql_where=sa.text("handled_at IS NULL"),
    )
    _protect(table)


def _create_payment_provider() -> None:
    table = op.create_table(
        "payment_provider",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("provider", sa.Text(collation="C"), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "provider", name=op.f("pk_payment_provider")),
    )
    _protect(table)


def _create_payment() -> None:
    table = op.create_table(
        "payment",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("payment_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=True),
        sa.Column("provider", sa.Text(collation="C"), nullable=False),
        sa.Column("method", sa.Text(collation="C"), nullable=False),
        sa.Column("currency", sa.Text(collation="C"), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("provider_ref", sa.Text(collation="C"), nullable=False),
        sa.Column("pay_url", sa.Text(collation="C"), nullable=False),
        sa.Column("return_url", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.Text(collation="C"), nullable=False),
        sa.Column("authorized_minor", sa.BigInteger(), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("voided_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("charged_back_minor", sa.BigInteger(), nullable=False),
        sa.Column("adjusted_minor", sa.BigInteger(), nullable=False),
        sa.Column("processing_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(collation="C"), nullable=False),
        sa.Column("actor_id", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "method IN ('card', 'bank_transfer', 'cash_on_delivery', 'boleto', 'voucher', 'debit_card', 'other')",
            name=op.f("ck_payment_method_known"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'action_needed', 'processing', 'unknown', 'authorized', 'captured', 'refunded', 'voided', 'failed')",
            name=op.f("ck_payment_state_known"),
        ),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_payment_amount_not_negative")),
        sa.CheckConstraint(
            "authorized_minor = 0 OR captured_minor + voided_minor <= authorized_minor",
            name=op.f("ck_payment_captured_within_authorized"),
        ),
        sa.CheckConstraint(
            "authorized_minor >= 0 AND voided_minor >= 0 AND refunded_minor >= 0 AND charged_back_minor >= 0 AND processing_count >= 0",
            name=op.f("ck_payment_sums_not_negative"),
        ),
        sa.CheckConstraint(
            "refunded_minor + charged_back_minor <= captured_minor + adjusted_minor",
            name=op.f("ck_payment_refunded_within_captured"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.order_id"],
            name=op.f("fk_payment_tenant_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "payment_id", name=op.f("pk_payment")),
    )
    op.create_index("ix_payment_created", "payment", ["tenant_id", "created_at", "payment_id"], unique=False)
    op.create_index("ix_payment_order", "payment", ["tenant_id", "order_id", "payment_id"], unique=False)
    op.create_index("ix_payment_state", "payment", ["tenant_id", "state", "created_at", "payment_id"], unique=False)
    _protect(table)


def _create_payment_operation() -> None:
    table = op.create_table(
        "payment_operation",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("operation_id", sa.UUID(), nullable=False),
        sa.Column("payment_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.Text(collation="C"), nullable=False),
        sa.Column("provider_ref", sa.Text(collation="C"), nullable=False),
        sa.Column("failure", sa.Text(collation="C"), nullable=False),
        sa.Column("reason", sa.Text(collation="C"), nullable=False),
        sa.Column("refers_to", sa.UUID(), nullable=True),
        sa.Column("refund_lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("token", sa.Text(collation="C"), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by", sa.Text(collation="C"), nullable=False),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('pending', 'action_needed', 'unknown')) = (settled_at IS NULL)",
            name=op.f("ck_payment_operation_settled_has_a_date"),
        ),
        sa.CheckConstraint(
            "kind IN ('authorize', 'sale', 'capture', 'void', 'refund')", name=op.f("ck_payment_operation_kind_known")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'action_needed', 'succeeded', 'failed', 'unknown')",
            name=op.f("ck_payment_operation_state_known"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_operation_amount_positive")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payment_id"],
            ["payment.tenant_id", "payment.payment_id"],
            name=op.f("fk_payment_operation_tenant_id_payment_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "operation_id", name=op.f("pk_payment_operation")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_payment_operation_tenant_id_key")),
    )
    op.create_index(
        "ix_payment_operation_due",
        "payment_operation",
        ["tenant_id", "check_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'action_needed', 'unknown')"),
    )
    op.create_index(
        "ix_payment_operation_payment", "payment_operation", ["tenant_id", "payment_id", "operation_id"], unique=False
    )
    _protect(table)


def _create_payment_entry() -> None:
    table = op.create_table(
        "payment_entry",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("entry_id", sa.UUID(), nullable=False),
        sa.Column("payment_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(collation="C"), nullable=False),
        sa.Column("operation_id", sa.UUID(), nullable=True),
        sa.Column("refers_to", sa.UUID(), nullable=True),
        sa.Column("provider_ref", sa.Text(collation="C"), nullable=False),
        sa.Column("reason", sa.Text(collation="C"), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind IN ('refund', 'chargeback')) <= (refers_to IS NOT NULL)",
            name=op.f("ck_payment_entry_refund_has_capture"),
        ),
        sa.CheckConstraint(
            "amount_minor > 0 OR kind = 'adjustment' OR (amount_minor = 0 AND kind = 'capture')",
            name=op.f("ck_payment_entry_sign"),
        ),
        sa.CheckConstraint(
            "kind IN ('authorization', 'capture', 'void', 'refund', 'chargeback', 'adjustment')",
            name=op.f("ck_payment_entry_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "operation_id"],
            ["payment_operation.tenant_id", "payment_operation.operation_id"],
            name=op.f("fk_payment_entry_tenant_id_operation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payment_id"],
            ["payment.tenant_id", "payment.payment_id"],
            name=op.f("fk_payment_entry_tenant_id_payment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "refers_to"],
            ["payment_entry.tenant_id", "payment_entry.entry_id"],
            name=op.f("fk_payment_entry_tenant_id_refers_to"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "entry_id", name=op.f("pk_payment_entry")),
        info={"append_only": True},
    )
    op.create_index("ix_payment_entry_payment", "payment_entry", ["tenant_id", "payment_id", "entry_id"], unique=False)
    op.create_index(
        "ix_payment_entry_refers_to",
        "payment_entry",
        ["tenant_id", "refers_to"],
        unique=False,
        postgresql_where=sa.text("refers_to IS NOT NULL"),
    )
    op.create_index(
        "uq_payment_entry_chargeback",
        "payment_entry",
        ["tenant_id", "payment_id", "provider_ref", "refers_to"],
        unique=True,
        postgresql_where=sa.text("kind = 'chargeback'"),
    )
    op.create_index(
        "uq_payment_entry_operation",
        "payment_entry",
        ["tenant_id", "operation_id", "kind"],
        unique=True,
        postgresql_where=sa.text("operation_id IS NOT NULL"),
    )
    _protect(table)


def _create_refund_line() -> None:
    table = op.create_table(
        "refund_line",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("entry_id", sa.UUID(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity >= 0 AND amount_minor >= 0", name=op.f("ck_refund_line_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "entry_id"],
            ["payment_entry.tenant_id", "payment_entry.entry_id"],
            name=op.f("fk_refund_line_tenant_id_entry_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "entry_id", "line", name=op.f("pk_refund_line")),
        info={"append_only": True},
    )
    _protect(table)
