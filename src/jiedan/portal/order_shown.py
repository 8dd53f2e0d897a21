"""Everything that a customer's page of an order shows, read from the modules that know it."""

import functools
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from jiedan.base.db import ReadTx
from jiedan.base.web import route_map
from jiedan.base.web.route_map import Picture
from jiedan.base.web.unit import Unit
from jiedan.carriers import queries as carriers
from jiedan.carriers.values import Account
from jiedan.cases import queries as cases
from jiedan.catalog import queries as catalog
from jiedan.fulfillment import queries as fulfillment
from jiedan.fulfillment.queries import Box, Route, Way
from jiedan.fulfillment.values import signs
from jiedan.fulfillment.values.signs import Sign
from jiedan.inventory import queries as stock
from jiedan.inventory.values import Location
from jiedan.orders.rules import taxing
from jiedan.orders.values import CUSTOMER_REQUEST, Line
from jiedan.payments import queries as payments
from jiedan.payments.values import Entry as LedgerEntry
from jiedan.payments.values import Payment
from jiedan.portal import order_due, order_lines, order_steps, order_tenders, order_windows, pictures, savings
from jiedan.portal.order_due import Due
from jiedan.portal.order_entry import Entry
from jiedan.portal.order_lines import ShownLine
from jiedan.portal.order_steps import Moments, Step
from jiedan.portal.order_windows import Windows
from jiedan.portal.savings import Told
from jiedan.pricing.values import TaxRow

MAPS_MAX = 2
"""Parcels whose way is drawn, the latest; of each what happened is listed."""

PICTURES_KEPT_MAX = 256
"""Drawn ways that a process remembers."""

CUSTOMERS = frozenset({"customer", "guest"})
"""Who writes what customers may read of a request."""


class ShownParcel(NamedTuple):
    """A parcel: its place among all, its carrier's name, where it is followed, its way, and what is in it.

    Without pictures too few places of the way are known, or it is not drawn here.
    """

    place: int
    box: Box
    sign: Sign
    carrier: str
    link: str | None
    route: Route
    pictures: Sequence[Picture]
    goods: Sequence[tuple[str, int]]


class Asked(NamedTuple):
    """What the customer has asked staff for, and whether that is still open."""

    text: str
    written_at: datetime
    is_open: bool


class Shown(NamedTuple):
    """Everything that the page shows; `place` is where the order is collected, `ready` what lies there.

    `endings` tell how the codes of gift cards end, by the reference of their payments. `taxes` is its tax by rate,
    where that is known and says more than the sum.
    """

    lines: Sequence[ShownLine]
    fees: Sequence[Line]
    sign: Sign
    steps: Sequence[Step]
    parcels: Sequence[ShownParcel]
    ready: Sequence[Way]
    place: Location | None
    due: Due
    payments: Sequence[Payment]
    endings: Mapping[str, str]
    received_minor: int
    windows: Windows
    asked: Sequence[Asked]
    moments: Moments
    told: Told
    taxes: Sequence[TaxRow]


