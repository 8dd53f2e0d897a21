"""What became of mails, and what was chosen of mails and notices: ids, kinds and codes; no addresses, no secrets.

What happened to a mail stands in the timeline of whom it is about, so there is one pair for each kind of recipient.
"""

from uuid import UUID

from jiedan.base.events import Event


class _OrderMail(Event, frozen=True, kw_only=True):
    subject_kind = "order"
    subject = "order_id"

    order_id: UUID
    message_id: UUID
    mail: str


class _CustomerMail(Event, frozen=True, kw_only=True):
    subject_kind = "customer"
    subject = "customer_id"

    customer_id: UUID
    message_id: UUID
    mail: str


class _StaffMail(Event, frozen=True, kw_only=True):
    subject_kind = "staff"
    subject = "staff_id"

    staff_id: UUID
    message_id: UUID
    mail: str


class _LinkMail(Event, frozen=True, kw_only=True):
    subject_kind = "customer_link"
    subject = "link_id"

    link_id: UUID
    message_id: UUID
    mail: str


class _FormerMail(Event, frozen=True, kw_only=True):
    """About the event `change_id` by which an account got another address."""

    subject_kind = "address_change"
    subject = "change_id"

    change_id: UUID
    message_id: UUID
    mail: str


class OrderMailSent(_OrderMail, frozen=True, kw_only=True):
    """A mail about an order went out, or into the mailbox."""

    kind = "notifications.order_mail_sent"


class OrderMailFailed(_OrderMail, frozen=True, kw_only=True):
    """A mail about an order was given up, or nobody knows whether it went out."""

    kind = "notifications.order_mail_failed"

    failure: str


class CustomerMailSent(_CustomerMail, frozen=True, kw_only=True):
    """A mail to a customer went out, or into the mailbox."""

    kind = "notifications.customer_mail_sent"


class CustomerMailFailed(_CustomerMail, frozen=True, kw_only=True):
    """A mail to a customer was given up, or nobody knows whether it went out."""

    kind = "notifications.customer_mail_failed"

    failure: str


class StaffMailSent(_StaffMail, frozen=True, kw_only=True):
    """A mail to one of the staff went out, or into the mailbox."""

    kind = "notifications.staff_mail_sent"


class StaffMailFailed(_StaffMail, frozen=True, kw_only=True):
    """A mail to one of the staff was given up, or nobody knows whether it went out."""

    kind = "notifications.staff_mail_failed"

    failure: str


class LinkMailSent(_LinkMail, frozen=True, kw_only=True):
    """A one-time link went out to an address, or into the mailbox."""

    kind = "notifications.link_mail_sent"


class LinkMailFailed(_LinkMail, frozen=True, kw_only=True):
    """A mail with a one-time link was given up, or nobody knows whether it went out."""

    kind = "notifications.link_mail_failed"

    failure: str


class FormerMailSent(_FormerMail, frozen=True, kw_only=True):
    """A mail to the address that an account had before went out, or into the mailbox."""

    kind = "notifications.former_mail_sent"


class FormerMailFailed(_FormerMail, frozen=True, kw_only=True):
    """A mail to the address that an account had before was given up, or nobody knows whether it went out."""

    kind = "notifications.former_mail_failed"

    failure: str


class MailRequeued(Event, frozen=True, kw_only=True):
    """Somebody wants a mail tried again that was not sent."""

    kind = "notifications.mail_requeued"
    subject_kind = "message"
    subject = "message_id"

    message_id: UUID


class TestMailRequested(Event, frozen=True, kw_only=True):
    """One of the staff wants to see whether mails arrive."""

    kind = "notifications.test_mail_requested"
    subject_kind = "staff"
    subject = "staff_id"

    staff_id: UUID


class MailSettingsChanged(Event, frozen=True, kw_only=True):
    """Which mails are sent, from which address, was edited; addresses are private data."""

    kind = "notifications.mail_settings_changed"
    subject_kind = "merchant"
    subject = "merchant_id"

    merchant_id: UUID
    version: int
    fields: tuple[str, ...]


class NoticeMailsChosen(Event, frozen=True, kw_only=True):
    """One of the staff chose which notices come as mail, too."""

    kind = "notifications.notice_mails_chosen"
    subject_kind = "staff"
    subject = "staff_id"

    staff_id: UUID
    kinds: tuple[str, ...]


class DeviceAdded(Event, frozen=True, kw_only=True):
    """One of the staff wants notices pushed to a browser."""

    kind = "notifications.device_added"
    subject_kind = "staff"
    subject = "staff_id"

    staff_id: UUID
    subscription_id: UUID


class DeviceRemoved(Event, frozen=True, kw_only=True):
    """One of the staff wants no more notices pushed to a browser."""

    kind = "notifications.device_removed"
    subject_kind = "staff"
    subject = "staff_id"

    staff_id: UUID
    subscription_id: UUID
