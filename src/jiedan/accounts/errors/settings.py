"""Refusals about what a merchant decides."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class CountryUnknown(errors.Invalid):
    """No country has the code."""

    code: ClassVar[str] = "country_unknown"
    message: ClassVar[str] = N_("There is no country {country}.")
    remedy: ClassVar[str] = N_("Use the two-letter code of ISO 3166, like CN.")

    country: str


@dataclasses.dataclass(eq=False)
class TimeZoneUnknown(errors.Invalid):
    """No time zone has the name."""

    code: ClassVar[str] = "time_zone_unknown"
    message: ClassVar[str] = N_("There is no time zone {time_zone}.")
    remedy: ClassVar[str] = N_("Use a name like Asia/Shanghai.")

    time_zone: str


@dataclasses.dataclass(eq=False)
class CurrencyUnknown(errors.Invalid):
    """No currency has the code."""

    code: ClassVar[str] = "currency_unknown"
    message: ClassVar[str] = N_("There is no currency {currency}.")
    remedy: ClassVar[str] = N_("Use the three-letter code of ISO 4217, like CNY.")

    currency: str


@dataclasses.dataclass(eq=False)
class DefaultNotAmong(errors.Invalid):
    """A default is not one of the accepted values."""

    code: ClassVar[str] = "default_not_among"
    message: ClassVar[str] = N_("The default {value} is not among the accepted ones: {accepted}.")
    remedy: ClassVar[str] = N_("Accept it too, or choose another default.")

    value: str
    accepted: str


@dataclasses.dataclass(eq=False)
class ValueRepeated(errors.Invalid):
    """A list holds a value twice."""

    code: ClassVar[str] = "value_repeated"
    message: ClassVar[str] = N_("{value} is in the list twice.")
    remedy: ClassVar[str] = N_("Name it once.")

    value: str


@dataclasses.dataclass(eq=False)
class ChoiceUnknown(errors.Invalid):
    """A value is not one of the few that are possible."""

    code: ClassVar[str] = "choice_unknown"
    message: ClassVar[str] = N_("{value} is not possible here.")
    remedy: ClassVar[str] = N_("Choose one of: {choices}.")

    value: str
    choices: str


@dataclasses.dataclass(eq=False)
class ExpiryOutOfRange(errors.Invalid):
    """The time an unpaid order lives is too short or too long."""

    code: ClassVar[str] = "expiry_out_of_range"
    message: ClassVar[str] = N_("Unpaid orders live from {minutes_min} to {minutes_max} minutes.")
    remedy: ClassVar[str] = N_("Choose a time within these bounds.")

    minutes_min: int
    minutes_max: int


@dataclasses.dataclass(eq=False)
class HueOutOfRange(errors.Invalid):
    """A hue is no angle on the circle of colors."""

    code: ClassVar[str] = "hue_out_of_range"
    message: ClassVar[str] = N_("{hue} is no hue.")
    remedy: ClassVar[str] = N_("Give degrees from 0 to {hue_max}, or none for the usual color.")

    hue: int
    hue_max: int


@dataclasses.dataclass(eq=False)
class CurrenciesTooMany(errors.Invalid):
    """A merchant accepts more currencies than anybody could keep prices in."""

    code: ClassVar[str] = "currencies_too_many"
    message: ClassVar[str] = N_("A merchant accepts at most {limit} currencies.")
    remedy: ClassVar[str] = N_("Leave some out.")

    limit: int
