"""The ways shipping methods refuse orders, and are refused themselves."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_, Series


@dataclasses.dataclass(eq=False)
class ShippingNotOffered(errors.Invalid):
    """No method ships these goods to this place."""

    code: ClassVar[str] = "shipping_not_offered"
    message: ClassVar[str] = N_("No shipping method takes these goods to this address.")
    remedy: ClassVar[str] = N_("Check the address, order less, or ask the shop how it can be sent.")


@dataclasses.dataclass(eq=False)
class ShippingMethodUnavailable(errors.Invalid):
    """The named method does not ship these goods to this place."""

    code: ClassVar[str] = "shipping_method_unavailable"
    message: ClassVar[str] = N_("The shipping method {method} does not take these goods to this address.")
    remedy: ClassVar[str] = N_("Choose one of these: {offered}.")

    method: str
    offered: Series


@dataclasses.dataclass(eq=False)
class ShippingNotChosen(errors.Invalid):
    """A method is named where none can be: nothing is shipped, or the merchant has no methods."""

    code: ClassVar[str] = "shipping_not_chosen"
    message: ClassVar[str] = N_("No shipping method can be chosen here: nothing is shipped, or the shop has none.")
    remedy: ClassVar[str] = N_("Leave the shipping method out.")


@dataclasses.dataclass(eq=False)
class ShippingTextInvalid(errors.Invalid):
    """A code, name or tax class of shipping is missing or too long."""

    code: ClassVar[str] = "shipping_text_invalid"
    message: ClassVar[str] = N_("The text {text} cannot be used here.")
    remedy: ClassVar[str] = N_("Give 1 to {max_characters} characters, without spaces at the ends.")

    text: str
    max_characters: int


@dataclasses.dataclass(eq=False)
class ShippingCodeTaken(errors.Invalid):
    """Two methods, two zones of one method or two of its surcharges have one code."""

    code: ClassVar[str] = "shipping_code_taken"
    message: ClassVar[str] = N_("There is another {taken} here.")
    remedy: ClassVar[str] = N_("Give each a code of its own.")

    taken: str


@dataclasses.dataclass(eq=False)
class ShippingZoneInvalid(errors.Invalid):
    """A zone has no places or no rates, or excludes the whole world."""

    code: ClassVar[str] = "shipping_zone_invalid"
    message: ClassVar[str] = N_("The zone {zone} cannot be used.")
    remedy: ClassVar[str] = N_("Give it one place and one rate at least, and exclude less than everything.")

    zone: str


@dataclasses.dataclass(eq=False)
class ShippingAreaTaken(errors.Invalid):
    """Two zones of one method have the same place."""

    code: ClassVar[str] = "shipping_area_taken"
    message: ClassVar[str] = N_("This place is also in the zone {zone}.")
    remedy: ClassVar[str] = N_("Keep it in one of the two zones.")

    zone: str


@dataclasses.dataclass(eq=False)
class ShippingCurrencyInvalid(errors.Invalid):
    """Amounts are in a currency that does not exist, or there are two rates in one."""

    code: ClassVar[str] = "shipping_currency_invalid"
    message: ClassVar[str] = N_("The currency {currency} cannot be used here.")
    remedy: ClassVar[str] = N_("Give a code of ISO 4217 like CNY, and each currency once.")

    currency: str


@dataclasses.dataclass(eq=False)
class ShippingAmountInvalid(errors.Invalid):
    """An amount of shipping is negative or larger than the system keeps, or the least is more than the most."""

    code: ClassVar[str] = "shipping_amount_invalid"
    message: ClassVar[str] = N_("The amount {amount_minor} cannot be used here.")
    remedy: ClassVar[str] = N_("Give 0 to {max_minor} minor units, and the most not below the least.")

    amount_minor: int
    max_minor: int


@dataclasses.dataclass(eq=False)
class ShippingMeasureInvalid(errors.Invalid):
    """A weight, length, volume, divisor or number of pieces is out of range."""

    code: ClassVar[str] = "shipping_measure_invalid"
    message: ClassVar[str] = N_("The measure {measure} is out of range.")
    remedy: ClassVar[str] = N_("Give {min_measure} to {max_measure}.")

    measure: int
    min_measure: int
    max_measure: int


@dataclasses.dataclass(eq=False)
class ShippingBandsInvalid(errors.Invalid):
    """The bands of a table do not follow one another."""

    code: ClassVar[str] = "shipping_bands_invalid"
    message: ClassVar[str] = N_("The bands of this table do not follow one another.")
    remedy: ClassVar[str] = N_(
        "Give 1 to {max_count} bands, each up to more than the one before; the last may be open."
    )

    max_count: int


@dataclasses.dataclass(eq=False)
class TooManyShippingRules(errors.Invalid):
    """There are more methods, zones, places or surcharges than one merchant may have."""

    code: ClassVar[str] = "too_many_shipping_rules"
    message: ClassVar[str] = N_("{count} are too many here.")
    remedy: ClassVar[str] = N_("Keep at most {max_count}.")

    count: int
    max_count: int
