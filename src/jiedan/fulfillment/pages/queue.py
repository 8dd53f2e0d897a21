"""The work queue: what waits at which step, longest waiting first."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get

from jiedan.base.web import pages
from jiedan.base.web.unit import Unit
from jiedan.fulfillment import queries
from jiedan.fulfillment.pages import words
from jiedan.fulfillment.queries import Asked
from jiedan.fulfillment.values import STATUSES, Status
from jiedan.inventory import queries as stock
from jiedan.orders import queries as orders
from jiedan.orders.rules import derived

ROWS = 50


@get("/fulfillment", permission="fulfillment:read")
async def queue_page(unit: Unit) -> Response[str]:
    """Show the queue of one step, at one location or all."""
    status = _status(unit.request.query_params.get("status"))
    code = unit.request.query_params.get("location") or None
    cursor = unit.request.query_params.get("cursor") or None
    request = unit.page("fulfillments", filters={"status": status, "location": code}, limit=ROWS, cursor=cursor)
    async with unit.read() as tx:
        places = await tx.load_one(stock.locations())
        place: UUID | None = next((x.location_id for x in places if x.code == code), None)
        counts = await queries.status_counts(tx, location_id=place)
        page = await queries.fulfillment_page(tx, request=request, asked=Asked(status, place))
        found = await orders.orders(tx, {x.order_id for x in page.items})
        today = tx.now.astimezone(ZoneInfo(unit.principal.time_zone)).date()
    return pages.render(
        unit,
        "fulfillment/queue.html",
        words=words,
        page=page,
        orders=found,
        late={key: derived.days_late(x.order, today=today) for key, x in found.items()},
        places={x.location_id: x for x in places},
        counts=counts,
        step=status,
        location=code,
    )


def _status(text: str | None) -> Status:
    return next((x for x in STATUSES if x == text), "released")


HANDLERS: tuple[Any, ...] = (queue_page,)
