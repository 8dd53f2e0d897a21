"""Decide where a parcel is by what its carrier has said, whatever the order in which it was heard."""

from collections.abc import Sequence

from jiedan.carriers.values import TrackingEvent
from jiedan.fulfillment import errors
from jiedan.fulfillment.rules.floor import Floor
from jiedan.fulfillment.rules.leaving import track
from jiedan.fulfillment.values import ParcelId, Report


def telling(events: Sequence[TrackingEvent]) -> TrackingEvent | None:
    """Return the event that says where a parcel is: its first delivery, else what happened last; None without any.

    Events that change no state do not tell. Of two at one moment the one heard later does.
    """
    told = sorted((x for x in events if x.state is not None), key=lambda x: (x.occurred_at, x.recorded_at, x.code))
    delivered = next((x for x in told if x.state == "delivered"), None)
    return delivered or (told[-1] if told else None)


def follow(floor: Floor, parcel_id: ParcelId, events: Sequence[TrackingEvent]) -> None:
    """Let a parcel be where its carrier says; said twice, or out of order, it comes to the same."""
    event = telling(events)
    if event is not None and event.state is not None:
        found, parcel = floor.find_parcel(parcel_id)
        track(floor, found, parcel, event.state, at=event.occurred_at)


def report(floor: Floor, wish: Report) -> Report:
    """Return what is told of a parcel with the moment it happened. Raises ParcelNotUnderWay, MomentOutOfRange."""
    _, parcel = floor.find_parcel(wish.parcel_id)
    if not parcel.is_under_way:
        raise errors.ParcelNotUnderWay(parcel.number, parcel.state)
    at = floor.at if wish.at is None else wish.at
    if at > floor.at or (parcel.shipped_at is not None and at < parcel.shipped_at):
        raise errors.MomentOutOfRange(at.isoformat(), field="at")
    return wish._replace(at=at)
