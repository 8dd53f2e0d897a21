"""Stock over REST: counters, availability, receipts, adjustments, thresholds, movements."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, get, post, put

from jiedan.base import paging
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.base.web import answers, bodies
from jiedan.base.web.problems import Problem, problem_of
from jiedan.base.web.unit import Unit
from jiedan.inventory import queries, service
from jiedan.inventory.api import rows
from jiedan.inventory.values import (
    BATCH_MAX,
    QUANTITY_MAX,
    Adjustment,
    AdjustmentReason,
    Moved,
    MovementRow,
    Receipt,
    ReceiptKind,
    StockRow,
    Thresholds,
    ThresholdsState,
    ThresholdsWish,
)

SKUS_IN_QUERY_MAX = 100
"""Most SKUs that one address names; `POST /stock/availability` takes more."""

SKUS_MAX = 500
"""Most SKUs that one question about availability names."""

Delta = Annotated[int, msgspec.Meta(ge=-QUANTITY_MAX, le=QUANTITY_MAX)]
Level = Annotated[int, msgspec.Meta(ge=0, le=QUANTITY_MAX)]
Reference = Annotated[str, msgspec.Meta(max_length=bodies.CODE_LENGTH_MAX)]
SkuQuery = Annotated[list[str], msgspec.Meta(max_length=SKUS_IN_QUERY_MAX)]
SkuCodes = Annotated[list[bodies.Code], msgspec.Meta(min_length=1, max_length=SKUS_MAX)]


class ReceiptBody(bodies.Body):
    """Goods that came in. `key` makes a row of a batch safe to send again; alone, `Idempotency-Key` does."""

    __example__: ClassVar[dict[str, Any]] = {"sku": "TEA-250", "location": "SH-1", "quantity": 40, "reference": "PO-17"}

    sku: bodies.Code
    location: bodies.Code
    quantity: bodies.Quantity
    kind: ReceiptKind = "receipt"
    reference: Reference = ""
    key: bodies.Code | None = None


class ReceiptsBody(bodies.Body):
    """Several receipts."""

    __example__: ClassVar[dict[str, Any]] = {"items": [{**ReceiptBody.__example__, "key": "PO-17/1"}]}

    items: Annotated[list[ReceiptBody], msgspec.Meta(min_length=1, max_length=BATCH_MAX)]


class AdjustmentBody(bodies.Body):
    """A correction of what is on hand, with its reason. `key` as for receipts."""

    __example__: ClassVar[dict[str, Any]] = {"sku": "TEA-250", "location": "SH-1", "delta": -2, "reason": "damaged"}

    sku: bodies.Code
    location: bodies.Code
    delta: Delta
    reason: AdjustmentReason
    reference: Reference = ""
    key: bodies.Code | None = None


class AdjustmentsBody(bodies.Body):
    """Several adjustments."""

    __example__: ClassVar[dict[str, Any]] = {"items": [{**AdjustmentBody.__example__, "key": "2026-11-21/1"}]}

    items: Annotated[list[AdjustmentBody], msgspec.Meta(min_length=1, max_length=BATCH_MAX)]


class ThresholdsBody(bodies.Body):
    """What is kept back, the level that alarms, the level to fill up to; a `version` sent must be the present one."""

    __example__: ClassVar[dict[str, Any]] = {
        "sku": "TEA-250",
        "location": "SH-1",
        "safety_stock": 5,
        "low_threshold": 20,
        "restock_level": 100,
    }

    sku: bodies.Code
    location: bodies.Code
    safety_stock: Level = 0
    low_threshold: Level | None = None
    restock_level: Level | None = None
    version: bodies.Version | None = None


class ThresholdsListBody(bodies.Body):
    """Thresholds of several keys."""

    __example__: ClassVar[dict[str, Any]] = {"items": [ThresholdsBody.__example__]}

    items: Annotated[list[ThresholdsBody], msgspec.Meta(min_length=1, max_length=BATCH_MAX)]


class AvailabilityBody(bodies.Body):
    """The SKUs asked about."""

    __example__: ClassVar[dict[str, Any]] = {"skus": ["TEA-250", "TEA-500"]}

    skus: SkuCodes


class PlaceView(msgspec.Struct, frozen=True):
    """The counters of a SKU at one location."""

    location: str
    on_hand: int
    reserved: int
    safety_stock: int
    incoming: int
    available: int


class AvailabilityView(msgspec.Struct, frozen=True):
    """What can be promised of a SKU at all active locations together, and at each."""

    sku: str
    available: int
    locations: list[PlaceView]


class ThresholdsRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one row: what stands now with its version, or why it was refused."""

    thresholds: Thresholds | None = None
    version: int | None = None
    problem: Problem | None = None


