"""Coupons over REST."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.pricing.api import ROUTER
from tests.base import web_client
from tests.base.web_client import Client
from tests.pricing import coupon_factories as factories
from tests.pricing.coupon_factories import redeem, use

MAY = ("prices:read", "prices:write", "orders:read")
BATCHES = "/api/v1/coupon-batches"


@pytest.fixture
async def client(db: Database, tenant: TenantId) -> AsyncIterator[Client]:
    """Return a client of the API of prices that may do everything there."""
    caller = web_client.principal(permissions=MAY, tenant=tenant)
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as opened:
        yield opened


async def made(client: Client, **body: Any) -> dict[str, Any]:
    answer = await client.post(BATCHES, json={"promotion": "spring", **body})
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"{BATCHES}/{answer.json()['coupon_batch_id']}"
    return dict(answer.json())


async def test_a_batch_is_made_listed_and_changed(client: Client) -> None:
    batch = await made(client, size=3, prefix="vip", note="For the letters.")
    at = f"{BATCHES}/{batch['coupon_batch_id']}"
    assert (batch["size"], batch["made"], batch["uses_max"], batch["prefix"]) == (3, 3, 1, "VIP")
    listed = (await client.get(f"{BATCHES}?promotion=spring")).json()
    assert [x["coupon_batch_id"] for x in listed["items"]] == [batch["coupon_batch_id"]]
    assert (await client.get(f"{BATCHES}?promotion=summer")).json()["items"] == []
    changed = await client.patch(at, json={"is_blocked": True, "valid_until": "2030-01-01T00:00:00Z"})
    assert changed.json()["blocked_at"] is not None
    assert changed.headers["etag"] == '"2"'
    opened = await client.patch(at, json={"valid_until": None}, headers={"If-Match": '"2"'})
    assert (opened.json()["valid_until"], opened.json()["note"]) == (None, "For the letters.")
    stale = await client.patch(at, json={"note": "x"}, headers={"If-Match": '"2"'})
    assert stale.status_code in {409, 412}
    assert (await client.get(at)).json()["version"] == 3


async def test_codes_are_listed_and_downloaded_as_they_are_written(client: Client) -> None:
    batch = await made(client, size=3, prefix="VIP")
    at = f"{BATCHES}/{batch['coupon_batch_id']}"
    listed = (await client.get(f"{at}/coupons?limit=2")).json()
    rest = (await client.get(f"{at}/coupons", params={"limit": 2, "cursor": listed["next"]})).json()
    codes = [x["code"] for x in (*listed["items"], *rest["items"])]
    file = await client.get(f"{at}/codes")
    assert file.headers["content-type"].startswith("text/csv")
    head, *rows = file.content.decode("utf-8-sig").splitlines()
    assert head == "number,code,used,blocked_at"
    assert [row.split(",")[1] for row in rows] == codes
    assert len(codes) == 3


async def test_codes_are_added_blocked_and_looked_up(db: Database, scope: Scope, client: Client) -> None:
    batch = await made(client, codes=["WELCOME-10"], uses_max=None)
    at = f"{BATCHES}/{batch['coupon_batch_id']}"
    added = await client.post(f"{at}/coupons", json={"codes": ["双十一"]})
    assert (added.status_code, added.json()["size"]) == (200, 2)
    keyed = {"Idempotency-Key": "more"}
    sent = [await client.post(f"{at}/coupons", json={"codes": ["Autumn"]}, headers=keyed) for _ in range(2)]
    assert [(one.status_code, one.json()["size"]) for one in sent] == [(200, 3), (200, 3)]
    again = await client.post(f"{at}/coupons", json={"codes": ["双 十 一"]})
    assert (again.status_code, again.json()["code"]) == (409, "coupon_code_taken")
    found = (await client.post("/api/v1/coupons/look-ups", json={"code": "welcome 10"})).json()
    assert (found["code"], found["used"], found["promotion"]) == ("WELCOME10", 0, "spring")
    missing = await client.post("/api/v1/coupons/look-ups", json={"code": "welcome 11"})
    assert (missing.status_code, missing.json()["code"]) == (404, "coupon_not_found")
    stranger = "0198c0de-0000-7000-8000-000000000001"
    body = {"coupon_ids": [found["coupon_id"], stranger], "is_blocked": True}
    blocked, unknown = (await client.post("/api/v1/coupons/blocking", json=body)).json()
    assert blocked["coupon"]["blocked_at"] is not None
    assert (unknown["problem"]["code"], unknown["problem"]["field"]) == ("coupon_not_found", "coupon_ids[1]")


async def test_uses_are_listed(db: Database, scope: Scope, client: Client) -> None:
    await factories.batch(db, scope)
    wish = use(coupon="SPRING10", units=2)
    await redeem(db, scope, wish)
    for query in ("", f"order_id={wish.order_id}", "promotion=spring"):
        (found,) = (await client.get(f"/api/v1/redemptions?{query}")).json()["items"]
        assert (found["code"], found["units"], found["discount_minor"]) == ("SPRING10", 2, 1_000)
        assert found["given_back_at"] is None
    assert (await client.get("/api/v1/redemptions?promotion=summer")).json()["items"] == []


async def test_what_cannot_be_made_names_its_field(client: Client) -> None:
    for body, code in (
        ({"size": 0}, "out_of_bounds"),
        ({}, "coupon_count_invalid"),
        ({"size": 2, "prefix": "a/b"}, "coupon_prefix_invalid"),
        ({"codes": ["x"]}, "coupon_code_invalid"),
    ):
        answer = await client.post(BATCHES, json={"promotion": "spring", **body})
        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    absent = await client.get(f"{BATCHES}/0198c0de-0000-7000-8000-000000000001")
    assert (absent.status_code, absent.json()["code"]) == (404, "coupon_batch_not_found")
