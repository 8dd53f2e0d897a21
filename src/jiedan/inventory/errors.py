"""The ways inventory refuses."""

import dataclasses
from typing import ClassVar

from jiedan.base.errors import Conflict, Invalid, NotFound
from jiedan.base.i18n import N_
from jiedan.catalog.values import SkuId
from jiedan.inventory.values import CountId, LocationId, Reservation, TransferId


@dataclasses.dataclass(eq=False)
class LocationNotFound(NotFound):
    """No such location."""

    code: ClassVar[str] = "location_not_found"
    message: ClassVar[str] = N_("There is no location {location}.")
    remedy: ClassVar[str] = N_("Choose one from the list of locations.")

    location: str


@dataclasses.dataclass(eq=False)
class UnknownLocation(Invalid):
    """What was sent names a location that does not exist."""

    code: ClassVar[str] = "unknown_location"
    message: ClassVar[str] = N_("There is no location {location}.")
    remedy: ClassVar[str] = N_("Send the code of a location from the list of locations.")

    location: str


@dataclasses.dataclass(eq=False)
class UnknownSku(Invalid):
    """What was sent names a SKU that does not exist."""

    code: ClassVar[str] = "unknown_sku"
    message: ClassVar[str] = N_("There is no SKU {sku}.")
    remedy: ClassVar[str] = N_("Send the code of a SKU from the catalog.")

    sku: str


@dataclasses.dataclass(eq=False)
class TooManyLocations(Conflict):
    """A merchant has as many locations as one may have."""

    code: ClassVar[str] = "too_many_locations"
    message: ClassVar[str] = N_("There are {locations_max} locations already.")
    remedy: ClassVar[str] = N_("Remove one that never held stock.")

    locations_max: int


@dataclasses.dataclass(eq=False)
class LocationCodeTaken(Conflict):
    """Another location has this code."""

    code: ClassVar[str] = "location_code_taken"
    message: ClassVar[str] = N_("Another location has the code {location}.")
    remedy: ClassVar[str] = N_("Choose another code.")

    location: str


@dataclasses.dataclass(eq=False)
class LocationInUse(Conflict):
    """A location that has ever held stock is kept; it can be made inactive."""

    code: ClassVar[str] = "location_in_use"
    message: ClassVar[str] = N_("The location {location} has held stock, so its history keeps it.")
    remedy: ClassVar[str] = N_("Make it inactive instead.")

    location: str


@dataclasses.dataclass(eq=False)
class InvalidCoordinates(Invalid):
    """Latitude and longitude are degrees, and come together."""

    code: ClassVar[str] = "invalid_coordinates"
    message: ClassVar[str] = N_("These are no coordinates of a place.")
    remedy: ClassVar[str] = N_("Give latitude (-90 to 90) and longitude (-180 to 180), or neither.")


@dataclasses.dataclass(eq=False)
class CannotHoldStock(Invalid):
    """The SKU or the location does not exist, or the SKU is a service or a kit, which have no stock of their own."""

    code: ClassVar[str] = "cannot_hold_stock"
    message: ClassVar[str] = N_("This SKU cannot have stock at this location.")
    remedy: ClassVar[str] = N_("Name an existing location and a SKU that is goods, not a service or a kit.")

    sku_id: SkuId
    location_id: LocationId


@dataclasses.dataclass(eq=False)
class InvalidQuantity(Invalid):
    """A quantity is a whole number of stock units within limits."""

    code: ClassVar[str] = "invalid_quantity"
    message: ClassVar[str] = N_("{quantity} is not a quantity.")
    remedy: ClassVar[str] = N_("Give a whole number from {quantity_min} to {quantity_max}.")

    quantity: int
    quantity_min: int
    quantity_max: int


@dataclasses.dataclass(eq=False)
class InvalidExpiry(Invalid):
    """A cart's reservation expires in the future; an order line's or a transfer's never does."""

    code: ClassVar[str] = "invalid_expiry"
    message: ClassVar[str] = N_("A reservation of a {owner_kind} cannot expire then.")
    remedy: ClassVar[str] = N_("Give a cart's reservation a moment in the future, and no other any.")

    owner_kind: str


@dataclasses.dataclass(eq=False)
class InsufficientStock(Conflict):
    """Fewer units are available than were asked for."""

    code: ClassVar[str] = "insufficient_stock"
    message: ClassVar[str] = N_("Only {available} of the {wanted} wanted are available.")
    remedy: ClassVar[str] = N_("Take less, another location, or wait for stock.")

    sku_id: SkuId
    location_id: LocationId
    wanted: int
    available: int


@dataclasses.dataclass(eq=False)
class NotReserved(Conflict):
    """The owner holds less than was to be freed or shipped."""

    code: ClassVar[str] = "not_reserved"
    message: ClassVar[str] = N_("Only {held} of {wanted} are reserved for this.")
    remedy: ClassVar[str] = N_("Reserve first, or take no more than is held.")

    sku_id: SkuId
    location_id: LocationId
    wanted: int
    held: int


@dataclasses.dataclass(eq=False)
class BelowReserved(Conflict):
    """The stock left would not cover what is reserved; `reservations` are the latest ones that would have to yield.

    They are named up to `RESERVATIONS_NAMED_MAX`.
    """

    code: ClassVar[str] = "below_reserved"
    message: ClassVar[str] = N_("{on_hand} would remain on hand, but {reserved} are reserved.")
    remedy: ClassVar[str] = N_("Free the reservations concerned first.")

    sku_id: SkuId
    location_id: LocationId
    on_hand: int
    reserved: int
    reservations: tuple[Reservation, ...] = ()


