"""What a page shows of one fulfillment: its lines with names, notes and who read them, parcels, address."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from jiedan.base.db import ReadTx
from jiedan.base.web.pages import DEFAULT_TIME_ZONE
from jiedan.carriers import queries as carriers
from jiedan.carriers.queries import Tracking
from jiedan.customers.values import Address
from jiedan.fulfillment import errors, queries
from jiedan.fulfillment.queries import Acknowledged
from jiedan.fulfillment.rules import fetching
from jiedan.fulfillment.values import Fulfillment, FulfillmentLine, Parcel, ParcelId
from jiedan.inventory import queries as stock
from jiedan.orders import queries as orders
from jiedan.orders.queries import Details
from jiedan.orders.rules import derived, kits
from jiedan.orders.values import Line, LineId, Note, NoteId, Order, OrderId, OrderWithLines


class ShownLine(NamedTuple):
    """A line of the fulfillment with that of the order."""

    work: FulfillmentLine
    line: Line


class ShownParcel(NamedTuple):
    """A parcel with its lines, and where it is followed."""

    parcel: Parcel
    lines: tuple[tuple[Line, int], ...]
    url: str | None


class ShownNote(NamedTuple):
    """A note of the order, and who has read it here."""

    note: Note
    read: Acknowledged | None


class Shown(NamedTuple):
    """Everything a fulfillment's page shows."""

    fulfillment: Fulfillment
    order: Order
    location: str
    address: Address | None
    lines: list[ShownLine]
    parcels: list[ShownParcel]
    notes: list[ShownNote]
    hold_kinds: tuple[str, ...]
    days_late: int
    gifts: frozenset[LineId]
    kits: Mapping[LineId, Line]
    """Of what kit a line is a part, by the line."""

    @property
    def to_fetch(self) -> list[ShownLine]:
        """The lines in the order in which one person fetches them."""
        by_line = {x.line.line_id: x for x in self.lines}
        return [by_line[line.line_id] for line in fetching.as_fetched(x.line for x in self.lines)]

    @property
    def unread(self) -> int:
        """How many notes keep it from being packed."""
        return sum(x.read is None for x in self.notes)


async def shown(tx: ReadTx, fulfillment_id: UUID, *, time_zone: str = DEFAULT_TIME_ZONE) -> Shown:
    """Read everything about a fulfillment: fourteen statements at most. Raises FulfillmentNotFound."""
    found = await queries.fulfillment(tx, fulfillment_id)
    several = await of_orders(tx, [found.order_id], time_zone=time_zone)
    return next(x for x in several[found.order_id] if x.fulfillment.fulfillment_id == fulfillment_id)


async def of_orders(
    tx: ReadTx, order_ids: Collection[UUID], *, time_zone: str = DEFAULT_TIME_ZONE
) -> dict[OrderId, list[Shown]]:
    """Read everything about every fulfillment of some orders, in the order of their release.

    Twelve statements at most, however many they are; an order that there is not is absent.
    """
    known = await orders.orders(tx, order_ids)
    details = await orders.details(tx, list(known))
    loaded = await queries.of_orders(tx, list(known))
    places, tracking = await tx.load(stock.locations(), carriers.tracking())
    known_here = _Known(
        tracking, {x.location_id: x.name for x in places}, tx.now.astimezone(ZoneInfo(time_zone)).date()
    )
    found: dict[OrderId, list[Shown]] = {order_id: [] for order_id in known}
    for work in sorted(loaded.fulfillments.values(), key=lambda x: (x.released_at, x.sequence)):
        read = {x.note_id: x for x in loaded.acknowledged if x.fulfillment_id == work.fulfillment_id}
        found[work.order_id].append(_shown(work, known[work.order_id], details[work.order_id], read, known_here))
    return found


class _Known(NamedTuple):
    """What all pages have in common: where parcels are followed, the names of locations by id, the day it is."""

    tracking: Tracking
    names: Mapping[UUID, str]
    today: date


def _shown(
    found: Fulfillment, of: OrderWithLines, details: Details, read: Mapping[NoteId, Acknowledged], here: _Known
) -> Shown:
    order, lines = of
    line_by_id = {x.line_id: x for x in lines}
    return Shown(
        fulfillment=found,
        order=order,
        location=here.names[found.location_id],
        address=details.addresses.get("ship_to"),
        lines=sorted((ShownLine(x, line_by_id[x.line_id]) for x in found.lines), key=lambda x: kits.place(x.line)),
        parcels=[
            ShownParcel(
                x,
                tuple(sorted(((line_by_id[y.line_id], y.quantity) for y in x.lines), key=lambda y: kits.place(y[0]))),
                here.tracking.url(x.carrier, x.tracking_number),
            )
            for x in found.parcels
        ],
        notes=[ShownNote(x, read.get(x.note_id)) for x in details.notes if x.is_to_be_read],
        hold_kinds=tuple(x.kind for x in details.standing_holds),
        days_late=derived.days_late(order, today=here.today),
        gifts=gifts_of(lines),
        kits=kits_of(lines),
    )


def gifts_of(lines: Iterable[Line]) -> frozenset[LineId]:
    """Return which lines of an order are gifts, or parts of kits that are."""
    every = tuple(lines)
    given = {x.line for x in every if x.price_source == "gift"}
    return frozenset(x.line_id for x in every if x.line in given or x.parent_line in given)


def kits_of(lines: Iterable[Line]) -> dict[LineId, Line]:
    """Return the line of the kit that each line of an order is a part of; what is no part is absent."""
    every = {x.line: x for x in lines}
    return {x.line_id: every[x.parent_line] for x in every.values() if x.parent_line is not None}


async def of_parcel(tx: ReadTx, parcel_id: UUID, *, time_zone: str = DEFAULT_TIME_ZONE) -> tuple[Shown, ShownParcel]:
    """Read the fulfillment of a parcel. Raises ParcelNotFound."""
    found = (await queries.parcels(tx, [parcel_id])).get(ParcelId(parcel_id))
    if found is None:
        raise errors.ParcelNotFound(str(parcel_id))
    all_of_it = await shown(tx, found[0].fulfillment_id, time_zone=time_zone)
    return all_of_it, next(x for x in all_of_it.parcels if x.parcel.parcel_id == parcel_id)
