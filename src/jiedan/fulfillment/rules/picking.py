"""Decide what is taken from the shelf, packed, opened again and put back, and who has read the notes."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from jiedan.fulfillment import errors, events
from jiedan.fulfillment.rules.floor import Floor, quantities
from jiedan.fulfillment.values import (
    Acknowledgement,
    Fulfillment,
    FulfillmentId,
    FulfillmentLine,
    Pack,
    Parcel,
    ParcelId,
    ParcelLine,
    Pick,
    PutBack,
    Unpack,
)
from jiedan.fulfillment.values.words import WEIGHT_G_MAX
from jiedan.orders.values import LineQuantity


def pick(floor: Floor, wish: Pick) -> FulfillmentId:
    """Count units as picked. Raises FulfillmentNotFound, LineNotReleased, WorkStopped, TooMuchToPick."""
    found = floor.find(wish.fulfillment_id)
    line = line_of(found, wish.line)
    floor.check_going(found)
    if not 0 < wish.quantity <= line.to_pick:
        raise errors.TooMuchToPick(line.line, wish.quantity, line.to_pick, field="quantity")
    made = floor.put_lines(found, [msgspec.structs.replace(line, picked=line.picked + wish.quantity)])
    floor.tell(events.LinesPicked, made, lines=quantities([(line.line_id, wish.quantity)]))
    return made.fulfillment_id


def pick_all(floor: Floor, found: Fulfillment, *, at: datetime | None = None) -> Fulfillment:
    """Count everything that is still to be picked as picked; `at` where it was not just now."""
    missing = [x for x in found.lines if x.to_pick]
    if not missing:
        return found
    made = floor.put_lines(found, [msgspec.structs.replace(x, picked=x.picked + x.to_pick) for x in missing])
    floor.tell(events.LinesPicked, made, at=at, lines=quantities((x.line_id, x.to_pick) for x in missing))
    return made


def line_of(found: Fulfillment, number: int) -> FulfillmentLine:
    """Return a fulfillment's line by its number in the order. Raises LineNotReleased."""
    for line in found.lines:
        if line.line == number:
            return line
    raise errors.LineNotReleased(found.number, number, field="line")


def put_back(floor: Floor, wish: PutBack) -> FulfillmentId:
    """Count withdrawn units as back on the shelf. Raises LineNotReleased, TooMuchToPutBack.

    They never left the stock counters, so nothing changes there; what is in a parcel is unpacked first.
    """
    found = floor.find(wish.fulfillment_id)
    line = line_of(found, wish.line)
    left = min(line.to_put_back, line.picked - line.packed)
    if not 0 < wish.quantity <= left:
        raise errors.TooMuchToPutBack(line.line, wish.quantity, left, field="quantity")
    made = floor.put_lines(found, [msgspec.structs.replace(line, picked=line.picked - wish.quantity)])
    floor.tell(events.GoodsPutBack, made, lines=quantities([(line.line_id, wish.quantity)]))
    return made.fulfillment_id


def acknowledge(floor: Floor, wish: Acknowledgement) -> FulfillmentId:
    """Note that whoever sends it has read the notes of the order. Raises NothingToAcknowledge."""
    found = floor.find(wish.fulfillment_id)
    unread = floor.acknowledge(found)
    if not unread:
        raise errors.NothingToAcknowledge(found.number)
    floor.tell(events.NotesAcknowledged, found, note_ids=tuple(unread))
    return found.fulfillment_id


def pack(floor: Floor, wish: Pack, *, parcel_id: ParcelId) -> ParcelId:
    """Fill a box with picked units.

    Raises WorkStopped, NotesUnread, LineNotReleased, LineRepeated, TooMuchToPack, NothingToPack, WeightOutOfRange.
    """
    found = floor.find(wish.fulfillment_id)
    floor.check_going(found)
    unread = floor.unread(found)
    if unread:
        raise errors.NotesUnread(floor.orders[found.order_id].order.number, len(unread))
    if wish.weight_g is not None and not 0 < wish.weight_g <= WEIGHT_G_MAX:
        raise errors.WeightOutOfRange(wish.weight_g, field="weight_g")
    return fill(floor, found, _contents(found, wish.lines), parcel_id=parcel_id, weight_g=wish.weight_g, box=wish.box)


def _contents(found: Fulfillment, lines: Sequence[LineQuantity] | None) -> list[tuple[FulfillmentLine, int]]:
    if lines is None:
        chosen = [(x, x.to_pack) for x in found.lines if x.to_pack]
        if not chosen:
            raise errors.NothingToPack(found.number)
        return chosen
    chosen = []
    for i, (number, quantity) in enumerate(lines):
        line = line_of(found, number)
        if any(x.line == number for x, _ in chosen):
            raise errors.LineRepeated(number, field=f"lines[{i}].line")
        if not 0 < quantity <= line.to_pack:
            raise errors.TooMuchToPack(number, quantity, line.to_pack, field=f"lines[{i}].quantity")
        chosen.append((line, quantity))
    if not chosen:
        raise errors.NothingToPack(found.number)
    return chosen


def fill(
    floor: Floor,
    found: Fulfillment,
    contents: Sequence[tuple[FulfillmentLine, int]],
    *,
    parcel_id: ParcelId,
    weight_g: int | None,
    box: str | None = None,
    at: datetime | None = None,
) -> ParcelId:
    """Put decided contents into a new parcel; `at` where it was not just now."""
    sequence = max((x.sequence for x in found.parcels), default=0) + 1
    parcel = Parcel(
        parcel_id=parcel_id,
        fulfillment_id=found.fulfillment_id,
        sequence=sequence,
        number=f"{found.number}-P{sequence}",
        state="packed",
        weight_g=weight_g,
        box=box,
        carrier=None,
        tracking_number=None,
        packed_at=at or floor.at,
        shipped_at=None,
        delivered_at=None,
        unpacked_at=None,
        lines=tuple(ParcelLine(line.line_id, quantity) for line, quantity in contents),
    )
    made = floor.put_parcel(found, parcel)
    made = floor.put_lines(made, [msgspec.structs.replace(x, packed=x.packed + quantity) for x, quantity in contents])
    floor.tell(
        events.ParcelPacked,
        made,
        at=at,
        parcel_id=parcel_id,
        parcel=parcel.number,
        weight_g=weight_g,
        lines=quantities(parcel.lines),
    )
    return parcel_id


def unpack(floor: Floor, wish: Unpack) -> ParcelId:
    """Open a parcel that has not left: what it holds is picked and not packed again. Raises ParcelNotWaiting."""
    found, parcel = floor.find_parcel(wish.parcel_id)
    if not parcel.is_waiting:
        raise errors.ParcelNotWaiting(parcel.number, parcel.state)
    made = floor.put_parcel(found, msgspec.structs.replace(parcel, state="unpacked", unpacked_at=floor.at))
    by_line = dict(parcel.lines)
    made = floor.put_lines(
        made,
        [msgspec.structs.replace(x, packed=x.packed - by_line[x.line_id]) for x in made.lines if x.line_id in by_line],
    )
    if made.ready_at is not None:  # what waits to be collected is whole, or does not wait
        made = floor.put(msgspec.structs.replace(made, ready_at=None, code_salt=None, code_hash=None))
    floor.tell(events.ParcelUnpacked, made, parcel_id=parcel.parcel_id, parcel=parcel.number)
    return parcel.parcel_id
