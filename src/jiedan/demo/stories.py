"""What happens to each order of the demo: told from a seed before anything is placed. Pure."""

import random  # noqa: TID251 - seeded, so that the same stories come out
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Literal, NamedTuple

from jiedan.demo import goods
from jiedan.demo.people import Person
from jiedan.orders.values import NoteKind

LINES_MAX = 4
PARCELS_MAX = 3

Fate = Literal[
    "smooth",
    "several_parcels",
    "collected",
    "on_delivery",
    "on_account",
    "unpaid",
    "declined",
    "canceled",
    "line_canceled",
    "held",
    "short_pick",
    "overpaid",
    "waiting",
]
"""`smooth`: paid, sent, delivered. `held`: put on hold and let go later. `unpaid`: expires. `declined`: the first card
is declined. `waiting`: for goods that arrive later. The rest say it themselves."""

FATES: Mapping[Fate, int] = {
    "smooth": 560,
    "several_parcels": 60,
    "collected": 60,
    "on_delivery": 60,
    "on_account": 40,
    "unpaid": 45,
    "declined": 30,
    "canceled": 35,
    "line_canceled": 30,
    "held": 35,
    "short_pick": 20,
    "overpaid": 5,
    "waiting": 20,
}
"""Of a thousand orders."""

_CHANNELS = {"web": 58, "marketplace": 22, "phone": 10, "store": 6, "email": 4}
_CHANNEL_NAMES, _CHANNEL_WEIGHTS = list(_CHANNELS), list(accumulate(_CHANNELS.values()))
BASKETS = (52, 28, 13, 7)
"""How many orders of a hundred are of one line, of two, three and four."""

_NOTES: tuple[tuple[NoteKind, str], ...] = (
    ("packaging", "请用环保包装，谢谢。"),
    ("packaging", "送人的，请不要放价格单。"),
    ("delivery", "周末送货。"),
    ("delivery", "Please leave it with the concierge."),
    ("packaging", "Fragile: a gift, please pack it well."),
    ("internal", "老客户，附送一份茶样。"),
    ("delivery", "Customer called: deliver after 18:00."),
)
_HOLDS = ("address_check", "fraud_check", "payment_check")
_WEEKDAY = (90, 85, 88, 92, 110, 130, 125)
"""Orders by day of the week, Monday first, in percent of the mean, roughly."""
_HOUR = (2, 1, 1, 1, 1, 1, 2, 4, 6, 8, 9, 9, 8, 7, 7, 7, 7, 7, 8, 10, 12, 13, 10, 6)
FESTIVAL_DAYS_AGO = (11, 12)
"""A sale some days back, when three times as much is bought."""
_FESTIVAL = 3


class Story(NamedTuple):
    """One order's life; `paid_after` and what follows count from the moment before, None for what never happens."""

    number: int
    placed_at: datetime
    person: int
    lines: tuple[tuple[str, int], ...]
    channel: str
    fate: Fate
    note: tuple[NoteKind, str] | None
    tags: tuple[str, ...]
    hold: str
    parcels: int
    paid_after: timedelta
    picked_after: timedelta
    shipped_after: timedelta
    delivered_after: timedelta


