"""The ways carriers refuse."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class CarrierNotFound(errors.NotFound):
    """The merchant has no such carrier."""

    code: ClassVar[str] = "carrier_not_found"
    message: ClassVar[str] = N_("There is no carrier {carrier}.")
    remedy: ClassVar[str] = N_("Set it up first.")

    carrier: str


@dataclasses.dataclass(eq=False)
class UnknownAdapter(errors.Invalid):
    """No adapter of this name is installed."""

    code: ClassVar[str] = "unknown_carrier_adapter"
    message: ClassVar[str] = N_("There is no carrier adapter {adapter}.")
    remedy: ClassVar[str] = N_("Choose one of {known}.")

    adapter: str
    known: str


@dataclasses.dataclass(eq=False)
class CarrierSettingsInvalid(errors.Invalid):
    """The settings are not what the adapter reads."""

    code: ClassVar[str] = "carrier_settings_invalid"
    message: ClassVar[str] = N_("The settings of the carrier are not valid: {problem}.")
    remedy: ClassVar[str] = N_("Correct the setting that is named.")

    problem: str


@dataclasses.dataclass(eq=False)
class TooManyCarriers(errors.Conflict):
    """A merchant has as many carriers as one may have."""

    code: ClassVar[str] = "too_many_carriers"
    message: ClassVar[str] = N_("There are {carriers_max} carriers already.")
    remedy: ClassVar[str] = N_("Change one that is not used any more.")

    carriers_max: int


@dataclasses.dataclass(eq=False)
class CarrierInactive(errors.Conflict):
    """The carrier is switched off."""

    code: ClassVar[str] = "carrier_inactive"
    message: ClassVar[str] = N_("The carrier {carrier} is not active.")
    remedy: ClassVar[str] = N_("Switch it on, or choose another.")

    carrier: str


@dataclasses.dataclass(eq=False)
class NoSuchZone(errors.Conflict):
    """The carrier does not go there."""

    code: ClassVar[str] = "no_carrier_zone"
    message: ClassVar[str] = N_("The carrier {carrier} does not go to {country} {postal_code}.")
    remedy: ClassVar[str] = N_("Choose another carrier, or add a zone.")

    carrier: str
    country: str
    postal_code: str


@dataclasses.dataclass(eq=False)
class TooHeavy(errors.Conflict):
    """The carrier takes no parcel of this weight there."""

    code: ClassVar[str] = "too_heavy_for_carrier"
    message: ClassVar[str] = N_("The carrier {carrier} takes at most {weight_g_max} g there, not {weight_g} g.")
    remedy: ClassVar[str] = N_("Pack several parcels, or choose another carrier.")

    carrier: str
    weight_g: int
    weight_g_max: int


@dataclasses.dataclass(eq=False)
class MakesNoLabels(errors.Conflict):
    """The carrier's labels are made elsewhere."""

    code: ClassVar[str] = "carrier_makes_no_labels"
    message: ClassVar[str] = N_("Labels of the carrier {carrier} are made elsewhere.")
    remedy: ClassVar[str] = N_("Type its tracking number when the parcel leaves.")

    carrier: str


@dataclasses.dataclass(eq=False)
class NotAMoment(errors.Invalid):
    """A tracking event cannot be of the future."""

    code: ClassVar[str] = "tracking_event_in_the_future"
    message: ClassVar[str] = N_("A carrier cannot have seen anything at {at} yet.")
    remedy: ClassVar[str] = N_("Send the moment with its time zone.")

    at: str
