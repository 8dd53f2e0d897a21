"""A week of prices: what of the draft is active on each day and at which hours, by the merchant's clock."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

import babel.dates
from litestar import Response

from jiedan.base import i18n
from jiedan.base.i18n import N_
from jiedan.base.web import pages
from jiedan.base.web.unit import Unit
from jiedan.console.prices import names, standing
from jiedan.console.prices.kinds import PLACE_BY_KIND
from jiedan.console.words import Sign
from jiedan.pricing import queries
from jiedan.pricing.rules import wording
from jiedan.pricing.rules.wording import Reader
from jiedan.pricing.values.drafts import BookBrief, DraftRule, Rule, RuleChange, RuleKey
from jiedan.pricing.values.lists import PriceList
from jiedan.pricing.values.promotions import Hours, Promotion
from jiedan.pricing.values.taxes import TaxRate

DAYS = 7
YEAR_MIN, YEAR_MAX = 2000, 2200
MIDNIGHT = "00:00"
VERSION_BEGINS = N_("Version {version} begins")
VERSION = Sign(N_("Version"), "info", "quarter")
RULES_SHOWN_MAX = 200
"""Of one day."""


class Times(NamedTuple):
    """When something holds: between two moments, and in hours of the week where there are any."""

    from_at: datetime | None = None
    until_at: datetime | None = None
    hours: tuple[Hours, ...] = ()

    @property
    def is_always(self) -> bool:
        """Tell whether there is no time at which it does not hold."""
        return self.from_at is None and self.until_at is None and not self.hours


class Active(NamedTuple):
    """Something that is active on a day, and at which hours; none for all day. `at` is its page."""

    at: str
    name: str
    says: str
    sign: Sign
    hours: Sequence[str]


class Day(NamedTuple):
    """A day of the week, with what has a time on it; what holds always is told once."""

    title: str
    is_today: bool
    active: Sequence[Active]
    more: int


class Told(NamedTuple):
    """What every day of a week is told from."""

    timed: Collection[tuple[DraftRule, Times]]
    books: Collection[BookBrief]
    changes: Mapping[RuleKey, RuleChange]
    reader: Reader
    zone: tzinfo
    now: datetime


async def week_page(unit: Unit) -> Response[str]:
    """Show a week, day by day. Four statements, and those that names need."""
    zone = ZoneInfo(unit.principal.time_zone)
    async with unit.read() as tx:
        today = tx.now.astimezone(zone).date()
        first = monday_of(unit.request.query_params.get("week", ""), today)
        last, rules, books = await tx.load(queries.last_book(), queries.draft_rules(), queries.books())
        changes = standing.changes_of(rules, last)
        bodies = [rule.body for rule in rules if isinstance(rule.body, Promotion)]
        reader = await names.reader(tx, unit, bodies)
    timed = [(rule, times) for rule in rules if (times := times_of(rule.body)) is not None]
    always = [_active(rule, reader, _sign(rule, changes, tx.now), ()) for rule, times in timed if times.is_always]
    told = Told([each for each in timed if not each[1].is_always], books, changes, reader, zone, tx.now)
    days = [_day(first + timedelta(days=number), today, told) for number in range(DAYS)]
    locale = i18n.BABEL_BY_LOCALE[unit.locale]
    ends = first + timedelta(days=DAYS - 1)
    return pages.render(
        unit,
        "console/prices_week.html",
        days=days,
        always=always[:RULES_SHOWN_MAX],
        title=babel.dates.format_interval(first, ends, "yMMMd", locale=locale),
        earlier=(first - timedelta(days=DAYS)).isoformat(),
        later=(first + timedelta(days=DAYS)).isoformat(),
        is_now=first <= today <= ends,
    )


def monday_of(text: str, today: date) -> date:
    """Return the Monday of the week of a day written `2026-11-23`; of this week for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = today
    day = day if YEAR_MIN <= day.year <= YEAR_MAX else today
    return day - timedelta(days=day.weekday())


