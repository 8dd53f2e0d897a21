"""Goods in and corrections: forms of rows, by keyboard or by scanner."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from litestar import Response, get, post

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.inventory import queries, service
from jiedan.inventory.pages import rowed
from jiedan.inventory.pages.rowed import RowsForm
from jiedan.inventory.values import Adjustment, AdjustmentReason, Moved, Receipt, ReceiptKind, signs


class ReceiptForm(RowsForm):
    """Goods that came in, bought or sent back."""

    kind: ReceiptKind = "receipt"


class AdjustmentForm(RowsForm):
    """Corrections of what is on hand, all for one reason."""

    reason: AdjustmentReason | None = None


class Face(NamedTuple):
    """One of the two forms: its template, the address it has, and its sentence when it is done."""

    template: str
    path: str
    done: str


RECEIVE = Face("inventory/receive.html", "/stock/receive", N_("{units} units came in, of {skus} SKUs."))
ADJUST = Face("inventory/adjust.html", "/stock/adjust", N_("The stock of {skus} SKUs was corrected."))


@get("/stock/receive", permission="inventory:write")
async def receive_page(unit: Unit) -> Response[str]:
    """Show the empty form; `sku` and `location` in the address fill it in."""
    return await _opened(unit, RECEIVE)


@get("/stock/adjust", permission="inventory:adjust")
async def adjust_page(unit: Unit) -> Response[str]:
    """Show the empty form; `sku` and `location` in the address fill it in."""
    return await _opened(unit, ADJUST)


async def _opened(unit: Unit, face: Face) -> Response[str]:
    given = unit.request.query_params
    form = forms.empty(unit, location=given.get("location"))
    code = given.get("sku", "").strip()
    return await _answer(unit, face, form, [(code, "")] if code else [], {})


@post("/stock/receive", permission="inventory:write")
async def receive(unit: Unit) -> Response[str]:
    """Take in goods, all rows or none; or add rows, or what was scanned."""
    form = await forms.read(unit, ReceiptForm)

    async def work(tx: Tx, sent: ReceiptForm, rows: Sequence[rowed.Wanted]) -> list[Moved]:
        known = await rowed.known(tx, rows)
        place = known.location(sent.location).location_id
        receipts = [
            Receipt(sku_id, place, row.quantity, f"console/{tx.new_id()}", sent.kind, sent.reference)
            for row, sku_id in zip(rows, known.sku_ids(rows), strict=True)
        ]
        return rowed.all_done(rows, await service.receive_many(tx, receipts=receipts))

    return await _changed(unit, RECEIVE, form, work, signed=False)


@post("/stock/adjust", permission="inventory:adjust")
async def adjust(unit: Unit) -> Response[str]:
    """Correct what is on hand, all rows or none; or add rows, or what was scanned."""
    form = await forms.read(unit, AdjustmentForm)

    async def work(tx: Tx, sent: AdjustmentForm, rows: Sequence[rowed.Wanted]) -> list[Moved]:
        if sent.reason is None:
            raise forms.FieldRequired(field="reason")
        known = await rowed.known(tx, rows)
        place = known.location(sent.location).location_id
        adjustments = [
            Adjustment(sku_id, place, row.quantity, sent.reason, f"console/{tx.new_id()}", sent.reference)
            for row, sku_id in zip(rows, known.sku_ids(rows), strict=True)
        ]
        return rowed.all_done(rows, await service.adjust_many(tx, adjustments=adjustments))

    return await _changed(unit, ADJUST, form, work, signed=True)


async def _changed(
    unit: Unit,
    face: Face,
    form: Filled[Any],
    work: Callable[[Tx, Any, Sequence[rowed.Wanted]], Awaitable[list[Moved]]],
    *,
    signed: bool,
) -> Response[str]:
    sent: Any = form.value
    typed = rowed.typed(form)
    if sent is None:
        return await _answer(unit, face, form, typed, {})
    if sent.action == rowed.MORE:
        return await _answer(unit, face, form, typed, {}, more=rowed.ROWS_MORE)
    try:
        if sent.action == rowed.SCAN:
            async with unit.read() as tx:
                typed = await rowed.scanned(tx, form, sent.scan) if sent.scan else typed
            return await _answer(unit, face, form, typed, {})
        rows = rowed.wanted(form, signed=signed)
        moved = await unit.write(lambda tx: work(tx, sent, rows))
    except Refusal as refusal:
        return await _answer(unit, face, form, typed, rowed.refuse(form, refusal))
    return pages.redirect(
        unit,
        face.path,
        flash=face.done,
        units=sum(one.quantity for one in moved),
        skus=len({one.key.sku_id for one in moved}),
    )


async def _answer(
    unit: Unit,
    face: Face,
    form: Filled[Any],
    typed: Sequence[tuple[str, str]],
    problems: Mapping[int, str],
    *,
    more: int = 0,
) -> Response[str]:
    async with unit.read() as tx:
        places = await tx.load_one(queries.locations())
        rows = await rowed.shown(tx, unit, typed, problems, more=more)
    return pages.render(unit, face.template, form=form, rows=rows, places=places, signs=signs, at=face.path)


HANDLERS: tuple[Any, ...] = (receive_page, receive, adjust_page, adjust)
