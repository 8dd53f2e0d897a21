"""The ways pricing refuses coupons."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_, Word
from jiedan.base.web.errors import TooManyRequests
from jiedan.pricing.values import coupons

COUPON_STATES: Mapping[str, str] = MappingProxyType(
    {
        "unknown": N_("there is no such code"),
        "not_begun": N_("it is not valid yet"),
        "expired": N_("it has expired"),
        "used": N_("it has been used"),
        "cap_reached": N_("it has been used as often as it may be"),
        "not_yours": N_("it is only for customers who are known"),
    }
)


@dataclasses.dataclass(eq=False)
class CouponRefused(errors.Invalid):
    """A code that was given opens nothing, or nothing any more."""

    code: ClassVar[str] = "coupon_refused"
    message: ClassVar[str] = N_("The coupon {coupon} cannot be used: {state}.")
    remedy: ClassVar[str] = N_("Check the code, or order without it.")

    coupon: str
    state: str

    def __post_init__(self) -> None:
        self.state = Word(self.state, COUPON_STATES)


@dataclasses.dataclass(eq=False)
class CouponBatchNotFound(errors.NotFound):
    """No batch with this id."""

    code: ClassVar[str] = "coupon_batch_not_found"
    message: ClassVar[str] = N_("There is no such batch of coupons.")
    remedy: ClassVar[str] = N_("Choose one from the list of coupons.")


@dataclasses.dataclass(eq=False)
class CouponNotFound(errors.NotFound):
    """No coupon with this id or this code."""

    code: ClassVar[str] = "coupon_not_found"
    message: ClassVar[str] = N_("There is no such coupon code.")
    remedy: ClassVar[str] = N_("Check the code letter by letter.")


@dataclasses.dataclass(eq=False)
class CouponCountInvalid(errors.Invalid):
    """Neither codes nor a number of them, or both, or too many."""

    code: ClassVar[str] = "coupon_count_invalid"
    message: ClassVar[str] = N_("It is not clear which codes to make.")
    remedy: ClassVar[str] = N_("Give a number from 1 to {made_max}, or up to {typed_max} codes of your own.")

    made_max: int = coupons.COUPONS_PER_BATCH_MAX
    typed_max: int = coupons.COUPON_ROWS_MAX


@dataclasses.dataclass(eq=False)
class CouponCodeInvalid(errors.Invalid):
    """What was typed cannot be a code."""

    code: ClassVar[str] = "coupon_code_invalid"
    message: ClassVar[str] = N_("“{typed}” cannot be a coupon code.")
    remedy: ClassVar[str] = N_("Give {minimum} to {maximum} letters and digits; spaces and dashes do not count.")

    typed: str
    minimum: int = coupons.COUPON_CODE_CHARACTERS_MIN
    maximum: int = coupons.COUPON_CODE_CHARACTERS_MAX


@dataclasses.dataclass(eq=False)
class CouponPrefixInvalid(errors.Invalid):
    """No code can begin so."""

    code: ClassVar[str] = "coupon_prefix_invalid"
    message: ClassVar[str] = N_("Codes cannot begin with “{prefix}”.")
    remedy: ClassVar[str] = N_("Give at most {maximum} letters and digits, or none.")

    prefix: str
    maximum: int = coupons.COUPON_PREFIX_CHARACTERS_MAX


@dataclasses.dataclass(eq=False)
class CouponCodeTaken(errors.Conflict):
    """A code is there already, in this batch or another."""

    code: ClassVar[str] = "coupon_code_taken"
    message: ClassVar[str] = N_("There is a coupon {taken} already.")
    remedy: ClassVar[str] = N_("Choose another code; case, spaces and dashes make no difference.")

    taken: str


@dataclasses.dataclass(eq=False)
class CouponUsesInvalid(errors.Invalid):
    """A number of uses is out of range."""

    code: ClassVar[str] = "coupon_uses_invalid"
    message: ClassVar[str] = N_("{uses} is no number of uses.")
    remedy: ClassVar[str] = N_("Give a whole number from 1 to {maximum}, or none for no limit.")

    uses: int
    maximum: int = coupons.COUPON_USES_MAX


@dataclasses.dataclass(eq=False)
class CouponPeriodInvalid(errors.Invalid):
    """A batch ends before it begins."""

    code: ClassVar[str] = "coupon_period_invalid"
    message: ClassVar[str] = N_("These coupons end before they begin.")
    remedy: ClassVar[str] = N_("Give an end after the beginning, or none.")


@dataclasses.dataclass(eq=False)
class CouponTextInvalid(errors.Invalid):
    """The promotion is not named, or a text is too long."""

    code: ClassVar[str] = "coupon_text_invalid"
    message: ClassVar[str] = N_("This text is missing, or too long.")
    remedy: ClassVar[str] = N_("Give at most {maximum} characters.")

    maximum: int


@dataclasses.dataclass(eq=False)
class CouponsNotTyped(errors.Conflict):
    """Codes of one's own are added to a batch whose codes are made."""

    code: ClassVar[str] = "coupons_not_typed"
    message: ClassVar[str] = N_("The codes of this batch are made, not typed.")
    remedy: ClassVar[str] = N_("Make another batch for codes of your own.")


@dataclasses.dataclass(eq=False)
class CouponBatchFull(errors.Conflict):
    """More codes than a batch has."""

    code: ClassVar[str] = "coupon_batch_full"
    message: ClassVar[str] = N_("A batch has at most {maximum} codes.")
    remedy: ClassVar[str] = N_("Make another batch.")

    maximum: int = coupons.COUPONS_PER_BATCH_MAX


@dataclasses.dataclass(eq=False)
class CouponLookUpsThrottled(TooManyRequests):
    """Too many codes that no coupon has were tried."""

    code: ClassVar[str] = "coupon_look_ups_throttled"
    message: ClassVar[str] = N_("Too many coupon codes were tried.")
    remedy: ClassVar[str] = N_("Wait a few minutes, then check the code letter by letter.")


@dataclasses.dataclass(eq=False)
class CouponRowsInvalid(errors.Invalid):
    """No codes are named, or more than one call takes."""

    code: ClassVar[str] = "coupon_rows_invalid"
    message: ClassVar[str] = N_("One call takes 1 to {rows_max} codes.")
    remedy: ClassVar[str] = N_("Send the rest in another call.")

    rows_max: int = coupons.COUPON_ROWS_MAX


@dataclasses.dataclass(eq=False)
class CouponCustomersInvalid(errors.Invalid):
    """Coupons for too many single customers, or a change that names none."""

    code: ClassVar[str] = "coupon_customers_invalid"
    message: ClassVar[str] = N_("Coupons can be for 1 to {maximum} single customers.")
    remedy: ClassVar[str] = N_("Name fewer, or offer the promotion to a group of customers.")

    maximum: int


@dataclasses.dataclass(eq=False)
class CouponCustomerUnknown(errors.Invalid):
    """A coupon for a customer who is not there, or was erased."""

    code: ClassVar[str] = "coupon_customer_unknown"
    message: ClassVar[str] = N_("There is no customer {customer_id}.")
    remedy: ClassVar[str] = N_("Choose one from the list of customers.")

    customer_id: str


@dataclasses.dataclass(eq=False)
class CouponsForEverybody(errors.Conflict):
    """Customers cannot be named beside coupons that everybody may use."""

    code: ClassVar[str] = "coupons_for_everybody"
    message: ClassVar[str] = N_("These coupons are for everybody.")
    remedy: ClassVar[str] = N_("Make others that are for single customers, and block these.")
