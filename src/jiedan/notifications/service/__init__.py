"""Use cases of notifications: one function each."""

from jiedan.notifications.mails import LABELS as MAIL_LABELS
from jiedan.notifications.service.choosing import change_settings, choose_notice_mails, request_trial
from jiedan.notifications.service.devices import add_device, follow_sessions, remove_device
from jiedan.notifications.service.keeping import empty_mailbox, erase_kept_mails
from jiedan.notifications.service.notices import put_up_notices, read_notices, take_down_notices
from jiedan.notifications.service.pushing import push_due
from jiedan.notifications.service.queueing import queue_mails
from jiedan.notifications.service.retrying import requeue_messages
from jiedan.notifications.service.sending import lose_forgotten, send_due

__all__ = [
    "MAIL_LABELS",
    "add_device",
    "change_settings",
    "choose_notice_mails",
    "empty_mailbox",
    "erase_kept_mails",
    "follow_sessions",
    "lose_forgotten",
    "push_due",
    "put_up_notices",
    "queue_mails",
    "read_notices",
    "remove_device",
    "request_trial",
    "requeue_messages",
    "send_due",
    "take_down_notices",
]
