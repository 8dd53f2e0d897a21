"""Transfers: what moves from one location to another, opened, sent, taken in, closed."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import NotFound, Refusal, accepted
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import SellableSku, SkuId
from jiedan.inventory import errors, queries, rules, service
from jiedan.inventory.pages import rowed
from jiedan.inventory.pages.rowed import RowsForm
from jiedan.inventory.values import (
    BATCH_MAX,
    LocationId,
    Moved,
    NewTransfer,
    Transfer,
    TransferId,
    TransferStatus,
    TransferStep,
    signs,
)

ROWS = 50

Quantities = Annotated[list[Annotated[str, msgspec.Meta(max_length=12)]], msgspec.Meta(max_length=BATCH_MAX)]


class TransferForm(RowsForm):
    """A transfer to open; `location` is where the goods are, `to` where they go."""

    to: bodies.Code | None = None


class StepForm(forms.Form):
    """How much of each SKU leaves or arrives now."""

    sku_id: Annotated[list[UUID], msgspec.Meta(max_length=BATCH_MAX)] = msgspec.field(default_factory=list)
    quantity: Quantities = msgspec.field(default_factory=list)


class Listed(NamedTuple):
    """A transfer in the list."""

    transfer: Transfer
    status: TransferStatus
    units: int
    in_transit: int


class Opened(NamedTuple):
    """A transfer with everything its page shows."""

    transfer: Transfer
    status: TransferStatus
    skus: Mapping[SkuId, SellableSku]
    names: Mapping[LocationId, str]


@get("/transfers", permission="inventory:read")
async def transfers_page(unit: Unit) -> Response[str]:
    """Show transfers, latest first: the open ones, or those that ended."""
    is_open = unit.request.query_params.get("state") != "closed"
    cursor = unit.request.query_params.get("cursor") or None
    request = unit.page("console-transfers", filters={"open": is_open}, limit=ROWS, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.transfer_page(tx, request=request, is_open=is_open)
        places = await tx.load_one(queries.locations())
    return pages.render(
        unit,
        "inventory/transfers.html",
        page=page.each(_listed),
        names={place.location_id: place.name for place in places},
        is_open=is_open,
        signs=signs,
        tab="transfers",
    )


def _listed(transfer: Transfer) -> Listed:
    units = sum(line.quantity for line in transfer.lines)
    in_transit = sum(line.in_transit for line in transfer.lines)
    return Listed(transfer, rules.transfer_status(transfer), units, in_transit)


@get("/transfers/new", permission="inventory:write")
async def new_transfer_page(unit: Unit) -> Response[str]:
    """Show the empty form; `sku`, `location` and `to` in the address fill it in."""
    given = unit.request.query_params
    code = given.get("sku", "").strip()
    form = forms.empty(unit, location=given.get("location"), to=given.get("to"))
    return await _new(unit, form, [(code, "")] if code else [], {})


async def _new(
    unit: Unit, form: Filled[Any], typed: Sequence[tuple[str, str]], problems: Mapping[int, str], *, more: int = 0
) -> Response[str]:
    async with unit.read() as tx:
        places = await tx.load_one(queries.locations())
        rows = await rowed.shown(tx, unit, typed, problems, more=more)
    return pages.render(unit, "inventory/transfer_new.html", form=form, rows=rows, places=places, signs=signs)


@post("/transfers/new", permission="inventory:write")
async def open_transfer(unit: Unit) -> Response[str]:
    """Open a transfer and reserve its goods, all of them or none; or add rows, or what was scanned."""
    form = await forms.read(unit, TransferForm)
    sent = form.value
    typed = rowed.typed(form)
    if sent is None:
        return await _new(unit, form, typed, {})
    if sent.action == rowed.MORE:
        return await _new(unit, form, typed, {}, more=rowed.ROWS_MORE)
    try:
        if sent.action == rowed.SCAN:
            async with unit.read() as tx:
                typed = await rowed.scanned(tx, form, sent.scan) if sent.scan else typed
            return await _new(unit, form, typed, {})
        rows = rowed.wanted(form)
        transfer_id = await unit.write(lambda tx: _open(tx, sent, rows))
    except Refusal as refusal:
        return await _new(unit, form, typed, rowed.refuse(form, refusal))
    return pages.redirect(unit, f"/transfers/{transfer_id}", flash=N_("The goods are set aside for the transfer."))


async def _open(tx: Tx, sent: TransferForm, rows: Sequence[rowed.Wanted]) -> TransferId:
    known = await rowed.known(tx, rows)
    source, target = known.location(sent.location), known.location(sent.to, name="to")
    ids = known.sku_ids(rows)
    quantities = tuple((sku_id, row.quantity) for sku_id, row in zip(ids, rows, strict=True))
    wish = NewTransfer(source.location_id, target.location_id, quantities, sent.reference)
    (outcome,) = await service.open_transfers(tx, wishes=[wish])
    if isinstance(outcome, errors.InsufficientStock):
        outcome.field = rowed.field(rows[ids.index(outcome.sku_id)].place)
    (transfer,) = accepted([outcome])
    return transfer.transfer_id


@get("/transfers/{transfer_id:uuid}", permission="inventory:read")
async def transfer_page(unit: Unit, transfer_id: UUID) -> Response[str]:
    """Show a transfer: what is to move, has left, has arrived."""
    return await _answer(unit, transfer_id, None, {})


async def _answer(
    unit: Unit, transfer_id: UUID, form: "Filled[Any] | None", problems: Mapping[int, str]
) -> Response[str]:
    async with unit.read() as tx:
        opened = await _opened(tx, TransferId(transfer_id))
    by_sku = dict(zip(form.raw.get("sku_id", []), range(BATCH_MAX), strict=False)) if form is not None else {}
    return pages.render(
        unit,
        "inventory/transfer.html",
        form=form,
        opened=opened,
        transfer=opened.transfer,
        wrong={sku_id: problems[place] for sku_id, place in by_sku.items() if place in problems},
        signs=signs,
    )


async def _opened(tx: ReadTx, transfer_id: TransferId) -> Opened:
    """Read a transfer. Raises TransferNotFound."""
    found = await queries.transfers(tx, [transfer_id])
    if transfer_id not in found:
        raise errors.TransferNotFound(transfer_id)
    transfer = found[transfer_id]
    skus, places = await tx.load(catalog.skus_by_id({x.sku_id for x in transfer.lines}), queries.locations())
    names = {place.location_id: place.name for place in places}
    return Opened(transfer, rules.transfer_status(transfer), skus, names)


@post("/transfers/{transfer_id:uuid}/shipments", permission="inventory:write")
async def ship(unit: Unit, transfer_id: UUID) -> Response[str]:
    """Let goods of the transfer leave."""

    async def do(tx: Tx, steps: Sequence[TransferStep]) -> list[Moved | Refusal]:
        return await service.ship_transfers(tx, steps=steps)

    return await _step(unit, transfer_id, do, flash=N_("{units} units are on their way."))


@post("/transfers/{transfer_id:uuid}/receipts", permission="inventory:write")
async def take_in(unit: Unit, transfer_id: UUID) -> Response[str]:
    """Take in what the transfer has on its way."""

    async def do(tx: Tx, steps: Sequence[TransferStep]) -> list[Moved | Refusal]:
        return await service.receive_transfers(tx, steps=steps)

    return await _step(unit, transfer_id, do, flash=N_("{units} units have arrived."))


async def _step(
    unit: Unit,
    transfer_id: UUID,
    do: Callable[[Tx, Sequence[TransferStep]], Awaitable[list[Moved | Refusal]]],
    *,
    flash: str,
) -> Response[str]:
    form = await forms.read(unit, StepForm)
    if form.value is None:
        return await _answer(unit, transfer_id, form, {})

    async def work(tx: Tx) -> int:
        rows = _moving(form)
        steps = [
            TransferStep(TransferId(transfer_id), SkuId(UUID(row.sku)), row.quantity, f"console/{tx.new_id()}")
            for row in rows
        ]
        outcomes = await do(tx, steps)
        if isinstance(outcomes[0], errors.TransferNotFound | errors.TransferEnded):
            raise outcomes[0]
        return sum(abs(moved.quantity) for moved in rowed.all_done(rows, outcomes))

    try:
        units = await unit.write(work)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _answer(unit, transfer_id, form, rowed.refuse(form, refusal))
    return pages.redirect(unit, f"/transfers/{transfer_id}", flash=flash, units=units)


def _moving(form: Filled[Any]) -> list[rowed.Wanted]:
    """Return the rows of which anything moves; 0 is nothing. Raises RowsMissing, or Rejections."""
    ids, texts = form.raw.get("sku_id", []), form.raw.get("quantity", [])
    typed = {**form.raw, "sku": ids, "quantity": ["" if text == "0" else text for text in texts]}
    typed["sku"] = [sku_id if text else "" for sku_id, text in zip(ids, typed["quantity"], strict=False)]
    return rowed.wanted(Filled(form.locale, None, typed, {}))


@post("/transfers/{transfer_id:uuid}/closure", permission="inventory:write")
async def close(unit: Unit, transfer_id: UUID) -> Response[str]:
    """End the transfer: what never left is freed, what never arrived is missing."""
    form = await forms.read(unit, forms.Form)

    async def work(tx: Tx) -> None:
        accepted(await service.close_transfers(tx, transfer_ids=[TransferId(transfer_id)]))

    try:
        await unit.write(work)
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return await _answer(unit, transfer_id, form, {})
    return pages.redirect(unit, f"/transfers/{transfer_id}", flash=N_("The transfer is closed."))


HANDLERS: tuple[Any, ...] = (
    transfers_page,
    new_transfer_page,
    open_transfer,
    transfer_page,
    ship,
    take_in,
    close,
)
