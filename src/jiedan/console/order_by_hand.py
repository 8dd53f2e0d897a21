"""Prices and the discount of a placed order, set by hand; and those that wait for approval, refused."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, reasons_of
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.console import amounts, words
from jiedan.console.order import address, listing_of, order_answer
from jiedan.orders import queries, service
from jiedan.orders.rules import by_hand
from jiedan.orders.values import (
    ORDER_ROWS_MAX,
    REASON_CHARS_MAX,
    Line,
    LinePrice,
    OrderWithLines,
    PriceEdit,
    RefuseRequest,
)
from jiedan.pricing.values import OrderDiscount

Numbers = Annotated[list[Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]], msgspec.Meta(max_length=ORDER_ROWS_MAX)]
Amounts = Annotated[list[Annotated[str, msgspec.Meta(max_length=40)]], msgspec.Meta(max_length=ORDER_ROWS_MAX)]
Reason = Annotated[str, msgspec.Meta(max_length=REASON_CHARS_MAX)]


class PricesForm(Form):
    """The prices as they should be, each beside its line; an empty one is that of the rules."""

    __as_sent__ = frozenset({"price"})

    version: bodies.Version
    line: Numbers = msgspec.field(default_factory=list)
    price: Amounts = msgspec.field(default_factory=list)
    price_reason: Reason = ""
    discount: Annotated[str, msgspec.Meta(max_length=40)] = ""
    discount_reason: Reason = ""


class RefuseForm(Form):
    """Why the prices do not pass."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=REASON_CHARS_MAX)]


@get("/orders/{order_id:uuid}/prices", permission="orders:price")
async def prices_page(unit: Unit, order_id: UUID) -> Response[str]:
    """Show what each line costs, to be changed."""
    return await _answer(unit, order_id, None)


@post("/orders/{order_id:uuid}/prices", permission="orders:price")
async def set_prices(unit: Unit, order_id: UUID) -> Response[str]:
    """Set the prices that differ, and the discount."""
    form = await forms.read(unit, PricesForm)
    sent = form.value
    if sent is None:
        return await _answer(unit, order_id, form)
    async with unit.read() as tx:
        found = await queries.order(tx, order_id)
    try:
        edit = _edit(sent, found)
        repriced = await unit.write(
            lambda tx: service.set_prices(tx, order_id=order_id, edit=edit, version=sent.version)
        )
    except Refusal as refusal:
        form.raw = {**form.raw, **{f"price-{number}": [""] for number in sent.line}}
        form.refuse(_beside(refusal))
        return await _answer(unit, order_id, form)
    text = N_("The prices wait for approval: the order is on hold.") if repriced.is_held else N_("The prices were set.")
    return pages.redirect(unit, address(unit, order_id), flash=text)


@post("/orders/{order_id:uuid}/holds/{hold_id:uuid}/refuse", permission="orders:price")
async def refuse_prices(unit: Unit, order_id: UUID, hold_id: UUID) -> Response[str]:
    """Take the prices by hand back to those of the rules."""
    form = await forms.read(unit, RefuseForm)
    sent = form.value
    if sent is None:
        return await order_answer(unit, order_id, f"lift-{hold_id}", form)
    request = RefuseRequest(order_id, hold_id, sent.reason)

    async def work(tx: Tx) -> None:
        await service.refuse_prices(tx, request=request, key=None)

    try:
        await unit.write(work)
    except Refusal as refusal:
        form.refuse(refusal)
        return await order_answer(unit, order_id, f"lift-{hold_id}", form)
    return pages.redirect(unit, address(unit, order_id), flash=N_("The prices are those of the rules again."))


def _edit(sent: PricesForm, found: OrderWithLines) -> PriceEdit:
    """Return what differs from what is stored. Raises AmountUnreadable."""
    currency = found.order.currency
    by_number = {x.line: x for x in found.lines}
    lines = []
    for number, text in zip(sent.line, sent.price, strict=False):
        line = by_number.get(number)
        minor = amounts.typed_if_any(text, currency, field=f"price-{number}")
        if line is None or minor == _shown_minor(line):
            continue
        reason = sent.price_reason if minor is not None else ""
        lines.append(LinePrice(line=number, unit_price_minor=minor, price_reason=reason))
    off = amounts.typed_if_any(sent.discount, currency, field="discount")
    if off == _off_minor(found):
        return PriceEdit(lines=tuple(lines))
    discount = None if not off else OrderDiscount(sent.discount_reason, amount_minor=off)
    return PriceEdit(lines=tuple(lines), discount=discount)


def _shown_minor(line: Line) -> int | None:
    """Return the price that the form shows of a line: one by hand, nothing where the rules ask it."""
    return line.unit_minor if line.price_source == "manual" else None


def _off_minor(found: OrderWithLines) -> int | None:
    return sum(x.by_hand_minor for x in found.lines) or None


def _beside(refusal: Refusal) -> Refusal:
    """Return a refusal with its fields named as the form's inputs are."""
    for reason in reasons_of(refusal):
        field = reason.field or ""
        if field.startswith("lines["):
            is_reason = field.endswith("price_reason")
            reason.field = "price_reason" if is_reason else f"price-{getattr(reason, 'line', '')}"
        elif field == "discount.reason":
            reason.field = "discount_reason"
    return refusal


async def _answer(unit: Unit, order_id: UUID, form: "Filled[PricesForm] | None") -> Response[str]:
    async with unit.read() as tx:
        found = await queries.order(tx, order_id)
    order = found.order
    typed = dict(zip(form.raw.get("line", ()), form.raw.get("price", ()), strict=False)) if form is not None else {}
    rows = [
        (line, typed.get(str(line.line), amounts.written(_shown_minor(line), order.currency)))
        for line in found.lines
        if by_hand.is_sold(line)
    ]
    return pages.render(
        unit,
        "console/order_by_hand.html",
        order=order,
        rows=rows,
        form=form or forms.empty(unit, discount=amounts.written(_off_minor(found), order.currency)),
        version=order.version if form is None else form.text("version"),
        back=address(unit, order_id),
        listing=listing_of(unit),
        words=words,
    )


HANDLERS: tuple[Any, ...] = (prices_page, set_prices, refuse_prices)
