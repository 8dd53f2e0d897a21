"""Rows of the list of orders in the reader's words: what fifty rows have in common is worked out once."""

import functools
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import babel
import babel.dates

from jiedan.base import i18n, money
from jiedan.base.i18n import N_
from jiedan.base.web.unit import Unit
from jiedan.console.people import UNASKED, People
from jiedan.orders.values.lists import OrderRow

SOON = timedelta(hours=4)
AT_ONCE = timedelta(hours=1)

_WORDS_KEPT_MAX = 4_096

ROWS_KEPT_MAX = 500
"""A row takes about two kilobytes."""


class ShownRow(NamedTuple):
    """One order as a row of texts; `deadline` is empty where nobody waits, its `tone` says how pressing it is."""

    order_id: UUID
    version: int
    number: str
    placed: str
    placed_iso: str
    customer: str
    city: str
    phone: str
    channel: str
    external_id: str
    lifecycle: str
    payment: str
    fulfillment: str
    deadline: str
    tone: str
    shipping: str
    shipping_method: str
    assignee: str
    holds: tuple[str, ...]
    tags: tuple[str, ...]
    units: str
    total: str


class KeptRows:
    """Rows as they were rendered before, for whoever sees the list in the same language, columns and place.

    Most looks at a list show the rows of the look before. All that a row is rendered from is in its key.
    """

    def __init__(self, frame: tuple[object, ...]) -> None:
        self._frame = frame

    def get(self, row: ShownRow) -> str | None:
        """Return a row as markup, None where it is to be rendered."""
        return _rows_kept.get((self._frame, row))

    def keep(self, row: ShownRow, markup: str) -> str:
        """Keep a row and return it."""
        _rows_kept[self._frame, row] = markup
        while len(_rows_kept) > ROWS_KEPT_MAX:
            del _rows_kept[next(iter(_rows_kept))]
        return markup


_rows_kept: dict[tuple[tuple[object, ...], ShownRow], str] = {}


def shown(unit: Unit, rows: Iterable[OrderRow], *, now: datetime, people: People = UNASKED) -> list[ShownRow]:
    """Return rows in the words of whoever looks, in the merchant's time; `people` are for lists that name them."""
    zone = ZoneInfo(unit.principal.time_zone)
    said = Said(unit.locale, zone, now.astimezone(zone))
    return [_row(said, row, people.called(row.assignee_id)) for row in rows]


def _row(said: "Said", row: OrderRow, assignee: str) -> ShownRow:
    placed = row.placed_at.astimezone(said.zone)
    deadline, tone = said.deadline(row)
    return ShownRow(
        order_id=row.order_id,
        version=row.version,
        number=row.number,
        placed=said.moment(placed),
        placed_iso=placed.isoformat(timespec="seconds"),
        customer=row.contact_name or "—",
        city=row.city,
        phone=row.contact_phone,
        channel=row.channel,
        external_id=row.external_id or "",
        lifecycle=row.lifecycle,
        payment=row.payment_status,
        fulfillment=row.fulfillment_status,
        deadline=deadline,
        tone=tone,
        shipping=row.shipping_name or "",
        shipping_method=row.shipping_method or "",
        assignee=assignee,
        holds=row.holds,
        tags=row.tags,
        units=f"{row.units:,}",
        total=money.format_money(row.total_minor, row.currency, i18n.BABEL_BY_LOCALE[said.locale]),
    )


class Said:
    """Say moments and deadlines in one language, as of one moment `now` in the merchant's time."""

    def __init__(self, locale: str, zone: ZoneInfo, now: datetime) -> None:
        self.locale = locale
        self.zone = zone
        self.now = now
        self.today = now.date()
        self._days: dict[date, str] = {}

    def moment(self, at: datetime) -> str:
        """Return day and time: the day of today and yesterday in a word, without its year within this year."""
        day = at.date()
        if day not in self._days:
            self._days[day] = self._day(day)
        return f"{self._days[day]} {_time(self.locale, at.hour, at.minute)}"

    def _day(self, day: date) -> str:
        if day == self.today:
            return i18n.gettext(self.locale, N_("Today"))
        if day == self.today - timedelta(days=1):
            return i18n.gettext(self.locale, N_("Yesterday"))
        return _date(self.locale, day, with_year=day.year != self.today.year)

    def deadline(self, row: OrderRow) -> tuple[str, str]:
        """Return until when something is due of an order, in words, and the tone of them."""
        if row.lifecycle != "open":
            return "", ""
        if row.days_late:
            text = i18n.ngettext(self.locale, "%(num)s day late", "%(num)s days late", row.days_late)
            return text % {"num": row.days_late}, "bad"
        if row.expires_at is not None:
            return self._left(row.expires_at - self.now, N_("pay within {time}"))
        if row.promised_p90_on is None:
            return "", ""
        days = (row.promised_p90_on - self.today).days
        if days == 0:
            return i18n.gettext(self.locale, N_("due today")), "warn"
        left = _span(self.locale, "day", days)
        return i18n.translate(self.locale, N_("{time} left"), time=left), ""

    def _left(self, left: timedelta, message: str) -> tuple[str, str]:
        if left <= timedelta():
            return i18n.gettext(self.locale, N_("not paid in time")), "bad"
        tone = "bad" if left < AT_ONCE else "warn" if left < SOON else ""
        minutes = -(-int(left.total_seconds()) // 60)
        for unit, length in (("day", 1_440), ("hour", 60), ("minute", 1)):
            if minutes >= length:
                span = _span(self.locale, unit, minutes // length)
                return i18n.translate(self.locale, message, time=span), tone
        return i18n.translate(self.locale, message, time=_span(self.locale, "minute", 1)), tone


def _kept(work: Callable[..., str]) -> Callable[..., str]:
    return functools.lru_cache(maxsize=_WORDS_KEPT_MAX)(work)


@functools.cache
def _babel(locale: str) -> babel.Locale:
    return babel.Locale.parse(i18n.BABEL_BY_LOCALE[locale])


@_kept
def _time(locale: str, hour: int, minute: int) -> str:
    return babel.dates.format_time(time(hour, minute), format="short", locale=_babel(locale))


@_kept
def _date(locale: str, day: date, *, with_year: bool) -> str:
    if with_year:
        return babel.dates.format_date(day, format="medium", locale=_babel(locale))
    return babel.dates.format_skeleton("MMMd", day, locale=_babel(locale))


@_kept
def _span(locale: str, unit: Literal["day", "hour", "minute"], number: int) -> str:
    lengths = {"day": timedelta(days=1), "hour": timedelta(hours=1), "minute": timedelta(minutes=1)}
    span = lengths[unit] * number
    return babel.dates.format_timedelta(span, granularity=unit, threshold=1_000, locale=_babel(locale))
