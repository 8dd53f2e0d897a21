"""The calendar of prices: which promotions of the draft hold on which days of a month, by the merchant's clock.

`week` has the same of a week, with its hours and with everything else that has a time.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import babel.dates
from litestar import Response, get

from jiedan.base import i18n
from jiedan.base.web import pages
from jiedan.base.web.unit import Unit
from jiedan.console.prices import names, standing, week
from jiedan.console.words import Sign
from jiedan.pricing import queries
from jiedan.pricing.rules import wording
from jiedan.pricing.values.drafts import DraftRule, RuleChange, RuleKey
from jiedan.pricing.values.promotions import Promotion

MONTHS = 12
SATURDAY = 6
YEAR_MIN, YEAR_MAX = 2000, 2200


class Span(NamedTuple):
    """On which days of a month something holds: so many days before it, on it, after it."""

    before: int
    length: int
    after: int


class Bar(NamedTuple):
    """A promotion in the calendar."""

    rule: DraftRule
    name: str
    says: str
    sign: Sign
    span: Span


class Day(NamedTuple):
    """A day of the month at hand."""

    number: int
    weekday: str
    is_weekend: bool
    is_today: bool


@get("/prices/calendar", permission="prices:read")
async def calendar_page(unit: Unit) -> Response[str]:
    """Show a week: what of the draft is active on each day; or a month: each promotion that holds in it."""
    if "month" not in unit.request.query_params:
        return await week.week_page(unit)
    zone = ZoneInfo(unit.principal.time_zone)
    async with unit.read() as tx:
        today = tx.now.astimezone(zone).date()
        first = month_of(unit.request.query_params.get("month", ""), today)
        last, rules = await tx.load(queries.last_book(), queries.draft_rules())
        bars = _bars(rules, standing.changes_of(rules, last), first, zone, tx.now)
        bodies = [bar.rule.body for bar in bars if isinstance(bar.rule.body, Promotion)]
        reader = await names.reader(tx, unit, bodies)
    told = [bar._replace(says=wording.promotion(body, reader)) for bar, body in zip(bars, bodies, strict=True)]
    return pages.render(
        unit,
        "console/prices_calendar.html",
        bars=told,
        days=_days(first, today, unit.locale),
        title=babel.dates.format_skeleton("yMMMM", first, locale=i18n.BABEL_BY_LOCALE[unit.locale]),
        earlier=f"{first - timedelta(days=1):%Y-%m}",
        later=f"{following(first):%Y-%m}",
        is_now=first == today.replace(day=1),
    )


def month_of(text: str, today: date) -> date:
    """Return the first day of a month written `2026-11`; of this month for anything else."""
    year, _, month = text.partition("-")
    is_written = text.isascii() and year.isdigit() and month.isdigit() and len(text) <= len("2026-11")
    if is_written and YEAR_MIN <= int(year) <= YEAR_MAX and 1 <= int(month) <= MONTHS:
        return date(int(year), int(month), 1)
    return today.replace(day=1)


def following(first: date) -> date:
    """Return the first day of the month after."""
    return (first + timedelta(days=31)).replace(day=1)


def span_of(promotion: Promotion, first: date, zone: tzinfo) -> Span | None:
    """Return on which days of the month of `first` a promotion holds, for a part of the day or all of it."""
    end, when = following(first), promotion.when
    begins = first if when.from_at is None else when.from_at.astimezone(zone).date()
    ends = end if when.until_at is None else _day_after(when.until_at, zone)
    if begins >= end or ends <= first:
        return None
    left, right = max(begins, first), min(ends, end)
    return Span((left - first).days, max((right - left).days, 1), (end - right).days)


def _day_after(until_at: datetime, zone: tzinfo) -> date:
    """Return the first day on which nothing is left of what ends then."""
    local = until_at.astimezone(zone)
    is_midnight = (local.hour, local.minute, local.second) == (0, 0, 0)
    return local.date() if is_midnight else local.date() + timedelta(days=1)


def _bars(
    rules: Collection[DraftRule],
    changes: Mapping[RuleKey, RuleChange],
    first: date,
    zone: tzinfo,
    now: datetime,
) -> list[Bar]:
    found = []
    for rule in rules:
        if not isinstance(rule.body, Promotion):
            continue
        span = span_of(rule.body, first, zone)
        if span is not None:
            sign = standing.sign_of(rule.body, changes.get(rule.key), at=now)
            found.append(Bar(rule, rule.body.name, "", sign, span))
    return sorted(found, key=lambda bar: (bar.span.before, -bar.span.length, bar.name))


def _days(first: date, today: date, locale: str) -> Sequence[Day]:
    weekdays = babel.dates.get_day_names("narrow", locale=i18n.BABEL_BY_LOCALE[locale])
    count = (following(first) - first).days
    return [
        Day(day.day, str(weekdays[day.weekday()]), day.isoweekday() >= SATURDAY, day == today)
        for day in (first + timedelta(days=number) for number in range(count))
    ]


HANDLERS: tuple[Any, ...] = (calendar_page,)
