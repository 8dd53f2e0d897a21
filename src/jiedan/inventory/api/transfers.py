"""Transfers over REST."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base import paging
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal
from jiedan.base.web import answers, bodies
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries as catalog
from jiedan.inventory import errors, queries, rules, service
from jiedan.inventory.api import rows
from jiedan.inventory.values import BATCH_MAX, Moved, NewTransfer, Transfer, TransferId, TransferStep

Openness = Literal["open", "closed"]
Reference = Annotated[str, msgspec.Meta(max_length=bodies.CODE_LENGTH_MAX)]


class LineBody(bodies.Body):
    """A quantity of a SKU."""

    sku: bodies.Code
    quantity: bodies.Quantity


Lines = Annotated[list[LineBody], msgspec.Meta(min_length=1, max_length=BATCH_MAX)]


class TransferBody(bodies.Body):
    """A transfer to open; its goods are reserved at once, all or none."""

    __example__: ClassVar[dict[str, Any]] = {
        "from_location": "SH-1",
        "to_location": "STORE-3",
        "items": [{"sku": "TEA-250", "quantity": 12}],
        "reference": "T-0042",
    }

    from_location: bodies.Code
    to_location: bodies.Code
    items: Lines
    reference: Reference = ""


class StepsBody(bodies.Body):
    """What leaves or arrives now, whole or in part."""

    __example__: ClassVar[dict[str, Any]] = {"items": [{"sku": "TEA-250", "quantity": 12}]}

    items: Lines


class LineView(msgspec.Struct, frozen=True):
    """How much of a SKU is to move, has left, has arrived, was given up, and is on its way."""

    sku: str
    quantity: int
    shipped: int
    received: int
    missing: int
    in_transit: int


class TransferView(msgspec.Struct, frozen=True):
    """A transfer whole."""

    transfer_id: UUID
    from_location: str
    to_location: str
    reference: str
    status: str
    created_at: datetime
    closed_at: datetime | None
    items: list[LineView]


async def _views(tx: ReadTx, transfers: Sequence[Transfer]) -> list[TransferView]:
    sku_ids = {line.sku_id for transfer in transfers for line in transfer.lines}
    skus, places = await tx.load(catalog.skus_by_id(sku_ids), queries.locations())
    codes = {place.location_id: place.code for place in places}
    return [
        TransferView(
            transfer_id=transfer.transfer_id,
            from_location=codes[transfer.from_location_id],
            to_location=codes[transfer.to_location_id],
            reference=transfer.reference,
            status=rules.transfer_status(transfer),
            created_at=transfer.created_at,
            closed_at=transfer.closed_at,
            items=[
                LineView(skus[x.sku_id].code, x.quantity, x.shipped, x.received, x.missing, x.in_transit)
                for x in transfer.lines
            ],
        )
        for transfer in transfers
    ]


async def _shown(unit: Unit, transfer_id: UUID) -> TransferView:
    async with unit.read() as tx:
        found = await queries.transfers(tx, [TransferId(transfer_id)])
        if not found:
            raise errors.TransferNotFound(TransferId(transfer_id))
        (view,) = await _views(tx, list(found.values()))
    return view


@get("/transfers", permission="inventory:read", summary="List transfers")
async def list_transfers(
    unit: Unit, status: Openness | None = None, limit: bodies.Limit = 50, cursor: str | None = None
) -> Response[paging.Listing[TransferView]]:
    """Return transfers, latest first: open ones, closed ones, or all."""
    request = unit.page("transfers", filters={"status": status}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.transfer_page(tx, request=request, is_open=None if status is None else status == "open")
        views = await _views(tx, page.items)
    return answers.listing(unit, paging.Page(views, page.next, page.previous))


@get("/transfers/{transfer_id:uuid}", permission="inventory:read", summary="Get a transfer")
async def get_transfer(unit: Unit, transfer_id: UUID) -> TransferView:
    """Return one transfer whole."""
    return await _shown(unit, transfer_id)


@post("/transfers", permission="inventory:write", idempotent=True, summary="Open a transfer")
async def open_transfer(unit: Unit, data: TransferBody) -> Response[TransferView]:
    """Open a transfer between two locations and reserve its goods."""
    key = unit.idempotency_key

    async def work(tx: Tx) -> TransferId:
        known = await rows.names(tx, [item.sku for item in data.items])
        wish = NewTransfer(
            known.place(data.from_location, field="from_location").location_id,
            known.place(data.to_location, field="to_location").location_id,
            tuple(
                (known.sku(item.sku, field=f"items[{number}].sku"), item.quantity)
                for number, item in enumerate(data.items)
            ),
            data.reference,
            key,
        )
        return rows.only(await service.open_transfers(tx, wishes=[wish])).transfer_id

    view = await _shown(unit, await unit.write(work))
    return answers.created(view, f"/api/v1/transfers/{view.transfer_id}")


async def _steps(unit: Unit, tx: Tx, transfer_id: UUID, items: Sequence[LineBody], *, verb: str) -> list[TransferStep]:
    known = await rows.names(tx, [item.sku for item in items])
    return [
        TransferStep(
            TransferId(transfer_id),
            known.sku(item.sku, field=f"items[{number}].sku"),
            item.quantity,
            f"{rows.operation_key(unit, tx, number=number)}/{verb}/{transfer_id}",
        )
        for number, item in enumerate(items)
    ]


def _all(outcomes: Sequence[Moved | Refusal]) -> None:
    """Raise the first refusal: a step of a transfer is taken whole."""
    for number, outcome in enumerate(outcomes):
        if isinstance(outcome, Refusal):
            outcome.field = f"items[{number}]"
            raise outcome


@post(
    "/transfers/{transfer_id:uuid}/shipments", permission="inventory:write", idempotent=True, summary="Ship a transfer"
)
async def ship_transfer(unit: Unit, transfer_id: UUID, data: StepsBody) -> TransferView:
    """Let goods of the transfer leave; they count as incoming where they go."""

    async def work(tx: Tx) -> None:
        steps = await _steps(unit, tx, transfer_id, data.items, verb="out")
        _all(await service.ship_transfers(tx, steps=steps))

    await unit.write(work)
    return await _shown(unit, transfer_id)


@post(
    "/transfers/{transfer_id:uuid}/receipts",
    permission="inventory:write",
    idempotent=True,
    summary="Receive a transfer",
)
async def receive_transfer(unit: Unit, transfer_id: UUID, data: StepsBody) -> TransferView:
    """Take in what the transfer has in transit."""

    async def work(tx: Tx) -> None:
        steps = await _steps(unit, tx, transfer_id, data.items, verb="in")
        _all(await service.receive_transfers(tx, steps=steps))

    await unit.write(work)
    return await _shown(unit, transfer_id)


@post(
    "/transfers/{transfer_id:uuid}/closure", permission="inventory:write", status_code=200, summary="Close a transfer"
)
async def close_transfer(unit: Unit, transfer_id: UUID) -> TransferView:
    """End the transfer: what never left is freed, what never arrived is missing."""

    async def work(tx: Tx) -> None:
        rows.only(await service.close_transfers(tx, transfer_ids=[TransferId(transfer_id)]))

    await unit.write(work)
    return await _shown(unit, transfer_id)


HANDLERS = (list_transfers, get_transfer, open_transfer, ship_transfer, receive_transfer, close_transfer)
