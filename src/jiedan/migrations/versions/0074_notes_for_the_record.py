"""Let an order keep notes that nobody has to read before it is packed: what its customer agreed to.

Revision: 0074, after 0073. What was noted before stays of the kind that it is.
"""

from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

BEFORE = "kind IN ('delivery', 'packaging', 'customer', 'internal')"
AFTER = "kind IN ('delivery', 'packaging', 'customer', 'internal', 'record')"


def upgrade() -> None:
    """Take notes for the record."""
    op.drop_constraint(op.f("ck_order_note_kind_known"), "order_note")
    op.create_check_constraint(op.f("ck_order_note_kind_known"), "order_note", AFTER)


def downgrade() -> None:
    """Make notes for the record internal again."""
    op.drop_constraint(op.f("ck_order_note_kind_known"), "order_note")
    op.execute("ALTER TABLE order_note NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "/* across tenants: a migration looks at the rows of every merchant */"
        " UPDATE order_note SET kind = 'internal' WHERE kind = 'record'"
    )
    op.execute("ALTER TABLE order_note FORCE ROW LEVEL SECURITY")
    op.create_check_constraint(op.f("ck_order_note_kind_known"), "order_note", BEFORE)
