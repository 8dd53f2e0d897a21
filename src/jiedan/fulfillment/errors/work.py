"""The ways the work with orders is refused. Quantities are stock units, ids texts."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_
from jiedan.fulfillment.values.words import WEIGHT_G_MAX


@dataclasses.dataclass(eq=False)
class FulfillmentNotFound(errors.NotFound):
    """No such fulfillment for this caller."""

    code: ClassVar[str] = "fulfillment_not_found"
    message: ClassVar[str] = N_("There is no fulfillment {fulfillment}.")

    fulfillment: str


@dataclasses.dataclass(eq=False)
class ParcelNotFound(errors.NotFound):
    """No such parcel for this caller."""

    code: ClassVar[str] = "parcel_not_found"
    message: ClassVar[str] = N_("There is no parcel {parcel}.")

    parcel: str


@dataclasses.dataclass(eq=False)
class NoLabel(errors.Conflict):
    """The parcel has no label of a carrier that Jiedan makes labels for."""

    code: ClassVar[str] = "no_label"
    message: ClassVar[str] = N_("Parcel {parcel} has no label.")
    remedy: ClassVar[str] = N_("Order a label from a carrier that makes labels.")

    parcel: str


@dataclasses.dataclass(eq=False)
class GateClosed(errors.Conflict):
    """What must be true before a location may pick is not true."""

    code: ClassVar[str] = "gate_closed"
    message: ClassVar[str] = N_("Order {number} cannot be released: {reasons}.")
    remedy: ClassVar[str] = N_("Ask for the order's release to see what each line waits for.")

    number: str
    reasons: str
    """Stable codes, separated by commas."""


@dataclasses.dataclass(eq=False)
class TooMuchToRelease(errors.Conflict):
    """A line has fewer units that could be released."""

    code: ClassVar[str] = "too_much_to_release"
    message: ClassVar[str] = N_("Of line {line}, {releasable} units can be released, not {quantity}.")
    remedy: ClassVar[str] = N_("Release fewer, or wait until stock is allocated.")

    line: int
    quantity: int
    releasable: int


@dataclasses.dataclass(eq=False)
class WorkStopped(errors.Conflict):
    """A hold stands on the order, or its money is not there any more."""

    code: ClassVar[str] = "work_stopped"
    message: ClassVar[str] = N_("Work on order {number} is stopped: {reasons}.")
    remedy: ClassVar[str] = N_("Lift the hold or see to the payment first.")

    number: str
    reasons: str


@dataclasses.dataclass(eq=False)
class LineNotReleased(errors.NotFound):
    """The fulfillment has no such line."""

    code: ClassVar[str] = "line_not_released"
    message: ClassVar[str] = N_("Fulfillment {number} has no line {line}.")
    remedy: ClassVar[str] = N_("Name lines by their number in the order.")

    number: str
    line: int


@dataclasses.dataclass(eq=False)
class LineRepeated(errors.Invalid):
    """A line stands twice where it may stand once."""

    code: ClassVar[str] = "line_repeated"
    message: ClassVar[str] = N_("Line {line} stands there twice.")
    remedy: ClassVar[str] = N_("Put the whole quantity into one row.")

    line: int


@dataclasses.dataclass(eq=False)
class TooMuchToPick(errors.Conflict):
    """Fewer units are still to be picked."""

    code: ClassVar[str] = "too_much_to_pick"
    message: ClassVar[str] = N_("Of line {line}, {left} units are still to be picked, not {quantity}.")
    remedy: ClassVar[str] = N_("Load the fulfillment again: somebody may have picked or canceled meanwhile.")

    line: int
    quantity: int
    left: int


@dataclasses.dataclass(eq=False)
class TooMuchToPack(errors.Conflict):
    """Fewer units are picked and not packed."""

    code: ClassVar[str] = "too_much_to_pack"
    message: ClassVar[str] = N_("Of line {line}, {left} picked units are not packed yet, not {quantity}.")
    remedy: ClassVar[str] = N_("Load the fulfillment again: somebody may have packed or canceled meanwhile.")

    line: int
    quantity: int
    left: int


@dataclasses.dataclass(eq=False)
class NothingToPack(errors.Conflict):
    """Nothing is picked that is not packed."""

    code: ClassVar[str] = "nothing_to_pack"
    message: ClassVar[str] = N_("Fulfillment {number} has nothing picked that is not packed.")
    remedy: ClassVar[str] = N_("Pick first.")

    number: str


@dataclasses.dataclass(eq=False)
class WeightOutOfRange(errors.Invalid):
    """A parcel's weight is zero, negative or absurd."""

    code: ClassVar[str] = "weight_out_of_range"
    message: ClassVar[str] = N_("A parcel weighs 1 to {weight_g_max} g, not {weight_g}.")
    remedy: ClassVar[str] = N_("Weigh it in grams.")

    weight_g: int
    weight_g_max: int = WEIGHT_G_MAX