@dataclasses.dataclass(eq=False)
class OperationKeyReused(Conflict):
    """An operation key has done other work before."""

    code: ClassVar[str] = "operation_key_reused"
    message: ClassVar[str] = N_("The operation key {operation_key} was used for another movement.")
    remedy: ClassVar[str] = N_("Use a new key for a new movement, and the old one only to repeat it.")

    operation_key: str


@dataclasses.dataclass(eq=False)
class InvalidThresholds(Invalid):
    """The levels do not make sense together."""

    code: ClassVar[str] = "invalid_thresholds"
    message: ClassVar[str] = N_("These levels contradict each other.")
    remedy: ClassVar[str] = N_("Use whole numbers from 0, and a restock level above the low-stock threshold.")


@dataclasses.dataclass(eq=False)
class TransferNotFound(NotFound):
    """No such transfer."""

    code: ClassVar[str] = "transfer_not_found"
    message: ClassVar[str] = N_("There is no such transfer.")

    transfer_id: TransferId


@dataclasses.dataclass(eq=False)
class InvalidTransfer(Invalid):
    """A transfer leads from one location to another, with at least one SKU, each once."""

    code: ClassVar[str] = "invalid_transfer"
    message: ClassVar[str] = N_("This transfer leads nowhere or names a SKU twice.")
    remedy: ClassVar[str] = N_("Give two different locations and each SKU once.")


@dataclasses.dataclass(eq=False)
class NotInTransfer(NotFound):
    """The SKU is not on this transfer."""

    code: ClassVar[str] = "not_in_transfer"
    message: ClassVar[str] = N_("This SKU is not on this transfer.")

    sku_id: SkuId


@dataclasses.dataclass(eq=False)
class TransferEnded(Conflict):
    """The transfer was closed."""

    code: ClassVar[str] = "transfer_ended"
    message: ClassVar[str] = N_("This transfer is closed.")
    remedy: ClassVar[str] = N_("Open a new one.")

    transfer_id: TransferId


@dataclasses.dataclass(eq=False)
class MoreThanTransferred(Conflict):
    """More was to leave than the transfer holds, or to arrive than is in transit."""

    code: ClassVar[str] = "more_than_transferred"
    message: ClassVar[str] = N_("Only {possible} of {wanted} are left to move on this transfer.")
    remedy: ClassVar[str] = N_("Record a surplus as an adjustment with the reason found.")

    sku_id: SkuId
    wanted: int
    possible: int


@dataclasses.dataclass(eq=False)
class CountNotFound(NotFound):
    """No such count."""

    code: ClassVar[str] = "count_not_found"
    message: ClassVar[str] = N_("There is no such count.")

    count_id: CountId


@dataclasses.dataclass(eq=False)
class InvalidCount(Invalid):
    """A count names at least one SKU, each once."""

    code: ClassVar[str] = "invalid_count"
    message: ClassVar[str] = N_("This count names no SKU, or one twice.")
    remedy: ClassVar[str] = N_("Name each SKU to be counted once.")


@dataclasses.dataclass(eq=False)
class CountedAlready(Conflict):
    """The SKU is on the list of a count of this location that is still open: what both found would be booked twice."""

    code: ClassVar[str] = "counted_already"
    message: ClassVar[str] = N_("This SKU is being counted at this location already.")
    remedy: ClassVar[str] = N_("Apply or cancel the count {count_id} first, or leave the SKU out.")

    sku_id: SkuId
    location_id: LocationId
    count_id: CountId


@dataclasses.dataclass(eq=False)
class CountEnded(Conflict):
    """The count was applied or canceled."""

    code: ClassVar[str] = "count_ended"
    message: ClassVar[str] = N_("This count is closed.")
    remedy: ClassVar[str] = N_("Open a new one.")

    count_id: CountId


@dataclasses.dataclass(eq=False)
class NotInCount(NotFound):
    """The SKU is not on the list of this count."""

    code: ClassVar[str] = "not_in_count"
    message: ClassVar[str] = N_("This SKU is not on the list of this count.")

    sku_id: SkuId


@dataclasses.dataclass(eq=False)
class CountNotSettled(Conflict):
    """Some SKUs are uncounted, or differ and were not counted again with the same difference."""

    code: ClassVar[str] = "count_not_settled"
    message: ClassVar[str] = N_("{uncounted} SKUs are not counted and {recount} must be counted again.")
    remedy: ClassVar[str] = N_("Count them; a difference counts when two rounds in a row agree on it.")

    uncounted: int
    recount: int


@dataclasses.dataclass(eq=False)
class RowsMissing(Invalid):
    """A form of rows came with all of them empty."""

    code: ClassVar[str] = "rows_missing"
    message: ClassVar[str] = N_("No SKU is named.")
    remedy: ClassVar[str] = N_("Fill in at least one row, or scan something.")


@dataclasses.dataclass(eq=False)
class RowWithoutSku(Invalid):
    """A row has a quantity and no SKU."""

    code: ClassVar[str] = "row_without_sku"
    message: ClassVar[str] = N_("This row needs a SKU.")
    remedy: ClassVar[str] = N_("Fill in both, or leave the whole row empty.")


@dataclasses.dataclass(eq=False)
class RowQuantityUnreadable(Invalid):
    """What stands in a row is no quantity."""

    code: ClassVar[str] = "row_quantity_unreadable"
    message: ClassVar[str] = N_("“{text}” is no quantity here.")
    remedy: ClassVar[str] = N_("Write a whole number of units, other than 0.")

    text: str
