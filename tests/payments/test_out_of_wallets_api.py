"""Paying out of wallets over HTTP: placing, previewing, refunding over all tenders, and everything that is refused."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from jiedan.base.db import Database, Scope
from jiedan.orders import api as orders_api
from jiedan.orders import service as orders
from jiedan.payments import api, service
from jiedan.payments.providers import gateways
from jiedan.wallets import api as wallets_api
from tests.base import web_client
from tests.orders import factories as orders_factories
from tests.wallets import factories as wallet_factories

RIGHTS = (
    *("orders:read", "orders:write", "payments:read", "payments:write", "payments:refund"),
    *("wallets:read", "wallets:write"),
)
TEA = {"sku": "TEA", "quantity": 5}
UNKNOWN = "3467-9ACD-EFGH-JKMN"


def opened(db: Database, scope: Scope, *rights: str) -> Any:
    """Return a client of everything that has to do with it."""
    caller = web_client.principal(permissions=rights or RIGHTS, tenant=scope.tenant)
    return web_client.open_client(
        routers=[api.ROUTER, orders_api.ROUTER, wallets_api.ROUTER],
        principal=caller,
        database=db,
        parts=[service.open_order_desk, orders.order_subjects(), gateways.open_gateways],
        sandbox_port=1,
    )


@pytest.fixture
async def client(db: Database, scope: Scope) -> AsyncIterator[web_client.Client]:
    await orders_factories.shop(db, scope, {"TEA": {"W1": 1_000}})
    async with opened(db, scope) as found:
        yield found


async def a_card(client: web_client.Client, amount: int) -> dict[str, Any]:
    """Issue a card, and return it with its code."""
    items = [{"amount": amount, "currency": "CNY"}]
    (row,) = (await client.post("/api/v1/gift-cards", json={"items": items})).json()
    return {**row["card"], "code": row["code"]}


async def test_a_preview_says_what_wallets_would_pay_and_the_order_is_paid_so(client: web_client.Client) -> None:
    card = await a_card(client, 3_000)
    body = {"lines": [TEA], "wallets": [{"kind": "gift_card", "code": card["code"].lower()}]}
    shown = (await client.post("/api/v1/orders/preview", json=body)).json()
    assert shown["wallets"] == [
        {
            "place": 0,
            "kind": "gift_card",
            "last_four": card["last_four"],
            "amount_minor": 3_000,
            "left_minor": 0,
            "points": None,
            "left_points": None,
        }
    ]
    assert shown["due_minor"] == 2_000
    for status in (201, 200):
        made = await client.post("/api/v1/orders", json=body, headers={"Idempotency-Key": "k-1"})
        assert (made.status_code, made.json()["payment_status"]) == (status, "partly_paid"), made.text
    place = f"/api/v1/orders/{made.json()['order_id']}"
    (payment,) = (await client.get(f"{place}/payments")).json()
    assert (payment["provider"], payment["method"], payment["captured_minor"]) == ("wallet", "gift_card", 3_000)
    assert (await client.get(f"/api/v1/gift-cards/{card['wallet_id']}")).json()["balance"] == 0


async def test_what_cannot_pay_names_its_field_also_in_a_batch(client: web_client.Client) -> None:
    unknown = {"kind": "gift_card", "code": UNKNOWN}
    refused = await client.post("/api/v1/orders", json={"lines": [TEA], "wallets": [unknown]})
    told = refused.json()
    assert (refused.status_code, told["code"], told["field"]) == (422, "unknown_gift_card", "wallets[0].code")
    for use in ({"kind": "gift_card"}, {"kind": "credit", "code": UNKNOWN}, {"kind": "credit", "points": 5}):
        unclear = await client.post("/api/v1/orders", json={"lines": [TEA], "wallets": [use]})
        assert (unclear.status_code, unclear.json()["code"], unclear.json()["field"]) == (
            422,
            "wallet_unclear",
            "wallets[0]",
        )
    drafts = [{"order": {"lines": [TEA], "wallets": [unknown]}}, {"order": {"lines": [TEA]}}]
    first, second = (await client.post("/api/v1/orders/batch", json={"drafts": drafts})).json()
    assert (first["status"], first["errors"][0]["field"]) == ("rejected", "drafts[0].order.wallets[0].code")
    assert second["status"] == "placed"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"sku": "COFFEE", "quantity": 1}, ("unknown_sku", "lines[0].sku")),
        ({"sku": "TEA", "quantity": 0}, ("quantity_out_of_range", "lines[0].quantity")),
        ({"sku": "TEA", "quantity": 1_001}, ("insufficient_stock", "lines[0].quantity")),
    ],
)
async def test_a_code_that_no_card_has_is_told_beside_all_else(
    client: web_client.Client, line: dict[str, Any], reason: tuple[str, str]
) -> None:
    known = {"kind": "gift_card", "code": (await a_card(client, 100))["code"]}
    body = {"lines": [line], "wallets": [known, {"kind": "gift_card", "code": UNKNOWN}]}
    for path in ("/api/v1/orders", "/api/v1/orders/preview"):
        refused = await client.post(path, json=body)
        told = {(x["code"], x["field"]) for x in refused.json()["errors"]}
        assert told == {reason, ("unknown_gift_card", "wallets[1].code")}, refused.text


async def test_who_tries_many_codes_is_slowed_down(client: web_client.Client) -> None:
    body = {"lines": [TEA], "wallets": [{"kind": "gift_card", "code": UNKNOWN}]}
    answers = [await client.post("/api/v1/orders/preview", json=body) for _ in range(31)]
    assert [answer.status_code for answer in answers] == [422] * 30 + [429]
    assert answers[-1].json()["field"] == "wallets"


async def test_a_saved_draft_keeps_no_codes(client: web_client.Client) -> None:
    data = {"lines": [TEA], "wallets": [{"kind": "gift_card", "code": UNKNOWN}]}
    refused = await client.post("/api/v1/order-drafts", json={"data": data})
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (
        422,
        "draft_keeps_no_codes",
        "data.wallets",
    )


async def test_credit_of_a_customer_needs_the_right_to_move_it(db: Database, scope: Scope) -> None:
    await orders_factories.shop(db, scope, {"TEA": {"W1": 1_000}})
    who = await wallet_factories.customer(db, scope)
    await wallet_factories.moved(db, scope, wallet_factories.credit(who, 1_000))
    body = {"lines": [TEA], "customer_id": str(who), "wallets": [{"kind": "credit"}]}
    async with opened(db, scope, "orders:write") as client:
        refused = await client.post("/api/v1/orders", json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")
    async with opened(db, scope) as client:
        assert (await client.post("/api/v1/orders", json=body)).status_code == 201


async def test_points_are_shown_paid_and_given_back_by_their_number(
    client: web_client.Client, db: Database, scope: Scope
) -> None:
    who = await wallet_factories.customer(db, scope)
    rule = {"currency": "CNY", "points": 1, "step_minor": 100, "pays_points": 30, "pays_minor": 100}
    await client.put("/api/v1/loyalty-rules", json={"rules": [rule]})
    given = {"customer_id": str(who), "kind": "points", "amount": 100, "reason": "goodwill"}
    await client.post("/api/v1/wallets/adjustments", json={"items": [given]})
    body = {"lines": [TEA], "customer_id": str(who), "wallets": [{"kind": "points", "points": 90}]}
    shown = (await client.post("/api/v1/orders/preview", json=body)).json()
    assert shown["wallets"] == [
        {
            "place": 0,
            "kind": "points",
            "last_four": None,
            "amount_minor": 300,
            "left_minor": None,
            "points": 90,
            "left_points": 10,
        }
    ]
    assert shown["due_minor"] == 4_700
    made = await client.post("/api/v1/orders", json=body)
    assert (made.status_code, made.json()["payment_status"]) == (201, "partly_paid"), made.text
    place = f"/api/v1/orders/{made.json()['order_id']}"
    (payment,) = (await client.get(f"{place}/payments")).json()
    assert (payment["provider"], payment["method"], payment["captured_minor"]) == ("wallet", "points", 300)
    wish = {"amount_minor": 150}
    (share,) = (await client.post(f"{place}/refunds/preview", json=wish)).json()["shares"]
    assert (share["goes"], share["amount_minor"], share["points"]) == ("wallet", 150, 45)
    assert (await client.post(f"{place}/refunds", json=wish)).status_code == 201
    (found,) = (await client.get(f"/api/v1/customers/{who}/wallets")).json()
    assert (found["kind"], found["balance"]) == ("points", 55)
    refused = await client.post("/api/v1/orders", json={**body, "wallets": [{"kind": "points", "points": 31}]})
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (
        422,
        "points_not_whole",
        "wallets[0].points",
    )


async def test_a_refund_is_shown_and_then_done_over_all_tenders(
    client: web_client.Client, db: Database, scope: Scope
) -> None:
    who = await wallet_factories.customer(db, scope)
    card = await a_card(client, 2_000)
    uses = [{"kind": "gift_card", "code": card["code"]}]
    body = {"lines": [TEA], "customer_id": str(who), "wallets": uses}
    placed = (await client.post("/api/v1/orders", json=body)).json()
    place = f"/api/v1/orders/{placed['order_id']}"
    wire = (await client.post(f"{place}/payments", json={"provider": "transfer"})).json()
    await client.post(f"/api/v1/payments/{wire['payment_id']}/confirmations", json={})
    wish = {"lines": [{"line": 1, "quantity": 1}], "to": "credit", "reason": "damaged"}
    shown = (await client.post(f"{place}/refunds/preview", json=wish)).json()
    assert [(x["method"], x["amount_minor"], x["left_minor"], x["goes"]) for x in shown["shares"]] == [
        ("gift_card", 400, 1_600, "wallet"),
        ("bank_transfer", 600, 2_400, "credit"),
    ]
    (units,) = shown["units"]
    assert units == {
        "line": 1,
        "code": "TEA",
        "name": "Product TEA",
        "quantity": 1,
        "price_minor": 1_000,
        "off_minor": 0,
        "tax_minor": 0,
        "tax_included": units["tax_included"],
        "amount_minor": 1_000,
    }
    assert shown["amount_minor"] == 1_000
    for _ in range(2):
        done = await client.post(f"{place}/refunds", json=wish, headers={"Idempotency-Key": "r-1"})
        assert done.status_code == 201, done.text
        assert [x["refunded_minor"] for x in done.json()["payments"]] == [400, 600]
    (credit,) = (await client.get(f"/api/v1/customers/{who}/wallets")).json()
    assert credit["balance"] == 600
    too_much = await client.post(f"{place}/refunds", json={"amount_minor": 4_001})
    assert (too_much.status_code, too_much.json()["code"], too_much.json()["field"]) == (
        409,
        "order_refund_too_large",
        "amount_minor",
    )


async def test_what_is_due_of_a_placed_order_is_paid_out_of_wallets(client: web_client.Client) -> None:
    card = await a_card(client, 3_000)
    placed = (await client.post("/api/v1/orders", json={"lines": [TEA]})).json()
    at = f"/api/v1/orders/{placed['order_id']}/wallet-payments"
    body = {"wallets": [{"kind": "gift_card", "code": card["code"]}]}
    for _ in range(2):
        paid = await client.post(at, json=body, headers={"Idempotency-Key": "w-1"})
        assert paid.status_code == 201, paid.text
        assert [(x["method"], x["captured_minor"]) for x in paid.json()] == [("gift_card", 3_000)]
    empty = await client.post(at, json=body)
    assert (empty.status_code, empty.json()["code"], empty.json()["field"]) == (
        409,
        "gift_card_empty",
        "wallets[0].code",
    )
    unknown = await client.post(at, json={"wallets": [{"kind": "gift_card", "code": UNKNOWN}]})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_gift_card")
    nobody = await client.post(at, json={"wallets": [{"kind": "credit"}]})
    assert (nobody.status_code, nobody.json()["code"]) == (422, "store_credit_needs_customer")
    nothing = await client.post(at, json={"wallets": []})
    assert nothing.status_code == 422


async def test_points_and_what_names_no_card_pay_nothing_later(client: web_client.Client) -> None:
    placed = (await client.post("/api/v1/orders", json={"lines": [TEA]})).json()
    at = f"/api/v1/orders/{placed['order_id']}/wallet-payments"
    points = await client.post(at, json={"wallets": [{"kind": "points", "amount_minor": 100}]})
    assert (points.status_code, points.json()["field"]) == (422, "wallets[0].kind")
    for wallet in ({"kind": "gift_card"}, {"kind": "credit", "code": UNKNOWN}):
        unclear = await client.post(at, json={"wallets": [{"kind": "credit"}, wallet]})
        assert (unclear.status_code, unclear.json()["code"], unclear.json()["field"]) == (
            422,
            "wallet_unclear",
            "wallets[1]",
        )


async def test_paying_with_credit_later_needs_the_right_to_move_it(db: Database, scope: Scope) -> None:
    await orders_factories.shop(db, scope, {"TEA": {"W1": 1_000}})
    who = await wallet_factories.customer(db, scope)
    await wallet_factories.moved(db, scope, wallet_factories.credit(who, 9_000))
    body = {"wallets": [{"kind": "credit", "amount_minor": 1_000}]}
    async with opened(db, scope) as client:
        placed = (await client.post("/api/v1/orders", json={"lines": [TEA], "customer_id": str(who)})).json()
    at = f"/api/v1/orders/{placed['order_id']}/wallet-payments"
    async with opened(db, scope, "payments:write", "orders:read") as client:
        refused = await client.post(at, json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")
    async with opened(db, scope) as client:
        paid = await client.post(at, json=body)
        assert (paid.status_code, paid.json()[0]["method"], paid.json()[0]["captured_minor"]) == (
            201,
            "store_credit",
            1_000,
        )
