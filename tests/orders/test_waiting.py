"""Lines that wait for goods: who gets what arrives, what is kept of why, and what no event told of."""

from typing import Any
from uuid import UUID

from jiedan.base.db import Database, Scope
from jiedan.inventory import service as inventory
from jiedan.inventory.values import NewLocation, Receipt
from jiedan.orders import queries, service
from jiedan.orders.placement import place_orders
from jiedan.orders.values import CancelRequest, NewLine, OrderEdit, Placed
from jiedan.sourcing.values import SOURCING_CANDIDATES_MAX
from tests.orders import listing
from tests.orders.factories import BEIJING, Shop, draft, order, place_one, receive, shop
from tests.orders.test_lifecycle import cancel, read


async def arrive(db: Database, scope: Scope, opened: Shop, stock: dict[str, dict[str, int]]) -> None:
    """Take in goods without telling anybody."""
    async with db.begin(scope) as tx:
        await receive(tx, opened, stock)


async def fill(db: Database, scope: Scope, opened: Shop, *codes: str, limit: int = 500) -> int:
    """Fill the lines that wait for SKUs."""
    wanted = [opened.skus[code] for code in codes]
    return await db.write(scope, lambda tx: service.fill_waiting(tx, sku_ids=wanted, limit=limit))


async def allocated(db: Database, scope: Scope, *order_ids: UUID) -> list[list[int]]:
    """Return what the lines of orders have."""
    return [[line.allocated for line in (await read(db, scope, order_id)).lines] for order_id in order_ids]


async def test_older_lines_that_cannot_use_the_goods_keep_nobody_waiting(db: Database, scope: Scope) -> None:
    opened = await shop(db, scope, {"A": {"W1": 0, "W2": 0}}, backorder=True)
    elsewhere = [await place_one(db, scope, order(("A", 1), location="W2", ship_to=BEIJING)) for _ in range(3)]
    whole = [await place_one(db, scope, order(("A", 5), split="never")) for _ in range(3)]
    younger = await place_one(db, scope, order(("A", 1)))
    await arrive(db, scope, opened, {"A": {"W1": 2}})
    assert await fill(db, scope, opened, "A", limit=2) == 1
    assert await allocated(db, scope, younger.order_id) == [[1]]
    assert await allocated(db, scope, *(x.order_id for x in (*elsewhere, *whole))) == [[0]] * 6
    assert await fill(db, scope, opened, "A", limit=2) == 0
    await arrive(db, scope, opened, {"A": {"W2": 1}})
    assert await fill(db, scope, opened, "A") == 1
    assert await allocated(db, scope, elsewhere[0].order_id) == [[1]]


async def test_the_oldest_promise_is_kept_first(db: Database, scope: Scope, owner: Any) -> None:
    opened = await shop(db, scope, {"A": {"W1": 0}}, backorder=True)
    first, second = [await place_one(db, scope, order(("A", 1))) for _ in range(2)]
    owner.execute(
        "UPDATE orders SET promised_at = placed_at + interval '9 days' WHERE tenant_id = %s AND order_id = %s",
        (scope.tenant, first.order_id),
    )
    await arrive(db, scope, opened, {"A": {"W1": 1}})
    assert await fill(db, scope, opened, "A") == 1
    assert await allocated(db, scope, first.order_id, second.order_id) == [[0], [1]]


async def test_an_order_that_is_never_split_waits_for_where_it_has_goods(db: Database, scope: Scope) -> None:
    opened = await shop(db, scope, {"A": {"W1": 1, "W2": 0}, "B": {"W1": 0, "W2": 0}}, backorder=True)
    placed = await place_one(db, scope, order(("A", 1), ("B", 2), split="never"))
    await arrive(db, scope, opened, {"B": {"W2": 2}})
    assert await fill(db, scope, opened, "B") == 0
    assert await db.write(scope, service.sweep_waiting) == 0
    await arrive(db, scope, opened, {"B": {"W1": 2}})
    assert await fill(db, scope, opened, "B") == 1
    assert await allocated(db, scope, placed.order_id) == [[1, 2]]
    async with db.read(scope) as tx:
        decision, _ = await queries.decisions(tx, placed.order_id)
    assert decision.data["sourcing"]["rule"] == "one_location"


async def test_a_line_that_names_its_location_waits_for_no_other(db: Database, scope: Scope) -> None:
    opened = await shop(db, scope, {"A": {"W1": 1, "W2": 0}, "B": {"W1": 0, "W2": 0}}, backorder=True)
    named = NewLine(sku="B", quantity=2, location="W2")
    placed = await place_one(db, scope, order(("A", 1), named, split="never"))
    await arrive(db, scope, opened, {"B": {"W2": 2}})
    assert await fill(db, scope, opened, "B") == 1
    assert await allocated(db, scope, placed.order_id) == [[1, 2]]


