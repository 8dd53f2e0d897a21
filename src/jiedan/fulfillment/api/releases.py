"""REST of releases: why an order may go or not, and telling locations to pick."""

from typing import Any
from uuid import UUID

from litestar import get, post

from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import accepted
from jiedan.base.web.unit import Unit
from jiedan.fulfillment import service
from jiedan.fulfillment.api import views
from jiedan.fulfillment.api.shapes import FulfillmentView, GateView, OrderRow, ReleaseBody, ReleaseManyBody
from jiedan.fulfillment.values import ReleaseRequest
from jiedan.inventory import errors as stock_errors
from jiedan.inventory import queries as stock
from jiedan.orders import queries as orders
from jiedan.orders.values import LineQuantity, OrderId


@get("/orders/{order_id:uuid}/release", permission="fulfillment:read", summary="Explain an order's release")
async def explain_release(unit: Unit, order_id: UUID) -> GateView:
    """Return whether the order may go: its terms, its holds, and line by line what is released and what waits."""
    async with unit.read() as tx:
        return GateView(order_id, await service.explain(tx, order_id=order_id))


@get("/orders/{order_id:uuid}/fulfillments", permission="fulfillment:read", summary="List an order's fulfillments")
async def list_of_order(unit: Unit, order_id: UUID) -> list[FulfillmentView]:
    """Return the fulfillments of an order whole, oldest first."""
    async with unit.read() as tx:
        await orders.order(tx, order_id)
        shown = await views.book(tx, [order_id])
    return [shown.fulfillment(x) for x in shown.fulfillments.values()]


@post(
    "/orders/{order_id:uuid}/releases",
    permission="fulfillment:release",
    status_code=200,
    idempotent=True,
    summary="Release an order",
)
async def release_order(unit: Unit, order_id: UUID, data: ReleaseBody) -> list[FulfillmentView]:
    """Tell locations to pick what is allocated; the gate must be open. Orders are released by themselves, too."""
    lines = None if data.lines is None else tuple(LineQuantity(x.line, x.quantity) for x in data.lines)
    key = unit.idempotency_key

    async def work(tx: Tx) -> list[Any]:
        place = await location_id(tx, data.location)
        request = ReleaseRequest(order_id, lines, place, data.method, key)
        return list(await service.release_orders(tx, requests=[request]))

    accepted(await unit.write(work))
    async with unit.read() as tx:
        shown = await views.book(tx, [order_id])
    return [shown.fulfillment(x) for x in shown.fulfillments.values()]


@post("/orders/releases", permission="fulfillment:release", status_code=200, summary="Release many orders")
async def release_orders(unit: Unit, data: ReleaseManyBody) -> list[OrderRow]:
    """Tell locations to pick what is allocated of these orders: one outcome each, in order."""
    requests = [ReleaseRequest(OrderId(order_id)) for order_id in data.order_ids]
    return await views.order_rows(
        unit, await unit.write(lambda tx: service.release_orders(tx, requests=requests)), within="order_ids"
    )


async def location_id(tx: ReadTx, code: str | None) -> UUID | None:
    """Return the id of a location by its code. Raises UnknownLocation."""
    if code is None:
        return None
    for place in await tx.load_one(stock.locations()):
        if place.code == code:
            return place.location_id
    raise stock_errors.UnknownLocation(code, field="location")


HANDLERS: tuple[Any, ...] = (explain_release, list_of_order, release_order, release_orders)
