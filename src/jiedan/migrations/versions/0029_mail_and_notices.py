"""Create the tables of mails and notices; let one-time links have a secret for the mail that carries them.

Revision: 0029, after 0028.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from jiedan.base import schema as protection

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    op.add_column("staff_link", sa.Column("mailed_hash", sa.LargeBinary(), nullable=True))
    op.create_unique_constraint(op.f("uq_staff_link_tenant_id_mailed_hash"), "staff_link", ["tenant_id", "mailed_hash"])
    _create_mail_message()
    _create_mailbox_mail()
    _create_mail_settings()
    _create_notice()
    _create_notice_read()
    _create_notice_mail()


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("notice_mail")
    op.drop_table("notice_read")
    op.drop_table("notice")
    op.drop_table("mail_settings")
    op.drop_table("mailbox_mail")
    op.drop_table("mail_message")
    op.drop_constraint(op.f("uq_staff_link_tenant_id_mailed_hash"), "staff_link")
    op.drop_column("staff_link", "mailed_hash")


def _protect(table: sa.Table) -> None:
    for statement in protection.protect(table):
        op.execute(statement)


def _create_mail_message() -> None:
    table = op.create_table(
        "mail_message",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("message_id", sa.UUID(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("recipient_kind", sa.Text(collation="C"), nullable=False),
        sa.Column("recipient_id", sa.UUID(), nullable=False),
        sa.Column("state", sa.Text(collation="C"), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failure", sa.Text(collation="C"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (state IN ('queued', 'sending'))", name=op.f("ck_mail_message_settled_has_a_date")
        ),
        sa.CheckConstraint(
            "recipient_kind IN ('order', 'customer', 'staff')", name=op.f("ck_mail_message_recipient_kind_known")
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'unknown', 'dropped')",
            name=op.f("ck_mail_message_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('failed', 'unknown', 'dropped') OR failure IS NOT NULL",
            name=op.f("ck_mail_message_failure_told"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_mail_message_attempts_counted")),
        sa.PrimaryKeyConstraint("tenant_id", "message_id", name=op.f("pk_mail_message")),
        sa.UniqueConstraint(
            "tenant_id",
            "event_id",
            "kind",
            "recipient_id",
            name=op.f("uq_mail_message_tenant_id_event_id_kind_recipient_id"),
        ),
    )
    op.create_index(
        "ix_mail_message_due",
        "mail_message",
        ["tenant_id", "available_at", "message_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.create_index(
        "ix_mail_message_recipient", "mail_message", ["tenant_id", "recipient_id", "message_id"], unique=False
    )
    op.create_index("ix_mail_message_state", "mail_message", ["tenant_id", "state", "message_id"], unique=False)
    _protect(table)


def _create_mailbox_mail() -> None:
    table = op.create_table(
        "mailbox_mail",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("message_id", sa.UUID(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "message_id"],
            ["mail_message.tenant_id", "mail_message.message_id"],
            name=op.f("fk_mailbox_mail_tenant_id_message_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "message_id", name=op.f("pk_mailbox_mail")),
    )
    op.create_index("ix_mailbox_mail_kept", "mailbox_mail", ["tenant_id", "kept_at", "message_id"], unique=False)
    _protect(table)


def _create_mail_settings() -> None:
    table = op.create_table(
        "mail_settings",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("from_address", sa.Text(collation="C"), nullable=True),
        sa.Column("reply_to", sa.Text(collation="C"), nullable=True),
        sa.Column("silenced", postgresql.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 2", name=op.f("ck_mail_settings_version_risen")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_mail_settings")),
    )
    _protect(table)


def _create_notice() -> None:
    table = op.create_table(
        "notice",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("notice_id", sa.UUID(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("audience", sa.Text(collation="C"), nullable=False),
        sa.Column("subject_id", sa.UUID(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "notice_id", name=op.f("pk_notice")),
        sa.UniqueConstraint(
            "tenant_id", "event_id", "kind", "audience", name=op.f("uq_notice_tenant_id_event_id_kind_audience")
        ),
    )
    op.create_index("ix_notice_audience", "notice", ["tenant_id", "audience", "notice_id"], unique=False)
    op.create_index("ix_notice_created", "notice", ["tenant_id", "created_at", "notice_id"], unique=False)
    _protect(table)


def _create_notice_read() -> None:
    table = op.create_table(
        "notice_read",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("notice_id", sa.UUID(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "notice_id"],
            ["notice.tenant_id", "notice.notice_id"],
            name=op.f("fk_notice_read_tenant_id_notice_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "staff_id"],
            ["staff.tenant_id", "staff.staff_id"],
            name=op.f("fk_notice_read_tenant_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "staff_id", "notice_id", name=op.f("pk_notice_read")),
    )
    op.create_index("ix_notice_read_notice", "notice_read", ["tenant_id", "notice_id"], unique=False)
    _protect(table)


def _create_notice_mail() -> None:
    table = op.create_table(
        "notice_mail",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "staff_id"],
            ["staff.tenant_id", "staff.staff_id"],
            name=op.f("fk_notice_mail_tenant_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "staff_id", "kind", name=op.f("pk_notice_mail")),
    )
    op.create_index("ix_notice_mail_kind", "notice_mail", ["tenant_id", "kind", "staff_id"], unique=False)
    _protect(table)
