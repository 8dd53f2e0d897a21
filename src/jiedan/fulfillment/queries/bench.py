"""Reads of the pack station: open boxes, kinds of boxes, what was printed."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from jiedan.base import ids, sql
from jiedan.base.db import Load
from jiedan.fulfillment.values import FulfillmentId, PackingBox, ParcelId, Printed, Scanned

SQL = sql.load("jiedan.fulfillment.queries", "bench.sql")


def open_scans(fulfillment_ids: Collection[UUID]) -> Load[dict[FulfillmentId, list[Scanned]]]:
    """Read what is in the open boxes of fulfillments, in the order in which it was scanned; empty ones are absent."""
    return Load(SQL["open_scans"], {"fulfillment_ids": ids.in_order(fulfillment_ids)}, _scans)


def boxes() -> Load[dict[str, PackingBox]]:
    """Read every kind of box of the merchant, those not in use too, by code."""
    return Load(SQL["boxes"], {}, lambda rows: {row[0]: PackingBox(*row) for row in rows})


def prints(parcel_ids: Collection[UUID]) -> Load[dict[ParcelId, list[Printed]]]:
    """Read what was printed of parcels, oldest first; those of which nothing was are absent."""
    return Load(SQL["prints"], {"parcel_ids": ids.in_order(parcel_ids)}, _prints)


def _scans(rows: list[tuple[Any, ...]]) -> dict[FulfillmentId, list[Scanned]]:
    found: dict[FulfillmentId, list[Scanned]] = {}
    for row in rows:
        scan = Scanned(*row)
        found.setdefault(scan.fulfillment_id, []).append(scan)
    return found


def _prints(rows: list[tuple[Any, ...]]) -> dict[ParcelId, list[Printed]]:
    found: dict[ParcelId, list[Printed]] = {}
    for row in rows:
        printed = Printed(*row)
        found.setdefault(printed.parcel_id, []).append(printed)
    return found
