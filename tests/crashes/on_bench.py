"""The pack station and what follows it: scans, boxes, papers, and what people tell of parcels on their way."""

from collections.abc import Mapping
from typing import Any

from tests.crashes import calls
from tests.crashes.calls import Stage
from tests.crashes.forms import form, plain
from tests.crashes.ground import AT, Ground
from tests.crashes.nursery import Work

BOX = {"code": "M", "name": "Medium", "length_mm": "320", "width_mm": "240", "height_mm": "140", "is_active": "1"}
SLIP = {"document": "packing_slip"}


async def _scanned(ground: Ground, *, scans: int = 1) -> dict[str, str]:
    """Bring an order to the station, with so many units in its open box."""
    ids = await calls.released(ground, ship_to=calls.ADDRESS)
    item = {"fulfillment_id": ids["fulfillment_id"], "code": ground.world.ids["barcode"]}
    for _ in range(scans):
        await ground.post("/fulfillments/scans", {"items": [item]})
    return ids


def _at_station(path: str, *, scans: int, **fields: Any) -> Stage:
    """Return the stage of a call about an open box."""

    async def stage(ground: Ground) -> Work:
        ids = await _scanned(ground, scans=scans)
        item = {"fulfillment_id": ids["fulfillment_id"], **fields}
        return ground.request("POST", f"/api/v1{path}", {"items": [item]})

    return stage


def _form_at_station(path: str, *, scans: int, **fields: Any) -> Stage:
    async def stage(ground: Ground) -> Work:
        ids = await _scanned(ground, scans=scans)
        return form(ground, f"/fulfillment/{{fulfillment_id}}/pack/{path}", fields, **ids)

    return stage


async def _close_with_label(ground: Ground) -> Work:
    await ground.call("PUT", "/carriers", ground.operations["PUT", "/api/v1/carriers"].example)
    ids = await _scanned(ground, scans=2)
    fields = {"weight_g": "650", "carrier": "OWN"}
    return form(ground, "/fulfillment/{fulfillment_id}/pack/parcels", fields, **ids)


async def _print(ground: Ground) -> Work:
    ids = await calls.released(ground, upto="packed")
    return ground.request("POST", "/api/v1/parcels/prints", {"items": [{"parcel_id": ids["parcel_id"], **SLIP}]})


async def _print_by_form(ground: Ground) -> Work:
    ids = await calls.released(ground, upto="packed")
    return form(ground, "/parcels/{parcel_id}/prints", SLIP, **ids)


async def _report(ground: Ground) -> Work:
    ids = await calls.released(ground, upto="shipped")
    at = AT.isoformat()  # what is told with its moment is told once
    item = {"parcel_id": ids["parcel_id"], "state": "failed", "at": at, "text": "Nobody at home."}
    return ground.request("POST", "/api/v1/parcels/reports", {"items": [item]})


async def _report_by_form(ground: Ground) -> Work:
    ids = await calls.released(ground, upto="shipped")
    return form(ground, "/shipments/{parcel_id}/reports", {"state": "failed", "text": "Nobody at home."}, **ids)


async def _make_ready(ground: Ground) -> Work:
    """Let what is packed wait to be collected, ticked in the list."""
    ids = await calls.released(ground, upto="packed")
    return form(ground, "/fulfillment/bulk", {"act": "ready", "chosen": [ids["fulfillment_id"]]})


CALLS: Mapping[tuple[str, str], Stage] = {
    ("POST", "/api/v1/fulfillments/scans"): _at_station("/fulfillments/scans", scans=0, code="4006381333931"),
    ("POST", "/api/v1/fulfillments/scan-undos"): _at_station("/fulfillments/scan-undos", scans=2),
    ("POST", "/api/v1/parcels/closings"): _at_station("/parcels/closings", scans=2, weight_g=650),
    ("POST", "/api/v1/parcels/prints"): _print,
    ("POST", "/api/v1/parcels/reports"): _report,
}
"""By method and path. The others are made as their examples stand."""

FORMS: Mapping[str, Stage] = {
    "/c/{slug}/fulfillment/bulk": _make_ready,
    "/c/{slug}/fulfillment/{fulfillment_id}/pack/scans": _form_at_station(
        "scans", scans=0, code="4006381333931", key="scan-1"
    ),
    "/c/{slug}/fulfillment/{fulfillment_id}/pack/undo": _form_at_station("undo", scans=2, key="undo-1"),
    "/c/{slug}/fulfillment/{fulfillment_id}/pack/parcels": _close_with_label,
    "/c/{slug}/parcels/{parcel_id}/prints": _print_by_form,
    "/c/{slug}/shipments/{parcel_id}/reports": _report_by_form,
    "/c/{slug}/shipping/boxes": plain("/shipping/boxes", **BOX),
}
"""By path; each is posted."""
