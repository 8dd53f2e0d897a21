"""Keep why customers pay no tax, and with each order what its customer had to show.

Revision: 0068, after 0067.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from jiedan.base import schema as protection

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

_TEXTS = postgresql.ARRAY(sa.Text(collation="C"))
_CHECKS = {
    "kind_known": "kind IN ('exempt', 'reverse_charge')",
    "number_given": "number <> '' AND char_length(number) <= 60",
    "certificate_says_where": "kind = 'exempt' OR (cardinality(places) = 0 AND cardinality(classes) = 0)",
    "bounded": "cardinality(places) <= 60 AND cardinality(classes) <= 10 AND char_length(note) <= 500",
    "ends_after_it_begins": "from_at < until_at",
}
_TAX_BOUNDED = "jsonb_typeof(tax) = 'object' AND octet_length(tax::text) <= 100000"


def upgrade() -> None:
    """Create what this revision adds."""
    table = op.create_table(
        "customer_tax_exemption",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("exemption_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.Text(collation="C"), nullable=False),
        sa.Column("places", _TEXTS, nullable=False),
        sa.Column("classes", _TEXTS, nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customer.tenant_id", "customer.customer_id"],
            name=op.f("fk_customer_tax_exemption_tenant_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "customer_id", "exemption_id", name=op.f("pk_customer_tax_exemption")),
        *[
            sa.CheckConstraint(condition, name=op.f(f"ck_customer_tax_exemption_{name}"))
            for name, condition in _CHECKS.items()
        ],
    )
    for statement in protection.protect(table):
        op.execute(statement)
    op.add_column("orders", sa.Column("tax", postgresql.JSONB(), nullable=True))
    op.create_check_constraint(op.f("ck_orders_tax_bounded"), "orders", _TAX_BOUNDED)
    op.add_column("order_line", sa.Column("relief_minor", sa.BigInteger(), server_default="0", nullable=False))
    op.create_check_constraint(
        op.f("ck_order_line_relief_is_discount"),
        "order_line",
        "relief_minor BETWEEN 0 AND discount_minor AND (tax_included OR relief_minor = 0)",
    )


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_constraint(op.f("ck_order_line_relief_is_discount"), "order_line")
    op.drop_column("order_line", "relief_minor")
    op.drop_constraint(op.f("ck_orders_tax_bounded"), "orders")
    op.drop_column("orders", "tax")
    op.drop_table("customer_tax_exemption")
