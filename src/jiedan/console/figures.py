"""The strip of figures above lists: orders, sales, parcels, on time; today beside the same day last week.

Today's page may ask for more days: what they have together, beside as many days before. Figures are kept for half a
minute in this process: they cost a few statements, and nobody acts on their last digit.
"""

import collections
from collections.abc import Iterator, Sequence
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
from jiedan.reports.queries import Told
from jiedan.reports.rules import Day

DAYS = 14
WEEK = timedelta(days=7)
KEPT_FOR = timedelta(seconds=30)
MERCHANTS_KEPT_MAX = 256

PERIODS: tuple[int, ...] = (7, 30)
"""Of how many days, today last, there are figures beside those of two weeks; hours are kept for twice as many."""

_SUMMED = ("placed", "sales", "shipped")

_kept: collections.OrderedDict[tuple[UUID, int], tuple[datetime, Told]] = collections.OrderedDict()


class Kpi(NamedTuple):
    """One figure: its label, value and change in words, whether that is good, and its course."""

    label: str
    value: str
    change: str
    note: str
    tone: str
    values: tuple[int, ...]


class Figures(NamedTuple):
    """Two weeks of the merchant, today last; the same day last week up to this time of day; and all that was read."""

    days: Sequence[Day]
    before: Day
    told: Told
    now: datetime

    @property
    def today(self) -> Day:
        """What today has so far."""
        return self.days[-1]


async def read(tx: ReadTx, unit: Unit, *, period: int = 0) -> Figures:
    """Return the figures of the merchant at hand, at most half a minute old; with the days of one of PERIODS, or 0."""
    told = _known(unit.tenant, [period] if period else [0, *PERIODS], now=tx.now)
    if told is None:
        present, time_zone = reports.hour_of(tx.now), unit.principal.time_zone
        days_begin = present - timedelta(days=2 * period + 1) if period else None
        begins = present - timedelta(days=DAYS + 1)
        told = await queries.figures(tx, begins=begins, days_begin=days_begin, time_zone=time_zone)
        _kept[unit.tenant, period] = tx.now, told
        _kept.move_to_end((unit.tenant, period))
        while len(_kept) > MERCHANTS_KEPT_MAX:
            _kept.popitem(last=False)
    amounts = told.hours
    zone = ZoneInfo(unit.principal.time_zone)
    now = tx.now.astimezone(zone)
    days = reports.days(amounts, currency=unit.principal.currency, zone=zone, last=now.date(), number=DAYS)
    day = now.date() - WEEK
    part = reports.until(amounts, day=day, before=now, zone=zone)
    (before,) = reports.days(part, currency=unit.principal.currency, zone=zone, last=day, number=1)
    return Figures(days, before, told, now)


def _known(tenant: UUID, periods: Sequence[int], *, now: datetime) -> Told | None:
    """Return what was read for one of some periods and is not too old."""
    for period in periods:
        kept = _kept.get((tenant, period))
        if kept is not None and timedelta() <= now - kept[0] < KEPT_FOR:
            return kept[1]
    return None


async def strip(tx: ReadTx, unit: Unit) -> list[Kpi]:
    """Return the strip above the list of orders."""
    return strip_of(unit, await read(tx, unit))


def strip_of(unit: Unit, found: Figures) -> list[Kpi]:
    """Return the strip of today."""
    weekday = babel.dates.format_date(found.now.date(), "EEE", locale=i18n.BABEL_BY_LOCALE[unit.locale])
    note = i18n.translate(unit.locale, N_("against last {weekday}"), weekday=weekday)
    labels = [
        i18n.gettext(unit.locale, x) for x in (N_("Orders today"), N_("Sales today"), N_("Parcels shipped today"))
    ]
    days = found.days
    return [
        *_sums(unit, labels, (found.today, found.before), note, course=days),
        _on_time(unit, days[-WEEK.days :], days[: -WEEK.days], course=days),
    ]


def strip_of_days(unit: Unit, found: Figures, number: int) -> list[Kpi]:
    """Return the strip of so many days, today last, beside as many before that end at this time of day."""
    today, currency, amounts = found.now.date(), unit.principal.currency, found.told.days
    days = reports.told_days(amounts, currency=currency, last=today, number=number)
    earlier = reports.days_until(amounts, currency=currency, last=today - timedelta(days=number), number=number)
    note = i18n.translate(unit.locale, N_("against the {days} days before"), days=number)
    several = (N_("Orders, {days} days"), N_("Sales, {days} days"), N_("Parcels shipped, {days} days"))
    labels = [i18n.translate(unit.locale, x, days=number) for x in several]
    return [
        *_sums(unit, labels, (reports.summed(days), reports.summed(earlier)), note, course=days),
        _on_time(unit, days, earlier, course=days),
    ]


def _sums(
    unit: Unit, labels: Sequence[str], beside: tuple[Day, Day], note: str, *, course: Sequence[Day]
) -> Iterator[Kpi]:
    """Yield orders, sales and parcels shipped, each beside what there was before."""
    now, before = beside
    sales = money.format_money(now.sales, unit.principal.currency, i18n.BABEL_BY_LOCALE[unit.locale])
    for label, text, name in zip(labels, (f"{now.placed:,}", sales, f"{now.shipped:,}"), _SUMMED, strict=True):
        change = _change(getattr(now, name), getattr(before, name), note)
        yield Kpi(label, text, *change, tuple(getattr(day, name) for day in course))


def _change(now: int, before: int, note: str) -> tuple[str, str, str]:
    """Return by how much a figure differs from before, with its note and tone; nothing where there was none."""
    if not before:
        return "", "", ""
    percent = round(100 * (now - before) / before, 1)
    return f"{percent:+.1f}%".replace("-", "−"), note, "ok" if percent >= 0 else "warn"


def _on_time(unit: Unit, days: Sequence[Day], earlier: Sequence[Day], *, course: Sequence[Day]) -> Kpi:
    """Return the share of parcels of some days that arrived by the day promised, beside that of days before."""
    label = i18n.translate(unit.locale, N_("Arrived on time, {days} days"), days=len(days))
    rates = tuple(round(1_000 * x.on_time / x.delivered) if x.delivered else 0 for x in course)
    now, before = _rate(days), _rate(earlier)
    if now is None:
        return Kpi(label, "—", "", i18n.gettext(unit.locale, N_("Nothing arrived yet.")), "", ())
    if before is None:
        return Kpi(label, f"{now:.1f}%", "", "", "", rates)
    points = round(now - before, 1)
    note = i18n.translate(unit.locale, N_("points against the {days} days before"), days=len(days))
    return Kpi(label, f"{now:.1f}%", f"{points:+.1f}".replace("-", "−"), note, "ok" if points >= 0 else "warn", rates)


def _rate(days: Sequence[Day]) -> float | None:
    delivered = sum(day.delivered for day in days)
    return 100 * sum(day.on_time for day in days) / delivered if delivered else None
