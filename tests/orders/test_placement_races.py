"""Placement on real connections at once: nothing is oversold, nothing deadlocks, a key makes one order."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import psycopg

from jiedan.base.db import Database, Scope
from jiedan.orders.values import AlreadyPlaced, Draft, NewOrder, Outcome, Placed, Rejected
from tests.orders import factories

AT_ONCE = 8


async def at_once(db: Database, scope: Scope, batches: Sequence[Sequence[NewOrder | Draft]]) -> list[list[Outcome]]:
    """Place batches, each on a connection of its own, all at the same time."""
    return list(await asyncio.gather(*(factories.place(db, scope, *batch) for batch in batches)))


def counters(owner: psycopg.Connection[Any], scope: Scope) -> tuple[int, int, int, int]:
    """Return reserved and on hand of all stock, the sum of the reservations, and that of the lines' allocations."""
    row = owner.execute(
        "SELECT (SELECT sum(reserved) FROM stock WHERE tenant_id = %(tenant)s),"
        " (SELECT sum(on_hand) FROM stock WHERE tenant_id = %(tenant)s),"
        " (SELECT coalesce(sum(quantity), 0) FROM reservation WHERE tenant_id = %(tenant)s),"
        " (SELECT coalesce(sum(allocated), 0) FROM order_line WHERE tenant_id = %(tenant)s)",
        {"tenant": scope.tenant},
    ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1]), int(row[2]), int(row[3])


async def test_the_last_unit_is_sold_once(db: Database, scope: Scope, owner: psycopg.Connection[Any]) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 1}})
    outcomes = await at_once(db, scope, [[factories.order(("TEA", 1))] for _ in range(AT_ONCE)])
    placed = [o for (o,) in outcomes if isinstance(o, Placed)]
    refused = [factories.codes(o) for (o,) in outcomes if isinstance(o, Rejected)]
    assert len(placed) == 1
    assert refused == [[("insufficient_stock", "lines[0].quantity")]] * (AT_ONCE - 1)
    assert counters(owner, scope) == (1, 1, 1, 1)


async def test_opposite_orders_of_lines_do_not_deadlock(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 100}, "CUP": {"W1": 100}, "POT": {"W1": 100}})
    forth = factories.order(("TEA", 1), ("CUP", 1), ("POT", 1))
    back = factories.order(("POT", 1), ("CUP", 1), ("TEA", 1))
    outcomes = await at_once(db, scope, [[forth, back] if i % 2 else [back, forth] for i in range(AT_ONCE)])
    assert all(isinstance(o, Placed) for batch in outcomes for o in batch)
    sold = AT_ONCE * 2 * 3
    assert counters(owner, scope) == (sold, 300, sold, sold)


async def test_a_key_used_at_once_makes_one_order(db: Database, scope: Scope, owner: psycopg.Connection[Any]) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 100}})
    body = factories.order(("TEA", 1))
    outcomes = await at_once(db, scope, [[factories.draft(body, key="k-1")] for _ in range(AT_ONCE)])
    placed = {o.order_id for (o,) in outcomes if isinstance(o, Placed)}
    same = {o.order.order_id for (o,) in outcomes if isinstance(o, AlreadyPlaced)}
    assert len(placed) == 1
    assert same == placed
    assert counters(owner, scope)[0] == 1


async def test_an_external_id_used_at_once_makes_one_order(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 100}})
    bodies = [factories.order(("TEA", 1), channel="shop", external_id=f"A-{i}") for i in range(3)]
    outcomes = await at_once(db, scope, [bodies if i % 2 else bodies[::-1] for i in range(AT_ONCE)])
    placed = [o.order_id for batch in outcomes for o in batch if isinstance(o, Placed)]
    same = [o.order.order_id for batch in outcomes for o in batch if isinstance(o, AlreadyPlaced)]
    assert len(placed) == 3
    assert len(same) == 3 * (AT_ONCE - 1)
    assert set(same) == set(placed)
    assert counters(owner, scope)[0] == 3


async def test_a_hot_sku_is_never_oversold(db: Database, scope: Scope, owner: psycopg.Connection[Any]) -> None:
    await factories.shop(db, scope, {"HOT": {"W1": 60, "W2": 40}, "TEA": {"W1": 1_000}})
    dice = random.Random(5)
    batches = [
        [factories.order(("HOT", dice.randint(1, 3)), ("TEA", 1)) for _ in range(dice.randint(1, 6))]
        for _ in range(AT_ONCE * 3)
    ]
    outcomes = await at_once(db, scope, batches)
    sold = sum(o.allocated - 1 for batch in outcomes for o in batch if isinstance(o, Placed))
    refused = [o for batch in outcomes for o in batch if isinstance(o, Rejected)]
    assert refused
    assert sold <= 100
    smallest = min(int(o.reasons[0].data()["requested"]) for o in refused)
    assert sold > 100 - max(3, smallest)
    row = owner.execute(
        "SELECT sum(s.reserved) FROM stock s JOIN sku k ON k.sku_id = s.sku_id"
        " WHERE s.tenant_id = %s AND k.code = 'HOT'",
        (scope.tenant,),
    ).fetchone()
    assert row == (sold,)
    reserved, _, held, allocated = counters(owner, scope)
    assert reserved == held == allocated


async def test_stock_that_arrives_meanwhile_is_seen_or_waits_for_the_line(db: Database, scope: Scope) -> None:
    """Whoever finds nothing locks the counters, so a receipt comes before or after it, never in between."""
    shop = await factories.shop(db, scope, {"TEA": {"W1": 1}}, backorder=True)

    async def receive() -> None:
        async with db.begin(scope) as tx:
            await factories.receive(tx, shop, {"TEA": {"W1": 5}})

    bodies = [[factories.order(("TEA", 2))] for _ in range(AT_ONCE)]
    *outcomes, _ = await asyncio.gather(*(factories.place(db, scope, *batch) for batch in bodies), receive())
    placed = [o for batch in outcomes if batch for o in batch if isinstance(o, Placed)]
    assert len(placed) == AT_ONCE
    assert sum(o.allocated + o.waiting for o in placed) == 2 * AT_ONCE
    assert sum(o.allocated for o in placed) <= 6
