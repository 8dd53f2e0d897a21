"""Why an order costs what it costs, as it is kept with the order. Amounts are minor units of its currency."""

from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from jiedan.accounts.values import PaymentMethod
from jiedan.pricing.values import TaxNote, UnitTrace
from jiedan.pricing.values.promoted import CouponOutcome, Outcome, OutcomeCode, Search

PlaceNote = Literal["", "region_unknown"]
"""What rules of places did not understand of the address: the region is none of its country's that is known."""


class LineReduction(NamedTuple):
    """What a rule took off one line, by the line's number."""

    line: int
    minor: int


class GivenGift(msgspec.Struct, frozen=True, omit_defaults=True):
    """The line that a gift became, and the SKUs to choose from.

    `is_chosen` tells that somebody chose it, `wanted` what they chose, where another is given.
    """

    line: int
    sku: str
    quantity: int
    choices: tuple[str, ...] = ()
    wanted: str = ""
    is_chosen: bool = False


class AppliedRule(msgspec.Struct, frozen=True, omit_defaults=True):
    """A promotion that was given, under the name it had: `amount_minor` in all, off lines and off the shipping fee."""

    promotion: str
    name: str
    amount_minor: int
    lines: tuple[LineReduction, ...] = ()
    fee_minor: int = 0
    times: int = 1
    units: int = 0
    coupon: str = ""
    gift: GivenGift | None = None


class PriceStory(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why an order costs what it costs: under which rules, what was applied, and what was nearly (20 at most).

    `lines` are those whose price needs explaining. `shipping` is the method taken, `given` for a fee by hand. `place`
    says what rules of places did not understand of the address. `left_out` are promotions the order met that were not
    given all the same: used up, or for the sake of others. `discount` is why there is a discount by hand,
    `discount_ppm` its rate where it was given as one. `method` is the shipping method that somebody named,
    `payment_method` how it was to be paid, `payment_methods` are those that what was applied asks for.
    """

    rules_version: int
    lines: tuple[UnitTrace, ...] = ()
    discount: str = ""
    shipping: str = ""
    applied: tuple[AppliedRule, ...] = ()
    near_misses: tuple[Outcome, ...] = ()
    search: Search = "complete"
    tax_notes: tuple[TaxNote, ...] = ()
    coupons: tuple[CouponOutcome, ...] = ()
    place: PlaceNote = ""
    left_out: tuple[Outcome, ...] = ()
    discount_ppm: int | None = None
    method: str = ""
    payment_method: PaymentMethod | Literal[""] = ""
    payment_methods: tuple[str, ...] = ()


class PriceChange(msgspec.Struct, frozen=True):
    """What somebody set by hand after an order was placed: prices, the discount, the method, before and after.

    Amounts are written with their currency, prices behind their SKU. Of a customer who was erased the words are gone.
    """

    at: datetime
    by_kind: str
    by_id: str
    why: str
    before: tuple[str, ...]
    after: tuple[str, ...]


class LineWhy(msgspec.Struct, frozen=True):
    """Where the unit price of a line comes from, in words."""

    line: int
    code: str
    reason: str


class RuleWhy(msgspec.Struct, frozen=True):
    """What became of a promotion, in words too; `amount_minor` is what it gave, or what it was missed by."""

    promotion: str
    name: str
    outcome: OutcomeCode
    amount_minor: int
    is_near: bool
    reason: str


class CouponWhy(msgspec.Struct, frozen=True):
    """What became of a code, in words too."""

    code: str
    promotion: str
    outcome: OutcomeCode
    reason: str


class MethodWhy(msgspec.Struct, frozen=True):
    """What a shipping method asks, step by step; without a fee, why it does not serve."""

    method: str
    name: str
    fee_minor: int | None
    is_chosen: bool
    reasons: tuple[str, ...]


class Explanation(msgspec.Struct, frozen=True):
    """Every rule that had a say in a price, and what became of it, in the language of whoever asks.

    `discount` is the reason of the discount by hand. With `search` `bounded` not every combination was weighed.
    """

    rules_version: int
    lines: tuple[LineWhy, ...]
    promotions: tuple[RuleWhy, ...]
    coupons: tuple[CouponWhy, ...]
    shipping: tuple[MethodWhy, ...]
    taxes: tuple[str, ...]
    discount: str
    search: Search
