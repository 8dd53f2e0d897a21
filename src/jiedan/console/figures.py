"""The strip of figures above lists: orders, sales, parcels, on time; today beside the same day last week.

Figures are kept for half a minute in this process: they cost a few statements, and nobody acts on their last digit.
"""

import collections
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import babel.dates

from jiedan.base import i18n, money
from jiedan.base.db import ReadTx
from jiedan.base.i18n import N_
from jiedan.base.web.unit import Unit
from jiedan.reports import queries
from jiedan.reports import rules as reports
from jiedan.reports.rules import Day
from jiedan.reports.values import Amount

DAYS = 14
WEEK = timedelta(days=7)
KEPT_FOR = timedelta(seconds=30)
MERCHANTS_KEPT_MAX = 256

_kept: collections.OrderedDict[UUID, tuple[datetime, Sequence[Amount]]] = collections.OrderedDict()


class Kpi(NamedTuple):
    """One figure: its label, value and change in words, whether that is good, and its course."""

    label: str
    value: str
    change: str
    note: str
    tone: str
    values: tuple[int, ...]


class Figures(NamedTuple):
    """Two weeks of the merchant, today last; and the same day last week up to this time of day."""

    days: Sequence[Day]
    before: Day
    amounts: Sequence[Amount]
    now: datetime

    @property
    def today(self) -> Day:
        """What today has so far."""
        return self.days[-1]


async def read(tx: ReadTx, unit: Unit) -> Figures:
    """Return the figures of the merchant at hand, at most half a minute old."""
    tenant = unit.tenant
    known = _kept.get(tenant)
    if known is None or not timedelta() <= tx.now - known[0] < KEPT_FOR:
        begins = reports.hour_of(tx.now) - timedelta(days=DAYS + 1)
        known = (tx.now, await queries.figures(tx, begins=begins, time_zone=unit.principal.time_zone))
        _kept[tenant] = known
        _kept.move_to_end(tenant)
        while len(_kept) > MERCHANTS_KEPT_MAX:
            _kept.popitem(last=False)
    _, amounts = known
    zone = ZoneInfo(unit.principal.time_zone)
    now = tx.now.astimezone(zone)
    days = reports.days(amounts, currency=unit.principal.currency, zone=zone, last=now.date(), number=DAYS)
    day = now.date() - WEEK
    part = reports.until(amounts, day=day, before=now, zone=zone)
    (before,) = reports.days(part, currency=unit.principal.currency, zone=zone, last=day, number=1)
    return Figures(days, before, amounts, now)


async def strip(tx: ReadTx, unit: Unit) -> list[Kpi]:
    """Return the strip above the list of orders."""
    found = await read(tx, unit)
    locale = unit.locale
    weekday = babel.dates.format_date(found.now.date(), "EEE", locale=i18n.BABEL_BY_LOCALE[locale])
    note = i18n.translate(locale, N_("against last {weekday}"), weekday=weekday)
    sales = money.format_money(found.today.sales, unit.principal.currency, i18n.BABEL_BY_LOCALE[locale])
    days = found.days
    return [
        Kpi(
            i18n.gettext(locale, N_("Orders today")),
            f"{found.today.placed:,}",
            *_change(found.today.placed, found.before.placed, note),
            tuple(x.placed for x in days),
        ),
        Kpi(
            i18n.gettext(locale, N_("Sales today")),
            sales,
            *_change(found.today.sales, found.before.sales, note),
            tuple(x.sales for x in days),
        ),
        Kpi(
            i18n.gettext(locale, N_("Parcels shipped today")),
            f"{found.today.shipped:,}",
            *_change(found.today.shipped, found.before.shipped, note),
            tuple(x.shipped for x in days),
        ),
        _on_time(unit, days),
    ]


def _change(now: int, before: int, note: str) -> tuple[str, str, str]:
    """Return by how much a figure differs from before, with its note and tone; nothing where there was none."""
    if not before:
        return "", "", ""
    percent = round(100 * (now - before) / before, 1)
    return f"{percent:+.1f}%".replace("-", "−"), note, "ok" if percent >= 0 else "warn"


def _on_time(unit: Unit, days: Sequence[Day]) -> Kpi:
    """Return the share of parcels of the last seven days that arrived by the day promised."""
    label = i18n.gettext(unit.locale, N_("Arrived on time, 7 days"))
    rates = tuple(round(1_000 * x.on_time / x.delivered) if x.delivered else 0 for x in days)
    now, before = _rate(days[-7:]), _rate(days[:-7])
    if now is None:
        return Kpi(label, "—", "", i18n.gettext(unit.locale, N_("Nothing arrived yet.")), "", ())
    if before is None:
        return Kpi(label, f"{now:.1f}%", "", "", "", rates)
    points = round(now - before, 1)
    note = i18n.gettext(unit.locale, N_("points against the week before"))
    return Kpi(label, f"{now:.1f}%", f"{points:+.1f}".replace("-", "−"), note, "ok" if points >= 0 else "warn", rates)


def _rate(days: Sequence[Day]) -> float | None:
    delivered = sum(day.delivered for day in days)
    return 100 * sum(day.on_time for day in days) / delivered if delivered else None
