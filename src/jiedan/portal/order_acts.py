"""What else customers do from an order's page: put its goods into the cart, have a collection code shown."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from litestar import Response, post

from jiedan.base import i18n
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import pages
from jiedan.base.web.sending import FormAlreadySent
from jiedan.base.web.unit import Unit
from jiedan.carts import queries as cart_queries
from jiedan.carts import rules as cart_rules
from jiedan.carts import service as carts
from jiedan.carts.values import CART_QUANTITY_MAX, Wish
from jiedan.catalog import queries as catalog
from jiedan.catalog.rules import quantities
from jiedan.catalog.values import SellableSku
from jiedan.fulfillment import queries as fulfillment_queries
from jiedan.fulfillment import service as fulfillment
from jiedan.fulfillment.service import Ready
from jiedan.fulfillment.values import Readiness
from jiedan.inventory import queries as stock
from jiedan.portal import order_entry, order_page, visitor
from jiedan.portal.order_entry import Entry
from jiedan.portal.visitor import Visitor

NAMES_TOLD_MAX = 5
"""Goods that are told by name when they could not be put into the cart."""


@post("/orders/{order_id:uuid}/reorder")
async def reorder(unit: Unit, slug: str, order_id: UUID) -> Response[str]:
    """Put the goods of an order into the cart as far as they are sold and there."""
    async with order_entry.entered(unit, slug, order_id) as (tx, entry):
        wanted = _wanted(entry)
        sold = {k: x for k, x in (await tx.load_one(catalog.sellable_skus(list(wanted)))).items() if x.is_active}
        more = await _there(tx, entry.who, sold, wanted)
        point = await visitor.point_of(tx, entry.who.place)
    left_out = [name for code, name in _names(entry).items() if more.get(code, 0) < wanted[code]]
    who = visitor.with_token(unit, entry.who) if entry.who.customer_id is None else entry.who

    async def work(tx: Tx) -> None:
        cart_id = who.cart_id or await carts.open_cart(
            tx, holder_hash=who.holder_hash, customer_id=who.customer_id, currency=who.currency
        )
        lying = {x.sku_id: x.quantity for x in (await cart_queries.cart(tx, cart_id)).lines}
        wishes = [_wish(sold[code], lying.get(sold[code].sku_id, 0), n) for code, n in more.items()]
        await carts.fill_cart(tx, cart_id=cart_id, wishes=wishes, currency=who.currency, destination=point)

    if not more:
        return pages.redirect(unit, entry.at(), flash=N_("None of these goods is available at present."), tone="warn")
    try:
        await visitor.write(unit, who.scope, work)
    except FormAlreadySent:
        return pages.redirect(unit, who.at("/cart"), flash=N_("It is in your cart already."), tone="info")
    except Refusal as refusal:
        text = i18n.say(unit.locale, refusal)
        return pages.redirect(unit, entry.at(), flash="{text}", text=text, tone="bad")
    if not left_out:
        return pages.redirect(unit, who.at("/cart"), flash=N_("It is in your cart."))
    said = N_("It is in your cart, except what is not available at present: {names}.")
    names = "; ".join([*left_out[:NAMES_TOLD_MAX], *(["…"] if len(left_out) > NAMES_TOLD_MAX else [])])
    return pages.redirect(unit, who.at("/cart"), flash=said, tone="warn", names=names)


def _wish(sku: SellableSku, lying: int, more: int) -> Wish:
    """Return what the cart is to have: so many more as may be ordered, and no less than it has."""
    grid = quantities.allowed(sku.quantities)
    return Wish(sku.code, max(grid.at_most(min(lying + more, CART_QUANTITY_MAX)), lying))


def _wanted(entry: Entry) -> dict[str, int]:
    """Return how many of what was ordered, by SKU; of an order that was canceled, all that was."""
    found: dict[str, int] = {}
    is_gone = entry.found.order.lifecycle == "canceled"
    for line in entry.found.lines:
        kept = line.ordered if is_gone else line.ordered - line.canceled
        if line.kind in {"goods", "kit", "service"} and kept:
            found[line.code] = found.get(line.code, 0) + kept
    return found


def _names(entry: Entry) -> dict[str, str]:
    wanted = _wanted(entry)
    return {line.code: line.name for line in entry.found.lines if line.code in wanted and line.kind != "component"}


async def _there(
    tx: ReadTx, who: Visitor, sold: Mapping[str, SellableSku], wanted: Mapping[str, int]
) -> dict[str, int]:
    """Return how many of each may be put into the cart; what is sold out is left out. One statement.

    Of what is sold in other quantities by now, the next smaller one.
    """
    grids = {code: quantities.allowed(sku.quantities) for code, sku in sold.items()}
    if who.settings.backorder:
        return {code: fit for code in sold if (fit := grids[code].at_most(wanted[code]))}
    goods = {part.sku_id for sku in sold.values() for part in cart_rules.parts_of(sku, 1)}
    counters = await tx.load_one(stock.availability(goods))
    left: dict[UUID, int] = {}
    for key, row in counters.items():
        left[key.sku_id] = left.get(key.sku_id, 0) + max(row.available, 0)
    found = {}
    for code, sku in sold.items():
        units = cart_rules.units_left(sku, left)
        found[code] = grids[code].at_most(wanted[code] if units is None else min(wanted[code], units))
        for part in cart_rules.parts_of(sku, found[code]):
            left[part.sku_id] = left.get(part.sku_id, 0) - part.quantity
    return {code: quantity for code, quantity in found.items() if quantity}


@post("/orders/{order_id:uuid}/code")
async def show_code(unit: Unit, slug: str, order_id: UUID) -> Response[str]:
    """Show a code to collect the goods by, made for this page; the one in the mail ends with it."""
    async with order_entry.entered(unit, slug, order_id) as (tx, entry):
        ways = await tx.load_one(fulfillment_queries.ways(order_id))
    ready = [Readiness(way.fulfillment_id) for way in ways if way.status == "ready"]
    visitor.slow_down(unit)

    async def work(tx: Tx) -> Sequence[Ready | Refusal]:
        return await fulfillment.add_codes(tx, wishes=ready)

    try:
        made = await visitor.write(unit, entry.scope, work) if ready else ()
    except FormAlreadySent:
        return pages.redirect(unit, entry.at())
    codes = [one.code for one in made if isinstance(one, Ready)]
    if not codes:
        return pages.redirect(unit, entry.at(), flash=N_("Nothing waits to be collected any more."), tone="info")
    return await order_page.answer(unit, slug, order_id, codes=codes)


HANDLERS: tuple[Any, ...] = (reorder, show_code)
