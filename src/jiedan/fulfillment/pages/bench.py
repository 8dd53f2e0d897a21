"""The pack station: scan an order, scan what goes into the box, close it, label it, take the next.

Every form works without JavaScript. `pack.js` sends scans one after another and puts the answer's `#bench` in place;
it asks for that part alone, as htmx does.
"""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post

from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages, sending
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.fulfillment import errors, queries, service
from jiedan.fulfillment.pages import pictures, words
from jiedan.fulfillment.pages.bench_shown import bench
from jiedan.fulfillment.queries import Queued
from jiedan.fulfillment.values import (
    SCANNED_CHARS_MAX,
    Acknowledgement,
    Closing,
    Paper,
    ParcelId,
    Print,
    ReprintReason,
    Scan,
    Status,
    Undo,
)
from jiedan.fulfillment.values.words import WEIGHT_G_MAX
from jiedan.inventory import queries as stock
from jiedan.orders import queries as orders
from jiedan.orders.rules import derived

TO_PACK: tuple[Status, ...] = ("picked", "picking", "released", "partly_shipped")
NEXT_MAX = 20
"""How many fulfillments the station lists; the queue has them all."""

BOX_FIELDS = ("weight_g", "box", "carrier")

Key = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$")]


Typed = Annotated[str, msgspec.Meta(max_length=40)]


class ScanForm(Form):
    """What the scanner read; `key` makes it safe to send again. What is typed for the box meanwhile is kept."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=SCANNED_CHARS_MAX)]
    key: Key | None = None
    weight_g: Typed = ""
    box: Typed = ""
    carrier: Typed = ""


class UndoForm(Form):
    """The last scan is taken back."""

    key: Key | None = None


class ClosingForm(Form):
    """What the box weighs, what kind it is, and who makes its label; what stands in the field for scans is left out."""

    code: Annotated[str, msgspec.Meta(max_length=SCANNED_CHARS_MAX)] = ""
    key: Key | None = None
    weight_g: Annotated[int, msgspec.Meta(ge=1, le=WEIGHT_G_MAX)] | None = None
    box: bodies.Code | None = None
    carrier: bodies.Code | None = None


class PrintForm(Form):
    """Which paper, and why again."""

    document: Paper
    reason: ReprintReason | None = None


class ReadForm(Form):
    """The notes were read."""


@get("/pack", permission="fulfillment:pack")
async def station_page(unit: Unit) -> Response[str]:
    """Show what is to be packed next; a scanned number leads to its fulfillment, a SKU to the first that wants it."""
    code = unit.request.query_params.get("location") or None
    scanned = (unit.request.query_params.get("code") or "").strip()[:SCANNED_CHARS_MAX]
    async with unit.read() as tx:
        places = await tx.load_one(stock.locations())
        place = next((x.location_id for x in places if x.code == code), None)
        found = await queries.find_scanned(tx, scanned, statuses=TO_PACK, location_id=place) if scanned else None
        if found is not None:
            return pages.redirect(unit, f"/fulfillment/{found}/pack")
        rows = await queries.next_up(tx, Queued(TO_PACK, place), limit=NEXT_MAX)
        known = await orders.orders(tx, {x.order_id for x in rows})
        today = tx.now.astimezone(ZoneInfo(unit.principal.time_zone)).date()
    return pages.render(
        unit,
        "fulfillment/station.html",
        status=404 if scanned else None,
        rows=rows,
        orders=known,
        late={key: derived.days_late(x.order, today=today) for key, x in known.items()},
        places=places,
        names={x.location_id: x.name for x in places},
        location=code or "",
        scanned=scanned,
        words=words,
    )


@get("/fulfillment/{fulfillment_id:uuid}/pack", permission="fulfillment:pack")
async def pack_page(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Show the open box of a fulfillment, and what is still to come into it."""
    return await _answer(unit, fulfillment_id)


