"""A promotion called on by a cart, what it gives, and what the search has given so far."""

import dataclasses
from collections.abc import Mapping
from typing import NamedTuple

from jiedan.pricing.rules.promotions.goods import Left
from jiedan.pricing.values import promoted, promotions

PERK_BITS = 10
"""A score is minor units and, behind them, the number of gifts and shipping offers: they count even where their worth
is not known."""


@dataclasses.dataclass(slots=True)
class Call:
    """A promotion whose conditions this cart meets, with all that its offer needs of it.

    `lots` are the goods it acts on, `looks` those its threshold counts; both as numbers and as bits. `minor` is the
    offer's amount in the cart's currency, `at_most` its ceiling, `limit` how many units it may still reduce. `upper` is
    the score of the offer by itself, which no combination raises; `alone` is what it gives then. `touched` are the lots
    it acts on or looks at, as bits; `shared` names what else it has in common with others: group, gifts, the fee.
    `fits` are the slots of a bundle that each lot fits, as bits.
    """

    promotion: promotions.Promotion
    stage: int
    rank: int
    currency: str
    lots: tuple[int, ...]
    mask: int
    looks: tuple[int, ...] = ()
    look_mask: int = 0
    quantity: int = 0
    min_spend: int = 0
    minor: int | None = None
    at_most: int | None = None
    limit: int | None = None
    others: tuple[int, ...] = ()
    fits: Mapping[int, int] = dataclasses.field(default_factory=dict)
    codes: tuple[tuple[int, ...], ...] = ()
    coupon: str = ""
    choice: str = ""
    touched: int = 0
    shared: frozenset[str] = frozenset()
    upper: int = 0
    alone: "Given | None" = None


class Given(NamedTuple):
    """What an offer gives: what is left then, what it took off in all and of each lot.

    `level` is the step or the times that a threshold was reached. Gifts and shipping offers say what is left of the
    gifts' stock and of the fee.
    """

    left: Left
    minor: int
    parts: list[tuple[int, int]]
    times: int = 1
    units: int = 0
    cut: int = 0
    level: int = 0
    gift: promoted.GiftGiven | None = None
    fee: int | None = None


class Node(NamedTuple):
    """A combination so far. `base` is what was left after the offers on goods: what thresholds look at."""

    left: Left
    base: Left | None
    stock: Mapping[str, int]
    fee: int
    score: int = 0
    given: tuple[tuple[Call, Given], ...] = ()
