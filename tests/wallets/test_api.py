"""Wallets over REST."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.wallets import api
from jiedan.wallets import service as wallets
from tests.base import web_client
from tests.base.web_client import Client
from tests.wallets import factories
from tests.wallets.factories import act, spend

MAY = ("wallets:read", "wallets:write")


@pytest.fixture
async def client(db: Database, tenant: TenantId) -> AsyncIterator[Client]:
    """Return a client of the API of wallets that may do everything there."""
    caller = web_client.principal(permissions=MAY, tenant=tenant)
    async with web_client.open_client(routers=[api.ROUTER], principal=caller, database=db) as opened:
        yield opened


async def post(client: Client, path: str, body: Any, **headers: str) -> Any:
    answer = await client.post(f"/api/v1{path}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_credit_is_given_and_every_row_has_its_outcome(db: Database, scope: Scope, client: Client) -> None:
    who = await factories.customer(db, scope)
    credit = {"customer_id": str(who), "unit": "CNY", "reason": "goodwill", "note": "The parcel came late."}
    items = [{**credit, "amount": 2_000}, {**credit, "amount": -1}, {"amount": 5, "reason": "goodwill"}]
    fine, wrong, nobody = await post(client, "/wallets/adjustments", {"items": items})
    assert (fine["moved"]["amount"], fine["moved"]["balance"]) == (2_000, 2_000)
    assert (wrong["problem"]["code"], wrong["problem"]["field"]) == ("wallet_reason_unfit", "items[1].reason")
    assert (nobody["problem"]["code"], nobody["problem"]["field"]) == ("no_wallet_named", "items[2].wallet_id")
    (found,) = (await client.get(f"/api/v1/customers/{who}/wallets")).json()
    assert (found["kind"], found["unit"], found["balance"]) == ("credit", "CNY", 2_000)
    listed = (await client.get(f"/api/v1/wallets/{found['wallet_id']}/entries")).json()
    assert [(x["kind"], x["amount"], x["note"]) for x in listed["items"]] == [
        ("adjustment", 2_000, "The parcel came late.")
    ]


async def test_points_need_no_unit(db: Database, scope: Scope, client: Client) -> None:
    who = await factories.customer(db, scope)
    item = {"customer_id": str(who), "kind": "points", "amount": 30, "reason": "goodwill"}
    (row,) = await post(client, "/wallets/adjustments", {"items": [item]})
    assert row["moved"]["balance"] == 30


async def test_the_same_request_again_is_the_same_card_with_its_code(client: Client) -> None:
    items = [{"amount": 500, "currency": "CNY"}, {"amount": 0, "currency": "CNY"}]
    first = await post(client, "/gift-cards", {"items": items}, **{"Idempotency-Key": "seven"})
    again = await post(client, "/gift-cards", {"items": items}, **{"Idempotency-Key": "seven"})
    assert first == again
    issued, refused = first
    assert len(issued["code"].replace("-", "")) == 16
    assert issued["code"].endswith(issued["card"]["last_four"])
    assert (issued["card"]["state"], issued["card"]["balance"], issued["card"]["version"]) == ("usable", 500, 1)
    assert (refused["problem"]["code"], refused["problem"]["field"]) == ("wallet_amount_invalid", "items[1].amount")


async def test_a_card_is_looked_up_by_its_code_and_blocked(client: Client) -> None:
    (issued,) = await post(client, "/gift-cards", {"items": [{"amount": 500, "currency": "CNY"}]})
    at = f"/api/v1/gift-cards/{issued['card']['wallet_id']}"
    found = await post(client, "/gift-cards/look-ups", {"code": issued["code"].lower()})
    assert found == issued["card"] == (await client.get(at)).json()
    blocked = await client.patch(at, json={"is_blocked": True}, headers={"If-Match": '"1"'})
    assert (blocked.json()["state"], blocked.headers["etag"]) == ("blocked", '"2"')
    stale = await client.patch(at, json={"is_blocked": False}, headers={"If-Match": '"1"'})
    assert stale.status_code == 409
    missing = await client.post("/api/v1/gift-cards/look-ups", json={"code": "3467-9ACD-EFGH-JKMN"})
    assert (missing.status_code, missing.json()["code"]) == (404, "gift_card_not_found")


async def test_cards_are_listed_latest_first_and_by_how_they_end(client: Client) -> None:
    issued = await post(client, "/gift-cards", {"items": [{"amount": n, "currency": "CNY"} for n in (1, 2, 3)]})
    page = (await client.get("/api/v1/gift-cards", params={"limit": 2})).json()
    assert [x["issued"] for x in page["items"]] == [3, 2]
    rest = (await client.get("/api/v1/gift-cards", params={"limit": 2, "cursor": page["next"]})).json()
    assert [x["issued"] for x in rest["items"]] == [1]
    ending = {"last_four": issued[1]["card"]["last_four"].lower()}
    assert 2 in [x["issued"] for x in (await client.get("/api/v1/gift-cards", params=ending)).json()["items"]]


async def test_a_card_that_is_spent_is_used_up(db: Database, scope: Scope, client: Client) -> None:
    (issued,) = await post(client, "/gift-cards", {"items": [{"amount": 500, "currency": "CNY"}]})
    wallet_id = UUID(issued["card"]["wallet_id"])
    await act(db, scope, wallets.redeem_many, redemptions=[spend(wallet_id, 500)])
    assert (await client.get(f"/api/v1/gift-cards/{wallet_id}")).json()["state"] == "used_up"


async def test_rules_of_loyalty_are_set_and_listed(client: Client) -> None:
    rule = {"currency": "CNY", "points": 1, "step_minor": 100, "lives_days": 365}
    answer = await client.put("/api/v1/loyalty-rules", json={"rules": [rule]})
    nothing = {"pays_points": 0, "pays_minor": 1, "pays_points_min": 0, "pays_share_percent": 100}
    assert answer.json() == [{**rule, **nothing, "version": 1}] == (await client.get("/api/v1/loyalty-rules")).json()
    pays = {**rule, "pays_points": 100, "pays_minor": 100, "pays_points_min": 500, "pays_share_percent": 50}
    for version, status in ((1, 200), (1, 200), (2, 200)):  # what is as it was is no change
        answer = await client.put("/api/v1/loyalty-rules", json={"rules": [{**pays, "version": version}]})
        assert answer.status_code == status, answer.text
    assert answer.json() == [{**pays, "version": 2}]
    stale = await client.put("/api/v1/loyalty-rules", json={"rules": [{**rule, "version": 1}]})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    wrong = await client.put("/api/v1/loyalty-rules", json={"rules": [{**rule, "currency": "XXX"}]})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "rules[0].currency")


async def test_nothing_is_there_for_strangers(db: Database, scope: Scope, other_tenant: TenantId) -> None:
    issued = await factories.card(db, scope, 500)
    wallet_id = issued.card.wallet.wallet_id
    caller = web_client.principal(permissions=MAY, tenant=other_tenant)
    async with web_client.open_client(routers=[api.ROUTER], principal=caller, database=db) as stranger:
        for path in (f"/gift-cards/{wallet_id}", f"/wallets/{wallet_id}/entries", f"/customers/{uuid4()}/wallets"):
            assert (await stranger.get(f"/api/v1{path}")).status_code == 404
        item = {"wallet_id": str(wallet_id), "amount": -1, "reason": "payout"}
        (row,) = await post(stranger, "/wallets/adjustments", {"items": [item]})
        assert row["problem"]["code"] == "wallet_not_found"
