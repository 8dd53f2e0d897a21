"""Inventory over REST."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from jiedan.base.db import Database, Scope
from jiedan.catalog.values import SkuKind
from jiedan.inventory.api import ROUTER
from tests.base import web_client
from tests.inventory import factories
from tests.inventory.factories import act

ALL = ("inventory:read", "inventory:write", "inventory:adjust")


@contextlib.asynccontextmanager
async def calling(db: Database, scope: Scope, permissions: tuple[str, ...] = ALL) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=permissions, tenant=scope.tenant)
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
        yield client


@pytest.fixture
async def client(db: Database, scope: Scope) -> AsyncIterator[web_client.Client]:
    async with calling(db, scope) as opened:
        yield opened


@pytest.fixture
async def stocked(db: Database, scope: Scope) -> list[Any]:
    """SKU-0 and SKU-1, ten each at W1; S1 is empty; KIT-0 has no stock of its own."""
    keys = await factories.keys_with_stock(db, scope, [10, 10])
    await act(db, scope, factories.location, code="S1", kind="store", priority=200)
    await act(db, scope, factories.skus, kind=SkuKind.kit, prefix="KIT")
    return list(keys)


def refused(response: httpx2.Response, status: int, code: str, field: str | None = None) -> dict[str, Any]:
    problem: dict[str, Any] = response.json()
    assert (response.status_code, problem.get("code"), problem.get("field")) == (status, code, field), problem
    return problem


async def test_locations_are_created_edited_and_removed(client: web_client.Client) -> None:
    wanted = {"code": "SH-1", "name": "上海一号仓", "lat": 31.2, "lon": 121.5, "priority": 10}
    created = await client.post("/api/v1/locations", json=wanted, headers={"idempotency-key": "l1"})
    again = await client.post("/api/v1/locations", json=wanted, headers={"idempotency-key": "l1"})
    assert created.status_code == again.status_code == 201
    assert created.json() == again.json()
    where = created.headers["location"]
    assert (await client.get(where)).headers["etag"] == '"1"'
    refused(await client.post("/api/v1/locations", json=wanted), 409, "location_code_taken", "code")
    refused(await client.post("/api/v1/locations", json={**wanted, "lat": 91}), 422, "invalid_coordinates", "lat")
    refused(await client.post("/api/v1/locations", json={**wanted, "lon": None}), 422, "invalid_coordinates", "lat")

    edited = await client.put(where, json={**wanted, "name": "一号仓"}, headers={"if-match": '"1"'})
    assert (edited.status_code, edited.headers["etag"], edited.json()["name"]) == (200, '"2"', "一号仓")
    same = await client.put(where, json={**wanted, "name": "一号仓"}, headers={"if-match": '"2"'})
    assert same.headers["etag"] == '"2"'
    stale = refused(await client.put(where, json=wanted, headers={"if-match": '"1"'}), 409, "stale_version")
    assert stale["data"]["changed"] == "name"
    assert web_client.STAFF.id in stale["data"]["changed_by"]

    assert [found["code"] for found in (await client.get("/api/v1/locations")).json()] == ["SH-1"]
    assert (await client.delete(where)).status_code == 204
    refused(await client.get(where), 404, "location_not_found", "location_id")


async def test_a_location_with_history_stays(client: web_client.Client, stocked: list[Any]) -> None:
    where = f"/api/v1/locations/{stocked[0].location_id}"
    refused(await client.delete(where), 409, "location_in_use")
    taken = {"code": "S1", "name": "x"}
    refused(await client.put(where, json=taken), 409, "location_code_taken", "code")


async def test_goods_are_received_once(client: web_client.Client, stocked: list[Any]) -> None:
    body = {"sku": "SKU-0", "location": "S1", "quantity": 4, "reference": "PO-1"}
    first = await client.post("/api/v1/stock/receipts", json=body, headers={"idempotency-key": "r"})
    again = await client.post("/api/v1/stock/receipts", json=body, headers={"idempotency-key": "r"})
    assert (first.status_code, first.json()["on_hand"], first.json()["is_repeated"]) == (201, 4, False)
    assert again.json() == {**first.json(), "is_repeated": True}
    other = await client.post("/api/v1/stock/receipts", json={**body, "quantity": 5}, headers={"idempotency-key": "r"})
    refused(other, 409, "operation_key_reused")
    refused(await client.post("/api/v1/stock/receipts", json={**body, "sku": "NO"}), 422, "unknown_sku", "sku")
    refused(
        await client.post("/api/v1/stock/receipts", json={**body, "location": "NO"}),
        422,
        "unknown_location",
        "location",
    )
    refused(await client.post("/api/v1/stock/receipts", json={**body, "sku": "KIT-0"}), 422, "cannot_hold_stock", "sku")


async def test_a_batch_has_an_outcome_per_row(client: web_client.Client, stocked: list[Any]) -> None:
    items = [
        {"sku": "SKU-0", "location": "W1", "quantity": 1, "key": "a"},
        {"sku": "NO", "location": "W1", "quantity": 1},
        {"sku": "SKU-1", "location": "W1", "quantity": 2, "key": "b"},
        {"sku": "SKU-1", "location": "W1", "quantity": 3, "key": "b"},
    ]
    answer = await client.post("/api/v1/stock/receipts/batch", json={"items": items})
    outcomes = answer.json()
    assert answer.status_code == 200
    assert [outcome.get("problem", {}).get("code") for outcome in outcomes] == [
        None, "unknown_sku", None, "operation_key_reused",
    ]  # fmt: skip
    assert [outcome.get("problem", {}).get("field") for outcome in outcomes] == [None, "items[1].sku", None, "items[3]"]
    too_many = {"items": [items[0]] * 1001}
    assert (await client.post("/api/v1/stock/receipts/batch", json=too_many)).status_code == 422


async def test_adjusting_below_what_is_reserved_names_the_reservations(
    client: web_client.Client, db: Database, scope: Scope, stocked: list[Any]
) -> None:
    owner = await act(db, scope, factories.hold, key=stocked[0], quantity=8)
    body = {"sku": "SKU-0", "location": "W1", "delta": -3, "reason": "damaged"}
    problem = refused(await client.post("/api/v1/stock/adjustments", json=body), 409, "below_reserved")
    assert str(owner.id) in str(problem["data"]["reservations"])
    done = await client.post("/api/v1/stock/adjustments", json={**body, "delta": -2})
    assert (done.status_code, done.json()["on_hand"]) == (201, 8)
    batch = await client.post("/api/v1/stock/adjustments/batch", json={"items": [body, {**body, "delta": 1}]})
    assert [("problem" in row, "moved" in row) for row in batch.json()] == [(True, False), (False, True)]


async def test_stock_is_listed_and_asked_for(client: web_client.Client, stocked: list[Any]) -> None:
    await client.post("/api/v1/stock/receipts", json={"sku": "SKU-0", "location": "S1", "quantity": 4})
    listed = (await client.get("/api/v1/stock?sku=SKU-0&sku=SKU-1&limit=2")).json()
    assert [(row["sku"], row["on_hand"]) for row in listed["items"]] == [("SKU-0", 10), ("SKU-0", 4)]
    rest = (await client.get(f"/api/v1/stock?sku=SKU-0&sku=SKU-1&limit=2&cursor={listed['next']}")).json()
    assert [row["sku"] for row in rest["items"]] == ["SKU-1"]
    assert len((await client.get("/api/v1/stock?location=W1")).json()["items"]) == 2
    refused(await client.get("/api/v1/stock?sku=NO"), 422, "unknown_sku", "sku")

    asked = (await client.post("/api/v1/stock/availability", json={"skus": ["SKU-0", "KIT-0"]})).json()
    assert [(row["sku"], row["available"]) for row in asked] == [("SKU-0", 14), ("KIT-0", 0)]
    assert [(place["location"], place["available"]) for place in asked[0]["locations"]] == [("S1", 4), ("W1", 10)]
    unknown = await client.post("/api/v1/stock/availability", json={"skus": ["SKU-0", "NO"]})
    refused(unknown, 422, "unknown_sku", "skus[1]")


async def test_what_is_low_is_listed_with_what_to_order(client: web_client.Client, stocked: list[Any]) -> None:
    level = {"sku": "SKU-0", "location": "W1", "safety_stock": 1, "low_threshold": 9, "restock_level": 30}
    bad = {"sku": "SKU-1", "location": "W1", "low_threshold": 9, "restock_level": 9}
    outcomes = (await client.put("/api/v1/stock/thresholds", json={"items": [level, bad]})).json()
    assert outcomes[0]["version"] == 2
    assert outcomes[1]["problem"]["code"] == "invalid_thresholds"
    (row,) = (await client.get("/api/v1/stock/low?location=W1")).json()["items"]
    assert (row["sku"], row["available"], row["suggested"]) == ("SKU-0", 9, 21)
    stale = (await client.put("/api/v1/stock/thresholds", json={"items": [{**level, "version": 1}]})).json()
    assert stale[0]["problem"]["code"] == "stale_version"
    assert "low_threshold" in stale[0]["problem"]["data"]["changed"]
    await client.post("/api/v1/stock/receipts", json={"sku": "SKU-0", "location": "W1", "quantity": 1})
    assert (await client.get("/api/v1/stock/low")).json()["items"] == []


async def test_the_ledger_is_read_backwards(client: web_client.Client, stocked: list[Any]) -> None:
    for quantity in (1, 2):
        await client.post("/api/v1/stock/receipts", json={"sku": "SKU-0", "location": "W1", "quantity": quantity})
    page = (await client.get("/api/v1/stock/movements?sku=SKU-0&location=W1&limit=2")).json()
    assert [row["movement"]["quantity"] for row in page["items"]] == [2, 1]
    assert page["items"][0]["movement"]["actor_id"] == web_client.STAFF.id
    rest = (await client.get(f"/api/v1/stock/movements?sku=SKU-0&location=W1&limit=2&cursor={page['next']}")).json()
    assert [row["movement"]["quantity"] for row in rest["items"]] == [10]
    assert len((await client.get("/api/v1/stock/movements?location=W1")).json()["items"]) == 4


async def test_a_transfer_over_rest(client: web_client.Client, stocked: list[Any]) -> None:
    lines = [{"sku": "SKU-0", "quantity": 6}, {"sku": "SKU-1", "quantity": 2}]
    body = {"from_location": "W1", "to_location": "S1", "items": lines}
    opened = await client.post("/api/v1/transfers", json=body, headers={"idempotency-key": "t"})
    assert opened.status_code == 201, opened.json()
    assert (await client.post("/api/v1/transfers", json=body, headers={"idempotency-key": "t"})).json() == opened.json()
    where = opened.headers["location"]
    assert opened.json()["status"] == "open"
    refused(await client.post("/api/v1/transfers", json={**body, "to_location": "W1"}), 422, "invalid_transfer")
    refused(
        await client.post("/api/v1/transfers", json={**body, "to_location": "X"}),
        422,
        "unknown_location",
        "to_location",
    )
    short = {**body, "items": [{"sku": "SKU-0", "quantity": 5}]}
    refused(await client.post("/api/v1/transfers", json=short), 409, "insufficient_stock")

    half = {"items": [{"sku": "SKU-0", "quantity": 4}]}
    for _ in range(2):
        shipped = await client.post(f"{where}/shipments", json=half, headers={"idempotency-key": "s"})
        assert (shipped.status_code, shipped.json()["status"]) == (201, "in_transit")
    assert [line["in_transit"] for line in shipped.json()["items"]] == [4, 0]
    too_much = await client.post(f"{where}/receipts", json={"items": [{"sku": "SKU-0", "quantity": 5}]})
    refused(too_much, 409, "more_than_transferred", "items[0]")
    await client.post(f"{where}/receipts", json={"items": [{"sku": "SKU-0", "quantity": 3}]})
    closed = await client.post(f"{where}/closure")
    assert (closed.status_code, closed.json()["status"]) == (200, "closed")
    assert [line["missing"] for line in closed.json()["items"]] == [1, 0]
    assert (await client.get("/api/v1/transfers?status=open")).json()["items"] == []
    assert (await client.get("/api/v1/transfers?status=closed")).json()["items"] == [closed.json()]
    refused(await client.get(f"/api/v1/transfers/{uuid4()}"), 404, "transfer_not_found", "transfer_id")


async def test_counters_are_blind_and_managers_are_not(
    client: web_client.Client, db: Database, scope: Scope, stocked: list[Any]
) -> None:
    async with calling(db, scope, ("inventory:read", "inventory:write")) as clerk:
        opened = await clerk.post("/api/v1/counts", json={"location": "W1", "skus": ["SKU-0", "SKU-1"]})
        where = opened.headers["location"]
        tallies = {
            "items": [{"sku": "SKU-0", "counted": 9}, {"sku": "SKU-1", "counted": 10}, {"sku": "NO", "counted": 1}]
        }
        for _ in range(2):
            noted = await clerk.post(f"{where}/tallies", json=tallies, headers={"idempotency-key": "first"})
        assert [row.get("state") for row in noted.json()] == ["recount", "settled", None]
        assert noted.json()[2]["problem"]["field"] == "items[2].sku"
        assert "10" not in str((await clerk.get(where)).json()["items"])
        refused(await clerk.post(f"{where}/application"), 403, "permission_missing")
        second = await clerk.post(f"{where}/tallies", json={"items": [{"sku": "SKU-0", "counted": 9}]})
        assert second.json() == [{"round": 2, "state": "settled"}]
    shown = (await client.get(where)).json()
    assert shown["items"][0]["rounds"] == [{"counted": 9, "on_hand": 10, "difference": -1}] * 2
    applied = await client.post(f"{where}/application")
    assert (applied.status_code, applied.json()["is_applied"]) == (200, True)
    refused(await client.post(f"{where}/cancellation"), 409, "count_ended")
    assert len((await client.get("/api/v1/counts?status=closed")).json()["items"]) == 1
    (row,) = (await client.get("/api/v1/stock?sku=SKU-0")).json()["items"]
    assert row["on_hand"] == 9


async def test_another_merchant_sees_nothing(
    client: web_client.Client, db: Database, other_tenant: Any, stocked: list[Any]
) -> None:
    async with calling(db, Scope(other_tenant)) as stranger:
        assert (await stranger.get("/api/v1/locations")).json() == []
        assert (await stranger.get("/api/v1/stock")).json()["items"] == []
        refused(
            await stranger.get(f"/api/v1/locations/{stocked[0].location_id}"), 404, "location_not_found", "location_id"
        )
        refused(await stranger.get("/api/v1/stock?sku=SKU-0"), 422, "unknown_sku", "sku")


async def test_every_route_stands_in_the_reference(client: web_client.Client) -> None:
    document = (await client.get("/api/v1/openapi.json")).json()
    routes = {path for path in document["paths"] if path.startswith(("/api/v1/stock", "/api/v1/locations"))}
    assert {
        "/api/v1/stock",
        "/api/v1/stock/availability",
        "/api/v1/stock/receipts/batch",
        "/api/v1/locations",
    } <= routes
    receipt = document["components"]["schemas"]["ReceiptBody"]
    assert receipt["properties"]["quantity"]["minimum"] == 1
