"""REST of the work at a location: the queue, picks, what is missing, what goes back, notes that were read."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from jiedan.base import paging
from jiedan.base.web import answers, bodies
from jiedan.base.web.unit import Unit
from jiedan.fulfillment import queries, service
from jiedan.fulfillment.api import views
from jiedan.fulfillment.api.releases import location_id
from jiedan.fulfillment.api.shapes import (
    FulfillmentRow,
    FulfillmentsBody,
    FulfillmentView,
    PicksBody,
    ShortsBody,
)
from jiedan.fulfillment.queries import Asked
from jiedan.fulfillment.values import Acknowledgement, Pick, PutBack, Short, Status


@get("/fulfillments", permission="fulfillment:read", summary="List fulfillments")
async def list_fulfillments(
    unit: Unit,
    status: Status = "released",
    location: str | None = None,
    limit: bodies.Limit = 50,
    cursor: str | None = None,
) -> Response[paging.Listing[FulfillmentView]]:
    """Return the queue of one step, longest waiting first: at one location, or all."""
    filters = {"status": status, "location": location}
    request = unit.page("fulfillments", filters=filters, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        asked = Asked(status, await location_id(tx, location))
        page = await queries.fulfillment_page(tx, request=request, asked=asked)
        shown = await views.book(tx, {x.order_id for x in page.items})
    rows = [shown.fulfillment(x) for x in page.items]
    return answers.listing(unit, paging.Page(rows, page.next, page.previous))


@get("/fulfillments/{fulfillment_id:uuid}", permission="fulfillment:read", summary="Get a fulfillment")
async def get_fulfillment(unit: Unit, fulfillment_id: UUID) -> FulfillmentView:
    """Return one fulfillment whole, with its parcels."""
    async with unit.read() as tx:
        found = await queries.fulfillment(tx, fulfillment_id)
        shown = await views.book(tx, [found.order_id])
    return shown.fulfillment(found)


@post("/fulfillments/picks", permission="fulfillment:pick", status_code=200, idempotent=True, summary="Pick lines")
async def pick_lines(unit: Unit, data: PicksBody) -> list[FulfillmentRow]:
    """Count units as taken from the shelf, whole or in part: one outcome each, in order."""
    picks = [Pick(x.fulfillment_id, x.line, x.quantity, views.keyed(unit, x.key, i)) for i, x in enumerate(data.items)]
    return await views.fulfillment_rows(unit, await unit.write(lambda tx: service.pick_lines(tx, picks=picks)))


@post(
    "/fulfillments/shorts",
    permission="fulfillment:pick",
    status_code=200,
    idempotent=True,
    summary="Tell what is missing",
)
async def short_pick(unit: Unit, data: ShortsBody) -> list[FulfillmentRow]:
    """Count stock down for units not found, damaged or miscounted; the latest promises are sourced again or wait."""
    shorts = [
        Short(x.fulfillment_id, x.line, x.quantity, x.reason, views.keyed(unit, x.key, i))
        for i, x in enumerate(data.items)
    ]
    return await views.fulfillment_rows(unit, await unit.write(lambda tx: service.short_pick(tx, shorts=shorts)))


@post(
    "/fulfillments/put-backs", permission="fulfillment:pick", status_code=200, idempotent=True, summary="Put goods back"
)
async def put_back(unit: Unit, data: PicksBody) -> list[FulfillmentRow]:
    """Count picked units that were withdrawn as back on the shelf: one outcome each, in order."""
    wishes = [
        PutBack(x.fulfillment_id, x.line, x.quantity, views.keyed(unit, x.key, i)) for i, x in enumerate(data.items)
    ]
    return await views.fulfillment_rows(unit, await unit.write(lambda tx: service.put_back(tx, wishes=wishes)))


@post(
    "/fulfillments/acknowledgements",
    permission="fulfillment:pack",
    status_code=200,
    summary="Acknowledge notes",
)
async def acknowledge_notes(unit: Unit, data: FulfillmentsBody) -> list[FulfillmentRow]:
    """Keep that you have read the notes of these orders; until then nothing of them is packed."""
    wishes = [Acknowledgement(x) for x in data.fulfillment_ids]
    return await views.fulfillment_rows(
        unit, await unit.write(lambda tx: service.acknowledge_notes(tx, wishes=wishes)), within="fulfillment_ids"
    )


HANDLERS: tuple[Any, ...] = (
    list_fulfillments,
    get_fulfillment,
    pick_lines,
    short_pick,
    put_back,
    acknowledge_notes,
)
