"""Uses of promotions and coupons by orders: what is asked for, what became of it, and what counts it."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple, NewType
from uuid import UUID

from jiedan.pricing.values.coupons import CouponTerms
from jiedan.pricing.values.promoted import Coupon
from jiedan.pricing.values.promotions import Caps

RedemptionId = NewType("RedemptionId", UUID)

NO_CAPS = Caps()


class UseScope(StrEnum):
    """What a counter counts: orders that use a promotion or a code, each also by customer and by batch; or units."""

    batch = "batch"
    coupon = "coupon"
    coupon_customer = "coupon_customer"
    promotion = "promotion"
    promotion_customer = "promotion_customer"
    units = "units"


class UseKey(NamedTuple):
    """A counter. `subject` is a promotion, or the id of a code or batch, `customer` an id where it counts by one."""

    scope: UseScope
    subject: str
    customer: str = ""


class Use(NamedTuple):
    """An order wants to use a promotion, by a code where `coupon` has one, on so many `units`.

    `caps` are the promotion's, of the rules that priced the order. An order uses a promotion at most once.
    `known_as` are the duplicates that were merged into the customer: what they used counts.
    """

    order_id: UUID
    promotion: str
    caps: Caps = NO_CAPS
    coupon: str = ""
    customer_id: UUID | None = None
    units: int = 0
    currency: str = ""
    discount_minor: int = 0
    known_as: tuple[UUID, ...] = ()


UseCode = Literal[
    "redeemed",
    "cap_reached",
    "customer_cap_reached",
    "sold_out",
    "unknown",
    "blocked",
    "not_begun",
    "expired",
    "used",
    "coupon_cap_reached",
    "not_yours",
    "left_out",
]
"""What became of a use.

The promotion's own limits are told first by name (`sold_out`: its units), the others are about the code. `left_out`
would have been fine by itself, but another use of the same order was not: the order is to be priced again.
"""


class UseOutcome(NamedTuple):
    """What became of one use; `repeated` says that the order had used it just so before."""

    use: Use
    code: UseCode
    redemption_id: RedemptionId | None = None
    repeated: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Redemption:
    """An order's use of a promotion, until it is given back."""

    redemption_id: RedemptionId
    order_id: UUID
    promotion: str
    coupon_id: UUID | None
    batch_id: UUID | None
    code: str
    customer_id: UUID | None
    units: int
    currency: str
    discount_minor: int
    redeemed_at: datetime
    given_back_at: datetime | None


class PromotionFacts(NamedTuple):
    """What `Facts` wants to know of one cart's codes and limits."""

    coupons: tuple[Coupon, ...] = ()
    uses_left: Mapping[str, int] = {}
    customer_uses_left: Mapping[str, int] = {}
    units_left: Mapping[str, int] = {}


class FoundUses(NamedTuple):
    """What is known of codes, by their canonical form, and how far the counters are; one that is missing is at 0."""

    coupons: Mapping[str, CouponTerms]
    used: Mapping[UseKey, int]
