"""Coupons: codes that open a promotion, made in batches, and how often each may be used."""

import dataclasses
from datetime import datetime
from typing import Literal, NamedTuple, NewType
from uuid import UUID

from msgspec import UNSET, UnsetType

CouponBatchId = NewType("CouponBatchId", UUID)
CouponId = NewType("CouponId", UUID)

COUPONS_PER_BATCH_MAX = 100_000
COUPONS_AT_ONCE_MAX = 1_000
"""Codes made inside one transaction: more are made by a job, so many at a time."""

COUPON_ROWS_MAX = 500
"""Most codes of one call that names them."""

COUPON_CODE_CHARACTERS_MIN = 3
COUPON_CODE_CHARACTERS_MAX = 40
COUPON_CUSTOMERS_MAX = 500
"""Customers for whom alone the codes of one batch are."""

COUPON_PREFIX_CHARACTERS_MAX = 12
COUPON_NOTE_CHARACTERS_MAX = 500
COUPON_USES_MAX = 1_000_000
COUPON_TYPED_CHARACTERS_MAX = 64
COUPON_ALPHABET = "34679ACDEFGHJKMNPQRTUVWXY"
"""What codes are made of: none of these looks like another (no 0 O 1 I L, no 2 Z, no 5 S, no 8 B)."""

COUPON_MADE_CHARACTERS = 12
"""What follows the prefix: 55 bits, which nobody guesses under a throttle."""

CouponOrigin = Literal["made", "typed"]
"""Whether the codes of a batch are made for it, or are the merchant's own words."""


@dataclasses.dataclass(frozen=True, slots=True)
class CouponBatch:
    """Codes that open one promotion under the same terms.

    `made` of `size` codes exist by now, `used` counts the orders that use one of them. `uses_max` is how many orders
    may use one code, `uses_per_customer_max` how many of one customer; None sets no limit. One that `is_personal` is
    for the customers who are named beside it alone.
    """

    batch_id: CouponBatchId
    promotion: str
    origin: CouponOrigin
    prefix: str
    size: int
    made: int
    used: int
    uses_max: int | None
    uses_per_customer_max: int | None
    valid_from: datetime | None
    valid_until: datetime | None
    note: str
    blocked_at: datetime | None
    created_at: datetime
    actor_kind: str
    actor_id: str
    version: int
    is_personal: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class CouponRow:
    """One code as lists show it; `number` counts inside its batch."""

    coupon_id: CouponId
    batch_id: CouponBatchId
    number: int
    code: str
    promotion: str
    used: int
    blocked_at: datetime | None


class NewCoupons(NamedTuple):
    """A batch to make: `size` codes after a prefix, or the merchant's own `codes`.

    `customer_ids` are those for whom alone it is, others may be named later; None: for everybody.
    """

    promotion: str
    size: int = 0
    codes: tuple[str, ...] = ()
    prefix: str = ""
    uses_max: int | None = 1
    uses_per_customer_max: int | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    note: str = ""
    customer_ids: tuple[UUID, ...] | None = None


class CouponTermsChange(NamedTuple):
    """What of a batch is to change; what is not set stays, and None takes an end of its time away."""

    valid_from: datetime | UnsetType | None = UNSET
    valid_until: datetime | UnsetType | None = UNSET
    note: str | UnsetType = UNSET
    is_blocked: bool | UnsetType = UNSET


class CouponTerms(NamedTuple):
    """Under which terms a code may be used; `is_blocked` where it or its batch is, `used` by how many orders it is.

    `customers` are those who alone may use it, None for everybody.
    """

    coupon_id: CouponId
    batch_id: CouponBatchId
    code: str
    promotion: str
    uses_max: int | None
    uses_per_customer_max: int | None
    valid_from: datetime | None
    valid_until: datetime | None
    is_blocked: bool
    used: int = 0
    customers: frozenset[UUID] | None = None


class WrittenCode(NamedTuple):
    """A code as it is written into a file: its number in the batch, how often it is used, when it was blocked."""

    number: int
    code: str
    blocked_at: datetime | None
    used: int


CouponStanding = Literal["ok", "unknown", "blocked", "not_begun", "expired", "used", "cap_reached", "not_yours"]
"""What a code is good for, now and for somebody.

`used`: by this customer, or the one time that it may be; `cap_reached`: by others, as often as it may be. `not_yours`:
its uses are counted by customer, and nobody knows who this is.
"""