async def test_of_an_order_that_is_never_split_each_line_that_can_be_had_whole_is(db: Database, scope: Scope) -> None:
    opened = await shop(db, scope, {"A": {"W1": 0, "W2": 0}}, backorder=True)
    cheaper = NewLine(sku="A", quantity=3, unit_price_minor=1, price_reason="A sample.")
    placed = await place_one(db, scope, order(("A", 5), cheaper, split="never"))
    await arrive(db, scope, opened, {"A": {"W1": 4}})
    assert await db.write(scope, service.sweep_waiting) == 1, "who can take nothing would keep the sweep from going on"
    assert await allocated(db, scope, placed.order_id) == [[0, 3]]
    assert await db.write(scope, service.sweep_waiting) == 0


async def test_a_set_that_leaves_lines_asks_for_the_next_one(db: Database, scope: Scope) -> None:
    opened = await shop(db, scope, {"A": {"W1": 0}}, backorder=True)
    placed = [await place_one(db, scope, order(("A", 1))) for _ in range(3)]
    await arrive(db, scope, opened, {"A": {"W1": 3}})
    assert await fill(db, scope, opened, "A", limit=2) == 2
    await listing.drain(db, scope)
    assert await allocated(db, scope, *(x.order_id for x in placed)) == [[1], [1], [1]]


async def test_the_sweep_fills_what_no_event_told_of(db: Database, scope: Scope) -> None:
    opened = await shop(db, scope, {"A": {"W1": 0}, "B": {"W1": 0}}, backorder=True)
    placed = [await place_one(db, scope, order(("A", 1), ("B", 1))) for _ in range(2)]
    gone = await place_one(db, scope, order(("B", 1)))
    await cancel(db, scope, CancelRequest(gone.order_id, "gone"))
    assert await db.write(scope, service.sweep_waiting) == 0
    await arrive(db, scope, opened, {"A": {"W1": 1}, "B": {"W1": 9}})
    assert await db.write(scope, service.sweep_waiting) == 2
    assert await db.write(scope, service.sweep_waiting) == 0
    assert await allocated(db, scope, *(x.order_id for x in placed)) == [[1, 1], [0, 1]]


async def test_every_decision_is_kept_and_the_latest_comes_first(db: Database, scope: Scope) -> None:
    opened = await shop(db, scope, {"A": {"W1": 1, "W2": 0}}, backorder=True)
    placed = await place_one(db, scope, order(("A", 2), ship_to=BEIJING))
    await arrive(db, scope, opened, {"A": {"W1": 1, "W2": 2}})
    assert await fill(db, scope, opened, "A") == 1
    moved = OrderEdit(location="W2")
    await db.write(scope, lambda tx: service.edit_order(tx, order_id=placed.order_id, edit=moved, version=1))
    async with db.read(scope) as tx:
        found = await queries.decisions(tx, placed.order_id)
    assert [decision.kind for decision in found] == ["edit", "fill", "placement"]
    sourcing = [decision.data["sourcing"] for decision in found]
    assert [x["rule"] for x in sourcing[:2]] == ["requested_location", "one_location"]
    assert sourcing[1]["chosen"][0]["location"] == "W1"
    assert sourcing[2]["missing"] == [[1, 1]]


async def test_no_more_locations_are_looked_at_than_a_person_could_follow(db: Database, scope: Scope) -> None:
    places = [f"W{i:02}" for i in range(SOURCING_CANDIDATES_MAX + 1)]
    opened = await shop(db, scope, {"A": {"W99": 0}}, backorder=True)
    async with db.begin(scope) as tx:
        for i, code in enumerate(places):
            made = await inventory.create_location(tx, location=NewLocation(code=code, name=code, priority=i))
            await inventory.receive_many(tx, receipts=[Receipt(opened.skus["A"], made.location_id, 1, f"r-{i}")])
    placed = await place_one(db, scope, order(("A", len(places)), split="freely"))
    assert (placed.allocated, placed.waiting) == (SOURCING_CANDIDATES_MAX, 1)
    async with db.read(scope) as tx:
        (decision,) = await queries.decisions(tx, placed.order_id)
    assert len(decision.data["sourcing"]["chosen"]) == SOURCING_CANDIDATES_MAX
    assert decision.data["sourcing"]["beyond"] == 1
    assert await db.write(scope, service.sweep_waiting) == 1, "the one beyond is found afterwards"


async def test_goods_that_arrive_for_the_first_time_while_an_order_is_placed_are_not_missed(
    db: Database, scope: Scope
) -> None:
    opened = await shop(db, scope, {"A": {}, "B": {"W1": 1}}, backorder=True)
    async with db.begin(scope) as tx:
        (placed,) = await place_orders(tx, [draft(order(("A", 1)))])
        await arrive(db, scope, opened, {"A": {"W1": 1}})  # no counter was there to wait for
        await listing.drain(db, scope)
    assert isinstance(placed, Placed)
    await listing.drain(db, scope)
    assert await allocated(db, scope, placed.order_id) == [[0]], "the event came before the order was there"
    assert await db.write(scope, service.sweep_waiting) == 1
    assert await allocated(db, scope, placed.order_id) == [[1]]
