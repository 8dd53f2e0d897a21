"""REST of the pack station, from the first scan to what people tell of the parcel."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from jiedan.fulfillment import api
from tests.base import web_client
from tests.fulfillment.factories import Floor

RIGHTS = frozenset({"settings:write", *(f"fulfillment:{x}" for x in ("read", "pack", "ship", "deliver"))})


@contextlib.asynccontextmanager
async def api_of(at: Floor, rights: frozenset[str] = RIGHTS) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=rights, tenant=at.scope.tenant)
    async with web_client.open_client(routers=[api.ROUTER], principal=caller, database=at.db) as client:
        yield client


async def sent(client: web_client.Client, path: str, **body: Any) -> Any:
    answer = await client.post(f"/api/v1{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_box_is_scanned_closed_printed_and_told_of(at: Floor) -> None:
    order_id = await at.place(("TEA", 1), ("CUP", 1))
    key = str((await at.only(order_id)).fulfillment_id)
    async with api_of(at) as client:
        size = {"length_mm": 300, "width_mm": 200, "height_mm": 150}
        box = {"code": "M", "name": "Medium", **size, "tare_g": 90}
        assert (await client.put("/api/v1/packing-boxes", json=box)).json()["version"] == 1
        assert [x["code"] for x in (await client.get("/api/v1/packing-boxes")).json()] == ["M"]
        items = [{"fulfillment_id": key, "code": x, "key": x} for x in ("TEA", "XYZ", "CUP")]
        rows = await sent(client, "/fulfillments/scans", items=items)
        assert [x.get("problem", {}).get("code") for x in rows] == [None, "scanned_code_unknown", None]
        assert rows[1]["problem"]["field"] == "items[1].code"
        again = await sent(client, "/fulfillments/scans", items=items[:1])
        assert again[0]["scan_id"] == rows[0]["scan_id"]
        assert await sent(client, "/fulfillments/scan-undos", items=[{"fulfillment_id": key}]) == [{}]
        await sent(client, "/fulfillments/scans", items=[{"fulfillment_id": key, "code": "CUP"}])
        inside = (await client.get(f"/api/v1/fulfillments/{key}/scans")).json()
        assert [(x["line"], x["code"]) for x in inside] == [(1, "TEA"), (2, "CUP")]
        closing = {"fulfillment_id": key, "weight_g": 640, "box": "M"}
        (closed,) = await sent(client, "/parcels/closings", items=[closing])
        parcel = closed["parcel"]
        assert (parcel["box"], parcel["weight_g"], len(parcel["lines"])) == ("M", 640, 2)
        listed = (await client.get("/api/v1/parcels?status=packed")).json()["items"]
        assert [x["parcel_id"] for x in listed] == [parcel["parcel_id"]]
        assert (await client.get("/api/v1/parcels?status=packed&carrier=SF")).json()["items"] == []
        paper = {"parcel_id": parcel["parcel_id"], "document": "packing_slip"}
        first, second = await sent(client, "/parcels/prints", items=[paper, paper])
        assert (first, second["problem"]["code"]) == ({}, "already_printed")
        await sent(client, "/parcels/shipments", items=[{"parcel_id": parcel["parcel_id"]}])
        told = {"parcel_id": parcel["parcel_id"], "state": "failed", "text": "Nobody at home."}
        (row,) = await sent(client, "/parcels/reports", items=[told])
        assert row["parcel"]["state"] == "failed"


async def test_who_may_not_pack_scans_nothing(at: Floor) -> None:
    async with api_of(at, frozenset({"fulfillment:read"})) as client:
        body = {"items": [{"fulfillment_id": "0193a000-0000-7000-8000-000000000001", "code": "TEA"}]}
        assert (await client.post("/api/v1/fulfillments/scans", json=body)).status_code == 403
