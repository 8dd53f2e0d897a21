"""What stored orders would have come to by other rules. Amounts are minor units of the order's currency."""

from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from jiedan.base.errors import Refusal
from jiedan.orders.values.words import OrderId

ReplayOutcome = Literal["same", "changed", "refused", "unlike", "by_hand", "canceled", "imported"]
"""`refused`: the other rules would not take the order. `unlike`: not even its own rules come to what it was charged
any more, so nothing is said of it. `by_hand`: somebody has set its prices since it was placed, so no rules say them.
What was canceled is no revenue, what was imported was priced elsewhere."""

NOT_COMPARED: frozenset[ReplayOutcome] = frozenset({"unlike", "by_hand", "canceled", "imported"})


class Sums(NamedTuple):
    """What an order comes to: all of it, what came off, the shipping fee, the tax; and units given for nothing."""

    total_minor: int = 0
    discount_minor: int = 0
    shipping_minor: int = 0
    tax_minor: int = 0
    gifts: int = 0


class LineChange(NamedTuple):
    """What one line was charged, and what it would be."""

    code: str
    before_minor: int
    after_minor: int


class Assumed(NamedTuple):
    """What nobody knows of the moment an order was placed, and how much hangs on it.

    `limited_minor` is what promotions with limits would give that did not give anything then: whether they were used up
    is not known. `gifts` are units given beyond those that were: whether they were in stock is not known. With
    `is_price_kept` goods cost as charged, whatever the other rules say of unit prices: what they cost then is not known
    any more. `codes` are codes typed that the other rules do not know. With `is_bounded` not all offers were weighed.
    `cut_minor` is by how much a discount by hand is more than the goods would cost: they would be free.
    """

    limited_minor: int = 0
    gifts: int = 0
    is_price_kept: bool = False
    codes: int = 0
    is_bounded: bool = False
    cut_minor: int = 0


NOTHING_ASSUMED = Assumed()


class Replayed(NamedTuple):
    """What became of one order: what it was charged, what it would be, and why it cannot be told."""

    order_id: OrderId
    placed_at: datetime
    currency: str
    customer_id: UUID | None
    outcome: ReplayOutcome
    before: Sums
    after: Sums
    lines: tuple[LineChange, ...] = ()
    assumed: Assumed = NOTHING_ASSUMED
    reason: Refusal | None = None

    @property
    def difference_minor(self) -> int:
        """What the customer would pay more; negative for less."""
        return self.after.total_minor - self.before.total_minor


class ToReplay(NamedTuple):
    """Where an order stands among those placed, and the version of the rules that priced it."""

    order_id: UUID
    placed_at: datetime
    version: int