async def shown(unit: Unit, tx: ReadTx, entry: Entry) -> Shown:
    """Read everything about an order. Some twenty statements beside those that let its customer in."""
    found, order = entry.found, entry.found.order
    locations, every, accounts, skus = await tx.load(
        stock.locations(),
        fulfillment.ways(order.order_id),
        carriers.carriers(),
        catalog.skus_by_id([x.sku_id for x in found.lines if x.sku_id is not None]),
    )
    ways = [way for way in every if way.status != "canceled"]
    at_work = list((await fulfillment.of_orders(tx, [order.order_id])).fulfillments.values())
    tenders = await tx.load_one(payments.payments_with_entries(order.order_id))
    made = [payment for payment, _ in tenders]
    told = await savings.of_order(tx, unit, entry.who, order)
    is_collected = entry.is_collected
    moments = _moments(ways, [x for _, entries in tenders for x in entries])
    parcels = await _parcels(unit, tx, entry, ways=ways, locations=locations, accounts=accounts)
    contents = order_lines.inside(found, at_work)
    inside = order_lines.places_by_line(at_work, {x.box.parcel_id: x.place for x in parcels})
    return Shown(
        lines=order_lines.shown_lines(
            found, skus, await pictures.of_skus(tx, entry.who, skus), inside, is_collected=is_collected
        ),
        fees=[x for x in found.lines if x.kind == "fee" and x.ordered > x.canceled],
        sign=order_steps.sign_of(order, ways, is_collected=is_collected),
        steps=order_steps.steps(order, ways, moments, is_collected=is_collected),
        parcels=[x._replace(goods=contents[x.box.parcel_id]) for x in parcels],
        ready=[way for way in ways if way.status == "ready"],
        place=next((x for x in locations if is_collected and x.location_id == order.requested_location_id), None),
        due=await order_due.due(
            unit, tx, entry.who, order, made, is_collected=is_collected, agreed=told.payment_methods
        ),
        payments=made,
        endings=await order_tenders.endings(tx, made),
        received_minor=order.captured_minor - order.refunded_minor - order.charged_back_minor,
        windows=order_windows.windows(found, order_windows.picked(at_work), entry.who.storefront),
        asked=await _asked(tx, order.order_id),
        moments=moments,
        told=told,
        taxes=taxing.told(taxing.table(found.lines)),
    )


def _moments(ways: Sequence[Way], ledger: Sequence[LedgerEntry]) -> Moments:
    boxes = [box for way in ways for box in way.boxes]
    arrived = [box.delivered_at for box in boxes if box.delivered_at is not None]
    return Moments(
        paid_at=max((x.occurred_at for x in ledger if x.kind in {"authorization", "capture"}), default=None),
        shipped_at=max((box.shipped_at for box in boxes if box.shipped_at is not None), default=None),
        delivered_at=max(arrived) if arrived and len(arrived) == len(boxes) else None,
    )


async def _parcels(
    unit: Unit,
    tx: ReadTx,
    entry: Entry,
    *,
    ways: Sequence[Way],
    locations: Sequence[Location],
    accounts: Mapping[str, Account],
) -> list[ShownParcel]:
    """Return the parcels that are packed or have left, oldest first. Two statements."""
    order = entry.found.order
    address = entry.details.addresses.get("ship_to")
    found = await fulfillment.routes(
        tx, ways=ways, address=address, places=locations, locale=unit.locale, due_on=order.promised_p90_on
    )
    drawn = set(list(found)[-MAPS_MAX:])
    tracking = carriers.Tracking(accounts)
    boxes = [box for way in ways if way.method == "ship" for box in way.boxes]
    return [
        ShownParcel(
            place=place,
            box=box,
            sign=signs.PARCEL_SIGNS[box.state],
            carrier=_carrier(box, accounts),
            link=tracking.url(box.carrier, box.tracking_number),
            route=found.get(box.parcel_id, ()),
            pictures=_pictures(found[box.parcel_id]) if box.parcel_id in drawn else (),
            goods=(),
        )
        for place, box in enumerate(boxes, start=1)
    ]


def _carrier(box: Box, accounts: Mapping[str, Account]) -> str:
    """Return what a carrier is called; one that was only typed is called so."""
    known = accounts.get(box.carrier or "")
    return known.name if known is not None else box.carrier or ""


@functools.lru_cache(maxsize=PICTURES_KEPT_MAX)
def _pictures(steps: Route) -> tuple[Picture, ...]:
    """Return how a way is drawn, which takes most of the page's time; it changes only with its stops."""
    return route_map.pictures(steps)


async def _asked(tx: ReadTx, order_id: UUID) -> list[Asked]:
    """Return what the customer has asked for, oldest first; what staff note down is not for them. Two statements."""
    found = {x.case_id: x for x in await cases.cases_about(tx, [order_id]) if x.kind == CUSTOMER_REQUEST}
    if not found:
        return []
    notes = await cases.notes_of(tx, list(found))
    return [
        Asked(note.text, note.written_at, found[note.case_id].state == "open")
        for of in notes.values()
        for note in sorted(of, key=lambda x: x.written_at)
        if note.author.kind in CUSTOMERS
    ]
