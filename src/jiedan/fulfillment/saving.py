"""Saving the floor: what differs, one statement per table, the stock that leaves, and what orders are told."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from jiedan.base import sql
from jiedan.base.db import Tx
from jiedan.base.errors import Overtaken, Refusal
from jiedan.carriers.values import Label, Transit
from jiedan.cases import service as cases
from jiedan.fulfillment.rules import Floor
from jiedan.fulfillment.rules.floor import Told
from jiedan.fulfillment.rules.scanning import Bench
from jiedan.fulfillment.rules.telling import acts
from jiedan.fulfillment.rules.troubles import troubles
from jiedan.fulfillment.values import Fulfillment, FulfillmentLine, PackingBox, Parcel, ParcelId, Print
from jiedan.inventory import service as inventory
from jiedan.inventory.values import LocationId
from jiedan.orders import service as orders
from jiedan.orders.values import OrderId, OrderWithLines

SQL = sql.load("jiedan.fulfillment", "saving.sql")

Write = tuple[sql.Statement, Mapping[str, Any]]


async def save(tx: Tx, floor: Floor) -> Mapping[OrderId, OrderWithLines]:
    """Save what was decided and tell it; return the orders that changed, as they are now.

    Eighteen statements at most, whatever the number of orders and parcels. Raises what inventory refuses: the floor
    was not decided on what lines hold, a bug.
    """
    writes = [*_heads(floor), *_parcels(floor), *_acknowledgements(tx, floor)]
    if writes:
        await tx.sql_many(writes)
    if floor.shipments:
        for outcome in await inventory.ship_many(tx, shipments=floor.shipments):
            if isinstance(outcome, Refusal):
                raise outcome
    _tell(tx, floor)  # before what follows from it
    now: Mapping[OrderId, OrderWithLines] = {}
    if floor.facts:
        now = await orders.record_shipments(tx, facts=floor.facts, held=floor.ground.orders, history=_moments(floor))
    await orders.add_references(tx, references=_references(floor))
    found = troubles(_parcels_before(floor), _changed_parcels(floor))
    await cases.settle_all(tx, answers=found.settled)
    await cases.open_cases(tx, cases=found.opened)
    return now


def _tell(tx: Tx, floor: Floor) -> None:
    for told in acts(floor.told):
        tx.emit(told.event, occurred_at=told.at, history=_happened_before(floor, told) is not None)


def _moments(floor: Floor) -> dict[OrderId, datetime]:
    """Return when the last happened that is told of imported orders."""
    moments: dict[OrderId, datetime] = {}
    for told in floor.told:
        at = _happened_before(floor, told)
        if at is not None:
            moments[told.order_id] = max(at, moments.get(told.order_id, at))
    return moments


def _happened_before(floor: Floor, told: Told) -> datetime | None:
    """Return when what is told of an imported order happened elsewhere; what is done today is no history."""
    if told.at is None or told.at >= floor.at or not floor.orders[told.order_id].order.history:
        return None
    return told.at


async def add_labels(tx: Tx, carrier: str, labels: Mapping[ParcelId, Label]) -> None:
    """Keep the transport documents of parcels."""
    if not labels:
        return
    await tx.sql(
        SQL["insert_labels"],
        parcel_ids=list(labels),
        carrier=carrier,
        tracking_numbers=[x.number for x in labels.values()],
        media_types=[x.media_type for x in labels.values()],
        documents=[x.document for x in labels.values()],
        at=tx.now,
    )


async def save_handling(tx: Tx, days: Mapping[LocationId, Transit]) -> list[LocationId]:
    """Keep how many days locations take; return those for which that is new."""
    rows = await tx.sql(
        SQL["save_handling"],
        location_ids=list(days),
        p50_days=[x.p50_days for x in days.values()],
        p90_days=[x.p90_days for x in days.values()],
    )
    return sorted(row[0] for row in rows)


def _heads(floor: Floor) -> list[Write]:
    changed = floor.changed_fulfillments()
    before = floor.ground.fulfillments
    lines = [
        line
        for found in changed
        for line in found.lines
        if found.fulfillment_id not in before or before[found.fulfillment_id].line_of(line.line_id) != line
    ]
    heads = [x for x in changed if _head(x) != _head(before.get(x.fulfillment_id))]
    writes: list[Write] = []
    if heads:
        writes.append((SQL["save_fulfillments"], _head_columns(heads)))
    if lines:
        writes.append((SQL["save_lines"], _line_columns(lines)))
    return writes


def _head(found: Fulfillment | None) -> tuple[object, ...] | None:
    if found is None:
        return None
    return (found.method, found.status, found.ready_at, found.code_hash, found.code_tries, found.code_locked_until)


def _head_columns(found: Sequence[Fulfillment]) -> dict[str, Any]:
    return {
        "fulfillment_ids": [x.fulfillment_id for x in found],
        "order_ids": [x.order_id for x in found],
        "location_ids": [x.location_id for x in found],
        "sequences": [x.sequence for x in found],
        "numbers": [x.number for x in found],
        "methods": [x.method for x in found],
        "statuses": [x.status for x in found],
        "released_at": [x.released_at for x in found],
        "ready_at": [x.ready_at for x in found],
        "code_salts": [x.code_salt for x in found],
        "code_hashes": [x.code_hash for x in found],
        "code_tries": [x.code_tries for x in found],
        "code_locked_until": [x.code_locked_until for x in found],
    }


def _line_columns(lines: Sequence[FulfillmentLine]) -> dict[str, Any]:
    return {
        "fulfillment_ids": [x.fulfillment_id for x in lines],
        "line_ids": [x.line_id for x in lines],
        "lines": [x.line for x in lines],
        "sku_ids": [x.sku_id for x in lines],
        "released": [x.released for x in lines],
        "short": [x.short for x in lines],
        "withdrawn": [x.withdrawn for x in lines],
        "picked": [x.picked for x in lines],
        "packed": [x.packed for x in lines],
        "shipped": [x.shipped for x in lines],
        "delivered": [x.delivered for x in lines],
    }


def _parcels_before(floor: Floor) -> dict[ParcelId, Parcel]:
    return {x.parcel_id: x for found in floor.ground.fulfillments.values() for x in found.parcels}


def _changed_parcels(floor: Floor) -> list[Parcel]:
    before = _parcels_before(floor)
    return [x for found in floor.changed_fulfillments() for x in found.parcels if before.get(x.parcel_id) != x]


def _references(floor: Floor) -> list[tuple[OrderId, str]]:
    """Return the tracking numbers that orders are to be found by from now on."""
    known = {(x.parcel_id, x.tracking_number) for x in _parcels_before(floor).values()}
    return [
        (floor.fulfillments[x.fulfillment_id].order_id, x.tracking_number)
        for x in _changed_parcels(floor)
        if x.tracking_number is not None and (x.parcel_id, x.tracking_number) not in known
    ]


def _parcels(floor: Floor) -> list[Write]:
    before = _parcels_before(floor)
    changed = _changed_parcels(floor)
    if not changed:
        return []
    writes: list[Write] = [(SQL["save_parcels"], _parcel_columns(changed))]
    contents = [(x.parcel_id, line) for x in changed if x.parcel_id not in before for line in x.lines]
    if contents:
        columns = {
            "parcel_ids": [parcel_id for parcel_id, _ in contents],
            "line_ids": [line.line_id for _, line in contents],
            "quantities": [line.quantity for _, line in contents],
        }
        writes.append((SQL["insert_parcel_lines"], columns))
    return writes


def _parcel_columns(parcels: Sequence[Parcel]) -> dict[str, Any]:
    return {
        "parcel_ids": [x.parcel_id for x in parcels],
        "fulfillment_ids": [x.fulfillment_id for x in parcels],
        "sequences": [x.sequence for x in parcels],
        "numbers": [x.number for x in parcels],
        "states": [x.state for x in parcels],
        "weights_g": [x.weight_g for x in parcels],
        "boxes": [x.box for x in parcels],
        "carriers": [x.carrier for x in parcels],
        "tracking_numbers": [x.tracking_number for x in parcels],
        "packed_at": [x.packed_at for x in parcels],
        "shipped_at": [x.shipped_at for x in parcels],
        "delivered_at": [x.delivered_at for x in parcels],
        "unpacked_at": [x.unpacked_at for x in parcels],
    }


def _acknowledgements(tx: Tx, floor: Floor) -> list[Write]:
    read = floor.new_acknowledgements()
    if not read:
        return []
    columns = {
        "fulfillment_ids": [fulfillment_id for fulfillment_id, _ in read],
        "note_ids": [note_id for _, note_id in read],
        "at": tx.now,
        "actor_kind": tx.actor.kind,
        "actor_id": tx.actor.id,
    }
    return [(SQL["insert_acknowledgements"], columns)]


async def save_bench(tx: Tx, bench: Bench) -> None:
    """Keep what was scanned, taken out again, and closed into parcels. Three statements at most."""
    writes: list[Write] = []
    if bench.made:
        columns = {
            "scan_ids": [x.scan_id for x in bench.made],
            "fulfillment_ids": [x.fulfillment_id for x in bench.made],
            "line_ids": [x.line_id for x in bench.made],
            "codes": [x.code for x in bench.made],
            "quantities": [x.quantity for x in bench.made],
        }
        writes.append((SQL["insert_scans"], {**columns, **_by_whom(tx)}))
    if bench.undone:
        writes.append((SQL["undo_scans"], {"scan_ids": sorted(bench.undone), "at": tx.now}))
    if bench.closed:
        closed = sorted(bench.closed.items())
        columns = {"scan_ids": [scan_id for scan_id, _ in closed], "parcel_ids": [to for _, to in closed]}
        writes.append((SQL["close_scans"], columns))
    if writes:
        await tx.sql_many(writes)


async def add_prints(tx: Tx, prints: Sequence[Print]) -> None:
    """Keep which papers of parcels were printed."""
    if prints:
        await tx.sql(
            SQL["insert_prints"],
            print_ids=tx.new_ids(len(prints)),
            parcel_ids=[x.parcel_id for x in prints],
            documents=[x.document for x in prints],
            reasons=[x.reason for x in prints],
            **_by_whom(tx),
        )


async def save_box(tx: Tx, box: PackingBox) -> None:
    """Keep a kind of box, new or one version later. Raises Overtaken."""
    kept = await tx.sql(
        SQL["save_boxes"],
        codes=[box.code],
        names=[box.name],
        lengths_mm=[box.length_mm],
        widths_mm=[box.width_mm],
        heights_mm=[box.height_mm],
        tares_g=[box.tare_g],
        are_active=[box.is_active],
        versions=[box.version],
    )
    if not kept:
        raise Overtaken


def _by_whom(tx: Tx) -> dict[str, Any]:
    return {"at": tx.now, "actor_kind": tx.actor.kind, "actor_id": tx.actor.id}
