"""What Today draws: orders and parcels by the hour or by the day, and orders by their channel."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import babel.dates

from jiedan.base import i18n
from jiedan.base.i18n import N_
from jiedan.base.web.unit import Unit
from jiedan.console import words
from jiedan.console.figures import PERIODS, Figures
from jiedan.reports import rules as reports
from jiedan.reports.rules import Day

TODAY = 1
SPANS: tuple[tuple[int, str], ...] = ((TODAY, N_("Today")), (7, N_("7 days")), (30, N_("30 days")))
"""How many days the page may tell of, each as it is called; the address has the number."""

CHANNELS_MAX = 5
"""Channels that are told apart: more would not be, by their colors."""

HOURS_WRITTEN = 3
"""Every third hour is written below its column."""

DAYS_WRITTEN = 5
"""And every fifth day where they are more than a week: not the last one, whose text would reach beyond the edge."""


class Chart(NamedTuple):
    """Series of numbers with their names, all of as many places; what is written below those, and how they are called.

    `sales` is what orders come to, in minor units of the merchant's currency, where the chart's table tells it.
    """

    labels: list[str]
    names: list[str]
    series: list[tuple[str, Sequence[int]]]
    sales: Sequence[int] = ()

    @property
    def sums(self) -> list[int]:
        """How many each series has in all."""
        return [sum(numbers) for _, numbers in self.series]


def span_of(unit: Unit) -> int:
    """Return of how many days the address asks to be told; what is none of SPANS is today."""
    asked = unit.request.query_params.get("days", "")
    return next((days for days, _ in SPANS if str(days) == asked), TODAY)


def period_of(span: int) -> int:
    """Return whose days are to be read for a span: today's channels are told of a week."""
    return next(period for period in PERIODS if period >= span)


def course(unit: Unit, found: Figures, span: int) -> Chart:
    """Return orders and parcels: of today by the hour up to the present one, else by the day."""
    if span == TODAY:
        return _by_hour(unit, found)
    labels, names = _days(unit, found.now.date(), span)
    of = reports.told_days(found.told.days, currency=unit.principal.currency, last=found.now.date(), number=span)
    return Chart(labels, names, _series(unit, of), [day.sales for day in of])


def channels(unit: Unit, found: Figures, span: int) -> Chart:
    """Return the orders of each channel by the day."""
    last, number = found.now.date(), period_of(span)
    labels, names = _days(unit, last, number)
    of = reports.by_channel(found.told.days, last=last, number=number, channels_max=CHANNELS_MAX)
    return Chart(labels, names, [(_called(unit, channel), numbers) for channel, numbers in of.items()])


def _called(unit: Unit, channel: str | None) -> str:
    if channel is None:
        return i18n.gettext(unit.locale, N_("Others"))
    return i18n.gettext(unit.locale, words.CHANNELS[channel]) if channel in words.CHANNELS else channel


def _by_hour(unit: Unit, found: Figures) -> Chart:
    zone, day = ZoneInfo(unit.principal.time_zone), found.now.date()
    placed = reports.by_hour(found.told.hours, day=day, zone=zone, figure="placed")
    shipped = reports.by_hour(found.told.hours, day=day, zone=zone, figure="shipped")
    hours = range(found.now.hour + 1)
    names = [f"{x}:00" for x in hours]
    of = [Day(placed=placed.get(x, 0), shipped=shipped.get(x, 0)) for x in hours]
    return Chart([name if x % HOURS_WRITTEN == 0 else "" for x, name in enumerate(names)], names, _series(unit, of))


def _series(unit: Unit, of: Sequence[Day]) -> list[tuple[str, Sequence[int]]]:
    return [
        (i18n.gettext(unit.locale, N_("Orders")), [x.placed for x in of]),
        (i18n.gettext(unit.locale, N_("Parcels shipped")), [x.shipped for x in of]),
    ]


def _days(unit: Unit, last: date, number: int) -> tuple[list[str], list[str]]:
    """Return what is written below days, and how each is called."""
    locale = i18n.BABEL_BY_LOCALE[unit.locale]
    every = [last - timedelta(days=i) for i in reversed(range(number))]
    names = [babel.dates.format_skeleton("MMMEd", day, locale=locale) for day in every]
    if number == period_of(TODAY):
        return [babel.dates.format_date(day, "EEE", locale=locale) for day in every], names
    short = [babel.dates.format_skeleton("Md", day, locale=locale) for day in every]
    return [text if i % DAYS_WRITTEN == DAYS_WRITTEN // 2 else "" for i, text in enumerate(short)], names
