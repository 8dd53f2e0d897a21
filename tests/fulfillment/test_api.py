"""Getting orders out over HTTP, in sets."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from jiedan.base.db import Database, Scope
from jiedan.carriers import api as carriers_api
from jiedan.fulfillment import api
from jiedan.orders.values import NewNote
from tests.base import web_client
from tests.carriers.factories import SHEET
from tests.conftest import FakeClock
from tests.fulfillment.factories import Floor
from tests.orders.factories import BEIJING

RIGHTS = frozenset(
    {"carriers:read", "carriers:write", "fulfillment:read"}
    | {f"fulfillment:{x}" for x in ("release", "pick", "pack", "ship", "deliver")}
)
NO_SUCH = "0193a000-0000-7000-8000-00000000dead"


@contextlib.asynccontextmanager
async def client_of(db: Database, scope: Scope, rights: frozenset[str] = RIGHTS) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=rights, tenant=scope.tenant)
    routers = [api.ROUTER, carriers_api.ROUTER]
    async with web_client.open_client(routers=routers, principal=caller, database=db) as client:
        yield client


async def send(client: web_client.Client, path: str, body: Any, status: int = 200, *, key: str | None = None) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    answer = await client.post(f"/api/v1{path}", json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def get(client: web_client.Client, path: str, status: int = 200) -> Any:
    answer = await client.get(f"/api/v1{path}")
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_an_order_goes_out_step_by_step(at: Floor) -> None:
    order_id = await at.place(("TEA", 3), notes=(NewNote(kind="delivery", text="Ring twice."),))
    async with client_of(at.db, at.scope) as client:
        (row,) = (await get(client, "/fulfillments?status=released&location=W1"))["items"]
        key = row["fulfillment_id"]
        assert (row["order_number"], row["unread_notes"], row["lines"][0]["to_pick"]) == (
            row["number"].removesuffix("-F1"),
            1,
            3,
        )
        picks = {"items": [{"fulfillment_id": key, "line": 1, "quantity": n} for n in (2, 9, 1)]}
        picked = await send(client, "/fulfillments/picks", picks, key="k")
        again = await send(client, "/fulfillments/picks", picks, key="k")
        (early,) = await send(client, "/parcels", {"items": [{"fulfillment_id": key}]})
        await send(client, "/fulfillments/acknowledgements", {"fulfillment_ids": [key]})
        boxes = [{"fulfillment_id": key, "lines": [{"line": 1, "quantity": n}], "weight_g": 500} for n in (2, 1)]
        packed = await send(client, "/parcels", {"items": boxes})
        first, second = [x["parcel"]["parcel_id"] for x in packed]
        ships = [{"parcel_id": first, "carrier": "SF", "tracking_number": "SF1"}, {"parcel_id": NO_SUCH}]
        shipped = await send(client, "/parcels/shipments", {"items": ships})
        await send(client, "/parcels/unpackings", {"parcel_ids": [second]})
        (third,) = await send(client, "/parcels", {"items": [{"fulfillment_id": key}]})
        ships = [{"parcel_id": third["parcel"]["parcel_id"]}]
        await send(client, "/parcels/shipments", {"items": ships})
        arrived = [{"parcel_id": x} for x in (first, third["parcel"]["parcel_id"])]
        delivered = await send(client, "/parcels/deliveries", {"items": arrived})
        found = await get(client, f"/fulfillments/{key}")
        assert (await get(client, f"/parcels/{first}"))["state"] == "delivered"
        assert (await get(client, f"/orders/{order_id}/fulfillments")) == [found]
    assert [x.get("problem", {}).get("code") for x in picked] == [None, "too_much_to_pick", None]
    assert picked[1]["problem"]["field"] == "items[1].quantity"
    assert again[0]["fulfillment"]["lines"][0]["picked"] == 3
    assert early["problem"]["code"] == "notes_unread"
    assert [x.get("problem", {}).get("code") for x in shipped] == [None, "parcel_not_found"]
    assert [x["parcel"]["state"] for x in delivered] == ["delivered", "delivered"]
    assert (found["status"], found["lines"][0]["delivered"], len(found["parcels"])) == ("delivered", 3, 3)


async def test_long_keys_that_begin_alike_are_keys_of_their_own(at: Floor) -> None:
    order_id = await at.place(("TEA", 3))
    key = str((await at.only(order_id)).fulfillment_id)
    pick = {"items": [{"fulfillment_id": key, "line": 1, "quantity": 1}]}
    beginning = "k" * 254
    async with client_of(at.db, at.scope) as client:
        for end in ("a", "b", "b"):
            (picked,) = await send(client, "/fulfillments/picks", pick, key=beginning + end)
    assert picked["fulfillment"]["lines"][0]["picked"] == 2


async def test_a_release_is_explained_and_done_by_hand(at: Floor) -> None:
    order_id = await at.place(("TEA", 1), payment_terms="prepaid")
    async with client_of(at.db, at.scope) as client:
        shown = await get(client, f"/orders/{order_id}/release")
        assert (shown["gate"]["is_open"], shown["gate"]["reasons"]) == (False, ["terms_not_met"])
        refused = await send(client, f"/orders/{order_id}/releases", {}, 409)
        assert refused["code"] == "gate_closed"
        assert (await send(client, f"/orders/{order_id}/releases", {"location": "X"}, 422))["field"] == "location"
        rows = await send(client, "/orders/releases", {"order_ids": [str(order_id), NO_SUCH]})
        assert [x["problem"]["code"] for x in rows] == ["gate_closed", "order_not_found"]
        await get(client, f"/orders/{NO_SUCH}/release", 404)
        await get(client, f"/fulfillments/{NO_SUCH}", 404)
        await get(client, f"/parcels/{NO_SUCH}", 404)
        await get(client, "/fulfillments?location=X", 422)


async def test_goods_are_collected_and_wrong_codes_count(at: Floor) -> None:
    order_id = await at.place(("TEA", 1))
    key = (await at.only(order_id)).fulfillment_id
    await at.packed(order_id)
    async with client_of(at.db, at.scope) as client:
        ready, missing = await send(client, "/fulfillments/ready", {"fulfillment_ids": [str(key), NO_SUCH]})
        path = f"/fulfillments/{key}/collection"
        codes = [(await send(client, path, {"code": "WRONG"}, 409))["code"] for _ in range(6)]
        again, _ = await send(client, "/fulfillments/ready", {"fulfillment_ids": [str(key), NO_SUCH]})
        collected = await send(client, path, {"code": again["code"]})
    assert missing["problem"]["code"] == "fulfillment_not_found"
    assert codes == ["code_wrong"] * 5 + ["code_locked"]
    assert ready["code"] != again["code"]
    assert (ready["fulfillment"]["status"], collected["status"]) == ("ready", "collected")


async def test_what_is_missing_and_what_goes_back(at: Floor) -> None:
    order_id = await at.place(("TEA", 4))
    key = str((await at.only(order_id)).fulfillment_id)
    async with client_of(at.db, at.scope) as client:
        short = {"fulfillment_id": key, "line": 1, "quantity": 1, "reason": "damaged", "key": "s"}
        (row,) = await send(client, "/fulfillments/shorts", {"items": [short]})
        assert row["fulfillment"]["lines"][0]["to_pick"] == 4
        (row,) = await send(
            client, "/fulfillments/put-backs", {"items": [{"fulfillment_id": key, "line": 1, "quantity": 1}]}
        )
        assert row["problem"]["code"] == "too_much_to_put_back"
        gone: dict[str, Any] = {
            "items": [{"order_id": str(order_id), "lines": [{"line": 1, "quantity": 1, "location": "W1"}]}]
        }
        (row,) = await send(client, "/orders/shipments", gone)
        assert sorted(x["status"] for x in row["fulfillments"]) == ["canceled", "released", "shipped"]
        gone["items"][0]["lines"][0]["location"] = "X"
        refused = await send(client, "/orders/shipments", gone, 422)
        assert refused["field"] == "items[0].lines[0].location"


async def test_a_parcel_gets_a_label_and_is_followed_out_of_order_and_twice(at: Floor, clock: FakeClock) -> None:
    order_id = await at.place(("TEA", 2), ship_to=BEIJING)
    parcel = str(await at.packed(order_id))
    async with client_of(at.db, at.scope) as client:
        made = await client.put(
            "/api/v1/carriers", json={"code": "OWN", "adapter": "rates", "name": "Own", "settings": SHEET}
        )
        assert made.status_code == 200, made.text
        quotes = await send(client, "/carriers/quotes", {"country": "CN", "postal_code": "100006", "weight_g": 300})
        assert (quotes[0]["price_minor"], quotes[0]["p90_days"]) == (800, 2)
        nowhere = await send(client, "/carriers/quotes", {"country": "FR", "weight_g": 300})
        assert nowhere[0]["problem"]["code"] == "no_carrier_zone"
        await get(client, f"/parcels/{parcel}/label", 409)
        await get(client, f"/parcels/{NO_SUCH}/label", 404)
        unknown = {"carrier": "X", "parcel_ids": [parcel]}
        assert (await send(client, "/parcels/labels", unknown, 404))["code"] == "carrier_not_found"
        wanted = {"carrier": "OWN", "parcel_ids": [parcel, NO_SUCH]}
        labeled, missing = await send(client, "/parcels/labels", wanted)
        twice, _ = await send(client, "/parcels/labels", wanted)
        document = await client.get(f"/api/v1/parcels/{parcel}/label")
        assert (document.headers["content-type"], document.content[:5]) == ("application/pdf", b"%PDF-")
        number = labeled["parcel"]["tracking_number"]
        assert labeled["parcel"]["tracking_url"] == f"https://track.example/{number}"
        assert (missing["problem"]["code"], twice["problem"]["code"]) == ("parcel_not_found", "parcel_has_label")
        await send(client, "/parcels/shipments", {"items": [{"parcel_id": parcel}]})
        times = ["2026-11-21T12:00:01Z", "2026-11-21T12:00:02Z", "2026-11-21T12:00:03Z"]
        states = ["in_transit", "out_for_delivery", "delivered"]
        said = [
            {"carrier": "OWN", "number": number, "code": x, "occurred_at": when, "state": x}
            for x, when in zip(states, times, strict=True)
        ]
        clock.advance(timedelta(seconds=30))
        heard = [await send(client, "/tracking-events", {"items": [said[i]]}) for i in (1, 0, 1)]
        assert [x[0]["is_new"] for x in heard] == [True, True, False]
        assert (await get(client, f"/parcels/{parcel}"))["state"] == "out_for_delivery"
        other = {**said[0], "number": "NOBODY", "code": "x"}
        rows = await send(client, "/tracking-events", {"items": [said[2], said[2], other, said[0]]})
        assert [(x["is_new"], x["parcels"]) for x in rows] == [(True, 1), (False, 1), (True, 0), (False, 1)]
        assert (await get(client, f"/parcels/{parcel}"))["state"] == "delivered"
        assert [x["code"] for x in await get(client, f"/parcels/{parcel}/tracking")] == states
    assert (await at.order(order_id)).lines[0].delivered == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/fulfillments/picks", {"items": []}),
        ("/fulfillments/picks", {"items": [{"fulfillment_id": NO_SUCH, "line": 1, "quantity": 0}]}),
        ("/fulfillments/shorts", {"items": [{"fulfillment_id": NO_SUCH, "line": 1, "quantity": 1, "reason": "x"}]}),
        ("/parcels", {"items": [{"fulfillment_id": NO_SUCH, "weight_g": 0}]}),
        ("/parcels/unpackings", {"parcel_ids": [NO_SUCH] * 501}),
        ("/tracking-events", {"items": [{"carrier": "SF", "number": "a b", "code": "1", "occurred_at": "now"}]}),
    ],
)
async def test_what_cannot_be_right_is_refused_by_its_field(at: Floor, path: str, body: Any) -> None:
    async with client_of(at.db, at.scope) as client:
        refused = await send(client, path, body, 422)
    assert refused["field"].startswith(("items", "parcel_ids"))


@pytest.mark.parametrize(
    ("path", "right"),
    [("/fulfillments/picks", "pick"), ("/parcels", "pack"), ("/parcels/shipments", "ship")],
)
async def test_each_step_needs_its_right(at: Floor, path: str, right: str) -> None:
    async with client_of(at.db, at.scope, RIGHTS - {f"fulfillment:{right}"}) as client:
        refused = await send(client, path, {"items": []}, 403)
    assert refused["code"] == "permission_missing"
