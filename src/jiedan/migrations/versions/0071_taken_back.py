"""Keep drafts of orders that were thrown away, and price rules that were taken out, so that both can be taken back.

Revision: 0071, after 0070.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from jiedan.base import schema as protection

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_MOMENT = sa.DateTime(timezone=True)
_FORGET = """
/* across tenants: a migration looks at the rows of every merchant */
DELETE FROM order_draft WHERE discarded_at IS NOT NULL
"""


def upgrade() -> None:
    """Create what this revision adds."""
    op.add_column("order_draft", sa.Column("discarded_at", _MOMENT, nullable=True))
    op.create_check_constraint(
        op.f("ck_order_draft_discarded_or_ordered"), "order_draft", "discarded_at IS NULL OR order_id IS NULL"
    )
    op.create_index(
        "ix_order_draft_discarded",
        "order_draft",
        ["tenant_id", "discarded_at"],
        postgresql_where=sa.text("discarded_at IS NOT NULL"),
    )
    table = op.create_table(
        "price_rule_removal",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("removal_id", sa.UUID(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        sa.Column("removed_at", _MOMENT, nullable=False),
        sa.Column("actor_kind", _TEXT, nullable=False),
        sa.Column("actor_id", _TEXT, nullable=False),
        sa.Column("restored_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "removal_id", name=op.f("pk_price_rule_removal")),
    )
    op.create_index("ix_price_rule_removal_removed", "price_rule_removal", ["tenant_id", "removed_at"])
    for statement in protection.protect(table):
        op.execute(statement)


def downgrade() -> None:
    """Remove what this revision added, and the drafts that were thrown away."""
    op.drop_table("price_rule_removal")
    op.execute("ALTER TABLE order_draft NO FORCE ROW LEVEL SECURITY")
    op.execute(_FORGET)
    op.execute("ALTER TABLE order_draft FORCE ROW LEVEL SECURITY")
    op.drop_index("ix_order_draft_discarded", "order_draft")
    op.drop_constraint(op.f("ck_order_draft_discarded_or_ordered"), "order_draft")
    op.drop_column("order_draft", "discarded_at")
