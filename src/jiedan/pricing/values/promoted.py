"""What promotions may ask about a cart, and what became of them. Amounts are minor units of the cart's currency."""

import datetime as dt
from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

from jiedan.pricing.values.formulas import Surroundings
from jiedan.pricing.values.lots import Place
from jiedan.pricing.values.promotions import AttributeValue

PROMOTION_NEAR_MISSES_MAX = 20
EVALUATIONS_MAX = 256
"""Offers tried while the best combination is looked for, beside each by itself and all together."""

CouponState = Literal["ok", "unknown", "not_begun", "expired", "used", "cap_reached", "not_yours"]

Search = Literal["complete", "bounded"]
"""Whether every legal combination was weighed (or shown not to matter), or only as many as the bound allows."""

OutcomeCode = Literal[
    "applied",
    "no_goods",
    "needs_quantity",
    "needs_spend",
    "next_quantity",
    "next_spend",
    "not_begun",
    "over",
    "outside_hours",
    "wrong_channel",
    "wrong_group",
    "wrong_customer",
    "only_for_business",
    "not_for_business",
    "needs_customer",
    "not_first_order",
    "too_few_earlier_orders",
    "too_many_earlier_orders",
    "wrong_payment_method",
    "wrong_payment_terms",
    "wrong_country",
    "wrong_location",
    "wrong_attribute",
    "expression_not_met",
    "expression_not_evaluated",
    "coupon_missing",
    "coupon_unknown",
    "coupon_not_begun",
    "coupon_expired",
    "coupon_used",
    "coupon_cap_reached",
    "coupon_not_yours",
    "cap_reached",
    "customer_cap_reached",
    "sold_out",
    "gift_sold_out",
    "not_in_currency",
    "excluded_by",
    "nothing_to_reduce",
]


class Coupon(NamedTuple):
    """A code the customer gave, what it was found to be, and the promotion it opens (empty for an unknown one)."""

    code: str
    promotion: str
    state: CouponState = "ok"


class GiftStock(NamedTuple):
    """What can be given of a SKU beside what the cart holds of it; its unit price weighs gifts against discounts."""

    available: int
    unit_minor: int = 0


class Facts(NamedTuple):
    """What promotions may ask, beside the goods.

    `local_at` is `at` by the merchant's clock. `customer` is whatever the caller counts uses by, empty for a guest
    nobody knows, `known_as` other ids of theirs, of duplicates; `groups` are the customer's, segments included; who
    `is_business` is a company whose tax number is known, or has a VAT number in force. `earlier_orders` is None where
    it is not known. `payment_method` is the way to pay that was told before the order stands, empty where none was;
    `payment_terms` are when it is paid. `uses_left`, `customer_uses_left` and `units_left` are by promotion: one that
    is missing there has all its caps left. `gifts_named` are the SKUs that the customer chose as gifts, each once,
    `gifts_of` those chosen of one promotion, by its id. `shipping_minor` is what shipping would cost, as far as that is
    known: it only weighs offers against each other. `seen` is what free conditions see of the cart, once per cart and
    only where some promotion has one; the engine fills it in.
    """

    currency: str
    at: dt.datetime
    local_at: dt.datetime
    channel: str = ""
    customer: str = ""
    groups: frozenset[str] = frozenset()
    earlier_orders: int | None = None
    payment_method: str = ""
    place: Place | None = None
    location: str = ""
    attributes: Mapping[str, AttributeValue] = {}
    coupons: tuple[Coupon, ...] = ()
    uses_left: Mapping[str, int] = {}
    customer_uses_left: Mapping[str, int] = {}
    units_left: Mapping[str, int] = {}
    gifts: Mapping[str, GiftStock] = {}
    gifts_named: tuple[str, ...] = ()
    seen: Surroundings | None = None
    shipping_minor: int = 0
    is_business: bool = False
    gifts_of: Mapping[str, str] = {}
    payment_terms: str = ""
    known_as: frozenset[str] = frozenset()


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one promotion, and by how much it was missed.

    `quantity` are units, orders or times, `amount_minor` money: given (`applied`) or still missing. `missing_ppm` is
    how much of what it takes is missing. `by` is the promotion that stood in the way, `wanted` what a condition asks,
    `at` when it begins or ended.
    """

    promotion: str
    code: OutcomeCode
    quantity: int = 0
    amount_minor: int = 0
    missing_ppm: int = 0
    by: str = ""
    wanted: tuple[str, ...] = ()
    at: dt.datetime | None = None


class LotDiscount(NamedTuple):
    """What a promotion takes off one lot; `lot` is its position among the lots that came in."""

    lot: int
    minor: int


class Applied(msgspec.Struct, frozen=True, omit_defaults=True):
    """A promotion that was given: what it took off, how many times, on how many units, by which coupon.

    `cut_minor` is what it would have taken beyond what the goods were worth.
    """

    promotion: str
    amount_minor: int
    lots: tuple[LotDiscount, ...] = ()
    times: int = 1
    units: int = 0
    coupon: str = ""
    cut_minor: int = 0


class GiftGiven(msgspec.Struct, frozen=True, omit_defaults=True):
    """A gift to add to the order.

    `is_chosen` tells that somebody chose it, `wanted` what they chose, where another had to be given.
    """

    promotion: str
    sku: str
    quantity: int
    wanted: str = ""
    is_chosen: bool = False


class ShippingReduction(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a promotion takes off the shipping fee: a rate, or an amount, `at_most_minor` where that is set."""

    promotion: str
    rate_ppm: int = 0
    amount_minor: int = 0
    at_most_minor: int | None = None


class CouponOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a code the customer gave."""

    code: str
    outcome: OutcomeCode
    promotion: str = ""


class Promoted(NamedTuple):
    """What promotions make of a cart. `discounts` are by lot, in the order the lots came in."""

    discounts: tuple[int, ...]
    applied: tuple[Applied, ...] = ()
    gifts: tuple[GiftGiven, ...] = ()
    shipping: tuple[ShippingReduction, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    near_misses: tuple[Outcome, ...] = ()
    coupons: tuple[CouponOutcome, ...] = ()
    search: Search = "complete"
    evaluations: int = 0


class Shadow(NamedTuple):
    """A promotion that can never be given, because another that excludes it always takes off as much."""

    promotion: str
    by: str


class Excess(NamedTuple):
    """A cart that would be reduced beyond what it is worth: so many of one SKU, and the promotions that do it.

    Such a cart costs nothing, never less. With `is_asked_for` a promotion gives more than the spend it asks for leaves.
    """

    code: str
    quantity: int
    worth_minor: int
    asked_minor: int
    promotions: tuple[str, ...]
    is_asked_for: bool = False
