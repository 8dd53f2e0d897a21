"""Every mail that there is: one file each, in the order in which settings show them."""

from collections.abc import Mapping
from typing import Any

from jiedan.notifications.mails import (
    address_changed,
    canceled,
    customer_erased,
    customer_links,
    invitation,
    look_up_code,
    notice,
    order_placed,
    password_reset,
    payment_received,
    ready_to_collect,
    refunded,
    shipped,
    trial,
)
from jiedan.notifications.mails.protocol import Mail
from jiedan.notifications.notices import NOTICES

_ALL: tuple[Mail[Any], ...] = (
    order_placed.MAIL,
    payment_received.MAIL,
    shipped.MAIL,
    ready_to_collect.MAIL,
    canceled.MAIL,
    refunded.MAIL,
    invitation.MAIL,
    password_reset.MAIL,
    address_changed.MAIL,
    look_up_code.MAIL,
    *customer_links.ALL,
    customer_erased.MAIL,
    trial.MAIL,
    *(notice.mail_of(kind) for kind in NOTICES.values()),
)

MAILS: Mapping[str, Mail[Any]] = {mail.kind: mail for mail in _ALL}
"""By kind."""

LABELS: Mapping[str, str] = {kind: mail.label for kind, mail in MAILS.items()}
"""Message ids of what each is called, by kind."""

OPTIONAL = tuple(mail.kind for mail in MAILS.values() if mail.is_optional)
"""Those that a merchant may switch off."""
