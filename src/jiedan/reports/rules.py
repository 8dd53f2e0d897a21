"""Hours, and days made of them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jiedan.reports.values import HOUR, Amount, Figure

RECENT_HOURS_MAX = 6
"""So many hours that are not counted yet are counted for a page; more than one is there only if no worker runs."""


def hour_of(moment: datetime) -> datetime:
    """Return when the hour of a moment begins."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def hours_between(begins: datetime, ends: datetime) -> list[datetime]:
    """Return the hours from one to before another, both of them beginnings of hours."""
    return [begins + i * HOUR for i in range(max(0, int((ends - begins) / HOUR)))]


def hours_since(counted_to: datetime | None, *, now: datetime) -> frozenset[datetime]:
    """Return the hours that a page counts itself: the present one, and those before it that nobody counted yet."""
    ends = hour_of(now) + HOUR
    begins = max(counted_to or ends - HOUR, ends - RECENT_HOURS_MAX * HOUR)
    return frozenset(hours_between(begins, ends))


class Day(NamedTuple):
    """What one day of the merchant has, up to a time of day; sales in minor units of the merchant's currency."""

    placed: int = 0
    sales: int = 0
    shipped: int = 0
    delivered: int = 0
    on_time: int = 0


def days(amounts: Iterable[Amount], *, currency: str, zone: ZoneInfo, last: date, number: int) -> Sequence[Day]:
    """Return `number` days, the `last` one last."""
    found: dict[date, dict[Figure, int]] = {last - timedelta(days=i): {} for i in range(number)}
    for amount in amounts:
        day = found.get(amount.hour.astimezone(zone).date())
        if day is not None and (amount.figure != "sales" or amount.currency == currency):
            day[amount.figure] = day.get(amount.figure, 0) + amount.amount
    return [Day(**found[day]) for day in sorted(found)]


def until(amounts: Iterable[Amount], *, day: date, before: datetime, zone: ZoneInfo) -> list[Amount]:
    """Return what a day has of hours that begin before the time of day of `before`."""
    time = before.astimezone(zone).time()
    return [x for x in amounts if (at := x.hour.astimezone(zone)).date() == day and at.time() < time]


def by_hour(amounts: Iterable[Amount], *, day: date, zone: ZoneInfo, figure: Figure) -> Mapping[int, int]:
    """Return a figure by the hour of a day; hours that have none are absent."""
    found: dict[int, int] = {}
    for amount in amounts:
        at = amount.hour.astimezone(zone)
        if amount.figure == figure and at.date() == day:
            found[at.hour] = found.get(at.hour, 0) + amount.amount
    return found