@dataclasses.dataclass(eq=False)
class NotesUnread(errors.Conflict):
    """The order has notes that nobody at the location has acknowledged."""

    code: ClassVar[str] = "notes_unread"
    message: ClassVar[str] = N_("Order {number} has {notes} notes that must be read before it is packed.")
    remedy: ClassVar[str] = N_("Read them and acknowledge them.")

    number: str
    notes: int


@dataclasses.dataclass(eq=False)
class NothingToAcknowledge(errors.Conflict):
    """Every note of the order is acknowledged, or it has none."""

    code: ClassVar[str] = "nothing_to_acknowledge"
    message: ClassVar[str] = N_("Fulfillment {number} has no unread notes.")
    remedy: ClassVar[str] = N_("Nothing is left to do; load it again.")

    number: str


@dataclasses.dataclass(eq=False)
class TooMuchToPutBack(errors.Conflict):
    """Fewer picked units were withdrawn."""

    code: ClassVar[str] = "too_much_to_put_back"
    message: ClassVar[str] = N_("Of line {line}, {left} unpacked units are to be put back, not {quantity}.")
    remedy: ClassVar[str] = N_("Unpack the parcel they are in first.")

    line: int
    quantity: int
    left: int


@dataclasses.dataclass(eq=False)
class ParcelNotWaiting(errors.Conflict):
    """The parcel has left, or was unpacked."""

    code: ClassVar[str] = "parcel_not_waiting"
    message: ClassVar[str] = N_("Parcel {parcel} is {state}.")
    remedy: ClassVar[str] = N_("Only a packed parcel can leave or be unpacked.")

    parcel: str
    state: str


@dataclasses.dataclass(eq=False)
class HoldsWithdrawnGoods(errors.Conflict):
    """The parcel holds units that the order has given up meanwhile."""

    code: ClassVar[str] = "holds_withdrawn_goods"
    message: ClassVar[str] = N_("Parcel {parcel} holds {quantity} units of line {line} that are not wanted any more.")
    remedy: ClassVar[str] = N_("Unpack it, put back what was canceled and pack the rest.")

    parcel: str
    line: int
    quantity: int


@dataclasses.dataclass(eq=False)
class NumberWithoutCarrier(errors.Invalid):
    """A tracking number was given, but not whose."""

    code: ClassVar[str] = "number_without_carrier"
    message: ClassVar[str] = N_("A tracking number needs its carrier.")
    remedy: ClassVar[str] = N_("Send the carrier, too.")


@dataclasses.dataclass(eq=False)
class ParcelHasLabel(errors.Conflict):
    """The parcel has a label that says otherwise."""

    code: ClassVar[str] = "parcel_has_label"
    message: ClassVar[str] = N_("Parcel {parcel} has the label {tracking_number} of {carrier}.")
    remedy: ClassVar[str] = N_("Ship it as its label says, or unpack it and pack it again.")

    parcel: str
    carrier: str
    tracking_number: str


@dataclasses.dataclass(eq=False)
class WeightMissing(errors.Conflict):
    """A carrier wants to know what a parcel weighs."""

    code: ClassVar[str] = "weight_missing"
    message: ClassVar[str] = N_("Nobody has weighed parcel {parcel}.")
    remedy: ClassVar[str] = N_("Unpack it, and pack it again with its weight.")

    parcel: str


