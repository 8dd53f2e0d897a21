"""Let notices be pushed to the browsers of staff.

Revision: 0040, after 0039.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    table = op.create_table(
        "push_message",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("push_id", sa.UUID(), nullable=False),
        sa.Column("subscription_id", sa.UUID(), nullable=False),
        sa.Column("notice_id", sa.UUID(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_push_message_attempts_counted")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "subscription_id"],
            ["push_subscription.tenant_id", "push_subscription.subscription_id"],
            name=op.f("fk_push_message_tenant_id_subscription_id_push_subscription"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "notice_id"],
            ["notice.tenant_id", "notice.notice_id"],
            name=op.f("fk_push_message_tenant_id_notice_id_notice"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "push_id", name=op.f("pk_push_message")),
        sa.UniqueConstraint(
            "tenant_id",
            "subscription_id",
            "notice_id",
            name=op.f("uq_push_message_tenant_id_subscription_id_notice_id"),
        ),
    )
    op.create_index("ix_push_message_due", "push_message", ["tenant_id", "available_at", "push_id"])
    op.create_index("ix_push_message_notice", "push_message", ["tenant_id", "notice_id"])
    for statement in protection.protect(table):
        op.execute(statement)


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("push_message")
