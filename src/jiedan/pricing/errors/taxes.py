"""The ways tax tables, certificates and answers about tax are refused."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class TaxRateMissing(errors.Invalid):
    """The table has no rate for a class at a place, and the merchant does not sell without."""

    code: ClassVar[str] = "tax_rate_missing"
    message: ClassVar[str] = N_("There is no tax rate for {tax_class} in {country}.")
    remedy: ClassVar[str] = N_("Add a rate for the country or for all the others, if need be one of 0.")

    tax_class: str
    country: str


@dataclasses.dataclass(eq=False)
class TaxTextInvalid(errors.Invalid):
    """A tax class, the name of a tax, or the number of a certificate is missing or too long."""

    code: ClassVar[str] = "tax_text_invalid"
    message: ClassVar[str] = N_("The text {text} cannot be used here.")
    remedy: ClassVar[str] = N_("Give 1 to {max_characters} characters, without spaces at the ends.")

    text: str
    max_characters: int


@dataclasses.dataclass(eq=False)
class TaxRateOutOfRange(errors.Invalid):
    """A rate is below 0 or above 100 %."""

    code: ClassVar[str] = "tax_rate_out_of_range"
    message: ClassVar[str] = N_("The tax rate of {rate_ppm} parts per million is out of range.")
    remedy: ClassVar[str] = N_("Give 0 to 1000000 parts per million: 130000 is 13 %.")

    rate_ppm: int


@dataclasses.dataclass(eq=False)
class TaxPositionInvalid(errors.Invalid):
    """A tax stands at a position that does not exist, or a compound one where nothing can stand before it."""

    code: ClassVar[str] = "tax_position_invalid"
    message: ClassVar[str] = N_("The tax {component} cannot stand at position {position}.")
    remedy: ClassVar[str] = N_(
        "Give 0 to {max_position}; a tax on top of other taxes stands after them, at 1 or later."
    )

    component: str
    position: int
    max_position: int


@dataclasses.dataclass(eq=False)
class TaxPeriodInvalid(errors.Invalid):
    """A tax rate or a certificate ends before it begins, or its moments have no time zone."""

    code: ClassVar[str] = "tax_period_invalid"
    message: ClassVar[str] = N_("It cannot hold for this time.")
    remedy: ClassVar[str] = N_("Let it begin before it ends, and give both moments with a time zone.")


@dataclasses.dataclass(eq=False)
class TaxRatesClash(errors.Invalid):
    """Two rows say something else of one tax, class and place at the same time."""

    code: ClassVar[str] = "tax_rates_clash"
    message: ClassVar[str] = N_("This is also said by row {other}: {component} for {tax_class} in {country}.")
    remedy: ClassVar[str] = N_("Let one row end before the other begins, or make their postal areas lie apart.")

    other: int
    component: str
    tax_class: str
    country: str


@dataclasses.dataclass(eq=False)
class TooManyTaxRates(errors.Invalid):
    """A tax table has more rows than one merchant may have, or too many for one tax and place."""

    code: ClassVar[str] = "too_many_tax_rates"
    message: ClassVar[str] = N_("{count} tax rates are too many here.")
    remedy: ClassVar[str] = N_(
        "Keep at most {max_count}: remove those that are long over, and use prefixes and ranges of postal codes."
    )

    count: int
    max_count: int


@dataclasses.dataclass(eq=False)
class TaxAreaInvalid(errors.Invalid):
    """A tax area is no group of countries."""

    code: ClassVar[str] = "tax_area_invalid"
    message: ClassVar[str] = N_("The tax area {area} cannot be used.")
    remedy: ClassVar[str] = N_("Give a code of its own, two countries or more, and the article that says so.")

    area: str


@dataclasses.dataclass(eq=False)
class TaxHomeMissing(errors.Invalid):
    """Reverse charge is asked for, and no area has the country that the merchant is at home in."""

    code: ClassVar[str] = "tax_home_missing"
    message: ClassVar[str] = N_("No tax area has the country that you are at home in.")
    remedy: ClassVar[str] = N_("Name your country in one of the tax areas, or switch reverse charge off.")


@dataclasses.dataclass(eq=False)
class TaxHomeUnnamed(errors.Invalid):
    """The home has a region or a postal code, and no country: it would be that of another one after a move."""

    code: ClassVar[str] = "tax_home_unnamed"
    message: ClassVar[str] = N_("The home has a province or state, or a postal code, and no country.")
    remedy: ClassVar[str] = N_("Name the country that they are in, or leave them empty.")


@dataclasses.dataclass(eq=False)
class TaxAnswerUnsound(errors.Invalid):
    """A tax service gave an answer whose parts do not add up to what was asked."""

    code: ClassVar[str] = "tax_answer_unsound"
    message: ClassVar[str] = N_("The tax service's answer does not add up.")
    remedy: ClassVar[str] = N_("Use the merchant's own tax table, and tell the makers of the service.")