@get("/stock", permission="inventory:read", summary="List stock")
async def list_stock(
    unit: Unit,
    sku: SkuQuery | None = None,
    location: str | None = None,
    limit: bodies.Limit = 50,
    cursor: str | None = None,
) -> Response[paging.Listing[StockRow]]:
    """Return the counters by SKU and location: of some SKUs (`sku=A&sku=B`), of one location, or all."""
    codes = sku or []
    request = unit.page("stock", filters={"sku": sku, "location": location}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        known = await rows.names(tx, codes)
        page = await queries.stock_rows(
            tx,
            request=request,
            sku_ids=[known.sku(code, field="sku") for code in codes] if sku is not None else None,
            location_id=known.place(location, field="location").location_id if location is not None else None,
        )
    return answers.listing(unit, page)


@post("/stock/availability", permission="inventory:read", status_code=200, summary="Ask what is available")
async def ask_availability(unit: Unit, data: AvailabilityBody) -> list[AvailabilityView]:
    """Return what can be promised of each SKU, in the order asked; a SKU without stock has no locations."""
    async with unit.read() as tx:
        known = await rows.names(tx, data.skus)
        ids = {code: known.sku(code, field=f"skus[{number}]") for number, code in enumerate(data.skus)}
        found = await tx.load_one(queries.availability(ids.values()))
    places: dict[UUID, list[PlaceView]] = {}
    codes = {place.location_id: place.code for place in known.places.values()}
    for key, row in sorted(found.items(), key=lambda item: codes[item[0].location_id]):
        view = PlaceView(
            codes[key.location_id], row.on_hand, row.reserved, row.safety, row.incoming, max(row.available, 0)
        )
        places.setdefault(key.sku_id, []).append(view)
    return [
        AvailabilityView(code, sum(p.available for p in places.get(ids[code], ())), places.get(ids[code], []))
        for code in data.skus
    ]


@get("/stock/low", permission="inventory:read", summary="List low stock")
async def list_low_stock(
    unit: Unit, location: str | None = None, limit: bodies.Limit = 50, cursor: str | None = None
) -> Response[paging.Listing[StockRow]]:
    """Return what is at or below its threshold, longest low first, with how much to order."""
    request = unit.page("low_stock", filters={"location": location}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        known = await rows.names(tx, [])
        location_id = known.place(location, field="location").location_id if location is not None else None
        page = await queries.low_stock(tx, request=request, location_id=location_id)
    return answers.listing(unit, page)


@get("/stock/movements", permission="inventory:read", summary="List movements")
async def list_movements(
    unit: Unit,
    sku: str | None = None,
    location: str | None = None,
    limit: bodies.Limit = 50,
    cursor: str | None = None,
) -> Response[paging.Listing[MovementRow]]:
    """Return the ledger, latest first: of a SKU, of a location, of both, or all."""
    request = unit.page("movements", filters={"sku": sku, "location": location}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        known = await rows.names(tx, [sku] if sku is not None else [])
        page = await queries.movements(
            tx,
            request=request,
            sku_id=known.sku(sku, field="sku") if sku is not None else None,
            location_id=known.place(location, field="location").location_id if location is not None else None,
        )
    return answers.listing(unit, page)


async def _receive(unit: Unit, tx: Tx, items: Sequence[ReceiptBody], *, is_batch: bool) -> list[Moved | Refusal]:
    known = await rows.names(tx, [item.sku for item in items])

    def receipt(item: ReceiptBody, within: str, number: int) -> Receipt:
        operation = rows.operation_key(unit, tx, given=item.key, number=number if is_batch else None)
        key = known.key(item.sku, item.location, within=within)
        return Receipt(*key, item.quantity, operation, item.kind, item.reference)

    return await rows.decide(tx, items, make=receipt, do=lambda tx, found: service.receive_many(tx, receipts=found))


@post("/stock/receipts", permission="inventory:write", idempotent=True, summary="Receive goods")
async def receive(unit: Unit, data: ReceiptBody) -> rows.MovedView:
    """Take in goods of one SKU."""
    return rows.moved_view(rows.only(await unit.write(lambda tx: _receive(unit, tx, [data], is_batch=False))))


@post(
    "/stock/receipts/batch",
    permission="inventory:write",
    idempotent=True,
    status_code=200,
    summary="Receive many goods",
)
async def receive_many(unit: Unit, data: ReceiptsBody) -> list[rows.MovedRow]:
    """Take in goods; one outcome each, in order. What is refused does not keep the others out."""
    return rows.moved_rows(unit, await unit.write(lambda tx: _receive(unit, tx, data.items, is_batch=True)))


async def _adjust(unit: Unit, tx: Tx, items: Sequence[AdjustmentBody], *, is_batch: bool) -> list[Moved | Refusal]:
    known = await rows.names(tx, [item.sku for item in items])

    def adjustment(item: AdjustmentBody, within: str, number: int) -> Adjustment:
        operation = rows.operation_key(unit, tx, given=item.key, number=number if is_batch else None)
        key = known.key(item.sku, item.location, within=within)
        return Adjustment(*key, item.delta, item.reason, operation, item.reference)

    return await rows.decide(
        tx, items, make=adjustment, do=lambda tx, found: service.adjust_many(tx, adjustments=found)
    )


@post("/stock/adjustments", permission="inventory:adjust", idempotent=True, summary="Adjust stock")
async def adjust(unit: Unit, data: AdjustmentBody) -> rows.MovedView:
    """Correct what is on hand of one SKU; never below what is reserved."""
    return rows.moved_view(rows.only(await unit.write(lambda tx: _adjust(unit, tx, [data], is_batch=False))))


@post(
    "/stock/adjustments/batch",
    permission="inventory:adjust",
    idempotent=True,
    status_code=200,
    summary="Adjust much stock",
)
async def adjust_many(unit: Unit, data: AdjustmentsBody) -> list[rows.MovedRow]:
    """Correct what is on hand; one outcome each, in order."""
    return rows.moved_rows(unit, await unit.write(lambda tx: _adjust(unit, tx, data.items, is_batch=True)))


async def _set_thresholds(tx: Tx, items: Sequence[ThresholdsBody]) -> list[ThresholdsState | Refusal]:
    known = await rows.names(tx, [item.sku for item in items])

    def wish(item: ThresholdsBody, within: str, _: int) -> ThresholdsWish:
        levels = Thresholds(item.safety_stock, item.low_threshold, item.restock_level)
        return ThresholdsWish(*known.key(item.sku, item.location, within=within), levels, item.version)

    return await rows.decide(tx, items, make=wish, do=lambda tx, found: service.set_thresholds_many(tx, wishes=found))


@put("/stock/thresholds", permission="inventory:write", summary="Set thresholds")
async def set_thresholds(unit: Unit, data: ThresholdsListBody) -> list[ThresholdsRow]:
    """Set safety stock and alarm levels; one outcome each, in order."""
    return [
        ThresholdsRow(problem=problem_of(outcome, locale=unit.locale))
        if isinstance(outcome, Refusal)
        else ThresholdsRow(outcome.thresholds, outcome.version)
        for outcome in await unit.write(lambda tx: _set_thresholds(tx, data.items))
    ]


HANDLERS = (
    list_stock,
    ask_availability,
    list_low_stock,
    list_movements,
    receive,
    receive_many,
    adjust,
    adjust_many,
    set_thresholds,
)
