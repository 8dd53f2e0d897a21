"""What a mail is, and what its writer works with."""

import dataclasses
import functools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import babel
import babel.dates
import babel.numbers

from jiedan.accounts.values import MerchantSettings
from jiedan.base import i18n, money
from jiedan.base.db import Tx
from jiedan.base.events import Event, StoredEvent
from jiedan.notifications.queries import Contact
from jiedan.notifications.values import Content, MessageId, RecipientKind
from jiedan.orders.values import OrderWithLines

WRITTEN_KEPT = 4_096
"""Numbers, days and moments of which a process remembers how they are written."""

T = TypeVar("T")


class Errand(NamedTuple):
    """A mail to be written: on account of which event, about whom; `order` is that of a mail to an order's contact."""

    message_id: MessageId
    event: StoredEvent
    recipient_id: UUID
    order: OrderWithLines | None


@dataclasses.dataclass(frozen=True)
class Desk(Generic[T]):
    """Where a mail is written: from what was gathered, on account of which event, for whom, in their language."""

    gathered: T
    event: StoredEvent
    recipient_id: UUID
    contact: Contact
    merchant: MerchantSettings
    locale: str
    base_url: str
    shop_url: str

    def say(self, message: str, /, **facts: object) -> str:
        """Return a message of `N_` in the recipient's language, filled with facts."""
        return i18n.translate(self.locale, message, **facts)

    def money(self, minor: int, currency: str) -> str:
        """Write an amount in minor units."""
        return money.format_money(minor, currency, _babel(self.locale))

    def number(self, value: int) -> str:
        """Write a whole number."""
        return _number(value, self.locale)

    def date(self, value: date) -> str:
        """Write a day."""
        return _date(value, self.locale)

    def moment(self, value: datetime) -> str:
        """Write a moment in the merchant's time zone."""
        return _moment(value.replace(microsecond=0), self.merchant.time_zone, self.locale)

    def console(self, path: str) -> str:
        """Return the whole address of a page of the console; `path` starts with `/`."""
        return f"{self.base_url}/c/{self.merchant.slug}{path}"

    def shop(self, path: str) -> str:
        """Return the whole address of a page of the shop; `path` starts with `/`."""
        return f"{self.shop_url}{path}"


Gatherer = Callable[[Tx, Sequence[Errand]], Awaitable[Mapping[MessageId, T]]]
"""Reads what the mails of one kind in a set are written from, in as many statements for many as for one.

What a mail carries that is secret (a link, a code) is minted here, and stored before the mail goes out. A mail of which
nothing is gathered says nothing any more, like an invitation that was taken back.
"""

Writer = Callable[[Desk[T]], Content | None]
"""Writes one mail from what was gathered; None when what it would say is over."""


class Mail(NamedTuple, Generic[T]):
    """A kind of mail: `causes` queue it, for the one that `whom` finds in the event; None is nobody.

    `label` is a message id. Merchants may switch off those that are `is_optional`. Mails to an order's contact lead to
    the order's page, but for those that bear another way there.
    """

    kind: str
    label: str
    to: RecipientKind
    causes: tuple[type[Event], ...]
    whom: Callable[[StoredEvent], UUID | None]
    gather: Gatherer[T]
    write: Writer[T]
    is_optional: bool = True
    leads_to_order: bool = True


async def nothing_else(_tx: Tx, errands: Sequence[Errand]) -> Mapping[MessageId, None]:
    """Gather nothing: the event says it all."""
    return {errand.message_id: None for errand in errands}


async def orders(_tx: Tx, errands: Sequence[Errand]) -> Mapping[MessageId, OrderWithLines]:
    """Gather the orders that mails are about: they are read once for a whole set, whatever its kinds."""
    return {errand.message_id: errand.order for errand in errands if errand.order is not None}


def subject(event: StoredEvent) -> UUID:
    """Return what the event is about, for mails to just that."""
    return event.subject_id


def order_of_payment(event: StoredEvent) -> UUID | None:
    """Return the order that the payment of an event is for; None for money without one."""
    told = event.data["order_id"]
    return UUID(told) if told is not None else None


@functools.cache
def _babel(locale: str) -> babel.Locale:
    return babel.Locale.parse(i18n.BABEL_BY_LOCALE[locale])


# Babel works out anew how each value is written, which was a tenth of what a mail cost: quantities, days and seconds
# are the same again and again.
@functools.lru_cache(maxsize=WRITTEN_KEPT)
def _number(value: int, locale: str) -> str:
    return babel.numbers.format_decimal(value, locale=_babel(locale))


@functools.lru_cache(maxsize=WRITTEN_KEPT)
def _date(value: date, locale: str) -> str:
    return babel.dates.format_date(value, format="long", locale=_babel(locale))


@functools.lru_cache(maxsize=WRITTEN_KEPT)
def _moment(value: datetime, time_zone: str, locale: str) -> str:
    return babel.dates.format_datetime(value.astimezone(ZoneInfo(time_zone)), format="medium", locale=_babel(locale))
