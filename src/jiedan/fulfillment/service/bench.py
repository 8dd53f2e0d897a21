"""The pack station: units are scanned into the open box, taken out again, and the box is closed into a parcel."""

import functools
from collections.abc import Collection, Sequence
from typing import TypeVar
from uuid import UUID

from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.catalog import queries as catalog
from jiedan.fulfillment import errors, events, queries, rules, saving
from jiedan.fulfillment.rules import Floor
from jiedan.fulfillment.rules.scanning import Bench, close, scan, undo
from jiedan.fulfillment.service.holding import hold
from jiedan.fulfillment.service.working import decided
from jiedan.fulfillment.values import (
    BOXES_MAX,
    Closing,
    FulfillmentId,
    PackingBox,
    ParcelId,
    Print,
    Scan,
    ScanId,
    Undo,
)

W = TypeVar("W", Scan, Undo, Closing)


async def scan_items(tx: Tx, *, scans: Sequence[Scan]) -> list[ScanId | Refusal]:
    """Put units into the open boxes of fulfillments, as scanners read them: one outcome per scan, in order.

    Outcomes are the scan's id, FulfillmentNotFound, WorkStopped, CodeUnknown, WrongItem, TooManyScanned,
    PackTooLarge or KeyReused.
    """

    async def work(fresh: Sequence[tuple[Scan, UUID]]) -> list[ScanId | Refusal]:
        floor, bench = await _bench(tx, [wish for wish, _ in fresh], codes=[wish.code for wish, _ in fresh])
        outcomes = [
            decided(floor, wish, new_id, lambda floor, wish, new_id: scan(floor, bench, wish, scan_id=ScanId(new_id)))
            for wish, new_id in fresh
        ]
        await _save(tx, floor, bench)
        return outcomes

    wishes = [(wish.key, wish) for wish in scans]
    return await once.each(
        tx, operation="fulfillment.scan", wishes=wishes, work=work, again=lambda _, made: ScanId(made)
    )


async def undo_scans(tx: Tx, *, undos: Sequence[Undo]) -> list[Refusal | None]:
    """Take what was scanned last out of each open box again: one outcome per wish, in order.

    Outcomes are None, FulfillmentNotFound, NothingScanned or KeyReused.
    """

    async def work(fresh: Sequence[Undo]) -> list[ScanId | Refusal]:
        floor, bench = await _bench(tx, fresh)
        outcomes = [
            decided(floor, wish, wish.fulfillment_id, lambda floor, wish, _: undo(floor, bench, wish)) for wish in fresh
        ]
        await _save(tx, floor, bench)
        return outcomes

    wishes = [(wish.key, wish) for wish in undos]
    return await once.done_each(tx, operation="fulfillment.undo_scan", wishes=wishes, work=work)


async def close_boxes(tx: Tx, *, closings: Sequence[Closing]) -> list[ParcelId | Refusal]:
    """Close open boxes into parcels with what was scanned into them: one outcome per box, in order.

    What nobody has picked before counts as picked. Outcomes are the parcel's id, FulfillmentNotFound, WorkStopped,
    NotesUnread, NothingScanned, ScannedNotWanted, UnknownBox, WeightOutOfRange or KeyReused.
    """

    async def work(fresh: Sequence[tuple[Closing, UUID]]) -> list[ParcelId | Refusal]:
        floor, bench = await _bench(tx, [wish for wish, _ in fresh])
        kinds = await tx.load_one(queries.boxes()) if any(wish.box for wish, _ in fresh) else {}
        known = {code for code, kind in kinds.items() if kind.is_active}
        outcomes = [
            errors.UnknownBox(wish.box, field="box")
            if wish.box and wish.box not in known
            else decided(
                floor, wish, new_id, lambda floor, wish, new_id: close(floor, bench, wish, parcel_id=ParcelId(new_id))
            )
            for wish, new_id in fresh
        ]
        await _save(tx, floor, bench)
        return outcomes

    wishes = [(wish.key, wish) for wish in closings]
    return await once.each(
        tx, operation="fulfillment.close_box", wishes=wishes, work=work, again=lambda _, made: ParcelId(made)
    )


async def _bench(tx: Tx, wishes: Sequence[W], *, codes: Collection[str] = ()) -> tuple[Floor, Bench]:
    """Lock the orders of fulfillments, then read their open boxes and what scanners read of their goods."""
    fulfillment_ids = {FulfillmentId(wish.fulfillment_id) for wish in wishes}
    floor = await hold(tx, fulfillment_ids=fulfillment_ids)
    sku_ids = {line.sku_id for key, x in floor.fulfillments.items() if key in fulfillment_ids for line in x.lines}
    loads = (queries.open_scans(fulfillment_ids), catalog.scannable(sku_ids))
    scans, skus, *others = await tx.load(*loads, *(catalog.scanned(codes) if codes else ()))
    return floor, Bench(scans, skus, [sku for found in others for sku in found.values()])


async def _save(tx: Tx, floor: Floor, bench: Bench) -> None:
    await saving.save(tx, floor)
    await saving.save_bench(tx, bench)


async def record_prints(tx: Tx, *, prints: Sequence[Print]) -> list[ParcelId | Refusal]:
    """Keep that papers of parcels were printed, and why again: one outcome per paper, in order.

    Outcomes are the parcel's id, ParcelNotFound or AlreadyPrinted: a paper is printed once without a reason.
    """
    floor = await hold(tx, parcel_ids={wish.parcel_id for wish in prints})
    before = await tx.load_one(queries.prints({wish.parcel_id for wish in prints}))
    seen = {(key, x.document) for key, of in before.items() for x in of}
    outcomes: list[ParcelId | Refusal] = []
    made: list[Print] = []
    for wish in prints:
        outcome = floor.attempt(functools.partial(rules.print_paper, floor, wish, seen=seen))
        outcomes.append(outcome)
        if not isinstance(outcome, Refusal):
            seen.add((outcome, wish.document))
            made.append(wish)
    await saving.save(tx, floor)
    await saving.add_prints(tx, made)
    return outcomes


async def save_box(tx: Tx, *, box: PackingBox) -> PackingBox:
    """Set a kind of box up, or change the one with this code. Raises TooManyBoxes.

    A way to write them all is not needed: a merchant has few.
    """
    found = await tx.load_one(queries.boxes())
    before = found.get(box.code)
    if before is None and len(found) >= BOXES_MAX:
        raise errors.TooManyBoxes(BOXES_MAX)
    made = box._replace(version=1 if before is None else before.version)
    if made == before:
        return made
    made = made._replace(version=1 if before is None else before.version + 1)
    await saving.save_box(tx, made)
    tx.emit(events.BoxSaved(merchant_id=tx.tenant, code=made.code, version=made.version))
    return made
