"""Prices by hand over HTTP: set on a placed order, refused where they wait for approval, told before it is placed."""

from jiedan.base.db import Database, Scope
from tests.orders.test_api_lifecycle import NO_SUCH, RIGHTS, open_shop, place, refused

PRICING = RIGHTS | {"orders:price"}
HALF = {"lines": [{"line": 1, "unit_price_minor": 500, "price_reason": "A dent."}]}


async def test_prices_are_set_and_tell_what_the_rules_ask(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope, rights=PRICING) as client:
        placed = await place(client, ("TEA", 2))
        at = f"/api/v1/orders/{placed['order_id']}/prices"
        done = await client.patch(at, json=HALF, headers={"If-Match": '"1"'})
        stale = await client.patch(at, json=HALF, headers={"If-Match": '"1"'})
        refused(await client.patch(at, json=HALF), 422, "nothing_to_edit")
        refused(await client.patch(at, json={"lines": [{"line": 9}]}), 404, "line_not_found")
        refused(
            await client.patch(at, json={"discount": {"reason": "x", "amount_minor": 1_001}}), 422, "discount_too_high"
        )
        refused(await client.patch(at.replace(placed["order_id"], NO_SUCH), json=HALF), 404, "order_not_found")
        off = await client.patch(at, json={"discount": {"reason": "x", "amount_minor": 100}})
        back = await client.patch(at, json={"lines": [{"line": 1}], "discount": None})
    line = done.json()["lines"][0]
    assert done.status_code == 200, done.text
    assert (line["unit_minor"], line["ruled_minor"], line["price_source"], done.json()["total_minor"]) == (
        500, 2_000, "manual", 1_000,
    )  # fmt: skip
    refused(stale, 409, "stale_version")
    assert (off.json()["lines"][0]["by_hand_minor"], off.json()["total_minor"]) == (100, 900)
    assert (back.json()["lines"][0]["price_source"], back.json()["total_minor"]) == ("list", 2_000)


async def test_prices_are_refused_once_per_key(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope, rights=PRICING) as client:
        placed = await place(client, ("TEA", 2))
        at = f"/api/v1/orders/{placed['order_id']}"
        await client.patch(f"{at}/prices", json=HALF)
        held = await client.post(f"{at}/holds", json={"kind": "price_approval", "reason": "Look at it."})
        refuse = f"{at}/holds/{held.json()['holds'][0]['hold_id']}/refuse"
        answers = [
            await client.post(refuse, json={"reason": "No."}, headers={"Idempotency-Key": "r-1"}) for _ in range(2)
        ]
        refused(await client.post(refuse, json={"reason": "No."}), 409, "hold_already_lifted")
        refused(await client.post(f"{at}/holds/{NO_SUCH}/refuse", json={"reason": "No."}), 404, "hold_not_found")
    assert [(x.status_code, x.json()["total_minor"]) for x in answers] == [(200, 2_000), (200, 2_000)]
    assert answers[1].json()["holds"][0]["lift_reason"] == "No."


async def test_prices_by_hand_need_their_right(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        placed = await place(client, ("TEA", 2))
        at = f"/api/v1/orders/{placed['order_id']}"
        refused(await client.patch(f"{at}/prices", json=HALF), 403, "permission_missing")
        refused(await client.post(f"{at}/holds/{NO_SUCH}/refuse", json={"reason": "No."}), 403, "permission_missing")
