"""Keep when orders were promised to arrive, and how long locations take.

Revision: 0022, after 0021.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    op.add_column("orders", sa.Column("promised_p50_on", sa.Date(), nullable=True))
    op.add_column("orders", sa.Column("promised_p90_on", sa.Date(), nullable=True))
    op.create_check_constraint(
        op.f("ck_orders_promise_whole"),
        "orders",
        "(promised_p50_on IS NULL) = (promised_p90_on IS NULL) AND promised_p50_on <= promised_p90_on",
    )
    _create_location_handling()


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("location_handling")
    op.drop_constraint(op.f("ck_orders_promise_whole"), "orders")
    op.drop_column("orders", "promised_p90_on")
    op.drop_column("orders", "promised_p50_on")


def _protect(table: sa.Table) -> None:
    for statement in protection.protect(table):
        op.execute(statement)


def _create_location_handling() -> None:
    table = op.create_table(
        "location_handling",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("location_id", sa.UUID(), nullable=False),
        sa.Column("p50_days", sa.BigInteger(), nullable=False),
        sa.Column("p90_days", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "p50_days >= 0 AND p50_days <= p90_days AND p90_days <= 365", name=op.f("ck_location_handling_days_rise")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["location.tenant_id", "location.location_id"],
            name=op.f("fk_location_handling_tenant_id_location_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "location_id", name=op.f("pk_location_handling")),
    )
    _protect(table)
