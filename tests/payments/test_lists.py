"""Lists of payments and of refunds over HTTP: by any filters at once, page by page, and what they come to."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from jiedan.base.db import Database, Scope
from jiedan.payments import queries, service
from jiedan.payments.api import ROUTER
from jiedan.payments.values import OperationRequest, PaymentId, Receipt
from tests.base import web_client
from tests.payments import factories

RIGHTS = frozenset({"payments:read"})


@pytest_asyncio.fixture
async def client(db: Database, scope: Scope) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=RIGHTS, tenant=scope.tenant)
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as opened:
        yield opened


async def received(db: Database, scope: Scope, *amounts: int, reference: str = "wire") -> list[PaymentId]:
    receipts = [Receipt("bank_transfer", x, "CNY", f"{reference} {x}") for x in amounts]
    async with db.begin(scope) as tx:
        return [factories.accepted(x) for x in await service.receive_money(tx, receipts=receipts)]


async def refunded(db: Database, scope: Scope, payment_id: PaymentId, amount_minor: int) -> None:
    wish = OperationRequest(payment_id, "refund", amount_minor, "damaged")
    async with db.begin(scope) as tx:
        (outcome,) = await service.request_operations(tx, requests=[wish])
    factories.accepted(outcome)


async def listed(client: web_client.Client, path: str = "/api/v1/payments", **asked: Any) -> list[int]:
    answer = await client.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    return [row["amount_minor"] for row in answer.json()["items"]]


async def test_filters_hold_at_once(client: web_client.Client, db: Database, scope: Scope) -> None:
    order_id = await factories.an_order(db, scope)
    await factories.transfer(db, scope, order_id, 3_000)
    await received(db, scope, 100, 250, 400)
    assert await listed(client) == [400, 250, 100, 3_000]
    assert await listed(client, state="open") == [3_000]
    assert await listed(client, state=["open", "captured"], amount_min=250) == [400, 250, 3_000]
    assert await listed(client, amount_min=101, amount_max=399) == [250]
    assert await listed(client, method="bank_transfer", currency="USD") == []
    assert await listed(client, method=["card", "bank_transfer"], currency="CNY", limit=1) == [400]
    assert await listed(client, provider="sandbox") == []
    assert await listed(client, created_from="2026-11-21", created_to="2026-11-21") == [400, 250, 100, 3_000]
    assert await listed(client, created_from="2026-11-22") == []
    assert await listed(client, created_to="9999-12-31", created_from="0001-01-01") == [400, 250, 100, 3_000]


async def test_a_reference_or_a_number_finds(client: web_client.Client, db: Database, scope: Scope) -> None:
    order_id = await factories.an_order(db, scope)
    expected = await factories.transfer(db, scope, order_id, 3_000)
    await factories.confirm(db, scope, expected, 3_000)
    [first, _] = await received(db, scope, 100, 250)
    number = (await factories.the_order(db, scope, order_id)).number
    assert await listed(client, q="wire 2") == [250]
    assert await listed(client, q="wire", amount_max=200) == [100]
    assert await listed(client, q=number.lower()) == [3_000]
    assert await listed(client, q=str(first)) == [100]
    assert await listed(client, q="nothing") == []
    assert await listed(client, q="  ") == [250, 100, 3_000]


async def test_what_is_wrong_is_refused(client: web_client.Client) -> None:
    for asked in ({"state": "rich"}, {"currency": "yuan"}, {"amount_min": -1}, {"q": "x" * 101}, {"method": "barter"}):
        for path in ("/api/v1/payments", "/api/v1/refunds", "/api/v1/payments/sums"):
            assert (await client.get(path, params=asked)).status_code == 422, (path, asked)
    reversed_days = await client.get(
        "/api/v1/payments", params={"created_from": "2026-11-22", "created_to": "2026-11-21"}
    )
    assert reversed_days.json()["code"] == "range_reversed"
    assert reversed_days.json()["field"] == "created_from"


async def test_refunds_are_listed_with_what_came_of_them(client: web_client.Client, db: Database, scope: Scope) -> None:
    first, second = await received(db, scope, 1_000, 2_000)
    await refunded(db, scope, first, 300)
    await refunded(db, scope, second, 700)
    assert await listed(client, "/api/v1/refunds") == [700, 300]
    assert await listed(client, "/api/v1/refunds", state="succeeded", amount_max=300) == [300]
    assert await listed(client, "/api/v1/refunds", state=["failed", "unknown"]) == []
    assert await listed(client, "/api/v1/refunds", q="wire 1000") == [300]
    (shown,) = (await client.get("/api/v1/refunds", params={"amount_min": 700})).json()["items"]
    picked = ("payment_id", "order_id", "provider", "method", "currency", "state", "reason", "to_wallet")
    assert [shown[name] for name in picked] == [
        str(second), None, "transfer", "bank_transfer", "CNY", "succeeded", "damaged", False,
    ]  # fmt: skip


async def test_sums_are_of_what_fits(client: web_client.Client, db: Database, scope: Scope) -> None:
    order_id = await factories.an_order(db, scope)
    await factories.transfer(db, scope, order_id, 3_000)
    first, _ = await received(db, scope, 1_000, 2_000)
    await refunded(db, scope, first, 300)
    all_of_it = (await client.get("/api/v1/payments/sums")).json()
    assert all_of_it == {
        "sums": [
            {"state": "captured", "currency": "CNY", "number": 2, "amount_minor": 3_000, "kept_minor": 2_700},
            {"state": "open", "currency": "CNY", "number": 1, "amount_minor": 3_000, "kept_minor": 0},
        ],
        "is_capped": False,
    }
    few = (await client.get("/api/v1/payments/sums", params={"amount_max": 1_000})).json()["sums"]
    assert [(row["number"], row["kept_minor"]) for row in few] == [(1, 700)]
    assert (await client.get("/api/v1/payments/sums", params={"q": "nothing"})).json()["sums"] == []


async def test_a_page_goes_on_where_few_fit(
    client: web_client.Client, db: Database, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    await received(db, scope, *range(1, 13))
    monkeypatch.setattr(queries.lists, "LOOKED_AT_MAX", 5)
    found: list[int] = []
    asked: dict[str, Any] = {"method": "bank_transfer", "amount_max": 9, "limit": 3}
    cursor, pages = None, 0
    while pages == 0 or cursor is not None:
        answer = (
            await client.get("/api/v1/payments", params={**asked, **({"cursor": cursor} if cursor else {})})
        ).json()
        found += [row["amount_minor"] for row in answer["items"]]
        cursor, pages = answer["next"], pages + 1
    assert found == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert pages == 4


async def test_sums_say_when_they_are_of_the_newest_only(
    client: web_client.Client, db: Database, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    await received(db, scope, *range(1, 6))
    monkeypatch.setattr(queries.lists, "SUMMED_MAX", 3)
    found = (await client.get("/api/v1/payments/sums")).json()
    assert (found["is_capped"], found["sums"][0]["number"], found["sums"][0]["amount_minor"]) == (True, 3, 12)