@post("/fulfillment/{fulfillment_id:uuid}/pack/scans", permission="fulfillment:pack")
async def scan(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Put a unit into the open box. The number of another fulfillment leads there when the box is empty."""
    form = await forms.read(unit, ScanForm)
    sent = form.value
    if sent is None:
        return await _answer(unit, fulfillment_id, form)
    wish = Scan(fulfillment_id, sent.code, sent.key)
    (outcome,) = await unit.write(lambda tx: service.scan_items(tx, scans=[wish]))
    if not isinstance(outcome, Refusal):
        return await _done(unit, fulfillment_id, form)
    async with unit.read() as tx:
        other = await queries.find_number(tx, sent.code)
        is_empty = not await tx.load_one(queries.open_scans([fulfillment_id]))
    if other is not None and (is_empty or other == fulfillment_id):
        return _led(unit, f"/fulfillment/{other}/pack")
    form.refuse(outcome)
    return await _answer(unit, fulfillment_id, form)


@post("/fulfillment/{fulfillment_id:uuid}/pack/undo", permission="fulfillment:pack")
async def undo(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Take the last unit out of the open box."""
    form = await forms.read(unit, UndoForm)
    if form.value is not None:
        wish = Undo(fulfillment_id, form.value.key)
        (outcome,) = await unit.write(lambda tx: service.undo_scans(tx, undos=[wish]))
        if outcome is None:
            return await _done(unit, fulfillment_id)
        form.refuse(outcome)
    return await _answer(unit, fulfillment_id, form)


@post("/fulfillment/{fulfillment_id:uuid}/pack/notes", permission="fulfillment:pack")
async def read_notes(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Keep that the notes were read."""
    form = await forms.read(unit, ReadForm)
    wish = Acknowledgement(fulfillment_id)
    (outcome,) = await unit.write(lambda tx: service.acknowledge_notes(tx, wishes=[wish]))
    if isinstance(outcome, Refusal):
        form.refuse(outcome)
        return await _answer(unit, fulfillment_id, form)
    return await _done(unit, fulfillment_id)


@post("/fulfillment/{fulfillment_id:uuid}/pack/parcels", permission="fulfillment:pack")
async def close_box(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Close the open box into a parcel; with a carrier, its label is made at once.

    Sent again it goes on where it had come to: the same parcel, and its label if there is none yet.
    """
    form = await forms.read(unit, ClosingForm)
    number = await sending.begun(unit.request)
    sent = form.value
    if sent is None:
        return await _answer(unit, fulfillment_id, form)
    wish = Closing(fulfillment_id, sent.weight_g, sent.box, key=number.key if number is not None else None)
    (outcome,) = await unit.write(lambda tx: service.close_boxes(tx, closings=[wish]))
    if isinstance(outcome, Refusal):
        form.refuse(outcome)
        return await _answer(unit, fulfillment_id, form)
    if sent.carrier is not None and unit.may("fulfillment:ship"):
        refused = await _label(unit, outcome, sent.carrier)
        if refused is not None:
            form.refuse(refused)
            return await _answer(unit, fulfillment_id, form)
    return pages.redirect(unit, f"/fulfillment/{fulfillment_id}/pack", flash=N_("The parcel is packed."))


async def _label(unit: Unit, parcel_id: ParcelId, carrier: str) -> Refusal | None:
    try:
        (outcome,) = await service.order_labels(
            unit.runtime.database, unit.scope, parcel_ids=[parcel_id], carrier=carrier
        )
    except Refusal as refusal:
        return refusal
    if isinstance(outcome, errors.ParcelHasLabel):
        return None
    return outcome if isinstance(outcome, Refusal) else None


@post("/parcels/{parcel_id:uuid}/prints", permission="fulfillment:pack")
async def print_paper(unit: Unit, parcel_id: UUID) -> Response[str]:
    """Count a paper as printed and lead to it; a second time needs a reason."""
    form = await forms.read(unit, PrintForm)
    sent = form.value
    if sent is not None:
        wish = Print(parcel_id, sent.document, sent.reason)
        (outcome,) = await unit.write(lambda tx: service.record_prints(tx, prints=[wish]))
        if not isinstance(outcome, Refusal):
            paper = {"label": "label.pdf", "packing_slip": "packing-slip"}[sent.document]
            return pages.redirect(unit, f"/parcels/{parcel_id}/{paper}")
        form.refuse(outcome)
    async with unit.read() as tx:
        owner = (await queries.parcels(tx, [parcel_id])).get(ParcelId(parcel_id))
    if owner is None:
        raise errors.ParcelNotFound(str(parcel_id))
    return await _answer(unit, owner[0].fulfillment_id, form)


def _led(unit: Unit, path: str) -> Response[str]:
    """Lead to another page, also whoever asked for a part of this one."""
    answer = pages.redirect(unit, path)
    if pages.wants_part(unit):
        return Response("", status_code=204, headers={"HX-Redirect": pages.url(unit.exchange, path)})
    return answer


async def _done(unit: Unit, fulfillment_id: UUID, form: "Filled[Any] | None" = None) -> Response[str]:
    """Show the bench after a change; what was typed for the box goes along in the address."""
    if pages.wants_part(unit):
        return await _answer(unit, fulfillment_id)
    typed = {name: form.text(name) for name in BOX_FIELDS if name in form.raw} if form is not None else {}
    tail = f"?{urlencode(typed)}" if any(typed.values()) else ""
    return pages.redirect(unit, f"/fulfillment/{fulfillment_id}/pack{tail}")


async def _answer(unit: Unit, fulfillment_id: UUID, form: "Filled[Any] | None" = None) -> Response[str]:
    """Show the bench, whole or the part that changes; `form` is what was sent and did not go through."""
    async with unit.read() as tx:
        sees_goods = unit.may(pictures.READ)
        found = await bench(tx, fulfillment_id, time_zone=unit.principal.time_zone, sees_goods=sees_goods)
        upcoming = await queries.next_up(
            tx, Queued(TO_PACK, found.shown.fulfillment.location_id), limit=1, but=fulfillment_id
        )
    return pages.render(
        unit,
        "fulfillment/pack.html",
        part="fulfillment/_bench.html",
        form=form,
        typed={name: unit.request.query_params.get(name) for name in BOX_FIELDS},
        photographed=(unit.request.query_params.get("code") or "")[:SCANNED_CHARS_MAX],
        bench=found,
        shown=found.shown,
        work=found.shown.fulfillment,
        upcoming=upcoming[0] if upcoming else None,
        words=words,
    )


HANDLERS: tuple[Any, ...] = (
    station_page,
    pack_page,
    scan,
    undo,
    read_notes,
    close_box,
    print_paper,
)
