"""A customer's own orders: newest first, by status, by number."""

from typing import Any, NamedTuple, cast
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get

from jiedan.base import i18n, paging
from jiedan.base.db import ReadTx
from jiedan.base.web import pages
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import Source
from jiedan.customers.values import CustomerId
from jiedan.fulfillment.values.signs import Sign
from jiedan.orders import queries as orders
from jiedan.orders.values import CustomerStatus, OrderId, OrderWithLines
from jiedan.orders.values.lists import SEARCH_CHARS_MAX, OrderFilter, OrderRow
from jiedan.portal import order_steps, pictures, shown, visitor
from jiedan.portal.visitor import Visitor

LIST_NAME = "own-orders"
ROWS = 10
PICTURES_MAX = 4
"""Goods of an order that its row shows."""


class Row(NamedTuple):
    """An order in the list: its sign, pictures of some of its goods with their names, and how many there are."""

    order: OrderRow
    sign: Sign
    goods: tuple[tuple[Source | None, str], ...]
    more: int


@get("/orders")
async def orders_page(unit: Unit, slug: str) -> Response[str]:
    """Show the orders of the customer who is signed in; whoever is not is asked to."""
    async with visitor.entered(unit, slug) as (tx, who):
        if who.customer_id is None:
            return pages.redirect(unit, f"{who.at('/account/sign-in')}?next={quote(who.at('/orders'))}")
        filters = _filters(unit, who.customer_id)
        request = _request(unit, who, filters)
        (criteria,) = await orders.criteria_of(tx, [filters], time_zone=who.settings.time_zone)
        page = await orders.order_rows(tx, request=request, criteria=criteria)
        rows = await _rows(tx, who, page.items)
        return shown.render(
            unit,
            who,
            "portal/orders.html",
            page=paging.Page(rows, page.next, page.previous),
            query=filters.q,
            chosen=filters.customer_status,
            statuses=[(key, i18n.gettext(unit.locale, label)) for key, label in order_steps.STATUS_LABELS.items()],
        )


def _request(unit: Unit, who: Visitor, filters: OrderFilter) -> paging.Request:
    """Return which page of the list is asked for. Raises BadCursor for another customer's, too."""
    cursor = unit.request.query_params.get("cursor") or None
    return paging.Request.of(
        unit.exchange.site.cursors,
        tenant=who.tenant,
        name=LIST_NAME,
        filters={"customer": filters.customer_id, "q": filters.q, "status": filters.customer_status},
        limit=ROWS,
        cursor=cursor,
    )


def _filters(unit: Unit, customer_id: CustomerId) -> OrderFilter:
    given = unit.request.query_params
    status = given.get("status", "")
    return OrderFilter(
        customer_id=customer_id,
        q=given.get("q", "").strip()[:SEARCH_CHARS_MAX],
        customer_status=cast("CustomerStatus", status) if status in order_steps.STATUS_LABELS else None,
    )


async def _rows(tx: ReadTx, who: Visitor, listed: list[OrderRow]) -> list[Row]:
    """Add pictures of what was ordered. Four statements, whatever the number."""
    found = await orders.orders(tx, [row.order_id for row in listed]) if listed else {}
    sku_ids = {line.sku_id for of in found.values() for line in of.lines if line.sku_id is not None}
    skus = await tx.load_one(catalog.skus_by_id(list(sku_ids)))
    images = await pictures.of_skus(tx, who, skus)
    return [_row(row, found[OrderId(row.order_id)], images) for row in listed]


def _row(row: OrderRow, found: OrderWithLines, images: dict[UUID, Source]) -> Row:
    bought = [line for line in found.lines if line.kind not in {"fee", "component"}]
    goods = tuple((images.get(x.sku_id) if x.sku_id else None, x.name) for x in bought[:PICTURES_MAX])
    sign = order_steps.sign_of_row(row.lifecycle, row.payment_status, row.fulfillment_status, row.customer_status)
    return Row(row, sign, goods, max(0, len(bought) - PICTURES_MAX))


HANDLERS: tuple[Any, ...] = (orders_page,)
