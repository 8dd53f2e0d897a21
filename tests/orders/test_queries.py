"""Reads of orders on PostgreSQL."""

from uuid import uuid4

import pytest

from jiedan.base.db import Database, Scope
from jiedan.orders import errors, queries, service
from jiedan.orders.values import HoldRequest
from tests.orders import factories, listing


async def test_an_order_is_read_with_its_lines(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 10}, "CUP": {"W1": 10}})
    placed = await factories.place_one(db, scope, factories.order(("TEA", 2), ("CUP", 1)))
    async with db.begin(scope) as tx:
        locked = await queries.orders_for_update(tx, [placed.order_id, uuid4()])
        found = await queries.order(tx, placed.order_id)
    assert locked == {placed.order_id: found}
    order, lines = found
    assert (order.number, order.total_minor, order.balance_minor) == (placed.number, 3_000, -3_000)
    assert (order.lifecycle, order.version, order.actor.kind) == ("open", 1, "system")
    assert [(x.line, x.code, x.ordered, x.allocated, x.waiting) for x in lines] == [
        (1, "TEA", 2, 2, 0),
        (2, "CUP", 1, 1, 0),
    ]


async def test_another_merchants_order_does_not_exist(db: Database, scope: Scope, other_tenant: object) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 10}})
    placed = await factories.place_one(db, scope, factories.order(("TEA", 2)))
    async with db.read(Scope(other_tenant)) as tx:  # type: ignore[arg-type]  # the fixture's id
        with pytest.raises(errors.OrderNotFound):
            await queries.order(tx, placed.order_id)


async def test_a_timeline_is_paged_newest_first(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 10}})
    placed = await factories.place_one(db, scope, factories.order(("TEA", 1)))
    other = await factories.place_one(db, scope, factories.order(("TEA", 1)))
    kinds = [f"check_{i}" for i in range(4)]
    for kind in kinds:
        request = HoldRequest(placed.order_id, kind, "why")
        await db.write(scope, lambda tx, request=request: service.place_holds(tx, requests=[request]))  # type: ignore[misc]  # bound per turn
    pages, cursor = [], None
    async with db.read(scope) as tx:
        for _ in range(3):
            page = await queries.timeline(tx, [placed.order_id], request=listing.request(tx, limit=2, cursor=cursor))
            pages.append([entry.data.get("hold_kind", entry.kind) for entry in page.items])
            cursor = page.next
        both = await queries.timeline(tx, [placed.order_id, other.order_id], request=listing.request(tx))
    assert pages == [["check_3", "check_2"], ["check_1", "check_0"], ["orders.order_placed"]]
    assert cursor is None
    assert {entry.subject_id for entry in both.items} == {placed.order_id, other.order_id}
    assert both.items[0].private == {"reason": "why"}
