"""Let an order belong to one of the staff, and let bulk jobs give orders to people.

Revision: 0042, after 0041.
"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

BEFORE = ("release", "ship", "tag", "untag", "note", "hold", "unhold", "complete", "cancel")
NOW = ("release", "ship", "assign", "unassign", "tag", "untag", "note", "hold", "unhold", "complete", "cancel")


def upgrade() -> None:
    """Add what this revision adds."""
    op.add_column("orders", sa.Column("assignee_id", sa.UUID(), nullable=True))
    for table in ("orders", "staff"):  # rows of every merchant are looked at when the key is made
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.create_foreign_key(
        op.f("fk_orders_tenant_id_assignee_id_staff"),
        "orders",
        "staff",
        ["tenant_id", "assignee_id"],
        ["tenant_id", "staff_id"],
    )
    for table in ("orders", "staff"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.create_index(
        "ix_orders_assignee",
        "orders",
        ["tenant_id", "assignee_id", "placed_at", "order_id"],
        postgresql_where=sa.text("assignee_id IS NOT NULL"),
    )
    _actions(NOW)


def downgrade() -> None:
    """Remove what this revision added."""
    _actions(BEFORE)
    op.drop_index("ix_orders_assignee", table_name="orders")
    op.drop_constraint(op.f("fk_orders_tenant_id_assignee_id_staff"), "orders", type_="foreignkey")
    op.drop_column("orders", "assignee_id")


def _actions(known: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_bulk_job_action_known"), "bulk_job", type_="check")
    listed = ", ".join(f"'{action}'" for action in known)
    op.create_check_constraint(op.f("ck_bulk_job_action_known"), "bulk_job", f"action IN ({listed})")
