"""Find payments by their references, and refunds by when they were asked for.

Revision: 0089, after 0085.
"""

import sqlalchemy as sa
from alembic import op

revision = "0089"
down_revision = "0085"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_payment_reference", "payment", ("provider_ref", "payment_id"), "provider_ref <> ''"),
    ("ix_payment_operation_reference", "payment_operation", ("provider_ref", "payment_id"), "provider_ref <> ''"),
    ("ix_payment_operation_refund", "payment_operation", ("requested_at", "operation_id"), "kind = 'refund'"),
)


def upgrade() -> None:
    """Add the indexes that the lists look through."""
    for name, table, columns, which in INDEXES:
        op.create_index(name, table, ["tenant_id", *columns], postgresql_where=sa.text(which))


def downgrade() -> None:
    """Take them away."""
    for name, table, *_ in INDEXES:
        op.drop_index(name, table)
