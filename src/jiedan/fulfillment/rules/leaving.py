"""Decide what leaves, what arrives, and what is collected at the location."""

import hashlib
import hmac
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

import msgspec

from jiedan.fulfillment import errors, events
from jiedan.fulfillment.rules.floor import Floor, quantities
from jiedan.fulfillment.values import (
    Collection,
    Delivery,
    Fulfillment,
    FulfillmentId,
    Paper,
    Parcel,
    ParcelId,
    ParcelState,
    Print,
    Readiness,
    Ship,
)
from jiedan.inventory.values import Owner, Shipment
from jiedan.orders.values import OWNER_KIND

HASH_BYTES = hashlib.sha256().digest_size
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""What a code to collect by is made of: nothing that looks like something else."""

CODE_LENGTH = 8
CODE_TRIES_MAX = 5
CODE_PAUSE = timedelta(minutes=15)


def ship(floor: Floor, wish: Ship) -> ParcelId:
    """Let a parcel leave: its goods leave the stock and the order.

    Raises ParcelNotWaiting, WorkStopped, HoldsWithdrawnGoods, NumberWithoutCarrier, ParcelHasLabel, MomentOutOfRange.
    """
    found, parcel = floor.find_parcel(wish.parcel_id)
    if not parcel.is_waiting:
        raise errors.ParcelNotWaiting(parcel.number, parcel.state)
    floor.check_going(found)
    at = _moment(floor, wish.at, not_before=None)
    labeled = _labeled(parcel, wish)
    made = leave(floor, found, labeled, at=at)
    parcel = next(x for x in made.parcels if x.parcel_id == parcel.parcel_id)
    floor.tell(
        events.ParcelShipped,
        made,
        at=at,
        parcel_id=parcel.parcel_id,
        parcel=parcel.number,
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
        lines=quantities(parcel.lines),
    )
    return parcel.parcel_id


def _labeled(parcel: Parcel, wish: Ship) -> Parcel:
    """Return the parcel with carrier and number as typed, or as its label says."""
    if wish.tracking_number and not (wish.carrier or parcel.carrier):
        raise errors.NumberWithoutCarrier(field="carrier")
    carrier = wish.carrier or parcel.carrier
    number = wish.tracking_number or parcel.tracking_number
    if parcel.tracking_number is not None and (carrier, number) != (parcel.carrier, parcel.tracking_number):
        raise errors.ParcelHasLabel(parcel.number, parcel.carrier or "", parcel.tracking_number)
    return msgspec.structs.replace(parcel, carrier=carrier, tracking_number=number)


def leave(floor: Floor, found: Fulfillment, parcel: Parcel, *, at: datetime) -> Fulfillment:
    """Take a parcel's goods out of the fulfillment, the order and the stock. Raises HoldsWithdrawnGoods."""
    by_line = dict(parcel.lines)
    lines = [x for x in found.lines if x.line_id in by_line]
    for line in lines:
        over = by_line[line.line_id] - line.open
        if over > 0:
            raise errors.HoldsWithdrawnGoods(parcel.number, line.line, over)
    made = floor.put_lines(found, [msgspec.structs.replace(x, shipped=x.shipped + by_line[x.line_id]) for x in lines])
    made = floor.put_parcel(made, msgspec.structs.replace(parcel, state="shipped", shipped_at=at))
    for line in lines:
        quantity = by_line[line.line_id]
        floor.record(made.order_id, line.line_id, allocated=-quantity, released=-quantity, shipped=quantity)
        floor.held[line.line_id, made.location_id] -= quantity
        floor.shipments.append(
            Shipment(
                Owner(OWNER_KIND, line.line_id),
                line.sku_id,
                made.location_id,
                quantity,
                f"parcel/{parcel.parcel_id}/{line.line_id}",
                made.number,
            )
        )
    return made


def deliver(floor: Floor, wish: Delivery) -> ParcelId:
    """Count a parcel as arrived. Raises ParcelNotUnderWay, MomentOutOfRange."""
    found, parcel = floor.find_parcel(wish.parcel_id)
    if not parcel.is_under_way:
        raise errors.ParcelNotUnderWay(parcel.number, parcel.state)
    at = _moment(floor, wish.at, not_before=parcel.shipped_at)
    made = arrive(floor, found, parcel, at=at)
    floor.tell(
        events.ParcelDelivered,
        made,
        at=at,
        parcel_id=parcel.parcel_id,
        parcel=parcel.number,
        lines=quantities(parcel.lines),
    )
    return parcel.parcel_id


def arrive(floor: Floor, found: Fulfillment, parcel: Parcel, *, at: datetime) -> Fulfillment:
    """Count what a parcel holds as delivered."""
    by_line = dict(parcel.lines)
    made = floor.put_parcel(found, msgspec.structs.replace(parcel, state="delivered", delivered_at=at))
    made = floor.put_lines(
        made,
        [
            msgspec.structs.replace(x, delivered=x.delivered + by_line[x.line_id])
            for x in made.lines
            if x.line_id in by_line
        ],
    )
    for line_id, quantity in parcel.lines:
        floor.record(made.order_id, line_id, delivered=quantity)
    return made


def track(floor: Floor, found: Fulfillment, parcel: Parcel, state: ParcelState, *, at: datetime) -> None:
    """Let a parcel be where its carrier says; delivered means that its goods have arrived.

    `state` is what the latest event says. A parcel that has not left, or has arrived, stays as it is.
    """
    if not parcel.is_under_way or parcel.state == state:
        return
    if state == "delivered":
        shipped_at = parcel.shipped_at or at
        deliver(floor, Delivery(parcel.parcel_id, min(max(at, shipped_at), floor.at)))
        return
    made = floor.put_parcel(found, msgspec.structs.replace(parcel, state=state))
    floor.tell(
        events.ParcelTracked, made, at=min(at, floor.at), parcel_id=parcel.parcel_id, parcel=parcel.number, state=state
    )


