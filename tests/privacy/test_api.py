"""Erasures over HTTP: what they would do, who may begin them, how far they are; and what is left to be seen."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from jiedan.base.db import Database, Scope
from jiedan.privacy import run
from jiedan.privacy.api import ROUTER
from jiedan.privacy.values import PERMISSION
from tests.base import web_client
from tests.customers.factories import save, wang
from tests.journeys import merchants
from tests.orders.factories import order, place_one, shop
from tests.privacy import leavers


def client_of(db: Database, scope: Scope, *permissions: str) -> Any:
    caller = web_client.principal(permissions=permissions, tenant=scope.tenant)
    return web_client.open_client(routers=[ROUTER], principal=caller, database=db)


async def test_an_erasure_is_previewed_refused_begun_and_followed(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"A": {"W1": 5}})
    busy, free = await save(db, scope, [wang(), wang(name="Li Lei", email=None)])
    placed = await place_one(db, scope, order(("A", 1), customer_id=busy))
    async with client_of(db, scope, PERMISSION) as client:
        at = f"/api/v1/customers/{busy}/erasure"
        shown = (await client.get(f"{at}-preview")).json()
        assert (shown["confirm_with"], shown["orders"], shown["is_told"]) == ("王敏", 1, True)
        assert (shown["problem"]["code"], shown["problem"]["data"]["numbers"]) == ("erasure_orders_open", placed.number)
        refused = await client.post(at, json={"confirmation": "x"})
        assert (refused.status_code, refused.json()["code"]) == (422, "rejected")
        assert [x["code"] for x in refused.json()["errors"]] == ["erasure_orders_open", "erasure_not_confirmed"]
        assert (await client.get(at)).json()["code"] == "no_erasure"
        at = f"/api/v1/customers/{free}/erasure"
        assert (await client.get(f"{at}-preview")).json()["problem"] is None
        key = {"idempotency-key": "one"}
        begun, again = [await client.post(at, json={"confirmation": "li lei"}, headers=key) for _ in range(2)]
        assert (begun.status_code, begun.headers["location"], again.json()) == (202, at, begun.json())
        assert (begun.json()["status"], (await client.get(at)).json()) == ("erasing", begun.json())
        assert (await client.get(f"{at}-preview")).json()["code"] == "customer_erased"
        await run.run(db, scope.tenant, UUID(begun.json()["erasure_id"]))
        assert (await client.get(at)).json()["status"] == "done"


@pytest.mark.parametrize("others", ["customers:write", "customers:merge"])
async def test_only_who_may_erase_sees_and_begins_erasures(db: Database, scope: Scope, others: str) -> None:
    (customer_id,) = await save(db, scope, [wang()])
    async with client_of(db, scope, "customers:read", others) as client:
        at = f"/api/v1/customers/{customer_id}/erasure"
        answers = [
            await client.get(at),
            await client.get(f"{at}-preview"),
            await client.post(at, json={"confirmation": "王敏"}),
        ]
    assert [x.status_code for x in answers] == [403] * 3


async def test_another_merchants_customer_is_not_there(db: Database, scope: Scope, other_tenant: Any) -> None:
    (customer_id,) = await save(db, scope, [wang()])
    async with client_of(db, Scope(other_tenant), PERMISSION) as client:
        at = f"/api/v1/customers/{customer_id}/erasure"
        answers = [await client.get(f"{at}-preview"), await client.post(at, json={"confirmation": "王敏"})]
    assert [x.status_code for x in answers] == [404] * 2


async def test_what_is_left_says_that_it_was_erased(db: Database, tmp_path: Path) -> None:
    async with merchants.open_shops(db, tmp_path) as (merchant,):
        customer_id = await leavers.known(merchant, email="")
        order_id = await leavers.canceled(merchant, customer_id)
        begun = await merchant.post(f"/customers/{customer_id}/erasure", {"confirmation": leavers.NAME})
        assert (await merchant.refused("POST", f"/customers/{customer_id}/notes", {"text": "Hm."}))[1] == (
            "customer_erased"
        )
        await run.run(db, merchant.at.tenant, UUID(begun["erasure_id"]))
        shown = await merchant.get(f"/customers/{customer_id}")
        assert (shown["name"], shown["addresses"], shown["erased_at"] is not None) == ("", [], True)
        order_shown = await merchant.get(f"/orders/{order_id}")
        assert (order_shown["contact"], order_shown["tags"]) == ({}, [])
        assert {note["text"] for note in order_shown["notes"]} == {"—"}
        for path in ("/customers", "/orders"):
            assert (await merchant.get(f"{path}?q={leavers.WORD}"))["items"] == []
