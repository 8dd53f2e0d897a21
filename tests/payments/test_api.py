"""Payments over HTTP: by hand, in sets, and what is refused."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from jiedan.base.db import Database, Scope
from jiedan.orders.values import OrderId
from jiedan.payments import queries
from jiedan.payments.api import INCOMING, ROUTER
from jiedan.payments.providers import gateways
from tests.base import web_client
from tests.payments import factories

EVERYTHING = ("payments:read", "payments:write", "payments:refund", "settings:read", "settings:write")


@pytest.fixture
async def order_id(db: Database, scope: Scope) -> OrderId:
    return await factories.an_order(db, scope)


@pytest.fixture
async def client(db: Database, scope: Scope, order_id: OrderId) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=EVERYTHING, tenant=scope.tenant)
    async with web_client.open_client(
        routers=[ROUTER, INCOMING], principal=caller, database=db, parts=[gateways.open_gateways], sandbox_port=1
    ) as opened:
        yield opened


async def pay(client: web_client.Client, order_id: OrderId, key: str | None = None, **body: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return await client.post(f"/api/v1/orders/{order_id}/payments", json=body, headers=headers)


async def test_a_transfer_is_made_confirmed_and_given_back(client: web_client.Client, order_id: OrderId) -> None:
    made = await pay(client, order_id, "k1", provider="transfer")
    assert made.status_code == 201, made.text
    payment = made.json()
    assert (payment["state"], payment["method"], payment["amount_minor"]) == ("open", "bank_transfer", 10_000)
    assert made.headers["location"] == f"/api/v1/payments/{payment['payment_id']}"
    again = await pay(client, order_id, "k1", provider="transfer")
    assert (again.status_code, again.json()["payment_id"]) == (200, payment["payment_id"])
    other = await pay(client, order_id, "k1", provider="transfer", amount_minor=5)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")

    place = f"/api/v1/payments/{payment['payment_id']}"
    confirmed = await client.post(f"{place}/confirmations", json={"reference": "bank 7"})
    assert confirmed.status_code == 201, confirmed.text
    assert confirmed.json()["state"] == "captured"
    line = {"line": 1, "quantity": 2, "amount_minor": 2_000}
    for _ in range(2):
        refunded = await client.post(
            f"{place}/refunds", json={"lines": [line], "reason": "damaged"}, headers={"Idempotency-Key": "r1"}
        )
        assert refunded.json()["refunded_minor"] == 2_000
    ledger = (await client.get(place)).json()["ledger"]
    assert [(entry["kind"], entry["amount_minor"]) for entry in ledger] == [("capture", 10_000), ("refund", 2_000)]
    assert (ledger[0]["reference"], ledger[1]["refund_lines"], ledger[1]["reason"]) == ("bank 7", [line], "damaged")
    listed = (await client.get(f"/api/v1/orders/{order_id}/payments")).json()
    assert [p["payment_id"] for p in listed] == [payment["payment_id"]]


async def test_external_money_may_be_only_set_aside_and_tells_installments(
    client: web_client.Client, order_id: OrderId
) -> None:
    body = {"provider": "external", "method": "card", "amount_minor": 4_000, "capture": "later", "installments": 10}
    made = await pay(client, order_id, "e1", **body)
    payment = made.json()
    assert (made.status_code, payment["state"], payment["installments"]) == (201, "authorized", 10)
    assert (payment["authorized_minor"], payment["captured_minor"]) == (4_000, 0)
    refused = await pay(client, order_id, "e2", **{**body, "installments": 0})
    assert refused.status_code == 422


async def test_external_money_is_recorded(client: web_client.Client, order_id: OrderId) -> None:
    body = {"provider": "external", "method": "boleto", "reference": "mp-1"}
    first = (await pay(client, order_id, "e1", **body)).json()
    again = (await pay(client, order_id, "e1", **body)).json()
    assert (first["captured_minor"], first["state"]) == (10_000, "captured")
    assert again["payment_id"] == first["payment_id"]


async def test_payments_are_listed_by_state(client: web_client.Client, order_id: OrderId) -> None:
    made = [(await pay(client, order_id, provider="transfer", amount_minor=1_000)).json() for _ in range(3)]
    await client.post(f"/api/v1/payments/{made[0]['payment_id']}/confirmations", json={})
    asked: dict[str, Any] = {"state": "open", "limit": 1}
    waiting = (await client.get("/api/v1/payments", params=asked)).json()
    assert [p["payment_id"] for p in waiting["items"]] == [made[2]["payment_id"]]
    more = (
        await client.get("/api/v1/payments", params={"state": "open", "limit": 1, "cursor": waiting["next"]})
    ).json()
    assert [p["payment_id"] for p in more["items"]] == [made[1]["payment_id"]]
    assert (await client.get("/api/v1/payments", params={"state": "rich"})).status_code == 422


async def test_sets_have_an_outcome_per_row(client: web_client.Client, order_id: OrderId) -> None:
    made = [(await pay(client, order_id, provider="transfer", amount_minor=a)).json() for a in (1_000, 2_000)]
    nobody = str(uuid4())
    rows = [{"payment_id": made[0]["payment_id"], "key": "c1"}, {"payment_id": nobody}]
    for _ in range(2):
        done = (await client.post("/api/v1/payments/confirmations", json={"confirmations": rows})).json()
        assert [row["done"] for row in done] == [True, False]
    assert done[1]["error"]["code"] == "payment_not_found"
    refunds = [
        {"payment_id": made[0]["payment_id"], "amount_minor": 600},
        {"payment_id": made[0]["payment_id"], "amount_minor": 600},
        {"payment_id": made[1]["payment_id"]},
    ]
    outcome = (await client.post("/api/v1/payments/refunds", json={"refunds": refunds})).json()
    assert [row.get("error", {}).get("code") for row in outcome] == [None, "refund_too_large", "amount_not_positive"]


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"provider": "transfer", "amount_minor": 10_001}, "amount_above_due", "amount_minor"),
        ({"provider": "transfer", "amount_minor": -1}, "out_of_bounds", "amount_minor"),
        ({"provider": "nobody"}, "provider_unknown", "provider"),
        ({"provider": "sandbox", "token": "4000-0566-5566-5556"}, "card_number_refused", "token"),
        ({"provider": "transfer", "return_url": "ftp://x"}, "address_refused", "return_url"),
        ({"provider": "transfer", "card": "4242"}, "unknown_field", "card"),
    ],
)
async def test_bad_input_is_refused_by_its_field(
    client: web_client.Client, order_id: OrderId, body: dict[str, Any], code: str, field: str
) -> None:
    answer = await pay(client, order_id, **body)
    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["field"]) == (code, field)
    assert "5556" not in answer.text
    assert (await client.get("/api/v1/payments")).json()["items"] == []


async def test_what_does_not_exist_is_not_found(client: web_client.Client, order_id: OrderId) -> None:
    nobody = uuid4()
    for address in (f"/orders/{nobody}/payments", f"/payments/{nobody}"):
        assert (await client.get(f"/api/v1{address}")).status_code == 404
    for address in (f"/orders/{nobody}/payments", f"/payments/{nobody}/captures", f"/payments/{nobody}/refunds"):
        body = {"provider": "transfer"} if "orders" in address else {}
        assert (await client.post(f"/api/v1{address}", json=body)).status_code == 404


async def test_a_right_is_needed_for_each(db: Database, scope: Scope, order_id: OrderId) -> None:
    caller = web_client.principal(permissions=("payments:read",), tenant=scope.tenant)
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
        assert (await pay(client, order_id, provider="transfer")).status_code == 403
        assert (await client.post(f"/api/v1/payments/{uuid4()}/refunds", json={})).status_code == 403
        assert (await client.put("/api/v1/payment-providers/sandbox", json={})).status_code == 403


async def test_secrets_go_in_and_never_come_out(client: web_client.Client, db: Database, scope: Scope) -> None:
    secret = "whsec_never_seen_again"
    body = {"settings": {"url": "http://localhost:1"}, "secrets": {"webhook_secret": secret}}
    made = await client.put("/api/v1/payment-providers/sandbox", json=body)
    assert made.status_code == 200, made.text
    assert made.json() == {
        "provider": "sandbox",
        "is_active": True,
        "settings": {"url": "http://localhost:1"},
        "has_secrets": True,
        "version": 1,
    }
    changed = await client.put(
        "/api/v1/payment-providers/sandbox", json={"is_active": False}, headers={"If-Match": made.headers["etag"]}
    )
    assert (changed.json()["settings"], changed.json()["version"]) == (body["settings"], 2)
    same = await client.put("/api/v1/payment-providers/sandbox", json={"is_active": False})
    assert same.json() == changed.json(), "what says nothing new is not written"
    stale = await client.put("/api/v1/payment-providers/sandbox", json={}, headers={"If-Match": '"1"'})
    assert stale.status_code == 409
    assert secret not in (await client.get("/api/v1/payment-providers")).text
    async with db.read(scope) as tx:
        stored = (await queries.providers(tx))["sandbox"].sealed
    assert stored is not None
    assert secret.encode() not in stored
    for wrong, field in (({"settings": {"x": "1"}}, "settings.x"), ({"secrets": {"y": "1"}}, "secrets.y")):
        refused = await client.put("/api/v1/payment-providers/sandbox", json=wrong)
        assert (refused.json()["code"], refused.json()["field"]) == ("provider_setting_unknown", field)
    assert (await client.put("/api/v1/payment-providers/nobody", json={})).json()["code"] == "provider_unknown"


async def test_a_processor_that_is_not_there_leaves_the_outcome_unknown(
    client: web_client.Client, order_id: OrderId
) -> None:
    await client.put("/api/v1/payment-providers/sandbox", json={"settings": {"url": "http://127.0.0.1:1"}})
    made = await pay(client, order_id, provider="sandbox", token="tok_visa")
    assert (made.status_code, made.json()["state"]) == (201, "unknown")


async def test_money_without_an_order_is_received_once_and_given_to_one(
    client: web_client.Client, order_id: OrderId
) -> None:
    body = {"amount_minor": 10_000, "currency": "CNY", "reference": "wire 7"}
    made = [await client.post("/api/v1/payments", json=body, headers={"Idempotency-Key": "m1"}) for _ in range(2)]
    payment = made[0].json()
    assert (made[0].status_code, payment["order_id"], payment["state"]) == (201, None, "captured")
    assert made[1].json()["payment_id"] == payment["payment_id"]
    place = f"/api/v1/payments/{payment['payment_id']}"
    given = await client.post(f"{place}/assignment", json={"order_id": str(order_id)})
    assert given.json()["order_id"] == str(order_id)
    again = await client.post(f"{place}/assignment", json={"order_id": str(order_id)})
    assert (again.status_code, again.json()["code"]) == (409, "payment_has_order")
    adjusted = await client.post(f"{place}/adjustments", json={"amount_minor": -500, "reason": "misread"})
    assert adjusted.json()["refundable_minor"] == 9_500
    taken = {"amount_minor": 1_000, "reference": "cb-1"}
    for _ in range(2):
        back = await client.post(f"{place}/chargebacks", json=taken)
        assert (back.status_code, back.json()["charged_back_minor"]) == (201, 1_000)
    wrong = await client.post("/api/v1/payments", json={**body, "currency": "ZZZ"})
    assert (wrong.json()["code"], wrong.json()["field"]) == ("currency_unknown", "currency")


@pytest.mark.parametrize("what", ["refunds", "captures", "voids", "confirmations", "chargebacks", "adjustments"])
async def test_card_numbers_are_refused_in_every_text(client: web_client.Client, order_id: OrderId, what: str) -> None:
    payment = (await pay(client, order_id, provider="transfer")).json()
    field = "reference" if what in {"confirmations", "chargebacks"} else "reason"
    body: dict[str, Any] = {field: "4242424242424242"}
    if what in {"chargebacks", "adjustments"}:
        body["amount_minor"] = 1
    answer = await client.post(f"/api/v1/payments/{payment['payment_id']}/{what}", json=body)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "card_number_refused", field)
    if what in {"refunds", "confirmations"}:
        rows = {what: [{"payment_id": payment["payment_id"], field: "4242424242424242"}]}
        assert (await client.post(f"/api/v1/payments/{what}", json=rows)).json()["field"] == f"{what}[0].{field}"
