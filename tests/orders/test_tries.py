"""Codes tried by ordering: who tries many that no coupon has must wait, whichever call they take."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from jiedan.accounts.rules import CODES_PER_CALLER_MAX
from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.orders import service
from jiedan.orders.api import ROUTER
from tests.base import web_client
from tests.base.web_client import Client
from tests.orders import factories
from tests.orders.test_promotions import SPRING, publish
from tests.pricing import coupon_factories as coupons

MAY = ("orders:read", "orders:write", "prices:read")
TEN = [f"GUESS-{n}" for n in range(10)]


@pytest.fixture
async def client(db: Database, scope: Scope, tenant: TenantId) -> AsyncIterator[Client]:
    """Return a client that may order tea, for which there is a code."""
    await factories.shop(db, scope, {"TEA": {"A": 99}})
    await publish(db, scope, SPRING)
    await coupons.batch(db, scope, uses_max=None)
    caller = web_client.principal(permissions=MAY, tenant=tenant)
    async with web_client.open_client(
        routers=[ROUTER], principal=caller, database=db, parts=[service.open_order_desk]
    ) as opened:
        yield opened


def body(*codes: str) -> dict[str, Any]:
    return {"lines": [{"sku": "TEA", "quantity": 1}], "coupons": list(codes)}


async def test_codes_tried_by_orders_batches_and_previews_are_counted_together(client: Client) -> None:
    assert 3 * len(TEN) == CODES_PER_CALLER_MAX
    placed = await client.post("/api/v1/orders", json=body("spring10"))
    assert placed.status_code == 201, placed.text
    preview = await client.post("/api/v1/orders/preview", json=body(*TEN))
    assert preview.status_code == 422
    assert {x["code"] for x in preview.json()["errors"]} == {"coupon_refused"}
    drafts = {"drafts": [{"order": body(*TEN)}]}
    assert (await client.post("/api/v1/orders/batch", json=drafts)).json()[0]["status"] == "rejected"
    assert (await client.post("/api/v1/orders", json=body(*TEN))).status_code == 422
    for path, sent in (("/orders", body("SPRING10")), ("/orders/preview", body("X")), ("/orders/batch", drafts)):
        waiting = await client.post(f"/api/v1{path}", json=sent)
        assert (waiting.status_code, waiting.json()["code"]) == (429, "coupon_look_ups_throttled"), path
        assert int(waiting.headers["retry-after"]) > 0
    saved = (await client.post("/api/v1/order-drafts", json={"data": body("SPRING10")})).json()
    assert (await client.post(f"/api/v1/order-drafts/{saved['draft_id']}/placement")).status_code == 429
    assert (await client.post("/api/v1/orders", json=body())).status_code == 201


async def test_codes_tried_by_quotes_are_counted(client: Client) -> None:
    carts = {"carts": [{"lines": body()["lines"], "coupons": [f"{code}-{n}" for code in TEN]} for n in range(3)]}
    answer = await client.post("/api/v1/pricing/quote", json=carts)
    assert (answer.status_code, {x["status"] for x in answer.json()}) == (200, {"refused"})
    one = {"carts": [{"lines": body()["lines"], "coupons": ["SPRING10"]}]}
    for path, sent in (("/pricing/quote", one), ("/orders", body("SPRING10"))):
        assert (await client.post(f"/api/v1{path}", json=sent)).status_code == 429, path
    without = {"carts": [{"lines": body()["lines"]}]}
    assert (await client.post("/api/v1/pricing/quote", json=without)).json()[0]["status"] == "priced"


async def test_a_wrong_code_in_many_carts_of_one_call_is_one_try(client: Client) -> None:
    carts = {"carts": [{"lines": body()["lines"], "coupons": ["SPRINT10"]} for _ in range(CODES_PER_CALLER_MAX + 1)]}
    for _ in range(2):
        answer = await client.post("/api/v1/pricing/quote", json=carts)
        assert (answer.status_code, {x["status"] for x in answer.json()}) == (200, {"refused"})


async def test_right_codes_are_not_counted(client: Client) -> None:
    for _ in range(4):
        drafts = {"drafts": [{"order": body("SPRING10")} for _ in range(10)]}
        answer = await client.post("/api/v1/orders/batch", json=drafts)
        assert {x["status"] for x in answer.json()} == {"placed"}
