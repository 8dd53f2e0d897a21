"""Operations at the pack station, on an order of its own: some of it is picked, packed, or lies in the open box."""

from tests.interleavings.fixtures import BOX
from tests.interleavings.operation import call

WORK = {"fulfillment_id": "{bench work}"}
REASON = {"reason": "customer_request"}

OPERATIONS = [
    call("scan", "bench", "POST /fulfillments/scans", {"items": [{**WORK, "code": "TEA-500", "key": "{key}"}]}),
    call("take out a scan", "bench", "POST /fulfillments/scan-undos", {"items": [{**WORK, "key": "{key}"}]}),
    call(
        "close a box",
        "bench, boxes",
        "POST /parcels/closings",
        {"items": [{**WORK, "weight_g": 650, "box": "M", "key": "{key}"}]},
    ),
    call(
        "print",
        "bench",
        "POST /parcels/prints",
        {"items": [{"parcel_id": "{bench parcel}", "document": "packing_slip"}]},
    ),
    call("pick at the bench", "bench", "POST /fulfillments/picks", {"items": [{**WORK, "line": 1, "quantity": 1}]}),
    call(
        "put back at the bench",
        "bench",
        "POST /fulfillments/put-backs",
        {"items": [{**WORK, "line": 1, "quantity": 1}]},
    ),
    call(
        "pick short at the bench",
        "bench, tea 500",
        "POST /fulfillments/shorts",
        {"items": [{**WORK, "line": 1, "quantity": 1, "reason": "damaged"}]},
    ),
    call("pack at the bench", "bench", "POST /parcels", {"items": [{**WORK, "lines": [{"line": 1, "quantity": 1}]}]}),
    call("unpack at the bench", "bench", "POST /parcels/unpackings", {"parcel_ids": ["{bench parcel}"]}),
    call(
        "ship from the bench",
        "bench, tea 500",
        "POST /parcels/shipments",
        {"items": [{"parcel_id": "{bench parcel}", "carrier": "SF", "tracking_number": "SF4"}]},
    ),
    call("cancel at the bench", "bench, tea 500", "POST /orders/{bench}/cancellations", REASON),
    call("hold at the bench", "bench", "POST /orders/{bench}/holds", {"kind": "address_check", "reason": "No number."}),
    call("set up a kind of box", "boxes", "PUT /packing-boxes", {**BOX, "name": "Medium {side}"}),
    call("set up a new kind of box", "boxes", "PUT /packing-boxes", {**BOX, "code": "L", "name": "Large {side}"}),
    call("give up a kind of box", "boxes", "PUT /packing-boxes", {**BOX, "is_active": False}),
    call(
        "tell of a parcel",
        "away",
        "POST /parcels/reports",
        {"items": [{"parcel_id": "{away parcel}", "state": "failed", "place": "Beijing", "text": "Nobody at home."}]},
    ),
    call(
        "tell that a parcel arrived",
        "away",
        "POST /parcels/reports",
        {"items": [{"parcel_id": "{away parcel}", "state": "delivered"}]},
    ),
]
