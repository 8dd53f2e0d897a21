"""A new order, as it is taken on the phone: rows of SKUs and quantities, a preview, then the desk."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.accounts import queries as accounts
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.console import words
from jiedan.console.errors import QuantityMissing
from jiedan.console.order_edit import AddressForm, address_of, contact_of, tags_of, unprefixed
from jiedan.inventory import queries as stock
from jiedan.orders import service
from jiedan.orders.rules.planning import Plan
from jiedan.orders.values import (
    CHANNEL_CONSOLE,
    LINES_PER_ORDER_MAX,
    NOTE_CHARS_MAX,
    Draft,
    NewLine,
    NewNote,
    NewOrder,
    Rejected,
)

ROWS = 5
ROWS_MORE = 5

Codes = Annotated[list[Annotated[str, msgspec.Meta(max_length=100)]], msgspec.Meta(max_length=LINES_PER_ORDER_MAX)]
Quantities = Annotated[list[int], msgspec.Meta(max_length=LINES_PER_ORDER_MAX)]


class NewOrderForm(AddressForm, kw_only=True):
    """What somebody orders; `key` makes sending it twice harmless."""

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    action: str = "preview"
    sku: Codes = msgspec.field(default_factory=list)
    quantity: Quantities = msgspec.field(default_factory=list)
    note: Annotated[str, msgspec.Meta(max_length=NOTE_CHARS_MAX)] = ""


@get("/orders/new", permission="orders:write")
async def new_order_page(unit: Unit) -> Response[str]:
    """Show the empty form."""
    async with unit.read() as tx:
        settings = await tx.load_one(accounts.settings())
    return await _answer(unit, forms.empty(unit, key=f"console-{unit.own_id}", country=settings.country), None)


@post("/orders/new", permission="orders:write")
async def write_order(unit: Unit) -> Response[str]:
    """Add rows, preview the order, or place it."""
    form = await forms.read(unit, NewOrderForm)
    sent = form.value
    if sent is None or sent.action == "rows":
        return await _answer(unit, form, None, more=ROWS_MORE if sent is not None else 0)
    try:
        body = _body(form, sent)
        if sent.action != "place":
            return await _answer(unit, form, await _planned(unit, body))
        wish = service.wish_of(body, unit.principal.credential_id)
        placed, _ = await unit.part(service.OrderDesk).place(
            unit.scope, wish, caller=unit.principal.caller, key=sent.key
        )
    except Refusal as refusal:
        form.refuse(unprefixed(refusal))
        return await _answer(unit, form, None)
    return pages.redirect(
        unit, f"/orders/{placed.order_id}", flash=N_("Order {number} was placed."), number=placed.number
    )


def _rows(form: Filled[Any]) -> list[tuple[str, str]]:
    codes, quantities = form.raw.get("sku", ()), form.raw.get("quantity", ())
    return list(zip(codes, quantities, strict=False))


def _body(form: Filled[NewOrderForm], sent: NewOrderForm) -> NewOrder:
    """Return the order that the form asks for. Raises QuantityMissing."""
    lines = []
    for i, (code, quantity) in enumerate(_rows(form)):
        if not code:
            continue
        if not quantity:
            raise QuantityMissing(i + 1)
        lines.append(NewLine(sku=code, quantity=int(quantity)))
    return NewOrder(
        lines=tuple(lines),
        channel=CHANNEL_CONSOLE,
        contact=contact_of(sent),
        ship_to=address_of(sent),
        delivery_wish=sent.delivery_wish,
        location=sent.location or None,
        tags=tags_of(sent),
        notes=(NewNote(kind="internal", text=sent.note),) if sent.note else (),
    )


async def _planned(unit: Unit, body: NewOrder) -> Plan:
    """Return what the order would be right now. Raises its refusals."""
    draft = Draft(body, 0, unit.principal.actor, unit.request_id, unit.principal.caller, "", b"")
    async with unit.read() as tx:
        (plan,) = await service.preview_orders(tx, [draft])
    if isinstance(plan, Rejected):
        raise service.refusal_of(plan)
    return plan


async def _answer(unit: Unit, form: Filled[Any], plan: Plan | None, *, more: int = 0) -> Response[str]:
    async with unit.read() as tx:
        locations = await tx.load_one(stock.locations())
    rows = _rows(form)
    rows += [("", "1")] * max(more, ROWS - len(rows))
    names: dict[UUID, str] = {place.location_id: place.name for place in locations}
    return pages.render(
        unit,
        "console/new_order.html",
        form=form,
        rows=rows[:LINES_PER_ORDER_MAX],
        locations=locations,
        names=names,
        plan=plan,
        words=words,
    )


HANDLERS: tuple[Any, ...] = (new_order_page, write_order)
