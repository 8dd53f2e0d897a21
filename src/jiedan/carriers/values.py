"""Values of carriers: accounts, what is to be carried, quotes, labels and what is said on the way.

Weights are grams, amounts minor units, transit times days.
"""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

CODE_CHARS_MAX = 40
NAME_CHARS_MAX = 100
NUMBER_CHARS_MAX = 100
SETTINGS_BYTES_MAX = 65_536
CARRIERS_MAX = 100
"""Carriers of one merchant."""

EVENTS_MAX = 500
"""Tracking events of one call."""

TrackingState = Literal["in_transit", "out_for_delivery", "failed", "returned", "delivered"]
TRACKING_STATES: tuple[TrackingState, ...] = ("in_transit", "out_for_delivery", "failed", "returned", "delivered")

MediaType = Literal["application/pdf"]


@dataclasses.dataclass(frozen=True, slots=True)
class Account:
    """A carrier as a merchant has set it up; `code` is their own name for it, `settings` what the adapter reads."""

    code: str
    adapter: str
    name: str
    is_active: bool
    settings: Mapping[str, Any]
    version: int


class NewAccount(NamedTuple):
    """A carrier to be set up, or changed."""

    code: str
    adapter: str
    name: str
    settings: Mapping[str, Any]
    is_active: bool = True


class Place(NamedTuple):
    """Where something comes from or goes, as a label says it."""

    country: str
    postal_code: str
    name: str = ""
    phone: str = ""
    lines: tuple[str, ...] = ()


class Consignment(NamedTuple):
    """One parcel to be carried; `reference` is the number of the parcel."""

    reference: str
    origin: Place
    destination: Place
    weight_g: int


class Transit(NamedTuple):
    """Days on the way: half arrive within `p50_days`, nine of ten within `p90_days`."""

    p50_days: int
    p90_days: int


class Quote(NamedTuple):
    """What a carrier asks for a parcel, and how long it takes; None where the carrier does not say."""

    carrier: str
    price_minor: int | None
    currency: str | None
    transit: Transit | None
    zone: str | None = None


class Label(NamedTuple):
    """A carrier's transport document and its number."""

    number: str
    document: bytes
    media_type: MediaType


class NewTrackingEvent(NamedTuple):
    """What a carrier says of a number; the same carrier, number, code and moment are the same event."""

    carrier: str
    number: str
    code: str
    occurred_at: datetime
    state: TrackingState | None = None
    description: str = ""
    place: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class TrackingEvent:
    """What a carrier said of a number; `state` where it changes where the parcel is."""

    carrier: str
    number: str
    code: str
    occurred_at: datetime
    state: TrackingState | None
    description: str
    place: str
    recorded_at: datetime
