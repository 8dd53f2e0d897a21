"""The ways the price of a unit is refused: quantities, surcharges of options, limits of prices by hand."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class QuantityOutOfRange(errors.Invalid):
    """A line orders nothing, less than nothing, or absurdly much."""

    code: ClassVar[str] = "quantity_out_of_range"
    message: ClassVar[str] = N_("{quantity} is not a quantity that can be ordered.")
    remedy: ClassVar[str] = N_("Give a whole number from 1 to {most}.")

    quantity: int
    most: int


@dataclasses.dataclass(eq=False)
class QuantityTooSmall(errors.Invalid):
    """Less of a SKU is in the cart than it is sold from."""

    code: ClassVar[str] = "quantity_too_small"
    message: ClassVar[str] = N_("{sku} is ordered from {nearest} pieces on; the cart has {quantity}.")
    remedy: ClassVar[str] = N_("Take {nearest}.")

    sku: str
    quantity: int
    nearest: int


@dataclasses.dataclass(eq=False)
class QuantityTooLarge(errors.Invalid):
    """More of a SKU is in the cart than one order may take."""

    code: ClassVar[str] = "quantity_too_large"
    message: ClassVar[str] = N_("One order takes at most {nearest} of {sku}; the cart has {quantity}.")
    remedy: ClassVar[str] = N_("Take {nearest}.")

    sku: str
    quantity: int
    nearest: int


@dataclasses.dataclass(eq=False)
class QuantityOffPack(errors.Invalid):
    """A SKU comes in packs, and the cart has a part of one."""

    code: ClassVar[str] = "quantity_off_pack"
    message: ClassVar[str] = N_("{sku} comes in packs of {pack}; the cart has {quantity}.")
    remedy: ClassVar[str] = N_("Take {below} or {above}.")

    sku: str
    quantity: int
    pack: int
    below: int
    above: int


@dataclasses.dataclass(eq=False)
class QuantityOffStep(errors.Invalid):
    """A SKU is ordered in steps, and the cart is between two of them."""

    code: ClassVar[str] = "quantity_off_step"
    message: ClassVar[str] = N_("{sku} is ordered in steps of {step}; the cart has {quantity}.")
    remedy: ClassVar[str] = N_("Take {below} or {above}.")

    sku: str
    quantity: int
    step: int
    below: int
    above: int


@dataclasses.dataclass(eq=False)
class SurchargeInvalid(errors.Invalid):
    """A surcharge says neither or both of what it adds, or adds too much."""

    code: ClassVar[str] = "surcharge_invalid"
    message: ClassVar[str] = N_("A surcharge is either amounts by currency or a rate.")
    remedy: ClassVar[str] = N_("Give one of the two; a rate from -1000000 to {rate_ppm_max} parts per million.")

    rate_ppm_max: int


@dataclasses.dataclass(eq=False)
class SurchargeAimless(errors.Invalid):
    """A surcharge would be added to everything."""

    code: ClassVar[str] = "surcharge_aimless"
    message: ClassVar[str] = N_("The surcharge names neither goods nor an option.")
    remedy: ClassVar[str] = N_("Name an option, or goods as sku:, product:, category:, brand: or tag: and a code.")


@dataclasses.dataclass(eq=False)
class SurchargeMissing(errors.Invalid):
    """An option that costs more has no price in the order's currency."""

    code: ClassVar[str] = "surcharge_missing"
    message: ClassVar[str] = N_("The surcharge {surcharge} of {sku} has no amount in {currency}.")
    remedy: ClassVar[str] = N_("Add an amount or an exchange rate, or choose another option.")

    surcharge: str
    sku: str
    currency: str


@dataclasses.dataclass(eq=False)
class ManualLimitInvalid(errors.Invalid):
    """A limit of prices by hand is not a share."""

    code: ClassVar[str] = "manual_limit_invalid"
    message: ClassVar[str] = N_("A limit names a role and how much it may take off.")
    remedy: ClassVar[str] = N_("Give a role and 0 to 1000000 parts per million.")
