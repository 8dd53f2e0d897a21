"""Let customers be erased: what was wiped, how far it is, and words in ledgers that may be overwritten.

Revision: 0044, after 0043.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from jiedan.base import schema as protection

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_MOMENT = sa.DateTime(timezone=True)
_CUSTOMER = ["customer.tenant_id", "customer.customer_id"]
_WORDS = {
    "customer_consent": "source",
    "order_decision": "data",
    "parcel_label": "document, media_type",
    "payment_entry": "reason",
    "tracking_event": "description, place",
}
"""Columns of append-only tables in which there may be words about people, by table."""


def upgrade() -> None:
    """Create what this revision adds."""
    for name in ("erasing_since", "erased_at"):
        op.add_column("customer", sa.Column(name, _MOMENT, nullable=True))
    op.create_check_constraint(
        op.f("ck_customer_erasing_comes_first"), "customer", "erased_at IS NULL OR erasing_since IS NOT NULL"
    )
    table = op.create_table(
        "erasure",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("erasure_id", sa.UUID(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("customer_ids", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column("status", _TEXT, nullable=False),
        sa.Column("orders_total", sa.BigInteger(), nullable=False),
        sa.Column("orders_done", sa.BigInteger(), nullable=False),
        sa.Column("after_id", sa.UUID(), nullable=True),
        sa.Column("actor_kind", _TEXT, nullable=False),
        sa.Column("actor_id", _TEXT, nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("tell_until", _MOMENT, nullable=False),
        sa.Column("done_at", _MOMENT, nullable=True),
        sa.CheckConstraint("status IN ('telling', 'erasing', 'done')", name=op.f("ck_erasure_status_known")),
        sa.CheckConstraint("(status = 'done') = (done_at IS NOT NULL)", name=op.f("ck_erasure_done_has_a_date")),
        sa.CheckConstraint("orders_total >= 0 AND orders_done >= 0", name=op.f("ck_erasure_counted")),
        sa.CheckConstraint("cardinality(customer_ids) >= 1", name=op.f("ck_erasure_is_of_somebody")),
        sa.ForeignKeyConstraint(["tenant_id", "customer_id"], _CUSTOMER, name=op.f("fk_erasure_tenant_id_customer_id")),
        sa.PrimaryKeyConstraint("tenant_id", "erasure_id", name=op.f("pk_erasure")),
        sa.UniqueConstraint("tenant_id", "customer_id", name=op.f("uq_erasure_tenant_id_customer_id")),
    )
    op.create_index(
        "ix_erasure_under_way",
        "erasure",
        ["tenant_id", "erasure_id"],
        postgresql_where=sa.text("status <> 'done'"),
    )
    for statement in protection.protect(table):
        op.execute(statement)
    op.create_index(
        "ix_order_draft_order",
        "order_draft",
        ["tenant_id", "order_id"],
        postgresql_where=sa.text("order_id IS NOT NULL"),
    )
    for name, columns in _WORDS.items():
        op.execute(f"GRANT UPDATE ({columns}) ON {name} TO {protection.APP_ROLE}")


def downgrade() -> None:
    """Remove what this revision added."""
    for name, columns in _WORDS.items():
        op.execute(f"REVOKE UPDATE ({columns}) ON {name} FROM {protection.APP_ROLE}")
    op.drop_index("ix_order_draft_order", "order_draft")
    op.drop_table("erasure")
    for name in ("erased_at", "erasing_since"):
        op.drop_column("customer", name)
