"""What was ordered: its number, what happens next, and paying it; for those who have the secret address."""

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal
from jiedan.base.web import forms, pages
from jiedan.base.web.errors import NoSuchPage
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import Source
from jiedan.inventory import queries as stock
from jiedan.inventory.values import Location, LocationId
from jiedan.orders import queries as orders
from jiedan.orders.queries import Details
from jiedan.orders.rules import kits, taxing, tickets
from jiedan.orders.values import Order, OrderId, OrderWithLines
from jiedan.payments import queries as payments
from jiedan.payments.values import Payment
from jiedan.portal import addresses, order_due, order_tenders, paying, pictures, savings, shown, visitor
from jiedan.portal.order_entry import LinkEnded, is_collected
from jiedan.portal.savings import Told
from jiedan.portal.visitor import Visitor


class PayForm(forms.Form):
    """How the order is to be paid."""

    payment: Annotated[str, msgspec.Meta(max_length=100)]


class _Placed(NamedTuple):
    """An order that somebody has the address of, and what paying it depends on."""

    found: OrderWithLines
    details: Details
    made: Sequence[Payment]
    told: Told

    @property
    def order(self) -> Order:
        return self.found.order

    @property
    def is_collected(self) -> bool:
        return is_collected(self.order, self.details)


@get("/placed/{ticket:str}")
async def placed_page(unit: Unit, slug: str, ticket: str) -> Response[str]:
    """Show an order; with `pay=now`, lead on to the open payment page."""
    async with visitor.entered(unit, slug) as (tx, who):
        return await _page(unit, tx, who, await _placed(unit, tx, who, ticket), ticket=ticket)


@post("/placed/{ticket:str}/payments")
async def pay(unit: Unit, slug: str, ticket: str) -> Response[str]:
    """Try to pay again, or go back to a payment page that is still open."""
    async with visitor.entered(unit, slug) as (tx, who):
        placed = await _placed(unit, tx, who, ticket)
        agreed = placed.told.payment_methods
        ways = await order_due.ways(unit, tx, who, is_collected=placed.is_collected, agreed=agreed)
    form = await forms.read(unit, PayForm)
    address = who.at(f"/placed/{ticket}")
    if any(p.state == order_due.PAGE_OPEN for p in placed.made):
        return pages.redirect(unit, f"{address}?pay=now")
    offered = {m.code for m in ways} | ({paying.CREDIT} if order_due.is_own(who, placed.order) else set())
    chosen = form.value.payment if form.value is not None else ""
    if chosen not in offered:
        return pages.redirect(unit, address)
    visitor.slow_down(unit)
    try:
        await paying.pay_by(unit, who, placed.order.order_id, chosen, key=await visitor.form_key(unit))
    except Refusal as refusal:
        form.refuse(refusal)
        return pages.redirect(unit, address, flash="{text}", text=" ".join(form.above), tone="bad")
    return pages.redirect(unit, f"{address}?pay=now" if chosen.startswith(paying.PROVIDER) else address)


async def _placed(unit: Unit, tx: ReadTx, who: Visitor, ticket: str) -> _Placed:
    """Return the order a ticket is for. Raises NoSuchPage for a ticket that was not made here, LinkEnded."""
    order_id = tickets.order_of(unit.runtime.settings.signing_secret(), who.tenant, ticket)
    if order_id is None:
        raise NoSuchPage
    found = (await orders.orders(tx, [order_id])).get(OrderId(order_id))
    if found is None:
        raise NoSuchPage
    if not tickets.works(found.order, link_days=who.storefront.link_days, now=tx.now):
        raise LinkEnded
    made = (await payments.payments_of_orders(tx, [order_id])).get(order_id, [])
    details = (await orders.details(tx, [order_id]))[found.order.order_id]
    return _Placed(found, details, made, await savings.of_order(tx, unit, who, found.order))


async def _page(unit: Unit, tx: ReadTx, who: Visitor, placed: _Placed, *, ticket: str) -> Response[str]:
    found, details, made, told = placed
    order, address = found.order, details.addresses.get("ship_to")
    agreed = told.payment_methods
    due = await order_due.due(unit, tx, who, order, made, is_collected=placed.is_collected, agreed=agreed)
    is_led = due.pay_url is not None and unit.request.query_params.get("pay") == "now"
    place = await _place(tx, order) if placed.is_collected else None
    answer = shown.render(
        unit,
        who,
        "portal/placed.html",
        ticket=ticket,
        order=order,
        lines=[line for line in found.lines if line.kind != "component"],
        parts=kits.parts_by_kit(found.lines),
        images=await _images(tx, who, found),
        address=address,
        address_lines=[] if address is None else addresses.written(address, unit.locale),
        place=place,
        told=told,
        taxes=taxing.told(taxing.table(found.lines)),
        due=due,
        tenders=order_tenders.of_wallets(made),
        endings=await order_tenders.endings(tx, made),
        methods=paying.METHODS,
        leads_on=is_led,
        page=visitor.order_address(unit, who, order.order_id),
    )
    if is_led:
        # A form may not lead to another site (the policy of our pages says so), a page that was shown may.
        answer.headers["refresh"] = f"0; url={due.pay_url}"
    return answer


async def _images(tx: ReadTx, who: Visitor, found: OrderWithLines) -> dict[UUID, Source]:
    """Return the picture of each line's SKU that has one."""
    skus = await tx.load_one(catalog.skus_by_id([x.sku_id for x in found.lines if x.sku_id is not None]))
    return await pictures.of_skus(tx, who, skus)


async def _place(tx: ReadTx, order: Order) -> Location | None:
    """Return the location that an order asked for."""
    if order.requested_location_id is None:
        return None
    return await stock.location(tx, LocationId(order.requested_location_id))


HANDLERS: tuple[Any, ...] = (placed_page, pay)
