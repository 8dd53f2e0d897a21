"""The page of an order: everything about it, and the forms by which it is changed."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.enums import MediaType

from jiedan.base.i18n import N_
from jiedan.base.web import pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.cases.values import KIND_LABELS
from jiedan.console import order_neighbors, words
from jiedan.console.order_neighbors import Direction
from jiedan.console.order_shown import shown
from jiedan.console.people import people as known_people
from jiedan.customers import rules as customer_rules
from jiedan.fulfillment.values import signs

LISTING = "from"
"""The parameter in which an order's page is told of the list that it was opened from: the list's own query."""

LISTING_CHARACTERS_MAX = 2_000


def listing_of(unit: Unit) -> str:
    """Return the query of the list that the order was opened from, an empty text where there was none."""
    return unit.request.query_params.get(LISTING, "")[:LISTING_CHARACTERS_MAX]


def address(unit: Unit, order_id: UUID) -> str:
    """Return where the order's page is, with the list that it was opened from."""
    listing = listing_of(unit)
    return f"/orders/{order_id}?{urlencode({LISTING: listing})}" if listing else f"/orders/{order_id}"


async def order_answer(
    unit: Unit, order_id: UUID, name: str = "", form: "Filled[Any] | None" = None, effect: object = None
) -> Response[str]:
    """Show an order; `form` is what was just sent under `name` and did not go through.

    With `effect` it was not meant to yet: that is what it would do.
    """
    async with unit.read() as tx:
        found = await shown(tx, unit, order_id)
        people = await known_people(tx)
    listing = listing_of(unit)
    return pages.render(
        unit,
        "console/order.html",
        form=form,
        shown=found,
        order=found.order,
        at=f"/orders/{order_id}",
        sent={name: form} if form is not None else {},
        effects={name: effect} if effect is not None else {},
        opened=name or unit.request.query_params.get("open", ""),
        listing=listing,
        kept=f"?{urlencode({LISTING: listing})}" if listing else "",
        words=words,
        signs=signs,
        address_lines=customer_rules.written,
        case_labels=KIND_LABELS,
        form_key=unit.own_id,
        people=people,
        me=unit.principal.actor.id,
    )


@get("/orders/{order_id:uuid}", permission="orders:read")
async def order_page(unit: Unit, order_id: UUID) -> Response[str]:
    """Show an order."""
    return await order_answer(unit, order_id)


@get("/orders/{order_id:uuid}/next", permission="orders:read")
async def next_order(unit: Unit, order_id: UUID) -> Response[str]:
    """Go to the order that follows in the list that this one was opened from."""
    return await _beside(unit, order_id, "next")


@get("/orders/{order_id:uuid}/previous", permission="orders:read")
async def previous_order(unit: Unit, order_id: UUID) -> Response[str]:
    """Go to the order that stands before this one in its list."""
    return await _beside(unit, order_id, "previous")


async def _beside(unit: Unit, order_id: UUID, direction: Direction) -> Response[str]:
    async with unit.read() as tx:
        found = await order_neighbors.neighbor(tx, unit, order_id, listing_of(unit), direction)
    if found is None:
        end = N_("This is the last order of the list.") if direction == "next" else N_("This is the first one.")
        return pages.redirect(unit, address(unit, order_id), flash=end, tone="info")
    target = pages.url(unit.exchange, address(unit, found))
    return Response("", status_code=303, headers={"Location": target}, media_type=MediaType.HTML)


HANDLERS: tuple[Any, ...] = (order_page, next_order, previous_order)