def put_label(floor: Floor, parcel_id: ParcelId, carrier: str, number: str) -> ParcelId:
    """Give a waiting parcel its carrier and number. Raises ParcelNotWaiting, ParcelHasLabel."""
    found, parcel = floor.find_unlabeled(parcel_id)
    made = floor.put_parcel(found, msgspec.structs.replace(parcel, carrier=carrier, tracking_number=number))
    floor.tell(
        events.ParcelLabeled,
        made,
        parcel_id=parcel_id,
        parcel=parcel.number,
        carrier=carrier,
        tracking_number=number,
    )
    return parcel_id


def print_paper(floor: Floor, wish: Print, *, seen: AbstractSet[tuple[ParcelId, Paper]]) -> ParcelId:
    """Count a paper of a parcel as printed; `seen` were before. Raises ParcelNotFound, AlreadyPrinted."""
    found, parcel = floor.find_parcel(wish.parcel_id)
    if wish.reason is None and (parcel.parcel_id, wish.document) in seen:
        raise errors.AlreadyPrinted(parcel.number, field="reason")
    floor.tell(
        events.ParcelPrinted,
        found,
        parcel_id=parcel.parcel_id,
        parcel=parcel.number,
        document=wish.document,
        cause=wish.reason or "",
    )
    return parcel.parcel_id


def _moment(floor: Floor, at: datetime | None, *, not_before: datetime | None) -> datetime:
    """Return when something happened. Raises MomentOutOfRange for the future, and for before what it follows."""
    if at is None:
        return floor.at
    if at > floor.at or (not_before is not None and at < not_before):
        raise errors.MomentOutOfRange(at.isoformat(), field="at")
    return at


def make_ready(floor: Floor, wish: Readiness, *, code: str, salt: bytes) -> FulfillmentId:
    """Let a packed fulfillment wait to be collected, under a new code. Raises NotPackedYet, WorkStopped."""
    found = floor.find(wish.fulfillment_id)
    floor.check_going(found)
    if found.status not in {"packed", "ready"}:
        raise errors.NotPackedYet(found.number)
    made = floor.put(
        msgspec.structs.replace(
            found,
            method="collect",
            ready_at=floor.at,
            code_salt=salt,
            code_hash=code_hash(code, salt),
            code_tries=0,
            code_locked_until=None,
        )
    )
    floor.tell(events.FulfillmentReady, made, location_id=made.location_id)
    return made.fulfillment_id


def collect(floor: Floor, wish: Collection) -> FulfillmentId | errors.CodeWrong | errors.CodeLocked:
    """Hand the goods over to whoever shows the code: they leave and arrive at once.

    A wrong code is an outcome, not raised, because it counts; after `CODE_TRIES_MAX` there is a pause. Raises NotReady,
    WorkStopped, HoldsWithdrawnGoods.
    """
    found = floor.find(wish.fulfillment_id)
    if found.status != "ready" or found.code_salt is None or found.code_hash is None:
        raise errors.NotReady(found.number)
    floor.check_going(found)
    if found.code_locked_until is not None and found.code_locked_until > floor.at:
        return errors.CodeLocked(found.number, found.code_locked_until.isoformat())
    if not _matches(wish.code, found.code_salt, found.code_hash):
        return _count_wrong(floor, found)
    made = found
    for parcel in [x for x in found.parcels if x.is_waiting]:
        made = leave(floor, made, parcel, at=floor.at)
        gone = next(x for x in made.parcels if x.parcel_id == parcel.parcel_id)
        made = arrive(floor, made, gone, at=floor.at)
    floor.tell(events.FulfillmentCollected, made, location_id=made.location_id)
    return made.fulfillment_id


def add_code(floor: Floor, wish: Readiness, *, code: str) -> FulfillmentId:
    """Let a fulfillment also be collected by another code, for the message that carries it. Raises NotReady.

    The first code, shown to whoever made it ready, goes on working; one that was added before ends.
    """
    found = floor.find(wish.fulfillment_id)
    if found.status != "ready" or found.code_salt is None or found.code_hash is None:
        raise errors.NotReady(found.number)
    first = found.code_hash[:HASH_BYTES]
    floor.put(msgspec.structs.replace(found, code_hash=first + code_hash(code, found.code_salt)))
    return found.fulfillment_id


def _matches(code: str, salt: bytes, hashes: bytes) -> bool:
    """Tell whether one of the hashes that stand in a row is that of the code."""
    given = code_hash(code, salt)
    kept = [hashes[i : i + HASH_BYTES] for i in range(0, len(hashes), HASH_BYTES)]
    return any([hmac.compare_digest(given, one) for one in kept])  # noqa: C419 - all are compared, whichever is right


def _count_wrong(floor: Floor, found: Fulfillment) -> errors.CodeWrong:
    tries = found.code_tries + 1
    is_over = tries >= CODE_TRIES_MAX
    floor.put(
        msgspec.structs.replace(
            found,
            code_tries=0 if is_over else tries,
            code_locked_until=floor.at + CODE_PAUSE if is_over else None,
        )
    )
    return errors.CodeWrong(found.number, CODE_TRIES_MAX, field="code")


def code_hash(code: str, salt: bytes) -> bytes:
    """Return the salted hash under which a code is kept; case and spaces do not matter."""
    return hashlib.sha256(salt + "".join(code.split()).upper().encode()).digest()
