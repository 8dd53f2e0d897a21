"""Tell of the drafts that are there.

Revision: 0024, after 0023.
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_TABLES = ("order_draft", "event_log", "outbox")

# The event of a draft has the draft's id: no other event has it, and it is as old as the draft.
_TELL = """
/* across tenants: a migration looks at the rows of every merchant */
INSERT INTO event_log (tenant_id, event_id, occurred_at, recorded_at, actor_kind, actor_id, kind, subject_kind,
    subject_id, request_id, data, history)
SELECT tenant_id, draft_id, updated_at, now(), actor_kind, actor_id, 'orders.draft_saved', 'draft', draft_id, '',
    jsonb_build_object('draft_id', draft_id, 'version', version), true
FROM order_draft
"""
_QUEUE = """
/* across tenants: a migration looks at the rows of every merchant */
INSERT INTO outbox (tenant_id, event_id, available_at) SELECT tenant_id, draft_id, now() FROM order_draft
"""


def upgrade() -> None:
    """Add what this revision adds."""
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(_TELL)
    op.execute(_QUEUE)
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Leave what was told: nothing told is taken back."""