@dataclasses.dataclass(eq=False)
class AddressMissing(errors.Conflict):
    """Nobody knows where the parcel goes."""

    code: ClassVar[str] = "address_missing"
    message: ClassVar[str] = N_("Order {number} has no shipping address.")
    remedy: ClassVar[str] = N_("Let the goods be collected, or ship them without a label.")

    number: str


@dataclasses.dataclass(eq=False)
class MomentOutOfRange(errors.Invalid):
    """Something cannot have happened then."""

    code: ClassVar[str] = "moment_out_of_range"
    message: ClassVar[str] = N_("It cannot have happened at {at}.")
    remedy: ClassVar[str] = N_("Send a moment that is not in the future, and not before what it follows.")

    at: str


@dataclasses.dataclass(eq=False)
class ParcelNotUnderWay(errors.Conflict):
    """The parcel has not left, or has arrived."""

    code: ClassVar[str] = "parcel_not_under_way"
    message: ClassVar[str] = N_("Parcel {parcel} is {state}.")
    remedy: ClassVar[str] = N_("Only a parcel that has left and not arrived can be delivered.")

    parcel: str
    state: str


@dataclasses.dataclass(eq=False)
class NotPackedYet(errors.Conflict):
    """Something is still to be picked or packed, or nothing waits."""

    code: ClassVar[str] = "not_packed_yet"
    message: ClassVar[str] = N_("Fulfillment {number} is not packed, so nothing can be collected.")
    remedy: ClassVar[str] = N_("Pick and pack all of it first.")

    number: str


@dataclasses.dataclass(eq=False)
class NotReady(errors.Conflict):
    """Nothing waits to be collected."""

    code: ClassVar[str] = "not_ready"
    message: ClassVar[str] = N_("Fulfillment {number} does not wait to be collected.")
    remedy: ClassVar[str] = N_("Make it ready first.")

    number: str


@dataclasses.dataclass(eq=False)
class CodeWrong(errors.Conflict):
    """The code is not the one of these goods."""

    code: ClassVar[str] = "code_wrong"
    message: ClassVar[str] = N_("This is not the code of fulfillment {number}.")
    remedy: ClassVar[str] = N_("Look at it again; after {tries_max} wrong codes there is a pause.")

    number: str
    tries_max: int


@dataclasses.dataclass(eq=False)
class CodeLocked(errors.Conflict):
    """Too many wrong codes were shown."""

    code: ClassVar[str] = "code_locked"
    message: ClassVar[str] = N_("Too many wrong codes were shown for fulfillment {number}.")
    remedy: ClassVar[str] = N_("Wait until {until}, or make a new code.")

    number: str
    until: str


@dataclasses.dataclass(eq=False)
class DaysOutOfRange(errors.Invalid):
    """Days of handling are negative, absurd, or the careful number is below the usual one."""

    code: ClassVar[str] = "days_out_of_range"
    message: ClassVar[str] = N_("The days of {location} must be 0 to {days_max}, the first not above the second.")
    remedy: ClassVar[str] = N_("Send the days that half of the orders take, and those that nine of ten take.")

    location: str
    days_max: int


@dataclasses.dataclass(eq=False)
class ParcelsWait(errors.Conflict):
    """Part of the goods is packed already, so they cannot all leave in one go."""

    code: ClassVar[str] = "parcels_wait"
    message: ClassVar[str] = N_("Work on order {number} has begun: {fulfillment} is {status}.")
    remedy: ClassVar[str] = N_("Pick, pack and ship the rest step by step.")

    number: str
    fulfillment: str
    status: str


@dataclasses.dataclass(eq=False)
class LocationUntold(errors.Invalid):
    """Goods of imported history left nobody knows where: neither the shipment nor the order names a location."""

    code: ClassVar[str] = "location_untold"
    message: ClassVar[str] = N_("Nothing says which location line {line} of order {number} left.")
    remedy: ClassVar[str] = N_("Name the location it left.")

    number: str
    line: int
