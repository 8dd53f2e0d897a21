"""Goods that are sent nowhere are collected, and only at stores: whichever door an order comes through."""

import dataclasses
from typing import Any

import msgspec
import pytest

from jiedan.base.db import Database, Scope
from jiedan.catalog.values import SkuKind
from jiedan.inventory import service as inventory
from jiedan.inventory.values import LocationKind, NewLocation
from jiedan.orders import errors, service
from jiedan.orders.values import History, NewOrder, OrderEdit, Rejected
from tests.conftest import FakeClock
from tests.orders.factories import BEIJING, PRICE_MINOR, codes, order, place, place_one, shop, sku
from tests.orders.test_placement_api import TEA, open_shop

WAREHOUSE = {"lines": [TEA], "location": "W1"}
NO_STORE = {
    "code": "location_without_counter",
    "field": "location",
    "detail": "Customers cannot collect goods at Place W1: it is no store. Choose a store, or have the goods sent.",
}


def told(problem: dict[str, Any]) -> dict[str, Any]:
    """Return what an answer says of a refusal."""
    return {name: problem.get(name) for name in NO_STORE}


async def one(db: Database, scope: Scope, code: str, kind: LocationKind) -> None:
    """Open one more location, with nothing in it."""
    async with db.begin(scope) as tx:
        await inventory.create_location(tx, location=NewLocation(code=code, name=f"Place {code}", kind=kind))


async def test_rest_refuses_collection_at_a_warehouse_and_names_field_and_remedy(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        alone = await client.post("/api/v1/orders", json=WAREHOUSE)
        preview = await client.post("/api/v1/orders/preview", json=WAREHOUSE)
        drafts = [{"order": WAREHOUSE, "key": "a"}, {"order": {"lines": [TEA]}, "key": "b"}]
        batch = await client.post("/api/v1/orders/batch", json={"drafts": drafts})
        saved = await client.post("/api/v1/order-drafts", json={"data": WAREHOUSE})
        draft = await client.post(f"/api/v1/order-drafts/{saved.json()['draft_id']}/placement")
        sent = await client.post("/api/v1/orders", json={**WAREHOUSE, "ship_to": msgspec.to_builtins(BEIJING)})
    assert (alone.status_code, told(alone.json())) == (422, NO_STORE)
    assert (preview.status_code, told(preview.json())) == (422, NO_STORE)
    refused, placed = batch.json()
    (reason,) = refused["errors"]
    assert (reason["code"], reason["field"]) == (NO_STORE["code"], "drafts[0].order.location")
    assert placed["status"] == "placed"
    assert (draft.status_code, told(draft.json())) == (422, NO_STORE)
    assert sent.status_code == 201, sent.text


@pytest.mark.parametrize(
    ("kind", "is_store"),
    [("warehouse", False), ("store", True), ("kitchen", True), ("third_party", False), ("supplier", False)],
)
async def test_people_come_to_stores_and_kitchens(
    db: Database, scope: Scope, kind: LocationKind, is_store: bool
) -> None:
    await shop(db, scope, {"TEA": {"W1": 5}}, backorder=True)
    await one(db, scope, "HERE", kind)
    (outcome,) = await place(db, scope, order(("TEA", 1), location="HERE"))
    reasons = codes(outcome) if isinstance(outcome, Rejected) else []
    assert reasons == ([] if is_store else [("location_without_counter", "location")])


async def test_what_waits_for_nobody_may_be_anywhere(db: Database, scope: Scope, clock: FakeClock) -> None:
    await shop(db, scope, {"TEA": {"W1": 5}})
    async with db.begin(scope) as tx:
        await sku(tx, "COURSE", kind=SkuKind.service, prices={"CNY": 9_000})
    bodies = [
        order(("COURSE", 1), location="W1"),
        order(("TEA", 1), location="W1", ship_to=BEIJING),
        order(("TEA", 1), location="W1", history=History(placed_at=clock.now())),
    ]
    assert not [x for x in await place(db, scope, *bodies) if isinstance(x, Rejected)]


async def test_a_cart_that_is_no_order_is_priced_wherever_it_is(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        answer = await client.post("/api/v1/pricing/quote", json={"carts": [WAREHOUSE]})
    (outcome,) = answer.json()
    assert outcome["quote"]["total_minor"] == PRICE_MINOR


async def test_a_kit_is_goods(db: Database, scope: Scope) -> None:
    opened = await shop(db, scope, {"TEA": {"W1": 5}})
    async with db.begin(scope) as tx:
        await sku(tx, "SET", kind=SkuKind.kit, prices={"CNY": 2_500}, parts=[(opened.skus["TEA"], 2)])
    (outcome,) = await place(db, scope, order(("SET", 1), location="W1"))
    assert codes(outcome) == [("location_without_counter", "location")]


async def test_it_is_one_of_all_the_reasons(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 5}})
    (outcome,) = await place(db, scope, order(("TEA", 9), ("NOPE", 1), location="W1"))
    assert sorted(codes(outcome)) == [
        ("insufficient_stock", "lines[0].quantity"),
        ("location_without_counter", "location"),
        ("unknown_sku", "lines[1].sku"),
    ]


async def test_an_edit_lets_nobody_wait_at_a_warehouse(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 5, "W2": 5}})
    await one(db, scope, "S1", "store")

    async def edit(wanted: NewOrder, change: OrderEdit) -> None:
        placed = await place_one(db, scope, wanted)
        await db.write(scope, lambda tx: service.edit_order(tx, order_id=placed.order_id, edit=change, version=1))

    with pytest.raises(errors.LocationWithoutCounter) as refused:
        await edit(order(("TEA", 1)), OrderEdit(location="W2"))
    assert (refused.value.field, refused.value.location) == ("location", "Place W2")
    await edit(order(("TEA", 1), ship_to=BEIJING), OrderEdit(location="W2"))
    await edit(order(("TEA", 1)), OrderEdit(location="W2", ship_to=BEIJING))


async def test_an_order_of_a_place_that_is_no_store_any_more_is_explained_as_it_was_placed(
    db: Database, scope: Scope
) -> None:
    async with open_shop(db, scope, backorder=True) as client:
        async with db.begin(scope) as tx:
            corner = NewLocation(code="S1", name="Corner shop", kind="store")
            location_id = (await inventory.create_location(tx, location=corner)).location_id
        placed = await client.post("/api/v1/orders", json={"lines": [TEA], "location": "S1"})
        closed = dataclasses.replace(corner, kind="warehouse")
        async with db.begin(scope) as tx:
            await inventory.change_location(tx, location_id=location_id, wanted=closed)
        told = (await client.get(f"/api/v1/orders/{placed.json()['order_id']}/prices")).json()
    assert (told["is_same"], told["problems"]) == (True, [])
