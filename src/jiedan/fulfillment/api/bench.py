"""REST of the pack station: scan goods into the open box, take them out, close it; kinds of boxes, papers, news."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, get, post, put

from jiedan.base import paging
from jiedan.base.errors import Refusal
from jiedan.base.web import answers, bodies, problems
from jiedan.base.web.unit import Unit
from jiedan.carriers.values import TrackingState
from jiedan.fulfillment import queries, service
from jiedan.fulfillment.api import views
from jiedan.fulfillment.api.shapes import ParcelRow, ParcelView, Rows, Weight
from jiedan.fulfillment.queries.shipments import Sought
from jiedan.fulfillment.values import (
    SCANNED_CHARS_MAX,
    SCANS_MAX,
    Closing,
    PackingBox,
    Paper,
    ParcelState,
    Print,
    Report,
    ReprintReason,
    Scan,
    Undo,
)

_ID = "0193a000-0000-7000-8000-000000000001"
SIZE_MM_MAX = 100_000

Size = Annotated[int, msgspec.Meta(ge=1, le=SIZE_MM_MAX)]
Scanned = Annotated[str, msgspec.Meta(min_length=1, max_length=SCANNED_CHARS_MAX, pattern=r"\S")]


class ScanBody(bodies.Body):
    """A unit as the scanner read it: the code of its SKU, or its barcode. `key` makes the row safe to send again."""

    fulfillment_id: UUID
    code: Scanned
    key: bodies.Code | None = None


class ScansBody(bodies.Body):
    """Units that were put into open boxes, in the order in which they were."""

    __example__: ClassVar[dict[str, Any]] = {"items": [{"fulfillment_id": _ID, "code": "4006381333931"}]}

    items: Annotated[list[ScanBody], msgspec.Meta(min_length=1, max_length=SCANS_MAX)]


class UndoBody(bodies.Body):
    """The last unit of an open box. `key` as for scans."""

    fulfillment_id: UUID
    key: bodies.Code | None = None


class UndosBody(bodies.Body):
    """Open boxes whose last unit is taken out."""

    __example__: ClassVar[dict[str, Any]] = {"items": [{"fulfillment_id": _ID}]}

    items: Annotated[list[UndoBody], msgspec.Meta(min_length=1, max_length=SCANS_MAX)]


class ClosingBody(bodies.Body):
    """An open box that is closed: what it weighs and what kind it is. `key` as for scans."""

    fulfillment_id: UUID
    weight_g: Weight | None = None
    box: bodies.Code | None = None
    key: bodies.Code | None = None


class ClosingsBody(bodies.Body):
    """Open boxes that are closed into parcels."""

    __example__: ClassVar[dict[str, Any]] = {"items": [{"fulfillment_id": _ID, "weight_g": 650}]}

    items: Annotated[list[ClosingBody], Rows]


class PrintBody(bodies.Body):
    """A paper of a parcel; the second time it needs a reason."""

    parcel_id: UUID
    document: Paper
    reason: ReprintReason | None = None


class PrintsBody(bodies.Body):
    """Papers that were printed."""

    __example__: ClassVar[dict[str, Any]] = {"items": [{"parcel_id": _ID, "document": "label", "reason": "jammed"}]}

    items: Annotated[list[PrintBody], Rows]


class ReportBody(bodies.Body):
    """What people tell of a parcel on its way; `at` when it was not just now."""

    parcel_id: UUID
    state: TrackingState
    at: bodies.Moment | None = None
    place: Annotated[str, msgspec.Meta(max_length=200)] = ""
    text: Annotated[str, msgspec.Meta(max_length=500)] = ""


class ReportsBody(bodies.Body):
    """What people tell of parcels."""

    __example__: ClassVar[dict[str, Any]] = {
        "items": [{"parcel_id": _ID, "state": "failed", "place": "Beijing", "text": "Nobody at home."}]
    }

    items: Annotated[list[ReportBody], Rows]


class BoxBody(bodies.Body):
    """A kind of box: inner sizes in millimeters, and what it weighs empty, in grams."""

    __example__: ClassVar[dict[str, Any]] = {
        "code": "M",
        "name": "Medium",
        "length_mm": 320,
        "width_mm": 240,
        "height_mm": 140,
        "tare_g": 180,
    }

    code: bodies.Code
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]
    length_mm: Size
    width_mm: Size
    height_mm: Size
    tare_g: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    is_active: bool = True


class BoxView(msgspec.Struct, frozen=True):
    """A kind of box as it is set up."""

    code: str
    name: str
    length_mm: int
    width_mm: int
    height_mm: int
    tare_g: int
    is_active: bool
    version: int


class ScannedView(msgspec.Struct, frozen=True):
    """Units in an open box that were scanned at once: of which line, as the scanner read them, how many, and when."""

    scan_id: UUID
    line: int
    code: str
    scanned_at: datetime
    quantity: int


class ScanRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """The outcome of one scan: its id, or why it was refused."""

    scan_id: UUID | None = None
    problem: problems.Problem | None = None


class DoneRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """The outcome of one row: nothing where it was done, or why it was refused."""

    problem: problems.Problem | None = None


@get("/fulfillments/{fulfillment_id:uuid}/scans", permission="fulfillment:read", summary="List an open box")
async def list_scans(unit: Unit, fulfillment_id: UUID) -> list[ScannedView]:
    """Return what was scanned into the open box of a fulfillment, in that order."""
    async with unit.read() as tx:
        found = await queries.fulfillment(tx, fulfillment_id)
        scans = await tx.load_one(queries.open_scans([fulfillment_id]))
    line_by_id = {x.line_id: x.line for x in found.lines}
    return [
        ScannedView(x.scan_id, line_by_id[x.line_id], x.code, x.scanned_at, x.quantity)
        for x in scans.get(found.fulfillment_id, ())
    ]


@post("/fulfillments/scans", permission="fulfillment:pack", status_code=200, idempotent=True, summary="Scan goods")
async def scan_items(unit: Unit, data: ScansBody) -> list[ScanRow]:
    """Put units into open boxes: one outcome each, in order. A wrong item is refused, and one too many.

    The barcode of a carton counts all that is in it.
    """
    scans = [Scan(x.fulfillment_id, x.code, views.keyed(unit, x.key, i)) for i, x in enumerate(data.items)]
    outcomes = await unit.write(lambda tx: service.scan_items(tx, scans=scans))
    return [
        ScanRow(problem=views.refused(unit, x, f"items[{i}]")) if isinstance(x, Refusal) else ScanRow(x)
        for i, x in enumerate(outcomes)
    ]


@post(
    "/fulfillments/scan-undos",
    permission="fulfillment:pack",
    status_code=200,
    idempotent=True,
    summary="Take back scans",
)
async def undo_scans(unit: Unit, data: UndosBody) -> list[DoneRow]:
    """Take what was scanned last out of open boxes: one outcome each, in order."""
    undos = [Undo(x.fulfillment_id, views.keyed(unit, x.key, i)) for i, x in enumerate(data.items)]
    return _done(unit, await unit.write(lambda tx: service.undo_scans(tx, undos=undos)))


@post("/parcels/closings", permission="fulfillment:pack", status_code=200, idempotent=True, summary="Close boxes")
async def close_boxes(unit: Unit, data: ClosingsBody) -> list[ParcelRow]:
    """Close open boxes into parcels with what was scanned into them; what nobody picked before counts as picked."""
    closings = [
        Closing(x.fulfillment_id, x.weight_g, x.box, views.keyed(unit, x.key, i)) for i, x in enumerate(data.items)
    ]
    return await views.parcel_rows(unit, await unit.write(lambda tx: service.close_boxes(tx, closings=closings)))


@post("/parcels/prints", permission="fulfillment:pack", status_code=200, summary="Record prints")
async def record_prints(unit: Unit, data: PrintsBody) -> list[DoneRow]:
    """Count papers of parcels as printed: one outcome each, in order. A second time needs a reason."""
    prints = [Print(x.parcel_id, x.document, x.reason) for x in data.items]
    return _done(unit, await unit.write(lambda tx: service.record_prints(tx, prints=prints)))


@post("/parcels/reports", permission="fulfillment:deliver", status_code=200, summary="Tell of parcels")
async def report_parcels(unit: Unit, data: ReportsBody) -> list[ParcelRow]:
    """Keep what people tell of parcels on their way, like what carriers say: one outcome each, in order."""
    reports = [Report(x.parcel_id, x.state, x.at, x.place, x.text) for x in data.items]
    return await views.parcel_rows(unit, await unit.write(lambda tx: service.report_parcels(tx, reports=reports)))


@get("/parcels", permission="fulfillment:read", summary="List parcels")
async def list_parcels(
    unit: Unit,
    status: ParcelState = "packed",
    carrier: str | None = None,
    limit: bodies.Limit = 50,
    cursor: str | None = None,
) -> Response[paging.Listing[ParcelView]]:
    """Return the parcels of one state by when they were packed: delivered ones newest first, others oldest first."""
    request = unit.page("parcels", filters={"status": status, "carrier": carrier}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.shipment_page(tx, request=request, sought=Sought((status,), carrier))
        shown = await views.book(tx, {x.order_id for x, _ in page.items})
    rows = [shown.parcel(parcel) for _, parcel in page.items]
    return answers.listing(unit, paging.Page(rows, page.next, page.previous))


@get("/packing-boxes", permission="fulfillment:read", summary="List kinds of boxes")
async def list_boxes(unit: Unit) -> list[BoxView]:
    """Return every kind of box by its code."""
    async with unit.read() as tx:
        found = await tx.load_one(queries.boxes())
    return [BoxView(*x) for x in found.values()]


@put("/packing-boxes", permission="settings:write", summary="Set up a kind of box")
async def save_box(unit: Unit, data: BoxBody) -> BoxView:
    """Set a kind of box up, or change the one with this code; parcels packed before keep theirs."""
    box = PackingBox(data.code, data.name, data.length_mm, data.width_mm, data.height_mm, data.tare_g, data.is_active)
    return BoxView(*await unit.write(lambda tx: service.save_box(tx, box=box)))


def _done(unit: Unit, outcomes: Sequence[object]) -> list[DoneRow]:
    return [
        DoneRow(views.refused(unit, x, f"items[{i}]")) if isinstance(x, Refusal) else DoneRow()
        for i, x in enumerate(outcomes)
    ]


HANDLERS: tuple[Any, ...] = (
    list_scans,
    scan_items,
    undo_scans,
    close_boxes,
    record_prints,
    report_parcels,
    list_parcels,
    list_boxes,
    save_box,
)
