"""REST of parcels: pack, open again, ship, deliver, hand over."""

from typing import Any
from uuid import UUID

from litestar import get, post

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, accepted
from jiedan.base.web.unit import Unit
from jiedan.fulfillment import errors, queries, service
from jiedan.fulfillment.api import views
from jiedan.fulfillment.api.shapes import (
    CollectionBody,
    DeliveriesBody,
    FulfillmentsBody,
    FulfillmentView,
    OrderRow,
    OrderShipmentBody,
    OrderShipmentsBody,
    PacksBody,
    ParcelRow,
    ParcelsBody,
    ParcelView,
    ReadyRow,
    ShipsBody,
)
from jiedan.fulfillment.values import (
    Collection,
    Delivery,
    OrderShipment,
    Pack,
    ParcelId,
    Readiness,
    Ship,
    Take,
    Unpack,
)
from jiedan.inventory import errors as stock_errors
from jiedan.inventory import queries as stock
from jiedan.orders.values import LineQuantity


@get("/parcels/{parcel_id:uuid}", permission="fulfillment:read", summary="Get a parcel")
async def get_parcel(unit: Unit, parcel_id: UUID) -> ParcelView:
    """Return one parcel: what it holds, with whom it travels, where it is."""
    async with unit.read() as tx:
        found = (await queries.parcels(tx, [parcel_id])).get(ParcelId(parcel_id))
        if found is None:
            raise errors.ParcelNotFound(str(parcel_id))
        shown = await views.book(tx, [found[0].order_id])
    return shown.parcel(found[1])


@post("/parcels", permission="fulfillment:pack", status_code=200, idempotent=True, summary="Pack parcels")
async def pack_parcels(unit: Unit, data: PacksBody) -> list[ParcelRow]:
    """Fill boxes with picked units: one outcome each, in order. The order's notes must have been acknowledged."""
    packs = [
        Pack(
            x.fulfillment_id,
            None if x.lines is None else tuple(LineQuantity(y.line, y.quantity) for y in x.lines),
            x.weight_g,
            views.keyed(unit, x.key, i),
        )
        for i, x in enumerate(data.items)
    ]
    return await views.parcel_rows(unit, await unit.write(lambda tx: service.pack_parcels(tx, packs=packs)))


@post("/parcels/unpackings", permission="fulfillment:pack", status_code=200, summary="Unpack parcels")
async def unpack_parcels(unit: Unit, data: ParcelsBody) -> list[ParcelRow]:
    """Open parcels that have not left; what they hold is picked and not packed again."""
    wishes = [Unpack(x) for x in data.parcel_ids]
    return await views.parcel_rows(
        unit, await unit.write(lambda tx: service.unpack_parcels(tx, wishes=wishes)), within="parcel_ids"
    )


@post("/parcels/shipments", permission="fulfillment:ship", status_code=200, summary="Ship parcels")
async def ship_parcels(unit: Unit, data: ShipsBody) -> list[ParcelRow]:
    """Let parcels leave, with a carrier and its number or as their labels say: one outcome each, in order."""
    wishes = [Ship(x.parcel_id, x.carrier, x.tracking_number, x.at) for x in data.items]
    return await views.parcel_rows(unit, await unit.write(lambda tx: service.ship_parcels(tx, wishes=wishes)))


@post("/parcels/deliveries", permission="fulfillment:deliver", status_code=200, summary="Record deliveries")
async def deliver_parcels(unit: Unit, data: DeliveriesBody) -> list[ParcelRow]:
    """Count parcels as arrived: one outcome each, in order. An order that is done and settled completes."""
    wishes = [Delivery(x.parcel_id, x.at) for x in data.items]
    return await views.parcel_rows(unit, await unit.write(lambda tx: service.deliver_parcels(tx, wishes=wishes)))


@post("/fulfillments/ready", permission="fulfillment:ship", status_code=200, summary="Make goods ready to collect")
async def make_ready(unit: Unit, data: FulfillmentsBody) -> list[ReadyRow]:
    """Let packed goods wait at the location; each gets a new code, shown in this answer only."""
    wishes = [Readiness(x) for x in data.fulfillment_ids]
    outcomes = await unit.write(lambda tx: service.make_ready(tx, wishes=wishes))
    async with unit.read() as tx:
        owners = await queries.orders_of(tx, fulfillment_ids=[x.fulfillment_id for x in views.done(outcomes)])
        shown = await views.book(tx, set(owners.values()))
    return [
        ReadyRow(problem=views.refused(unit, x, f"fulfillment_ids[{i}]"))
        if isinstance(x, Refusal)
        else ReadyRow(shown.fulfillment(shown.fulfillments[x.fulfillment_id]), x.code)
        for i, x in enumerate(outcomes)
    ]


@post(
    "/fulfillments/{fulfillment_id:uuid}/collection",
    permission="fulfillment:ship",
    status_code=200,
    summary="Hand goods over",
)
async def collect(unit: Unit, fulfillment_id: UUID, data: CollectionBody) -> FulfillmentView:
    """Hand goods over to whoever shows their code; after five wrong ones there is a pause of 15 minutes."""
    wish = Collection(fulfillment_id, data.code)
    # A wrong code must count, so the refusal is raised after the commit.
    outcomes = await unit.write(lambda tx: service.collect_fulfillments(tx, wishes=[wish]))
    accepted(outcomes)
    async with unit.read() as tx:
        found = await queries.fulfillment(tx, fulfillment_id)
        shown = await views.book(tx, [found.order_id])
    return shown.fulfillment(found)


@post(
    "/orders/shipments",
    permission="fulfillment:ship",
    status_code=200,
    idempotent=True,
    summary="Ship orders in one go",
)
async def ship_orders(unit: Unit, data: OrderShipmentsBody) -> list[OrderRow]:
    """Release, pick, pack and ship goods of orders at once, one parcel per location: one outcome each, in order."""

    async def work(tx: Tx) -> Any:
        places = {x.code: x.location_id for x in await tx.load_one(stock.locations())}
        wishes = [_wish(unit, i, x, places) for i, x in enumerate(data.items)]
        return await service.ship_orders(tx, wishes=wishes)

    return await views.order_rows(unit, await unit.write(work))


def _wish(unit: Unit, number: int, item: OrderShipmentBody, places: Any) -> OrderShipment:
    for i, line in enumerate(item.lines or ()):
        if line.location is not None and line.location not in places:
            raise stock_errors.UnknownLocation(line.location, field=f"items[{number}].lines[{i}].location")
    takes = tuple(
        Take(x.line, x.quantity, places[x.location] if x.location is not None else None) for x in item.lines or ()
    )
    return OrderShipment(
        item.order_id,
        takes or None,
        item.carrier,
        item.tracking_number,
        item.weight_g,
        item.at,
        item.delivered_at,
        views.keyed(unit, item.key, number),
    )


HANDLERS: tuple[Any, ...] = (
    get_parcel,
    pack_parcels,
    unpack_parcels,
    ship_parcels,
    deliver_parcels,
    make_ready,
    collect,
    ship_orders,
)
