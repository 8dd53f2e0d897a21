"""Reads of orders on PostgreSQL."""

from uuid import uuid4

import pytest

from jiedan.base.db import Database, Scope
from jiedan.orders import errors, queries
from tests.orders import factories


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
    async with db.read(Scope(other_tenant)) as tx:  # type: ignore[arg-type]
        with pytest.raises(errors.OrderNotFound):
            await queries.order(tx, placed.order_id)
