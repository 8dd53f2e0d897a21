"""Hours, and days made of them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jiedan.reports.values import HOUR, Amount, DayAmount, Figure

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
    found = ((x.hour.astimezone(zone).date(), x.figure, x.currency, x.amount) for x in amounts)
    return _days(found, currency=currency, last=last, number=number)


def told_days(amounts: Iterable[DayAmount], *, currency: str, last: date, number: int) -> Sequence[Day]:
    """Return `number` days, the `last` one last."""
    found = ((x.day, x.figure, x.currency, x.amount) for x in amounts)
    return _days(found, currency=currency, last=last, number=number)


def days_until(amounts: Iterable[DayAmount], *, currency: str, last: date, number: int) -> Sequence[Day]:
    """Return `number` days, the `last` one last, and of it only what there was by this time of day."""
    found = ((x.day, x.figure, x.currency, x.until if x.day == last else x.amount) for x in amounts)
    return _days(found, currency=currency, last=last, number=number)


def _days(amounts: Iterable[tuple[date, Figure, str, int]], *, currency: str, last: date, number: int) -> Sequence[Day]:
    found: dict[date, dict[Figure, int]] = {last - timedelta(days=i): {} for i in range(number)}
    for at, figure, of, amount in amounts:
        day = found.get(at)
        if day is not None and (figure != "sales" or of == currency):
            day[figure] = day.get(figure, 0) + amount
    return [Day(**found[day]) for day in sorted(found)]


def summed(several: Iterable[Day]) -> Day:
    """Return what days have together."""
    return Day(*(sum(of) for of in zip(*several, strict=True)))


def as_days(amounts: Iterable[Amount], *, now: datetime, zone: ZoneInfo) -> list[DayAmount]:
    """Return what hours have as parts of their days."""
    time = now.astimezone(zone).time()
    found = []
    for x in amounts:
        at = x.hour.astimezone(zone)
        by_now = x.amount if at.time() < time else 0
        found.append(DayAmount(at.date(), x.figure, x.currency, x.channel, x.amount, by_now))
    return found


def by_channel(
    amounts: Iterable[DayAmount], *, last: date, number: int, channels_max: int
) -> Mapping[str | None, Sequence[int]]:
    """Return the orders of each channel on `number` days, the `last` one last; the channel with most of them first.

    Beyond `channels_max` channels, the smallest are told together under None.
    """
    place = {last - timedelta(days=number - 1 - i): i for i in range(number)}
    found: dict[str, list[int]] = {}
    for x in amounts:
        if x.figure == "placed" and x.day in place:
            found.setdefault(x.channel, [0] * number)[place[x.day]] += x.amount
    ranked: list[tuple[str | None, Sequence[int]]] = sorted(found.items(), key=lambda x: (-sum(x[1]), x[0]))
    if len(ranked) > channels_max:
        others = [sum(of) for of in zip(*(of for _, of in ranked[channels_max - 1 :]), strict=True)]
        ranked = [*ranked[: channels_max - 1], (None, others)]
    return dict(ranked)


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
