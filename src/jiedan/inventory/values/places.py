"""Places that hold stock."""

import dataclasses

from jiedan.inventory.values.words import LocationId, LocationKind


@dataclasses.dataclass(frozen=True, slots=True)
class Location:
    """A place that holds stock. Lower `priority` comes first; coordinates are degrees (WGS 84), both or neither.

    `address`, `hours` and `phone` are for customers who come for their goods, as the merchant writes them.
    """

    location_id: LocationId
    code: str
    name: str
    kind: LocationKind
    lat: float | None
    lon: float | None
    priority: int
    is_active: bool
    version: int
    address: str = ""
    hours: str = ""
    phone: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class NewLocation:
    """A location to create or what to change one into."""

    code: str
    name: str
    kind: LocationKind = "warehouse"
    lat: float | None = None
    lon: float | None = None
    priority: int = 100
    is_active: bool = True
    address: str = ""
    hours: str = ""
    phone: str = ""


ADDRESS_CHARS_MAX, HOURS_CHARS_MAX, PHONE_CHARS_MAX = 300, 200, 40
"""How much customers are told of a place."""