def times_of(body: Rule) -> Times | None:
    """Return when a rule holds; None for those that the calendar does not tell of."""
    match body:
        case Promotion():
            return Times(body.when.from_at, body.when.until_at, body.when.hours)
        case PriceList():
            return Times(body.from_at, body.until_at) if body.is_active else None
        case TaxRate():
            dated = Times(body.from_at, body.until_at)
            return None if dated.is_always else dated
        case _:
            return None


def hours_on(day: date, times: Times, zone: tzinfo) -> list[str] | None:
    """Return at which hours of a day something holds; empty for all day, None for not at all.

    Hours over midnight belong to the day on which they begin.
    """
    begins, ends = datetime.combine(day, time.min), datetime.combine(day + timedelta(days=1), time.min)
    spans = [(begins, ends)]
    if times.hours:
        spans = sorted(
            _span(day, hours) for hours in times.hours if not hours.weekdays or day.isoweekday() in hours.weekdays
        )
    held_from = None if times.from_at is None else times.from_at.astimezone(zone).replace(tzinfo=None)
    held_until = None if times.until_at is None else times.until_at.astimezone(zone).replace(tzinfo=None)
    kept = [(max(a, held_from or a), min(b, held_until or b)) for a, b in spans]
    kept = [(a, b) for a, b in kept if a < b]
    if not kept:
        return None
    return [] if kept == [(begins, ends)] else [f"{a:%H:%M}–{'24:00' if b == ends else f'{b:%H:%M}'}" for a, b in kept]


def _span(day: date, hours: Hours) -> tuple[datetime, datetime]:
    begins = datetime.combine(day, time.fromisoformat(hours.from_time))
    is_to_midnight = hours.until_time == "24:00"
    end = MIDNIGHT if is_to_midnight else hours.until_time
    is_over = is_to_midnight or hours.until_time <= hours.from_time
    return begins, datetime.combine(day + timedelta(days=is_over), time.fromisoformat(end))


def _day(day: date, today: date, told: Told) -> Day:
    active = [
        _active(rule, told.reader, _sign(rule, told.changes, told.now), hours)
        for rule, times in told.timed
        if (hours := hours_on(day, times, told.zone)) is not None
    ]
    beginning = _beginning(day, told.zone, told.books, told.reader)
    found = sorted([*active, *beginning], key=lambda one: (one.hours, one.name))
    locale = i18n.BABEL_BY_LOCALE[told.reader.locale]
    return Day(
        babel.dates.format_skeleton("MMMEd", day, locale=locale),
        day == today,
        found[:RULES_SHOWN_MAX],
        max(len(found) - RULES_SHOWN_MAX, 0),
    )


def _beginning(day: date, zone: tzinfo, books: Collection[BookBrief], reader: Reader) -> Iterator[Active]:
    """Yield the versions that begin on a day."""
    for book in books:
        local = book.begins_at.astimezone(zone)
        if local.date() == day and book.withdrawn_at is None:
            name = reader.say(VERSION_BEGINS, version=book.version)
            yield Active(f"/prices/versions/{book.version}", name, book.note, VERSION, [f"{local:%H:%M}"])


def _sign(rule: DraftRule, changes: Mapping[RuleKey, RuleChange], now: datetime) -> Sign:
    change = changes.get(rule.key)
    if isinstance(rule.body, Promotion):
        return standing.sign_of(rule.body, change, at=now)
    if change is not None:
        return standing.ADDED if change.change == "added" else standing.CHANGED
    return standing.AS_PUBLISHED


def _active(rule: DraftRule, reader: Reader, sign: Sign, hours: Sequence[str]) -> Active:
    says = wording.rule(rule.key, rule.body, reader)
    if isinstance(rule.body, Promotion):
        return Active(f"/prices/promotions/{rule.rule_id}", rule.body.name, says, sign, hours)
    name = rule.code if isinstance(rule.body, PriceList) else says
    return Active(f"/prices/rules/{PLACE_BY_KIND[rule.kind]}/{rule.rule_id}", name, says, sign, hours)
