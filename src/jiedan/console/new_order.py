"""A new order, as it is taken on the phone or from a mail: who, what, where to, a preview, then the desk.

The form keeps itself as a draft while it is written. It works by its buttons alone; scripts only press them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.accounts import queries as accounts
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, reasons_of
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries as catalog
from jiedan.catalog.rules import quantities
from jiedan.catalog.rules.quantities import EVERY, Grid
from jiedan.catalog.values import SellableSku
from jiedan.console import (
    new_order_form,
    new_order_kept,
    new_order_paying,
    new_order_paying_form,
    new_order_people,
    new_order_preview,
    words,
)
from jiedan.console.new_order_form import ROWS, ROWS_MORE, NewOrderForm, RowTyped, rows_typed, wanted_again
from jiedan.console.new_order_kept import ROW_KEPT, Shown
from jiedan.console.new_order_paying import Asked
from jiedan.console.new_order_people import id_in
from jiedan.console.new_order_preview import Outlook
from jiedan.console.order_edit import unprefixed
from jiedan.inventory import queries as stock
from jiedan.inventory.values import Location
from jiedan.orders import queries, service
from jiedan.orders.rules import bespoke, derived
from jiedan.orders.values import DRAFT_CALLER, LINES_PER_ORDER_MAX, DraftRef, NewOrder, OrderId, Placed
from jiedan.payments import service as payments
from jiedan.payments.values import TRANSFER, Method, NewPayment
from jiedan.pricing.values import Formula

METHODS: Mapping[str, Method] = {"bank_transfer": "bank_transfer", "cash_on_delivery": "cash_on_delivery"}
"""Ways of paying for which money is expected as soon as the order stands."""

PREVIEW, PLACE, KEEP, MORE, FIND = "preview", "place", "keep", "rows", "find"


class Row(NamedTuple):
    """A row of the form: what was typed, what it is and in which quantities it is sold, and what is wrong with it.

    `asked` is what a piece made to measure has to say, `kept` what else its draft says of the row, which it
    carries as `rest`.
    """

    typed: RowTyped
    name: str
    problem: str
    grid: Grid = EVERY
    told: str = ""
    asked: Sequence[bespoke.Asked] = ()
    rest: str = ""
    kept: Sequence[Shown] = ()


@get("/orders/new", permission="orders:write")
async def new_order_page(unit: Unit) -> Response[str]:
    """Show the form: empty, or with a draft, another order or a customer that the address names."""
    given = unit.request.query_params
    form = forms.empty(unit, key=f"console-{unit.own_id}")
    async with unit.read() as tx:
        settings = await tx.load_one(accounts.settings())
        form.raw = {"country": [settings.country], **form.raw}
        if draft_id := id_in(given.get("draft")):
            draft = await queries.draft(tx, draft_id)
            if draft.order_id is not None:
                return pages.redirect(unit, f"/orders/{draft.order_id}", flash=N_("The draft has become this order."))
            kept = {"draft_id": [str(draft_id)], "draft_version": [str(draft.version)], "key": [str(draft_id)]}
            can_price = unit.may("orders:price")
            said = new_order_form.raw_of_draft(draft.data, settings.currency, can_price=can_price)
            form.raw = {**form.raw, **said, **kept}
        elif like_id := id_in(given.get("like")):
            found = await queries.order(tx, like_id)
            details = (await queries.details(tx, [like_id]))[OrderId(like_id)]
            again = [(x.code, {one.name: one.measure for one in x.attributes}) for x in wanted_again(found)]
            today = await service.said_again(tx, pieces=again, prices_include_tax=settings.prices_include_tax)
            form.raw = {**form.raw, **new_order_form.raw_of_order(found, details, today)}
        elif customer_id := id_in(given.get("customer")):
            form.raw = {**form.raw, **await new_order_people.raw_of_customer(tx, unit, customer_id, None)}
    return await _answer(unit, form, await _first_outlook(unit, form))


@post("/orders/new", permission="orders:write")
async def write_order(unit: Unit) -> Response[str]:
    """Find or choose a customer, add rows, keep a draft, preview the order, or place it."""
    form = await forms.read(unit, NewOrderForm)
    new_order_kept.check(form)
    new_order_paying_form.take_out(form)
    new_order_kept.take_out(form)
    sent = form.value
    action = form.text("action", PREVIEW)
    is_chosen = sent is not None and (sent.pick is not None or sent.use is not None)
    if action in {KEEP, PREVIEW} and (sent is None or is_chosen):
        await _keep(unit, form)
    if sent is None:
        return await _answer(unit, form)
    if is_chosen:
        customer_id = sent.pick or sent.customer_id
        async with unit.read() as tx:
            chosen = (
                {} if customer_id is None else await new_order_people.raw_of_customer(tx, unit, customer_id, sent.use)
            )
        form.raw = {**form.raw, **chosen}
        return await _answer(unit, form, focus="sku" if sent.pick is not None else "")
    if action in {MORE, FIND}:
        return await _answer(unit, form, more=ROWS_MORE if action == MORE else 0, focus=action)
    if action != PLACE:
        return await _previewed(unit, form, sent, is_typed=action == PREVIEW)
    wanted = Asked(NewOrder(lines=()))
    try:
        body = new_order_form.order_of(form, sent, _currency(unit, form))
        wanted = await new_order_paying.asked(unit, form, body, is_placed=True, is_typed=True)
        require_rights(unit, wanted.body)
        placed = await _place(unit, form, sent, wanted)
    except Refusal as refusal:
        _refuse(form, new_order_paying.renamed(unprefixed(refusal), wanted.body.wallets))
        return await _answer(unit, form)
    return pages.redirect(
        unit, f"/orders/{placed.order_id}", flash=N_("Order {number} was placed."), number=placed.number
    )


async def _previewed(unit: Unit, form: Filled[NewOrderForm], sent: NewOrderForm, *, is_typed: bool) -> Response[str]:
    """Show what the order would be, and keep it as a draft; codes that are typed are taken only where `is_typed`."""
    focus = next((name for name in new_order_paying.CODES if is_typed and form.text(name)), "")
    outlook = None
    wanted = Asked(NewOrder(lines=()))
    try:
        body = new_order_form.order_of(form, sent, _currency(unit, form))
        wanted = await new_order_paying.asked(unit, form, body, is_placed=False, is_typed=is_typed)
        require_rights(unit, wanted.body)
        outlook = await new_order_preview.outlook(unit, form, wanted)
        if is_typed:
            new_order_paying.settle(form, outlook.refused)
    except Refusal as refusal:
        _refuse(form, new_order_paying.renamed(unprefixed(refusal), wanted.body.wallets))
    await _keep(unit, form)
    return await _answer(unit, form, outlook, focus=focus)


async def _first_outlook(unit: Unit, form: Filled[Any]) -> Outlook | None:
    """Return what the order would be that the form begins with; None where it cannot be told yet."""
    try:
        body = msgspec.convert(new_order_form.draft_of(form, _currency(unit, form)), NewOrder)
        if not body.lines:
            return None
        return await new_order_preview.outlook(unit, form, await new_order_paying.begun(unit, form, body))
    except (msgspec.ValidationError, Refusal):
        return None


def require_rights(unit: Unit, body: NewOrder) -> None:
    """Raise PermissionMissing for prices by hand, history or wallets of somebody who may not use them."""
    by_hand = (body.discount, body.shipping_minor, body.shipping_tax_minor)
    if any(x is not None for x in by_hand) or any(line.unit_price_minor is not None for line in body.lines):
        unit.require("orders:price")
    if body.history is not None:
        unit.require("orders:import")
    if any(use.code is None for use in body.wallets):
        unit.require("wallets:write")


def _currency(unit: Unit, form: Filled[Any]) -> str:
    """Return the currency of the amounts in a form."""
    return new_order_kept.currency_of(form, unit.principal.currency)


def _refuse(form: Filled[NewOrderForm], refusal: Refusal) -> None:
    """Show what is wrong beside its input: of lines beside their rows. A gift that is not offered is chosen no more."""
    rows = [i for i, row in enumerate(rows_typed(form)) if row.line is not None]
    form.raw = {**form.raw, **{f"row-{i}": [""] for i, _ in enumerate(rows_typed(form))}}
    for reason in reasons_of(refusal):
        field = reason.field or ""
        if field.startswith("lines["):
            row = rows[int(field[6 : field.index("]")])]
            reason.field = _said_field(row, name) if (name := _said_name(field)) else f"row-{row}"
            form.raw = {reason.field: [""], **form.raw}
        elif field.startswith("discount."):
            reason.field = {"discount.reason": "discount_reason"}.get(field, "discount")
        elif field.startswith("gifts["):
            reason.field, form.raw = None, {**form.raw, "gift_choice": [], "gift_of": []}
    form.refuse(refusal)


def _said_name(field: str) -> str:
    """Return the measure of a line that a field is, or nothing."""
    return field.partition("].attributes.")[2]


def _said_field(row: int, name: str) -> str:
    """Return under which name the page shows what is wrong with a measure."""
    return f"said-{row}-{name}"


async def _keep(unit: Unit, form: Filled[NewOrderForm]) -> None:
    """Keep the form as a draft; of a form that says nothing, none is made. Somebody else's version stays.

    It may be kept as often as one likes: this is no form that was sent.
    """
    data = new_order_form.draft_of(form, _currency(unit, form))
    draft_id = id_in(form.text("draft_id"))
    if draft_id is None and not (data["lines"] or "contact" in data or "customer_id" in data):
        return
    version = form.text("draft_version")

    async def work(tx: Tx) -> tuple[UUID, int]:
        kept = draft_id
        expected = int(version) if version.isdigit() else None
        if kept is None:
            made = await service.save_draft(tx, data={}, caller=unit.principal.caller, key=form.text("key"))
            kept, expected = made.draft_id, None
        changed = await service.change_draft(tx, draft_id=kept, data=data, expected_version=expected)
        return changed.draft_id, changed.version

    try:
        kept_id, kept_version = await unit.runtime.database.write(unit.scope, work)
    except Refusal as refusal:
        form.refuse(refusal)
    else:
        form.raw = {**form.raw, "draft_id": [str(kept_id)], "draft_version": [str(kept_version)]}


async def _place(unit: Unit, form: Filled[Any], sent: NewOrderForm, wanted: Asked) -> Placed:
    """Place the order, once however often it is sent; before it its customer is kept, after it its payment expected.

    What a draft has become is found again.
    """
    if sent.draft_id is not None:
        async with unit.read() as tx:
            draft = await queries.draft(tx, sent.draft_id)
        if draft.order_id is not None:
            async with unit.read() as tx:
                return derived.as_placed(await queries.order(tx, draft.order_id))
    body = wanted.body
    await new_order_paying.tries(unit, form).admit([body])
    if sent.keep and body.customer_id is None:
        body = msgspec.structs.replace(body, customer_id=await new_order_people.kept_customer(unit, sent, body))
    is_resumed = sent.draft_id is not None and sent.key == str(sent.draft_id)
    caller = DRAFT_CALLER if is_resumed else unit.principal.caller
    saved = None if sent.draft_id is None else DraftRef(sent.draft_id)
    wish = service.wish_of(body, unit.principal.credential_id, saved=saved, cards=wanted.cards)
    try:
        placed, _ = await unit.part(service.OrderDesk).place(unit.scope, wish, caller=caller, key=sent.key)
    except Refusal as refusal:
        await new_order_paying.count_wrong(unit, form, reasons_of(refusal))
        raise
    await unit.runtime.database.write(unit.scope, lambda tx: _finish(tx, unit, sent, placed))
    return placed


async def _finish(tx: Tx, unit: Unit, sent: NewOrderForm, placed: Placed) -> None:
    """Expect the payment that was agreed on."""
    method = METHODS.get(sent.pay)
    if method is not None and unit.may("payments:write") and placed.total_minor:
        wish = NewPayment(placed.order_id, TRANSFER, method, None, key=f"console-order-{sent.key}")
        await payments.create_payments(tx, wishes=[wish])


async def _answer(
    unit: Unit, form: Filled[Any], outlook: Outlook | None = None, *, more: int = 0, focus: str = ""
) -> Response[str]:
    typed = rows_typed(form)
    async with unit.read() as tx:
        names = await tx.load_one(catalog.sellable_skus([row.sku for row in typed if row.sku]))
        locations: tuple[Location, ...] = await tx.load_one(stock.locations())
        people = await new_order_people.people(tx, unit, form)
        asked = await service.formulas_of(tx, codes=set(names)) if names else {}
    rows = [_row(unit, form, (i, row), names.get(row.sku), asked.get(row.sku)) for i, row in enumerate(typed)]
    currency = _currency(unit, form)
    empty = Row(RowTyped("", "", "", None), "", "")
    rows += [empty] * max(more, ROWS - len(rows), 1 if rows and rows[-1].typed.sku else 0)
    return pages.render(
        unit,
        "console/new_order.html",
        form=form,
        rows=rows[:LINES_PER_ORDER_MAX],
        locations=locations,
        names={place.location_id: place.name for place in locations},
        people=people,
        outlook=outlook,
        paying=new_order_preview.paying(unit, form, outlook),
        channels=new_order_form.CHANNELS,
        focus=focus or ("customer" if not form.text("customer_id") and not typed else ""),
        address_lines=new_order_preview.written,
        currency=currency,
        kept=new_order_kept.shown(new_order_kept.of(form), currency, unit.locale),
        words=words,
    )


def _row(
    unit: Unit, form: Filled[Any], place: tuple[int, RowTyped], sku: SellableSku | None, formula: Formula | None
) -> Row:
    i, typed = place
    locale = unit.locale
    rests = form.raw.get(ROW_KEPT, ())
    rest = rests[i] if i < len(rests) else ""
    currency = _currency(unit, form)
    names = () if formula is None else [one.name for one in formula.attributes]
    kept = new_order_kept.of_row(rest, typed.sku, typed.quantity, names)
    row = Row(typed, "", form.error(f"row-{i}"), rest=rest, kept=new_order_kept.shown_of_row(kept, locale, currency))
    if sku is None:
        return row
    told = quantities.in_words(sku.quantities, locale)
    row = row._replace(name=sku.name, grid=quantities.allowed(sku.quantities), told=told)
    if formula is None:
        return row
    problems = {one.name: form.error(_said_field(i, one.name)) for one in formula.attributes}
    return row._replace(asked=bespoke.inputs(formula, typed.said, problems, locale=locale))


HANDLERS: tuple[Any, ...] = (new_order_page, write_order)