def stories(
    numbers: Sequence[int],
    *,
    people: Sequence[Person],
    until: datetime,
    days: int,
    seed: int,
    fates: Mapping[Fate, int] = FATES,
    baskets: Sequence[int] = BASKETS,
) -> Iterator[Story]:
    """Yield a story for each of `numbers`, of the last `days` days before `until`, in the order they are placed.

    They are told day by day: however many, few of them exist at a time.
    """
    dice = random.Random(seed)  # noqa: S311 - no secret
    shelf = _Shelf(baskets)
    buyers = list(accumulate(_loyalty(index) for index in range(len(people))))
    told_fates, weights = list(fates), list(accumulate(fates.values()))
    moments = _moments(len(numbers), until=until, days=days, dice=dice)
    for number, placed_at in zip(numbers, moments, strict=True):
        fate = dice.choices(told_fates, cum_weights=weights)[0]
        person = dice.choices(range(len(people)), cum_weights=buyers)[0]
        yield Story(
            number=number,
            placed_at=placed_at,
            person=person,
            lines=shelf.basket(fate, dice, is_company=people[person].is_company),
            channel="store" if fate == "collected" else dice.choices(_CHANNEL_NAMES, cum_weights=_CHANNEL_WEIGHTS)[0],
            fate=fate,
            note=dice.choice(_NOTES) if dice.random() < 0.14 else None,  # noqa: PLR2004 - one in seven
            tags=_tags(people[person], dice),
            hold=dice.choice(_HOLDS),
            parcels=dice.randint(2, PARCELS_MAX) if fate == "several_parcels" else 1,
            paid_after=timedelta(seconds=dice.randint(20, 900)),
            picked_after=timedelta(minutes=dice.randint(20, 900)),
            shipped_after=timedelta(minutes=dice.randint(30, 480)),
            delivered_after=timedelta(hours=_hours_on_the_way(people[person].town.country, dice)),
        )


def _moments(count: int, *, until: datetime, days: int, dice: random.Random) -> Iterator[datetime]:
    """Yield when orders are placed: more in the evening, at the weekend, and on the day of the sale."""
    first = until - timedelta(days=days)
    weights = [
        _WEEKDAY[(first + timedelta(days=day)).weekday()]
        * (_FESTIVAL if days - day in FESTIVAL_DAYS_AGO else 1)
        * (0.8 + 0.4 * day / days)
        for day in range(days)
    ]
    count_by_day = Counter(dice.choices(range(days), weights, k=count))
    for day in range(days):
        hours = dice.choices(range(24), _HOUR, k=count_by_day[day])
        for seconds in sorted(hour * 3600 + dice.randrange(3600) for hour in hours):
            yield min(first + timedelta(days=day, seconds=seconds), until)


def _loyalty(index: int) -> float:
    """Return how often the customer at `index` buys: a few buy much, many buy once."""
    return 1 / (1 + index % 40)


def _tags(person: Person, dice: random.Random) -> tuple[str, ...]:
    tags = ["wholesale"] if person.is_company else []
    if dice.random() < 0.08:  # noqa: PLR2004 - one in twelve
        tags.append("gift")
    if dice.random() < 0.03:  # noqa: PLR2004 - one in thirty
        tags.append("vip")
    return tuple(tags)


def _hours_on_the_way(country: str, dice: random.Random) -> int:
    return dice.randint(20, 96) if country == "CN" else dice.randint(90, 260)


class _Shelf:
    """What can be bought, the popular more often."""

    def __init__(self, baskets: Sequence[int]) -> None:
        self._baskets = baskets
        self._sold = [(variant.code, product) for product in goods.GOODS for variant in goods.variants(product)]
        self._weights = list(
            accumulate(
                product.popularity / len(goods.variants(product))
                for product in goods.GOODS
                for _ in goods.variants(product)
            )
        )

    def basket(self, fate: Fate, dice: random.Random, *, is_company: bool) -> tuple[tuple[str, int], ...]:
        """Return the lines of one order: (SKU code, quantity), each SKU once."""
        if fate == "waiting":
            return ((goods.LIMITED, 1),)
        least = {"several_parcels": 3, "line_canceled": 2, "short_pick": 1}.get(fate, 1)
        wanted = max(least, dice.choices(range(1, LINES_MAX + 1), self._baskets)[0])
        found: dict[str, int] = {}
        while len(found) < wanted:
            code, product = dice.choices(self._sold, cum_weights=self._weights)[0]
            if code == goods.LIMITED or (product.kind != "goods" and fate in {"several_parcels", "short_pick"}):
                continue
            quantity = self._quantity(product.kind, dice, is_company=is_company)
            found.setdefault(code, product.allowed(quantity))
        return tuple(found.items())

    @staticmethod
    def _quantity(kind: str, dice: random.Random, *, is_company: bool) -> int:
        if kind == "service":
            return 1
        return dice.randint(3, 12) if is_company else dice.choices((1, 2, 3), (78, 17, 5))[0]
