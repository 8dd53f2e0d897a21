"""Tables of notifications."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import TenantTable, one_of
from jiedan.notifications import values


class MailMessage(TenantTable):
    """One mail to one recipient on account of one event; neither its address nor its words.

    `available_at` is when a queued one is tried next, and until when whoever sends one is believed to be at it.
    """

    __tablename__ = "mail_message"

    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID]
    kind: Mapped[str]
    recipient_kind: Mapped[str]
    recipient_id: Mapped[UUID]
    state: Mapped[str]
    attempts: Mapped[int]
    available_at: Mapped[datetime]
    failure: Mapped[str | None]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("state", values.STATES),
        one_of("recipient_kind", values.RECIPIENT_KINDS),
        sa.CheckConstraint("attempts >= 0", name="attempts_counted"),
        sa.CheckConstraint("(settled_at IS NULL) = (state IN ('queued', 'sending'))", name="settled_has_a_date"),
        sa.CheckConstraint("state NOT IN ('failed', 'unknown', 'dropped') OR failure IS NOT NULL", name="failure_told"),
        sa.UniqueConstraint("tenant_id", "event_id", "kind", "recipient_id"),
        sa.Index(
            "ix_mail_message_due",
            "tenant_id",
            "available_at",
            "message_id",
            postgresql_where=sa.text("state IN ('queued', 'sending')"),
        ),
        sa.Index("ix_mail_message_state", "tenant_id", "state", "message_id"),
        sa.Index("ix_mail_message_recipient", "tenant_id", "recipient_id", "message_id"),
    )


class MailboxMail(TenantTable):
    """A mail that no server sends, sealed: it holds addresses and secrets, and is gone after some days."""

    __tablename__ = "mailbox_mail"

    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]
    kept_at: Mapped[datetime]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "message_id"], ["mail_message.tenant_id", "mail_message.message_id"]),
        sa.Index("ix_mailbox_mail_kept", "tenant_id", "kept_at", "message_id"),
    )


class MailSettings(TenantTable):
    """What a merchant has chosen of mails; without a row, everything is sent from the installation's address."""

    __tablename__ = "mail_settings"

    from_address: Mapped[str | None]
    reply_to: Mapped[str | None]
    silenced: Mapped[list[str]]
    version: Mapped[int]
    updated_at: Mapped[datetime]

    __table_args__ = (sa.CheckConstraint("version >= 2", name="version_risen"),)


class Notice(TenantTable):
    """A line for everybody with a permission, or for one of the staff."""

    __tablename__ = "notice"

    notice_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID]
    kind: Mapped[str]
    audience: Mapped[str]
    subject_id: Mapped[UUID]
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]

    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "event_id", "kind", "audience"),
        sa.Index("ix_notice_audience", "tenant_id", "audience", "notice_id"),
        sa.Index("ix_notice_created", "tenant_id", "created_at", "notice_id"),
    )


class NoticeRead(TenantTable):
    """That one of the staff has read a notice."""

    __tablename__ = "notice_read"

    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    notice_id: Mapped[UUID] = mapped_column(primary_key=True)
    read_at: Mapped[datetime]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "staff_id"], ["staff.tenant_id", "staff.staff_id"]),
        sa.ForeignKeyConstraint(
            ["tenant_id", "notice_id"], ["notice.tenant_id", "notice.notice_id"], ondelete="CASCADE"
        ),
        sa.Index("ix_notice_read_notice", "tenant_id", "notice_id"),
    )


class NoticeMail(TenantTable):
    """That one of the staff wants notices of a kind as mail, too."""

    __tablename__ = "notice_mail"

    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "staff_id"], ["staff.tenant_id", "staff.staff_id"]),
        sa.Index("ix_notice_mail_kind", "tenant_id", "kind", "staff_id"),
    )


class PushMessage(TenantTable):
    """A notice on its way to a browser; gone when it was pushed or is given up.

    `available_at` is when it is tried next, and until when whoever tries it is believed to be at it.
    """

    __tablename__ = "push_message"

    push_id: Mapped[UUID] = mapped_column(primary_key=True)
    subscription_id: Mapped[UUID]
    notice_id: Mapped[UUID]
    attempts: Mapped[int]
    available_at: Mapped[datetime]
    created_at: Mapped[datetime]

    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "subscription_id", "notice_id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "subscription_id"],
            ["push_subscription.tenant_id", "push_subscription.subscription_id"],
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "notice_id"], ["notice.tenant_id", "notice.notice_id"], ondelete="CASCADE"
        ),
        sa.CheckConstraint("attempts >= 0", name="attempts_counted"),
        sa.Index("ix_push_message_due", "tenant_id", "available_at", "push_id"),
        sa.Index("ix_push_message_notice", "tenant_id", "notice_id"),
    )


class PushSubscription(TenantTable):
    """A browser that one of the staff wants notices pushed to; where to, and its keys, are sealed.

    `session_id` is that in which it was switched on, or whichever followed it there; when that is ended, this goes.
    """

    __tablename__ = "push_subscription"

    subscription_id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID]
    endpoint_hash: Mapped[bytes]
    sealed: Mapped[bytes]
    browser: Mapped[str]
    created_at: Mapped[datetime]
    session_id: Mapped[UUID | None]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "staff_id"], ["staff.tenant_id", "staff.staff_id"]),
        sa.UniqueConstraint("tenant_id", "endpoint_hash"),
        sa.Index("ix_push_subscription_staff", "tenant_id", "staff_id", "subscription_id"),
        sa.Index("ix_push_subscription_session", "tenant_id", "session_id"),
    )
