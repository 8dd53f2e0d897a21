"""Replays over HTTP: begun, followed, read, canceled, by who may."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database, Scope
from jiedan.replays import api, run
from tests.base import web_client
from tests.orders.factories import order, shop
from tests.pricing import coupon_factories as coupons
from tests.replays.factories import TENTH, drafted, placed

REPLAYS = "/api/v1/pricing/replays"


@asynccontextmanager
async def _open(
    db: Database, scope: Scope, rights: frozenset[str] = ALL_PERMISSIONS
) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=rights, tenant=scope.tenant)
    async with web_client.open_client(routers=[api.ROUTER], principal=caller, database=db) as client:
        yield client


async def test_a_replay_is_begun_followed_and_read(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 9}, "CUP": {"W1": 9}})
    wang = await coupons.customer(db, scope)
    tea, _ = await placed(db, scope, order(("TEA", 2), customer_id=wang), order(("CUP", 1)))
    await drafted(db, scope, TENTH)
    async with _open(db, scope) as client:
        begun = await client.post(REPLAYS, json={"days": 7}, headers={"Idempotency-Key": "k-1"})
        again = await client.post(REPLAYS, json={"days": 7}, headers={"Idempotency-Key": "k-1"})
        other = await client.post(REPLAYS, json={"days": 7})
        address = begun.headers["location"]
        waiting = (await client.get(address)).json()
        await run.run(db, scope.tenant, UUID(begun.json()["replay_id"]))
        told = (await client.get(address)).json()
        listed = (await client.get(REPLAYS)).json()["items"]
        changed = (await client.get(f"{address}/orders")).json()["items"]
        refused = (await client.get(f"{address}/orders", params={"outcome": "refused"})).json()["items"]
        late = await client.post(f"{address}/cancellation")
    assert (begun.status_code, again.json(), other.status_code) == (202, begun.json(), 409)
    assert other.json()["code"] == "replay_under_way"
    assert (waiting["status"], waiting["figures"], waiting["total"]) == ("queued", [], 2)
    assert (told["status"], told["done"], told["changes"]) == ("completed", 2, 1)
    (figures,) = told["figures"]
    assert figures["currency"] == "CNY"
    assert figures["total"] == {"before_minor": 3_000, "after_minor": 2_800, "orders": 1}
    assert figures["discount"] == {"before_minor": 0, "after_minor": 200, "orders": 1}
    assert (figures["compared"], figures["changed"], figures["same"]) == (2, 1, 1)
    assert [x["number"] for x in told["orders"]] == [tea.number]
    assert [(x["sku"], x["difference_minor"]) for x in told["skus"]] == [("TEA", -200)]
    assert [x["customer_id"] for x in told["customers"]] == [str(wang)]
    assert [x["code"] for x in told["notes"]] == ["of_today", "behavior"]
    assert ([x["order_id"] for x in changed], refused) == ([str(tea.order_id)], [])
    assert [x["replay_id"] for x in listed] == [told["replay_id"]]
    assert (late.status_code, late.json()["code"]) == (409, "replay_ended")


async def test_a_replay_is_canceled(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 9}})
    await placed(db, scope, order(("TEA", 1)))
    async with _open(db, scope) as client:
        address = (await client.post(REPLAYS, json={})).headers["location"]
        canceled = await client.post(f"{address}/cancellation")
    assert (canceled.status_code, canceled.json()["status"]) == (200, "canceled")


async def test_what_cannot_be_begun_says_why(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 9}})
    async with _open(db, scope) as client:
        none = await client.post(REPLAYS, json={"days": 7})
        many = await client.post(REPLAYS, json={"days": 999})
    assert (none.status_code, none.json()["code"]) == (422, "nothing_to_replay")
    assert many.status_code in {400, 422}


async def test_who_may_see_neither_orders_nor_customers_sees_figures(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 9}})
    wang = await coupons.customer(db, scope)
    await placed(db, scope, order(("TEA", 1), customer_id=wang))
    await drafted(db, scope, TENTH)
    async with _open(db, scope) as client:
        begun = (await client.post(REPLAYS, json={"days": 7})).json()
    await run.run(db, scope.tenant, UUID(begun["replay_id"]))
    address = f"{REPLAYS}/{begun['replay_id']}"
    async with _open(db, scope, frozenset({"prices:read"})) as client:
        told = (await client.get(address)).json()
        hidden = await client.get(f"{address}/orders")
        denied = await client.post(REPLAYS, json={"days": 7})
    assert (told["orders"], told["customers"], [x["sku"] for x in told["skus"]]) == ([], [], ["TEA"])
    assert (hidden.status_code, denied.status_code) == (403, 403)
    async with _open(db, scope, frozenset({"orders:read"})) as client:
        assert (await client.get(f"{address}/orders")).status_code == 403
