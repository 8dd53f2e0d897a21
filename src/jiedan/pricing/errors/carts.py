"""The ways pricing refuses a cart, and rows of its first rules."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class CannotPrice(errors.Rejections):
    """The cart cannot be priced; all reasons are named."""

    code: ClassVar[str] = "cannot_price"


@dataclasses.dataclass(eq=False)
class PriceMissing(errors.Invalid):
    """A SKU has no price in the order's currency."""

    code: ClassVar[str] = "price_missing"
    message: ClassVar[str] = N_("{sku} has no price in {currency}.")
    remedy: ClassVar[str] = N_("Add a price to the product, or give a price with a reason.")

    sku: str
    currency: str


@dataclasses.dataclass(eq=False)
class TierNotReached(errors.Invalid):
    """A SKU is sold only from a quantity on that the line does not reach."""

    code: ClassVar[str] = "tier_not_reached"
    message: ClassVar[str] = N_("{sku} is sold from {min_quantity} pieces on.")
    remedy: ClassVar[str] = N_("Order more, or give a price with a reason.")

    sku: str
    min_quantity: int


@dataclasses.dataclass(eq=False)
class ReasonMissing(errors.Invalid):
    """A manual price or discount came without a reason."""

    code: ClassVar[str] = "reason_missing"
    message: ClassVar[str] = N_("A price or discount by hand needs a reason.")
    remedy: ClassVar[str] = N_("Say why, in at most 200 characters.")


@dataclasses.dataclass(eq=False)
class DiscountInvalid(errors.Invalid):
    """A discount is neither an amount nor a rate, or out of range."""

    code: ClassVar[str] = "discount_invalid"
    message: ClassVar[str] = N_("The discount must be an amount up to the value of the goods, or a rate up to 100 %.")
    remedy: ClassVar[str] = N_("Give either amount_minor or rate_ppm, not both.")


@dataclasses.dataclass(eq=False)
class AmountOutOfRange(errors.Invalid):
    """An amount is negative or larger than the system keeps."""

    code: ClassVar[str] = "amount_out_of_range"
    message: ClassVar[str] = N_("The amount {amount_minor} is out of range.")
    remedy: ClassVar[str] = N_("Give an amount between 0 and {max_minor} minor units.")

    amount_minor: int
    max_minor: int


@dataclasses.dataclass(eq=False)
class TaxRateInvalid(errors.Invalid):
    """A tax rate cannot be used."""

    code: ClassVar[str] = "tax_rate_invalid"
    message: ClassVar[str] = N_("The tax rate for {country} {tax_class} cannot be used.")
    remedy: ClassVar[str] = N_("Give a two-letter country or *, a tax class, and 0 to 1000000 parts per million.")

    country: str
    tax_class: str


@dataclasses.dataclass(eq=False)
class ShippingFeeInvalid(errors.Invalid):
    """A shipping fee cannot be used."""

    code: ClassVar[str] = "shipping_fee_invalid"
    message: ClassVar[str] = N_("The shipping fee in {currency} cannot be used.")
    remedy: ClassVar[str] = N_("Give an ISO 4217 currency and amounts that are not negative.")

    currency: str
