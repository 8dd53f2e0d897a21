"""What carriers say on the way: kept once, and parcels follow."""

import functools
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.carriers import queries as carriers
from jiedan.carriers import service as carrier_service
from jiedan.carriers.values import NewTrackingEvent
from jiedan.fulfillment import queries, saving
from jiedan.fulfillment.rules import Floor
from jiedan.fulfillment.rules.leaving import track
from jiedan.fulfillment.rules.tracking import follow, report
from jiedan.fulfillment.service.holding import hold
from jiedan.fulfillment.values import ParcelId, Report

HAND = "hand:"
"""What codes of events begin with that people tell themselves."""


class Heard(NamedTuple):
    """An event that was taken: whether it was new, and of how many parcels it speaks."""

    is_new: bool
    parcels: int


async def record_tracking(tx: Tx, *, events: Sequence[NewTrackingEvent]) -> list[Heard | Refusal]:
    """Keep what carriers say and let parcels follow: one outcome per event, in order: Heard or NotAMoment.

    Parcels are found by carrier and number; an event of an unknown number is kept for later. A delivered parcel
    delivers its lines. The same event twice, or events out of order, come to the same. Events that are heard before
    somebody says that the parcel has left are followed by `follow_numbers`.
    """
    numbers = {(x.carrier, x.number) for x in events}
    by_number = await queries.parcels_by_number(tx, numbers)
    floor = await hold(tx, parcel_ids=[parcel_id for of in by_number.values() for parcel_id in of])
    outcomes = await carrier_service.record_tracking(tx, events=events)
    await _follow(tx, floor, by_number)
    return [
        x if isinstance(x, Refusal) else Heard(x, len(by_number.get((event.carrier, event.number), ())))
        for x, event in zip(outcomes, events, strict=True)
    ]


async def follow_numbers(tx: Tx, *, numbers: Collection[tuple[str, str]]) -> int:
    """Let parcels be where their carriers have said already; return of how many numbers they had.

    For parcels that have just left: what is heard from now on finds them. One statement where nothing was said.
    """
    said = await carriers.tracking_events(tx, numbers)
    if said:
        by_number = await queries.parcels_by_number(tx, said)
        floor = await hold(tx, parcel_ids=[parcel_id for of in by_number.values() for parcel_id in of])
        await _follow(tx, floor, by_number)
    return len(said)


async def report_parcels(tx: Tx, *, reports: Sequence[Report]) -> list[ParcelId | Refusal]:
    """Keep what people tell of parcels on their way, and let the parcels follow: one outcome per report, in order.

    Of a parcel with a number it is kept like what its carrier says. Outcomes are the parcel's id, ParcelNotFound,
    ParcelNotUnderWay or MomentOutOfRange.
    """
    known = await queries.parcels(tx, {wish.parcel_id for wish in reports})
    number_by_parcel = {
        key: (parcel.carrier, parcel.tracking_number)
        for key, (_, parcel) in known.items()
        if parcel.carrier and parcel.tracking_number
    }
    by_number = await queries.parcels_by_number(tx, number_by_parcel.values())
    concerned = {*known, *(parcel_id for of in by_number.values() for parcel_id in of)}
    floor = await hold(tx, parcel_ids=concerned)
    told = [floor.attempt(functools.partial(report, floor, wish)) for wish in reports]
    heard = [
        NewTrackingEvent(*number_by_parcel[ParcelId(x.parcel_id)], HAND + x.state, x.at, x.state, x.text, x.place)
        for x in told
        if not isinstance(x, Refusal) and x.at is not None and x.parcel_id in number_by_parcel
    ]
    await carrier_service.record_tracking(tx, events=heard)
    for x in told:
        if not isinstance(x, Refusal) and x.at is not None and x.parcel_id not in number_by_parcel:
            track(floor, *floor.find_parcel(x.parcel_id), x.state, at=x.at)
    await _follow(tx, floor, by_number)
    return [x if isinstance(x, Refusal) else ParcelId(x.parcel_id) for x in told]


async def _follow(tx: Tx, floor: Floor, by_number: Mapping[tuple[str, str], Sequence[ParcelId]]) -> None:
    """Let held parcels be where their carriers say; read under their locks, so that nobody has heard more."""
    said = await carriers.tracking_events(tx, by_number)
    for number, parcel_ids in sorted(by_number.items()):
        for parcel_id in parcel_ids:
            follow(floor, parcel_id, said.get(number, ()))
    await saving.save(tx, floor)
