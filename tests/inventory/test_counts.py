"""Blind counts, on PostgreSQL."""

from uuid import uuid4

import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.errors import Rejections
from jiedan.base.recorder import StatementRecorder
from jiedan.catalog.values import SkuId, SkuKind
from jiedan.inventory import errors, queries, service
from jiedan.inventory.values import (
    Availability,
    Count,
    CountApplied,
    CountCanceled,
    CountId,
    LocationId,
    NewCount,
    StockKey,
    Tallied,
    Tally,
)
from tests.inventory import factories
from tests.inventory.factories import act, act_telling
from tests.inventory.test_transfers import EVENT_STATEMENTS


async def opened(db: Database, scope: Scope, keys: list[StockKey]) -> Count:
    wish = NewCount(keys[0].location_id, tuple(key.sku_id for key in keys))
    (count,) = await act(db, scope, service.open_counts, wishes=[wish])
    assert isinstance(count, Count), count
    return count


async def tally(db: Database, scope: Scope, count: Count, key: StockKey, counted: int) -> str:
    found = Tally(count.count_id, key.sku_id, counted, str(uuid4()))
    (outcome,) = await act(db, scope, service.record_tallies, tallies=[found])
    assert isinstance(outcome, Tallied), outcome
    return outcome.state


async def test_a_difference_counts_when_two_rounds_agree(db: Database, scope: Scope) -> None:
    right, short, over = keys = await factories.keys_with_stock(db, scope, [5, 5, 0])
    count = await opened(db, scope, keys)
    assert await tally(db, scope, count, right, 5) == "settled"
    assert [await tally(db, scope, count, short, n) for n in (4, 3, 3)] == ["recount", "recount", "settled"]
    (early,) = await act(db, scope, service.apply_counts, count_ids=[count.count_id])
    assert isinstance(early, errors.CountNotSettled)
    assert (early.uncounted, early.recount) == (1, 0)
    assert [await tally(db, scope, count, over, n) for n in (2, 2)] == ["recount", "settled"]

    (outcome,), told = await act_telling(db, scope, service.apply_counts, count_ids=[count.count_id])
    assert told == ["stock_became_available", "stock_adjusted", "stock_adjusted", "count_ended"]
    assert isinstance(outcome, CountApplied)
    assert {(moved.key, moved.quantity, moved.on_hand) for moved in outcome.moved} == {(short, -2, 3), (over, 2, 2)}
    (again,) = await act(db, scope, service.apply_counts, count_ids=[count.count_id])
    assert isinstance(again, errors.CountEnded)
    (late,) = await act(db, scope, service.record_tallies, tallies=[Tally(count.count_id, right.sku_id, 5, "late")])
    assert isinstance(late, errors.CountEnded)
    async with db.read(scope) as tx:
        assert (await queries.counts(tx, [count.count_id]))[count.count_id].is_applied


async def test_goods_that_move_while_counting_are_not_lost(db: Database, scope: Scope) -> None:
    """One is missing; five come in before the second round and one after it."""
    (key,) = await factories.keys_with_stock(db, scope, [10])
    count = await opened(db, scope, [key])
    assert await tally(db, scope, count, key, 9) == "recount"
    await act(db, scope, factories.receive, quantities={key: 5})
    assert await tally(db, scope, count, key, 14) == "settled"
    await act(db, scope, factories.receive, quantities={key: 1})
    await act(db, scope, service.apply_counts, count_ids=[count.count_id])
    assert (await factories.counters(db, scope, key)).on_hand == 15


async def test_a_repeated_tally_does_not_agree_with_itself(db: Database, scope: Scope) -> None:
    key, other = await factories.keys_with_stock(db, scope, [10, 10])
    count = await opened(db, scope, [key, other])
    wanted = Tally(count.count_id, key.sku_id, 9, "t")
    outcomes = await act(
        db,
        scope,
        service.record_tallies,
        tallies=[
            wanted,
            wanted,
            Tally(count.count_id, key.sku_id, 8, "t"),
            Tally(count.count_id, other.sku_id, 9, "t"),
            Tally(count.count_id, key.sku_id, -1, "u"),
            Tally(CountId(uuid4()), key.sku_id, 1, "v"),
            Tally(count.count_id, SkuId(uuid4()), 1, "w"),
        ],
    )
    assert outcomes[0] == outcomes[1] == Tallied(count.count_id, key.sku_id, 1, "recount")
    assert [type(outcome).__name__ for outcome in outcomes[2:]] == [
        "OperationKeyReused", "OperationKeyReused", "InvalidQuantity", "CountNotFound", "NotInCount",
    ]  # fmt: skip


async def test_a_count_below_what_is_reserved_changes_nothing(db: Database, scope: Scope) -> None:
    held, loose = keys = await factories.keys_with_stock(db, scope, [10, 10])
    await act(db, scope, factories.hold, key=held, quantity=4)
    second = await act(db, scope, factories.hold, key=held, quantity=3)
    count = await opened(db, scope, keys)
    for key, counted in ((held, 5), (loose, 8)):
        for _ in range(2):
            await tally(db, scope, count, key, counted)
    (outcome,) = await act(db, scope, service.apply_counts, count_ids=[count.count_id])
    assert isinstance(outcome, Rejections)
    (reason,) = outcome.reasons
    assert isinstance(reason, errors.BelowReserved)
    assert (reason.on_hand, reason.reserved) == (5, 7)
    assert [(r.owner, r.quantity) for r in reason.reservations] == [(second, 3)]
    assert await factories.counters(db, scope, loose) == Availability(10, 0, 0, 0)


async def test_counts_name_each_sku_once_at_a_place(db: Database, scope: Scope) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [1])
    (labor,) = await act(db, scope, factories.skus, kind=SkuKind.service, prefix="SRV")
    wish = NewCount(key.location_id, (key.sku_id,), key="c")
    outcomes = await act(
        db,
        scope,
        service.open_counts,
        wishes=[
            NewCount(key.location_id, ()),
            NewCount(key.location_id, (key.sku_id, key.sku_id)),
            NewCount(LocationId(uuid4()), (key.sku_id,)),
            NewCount(key.location_id, (labor,)),
            wish,
        ],
    )
    (again,) = await act(db, scope, service.open_counts, wishes=[wish])
    assert isinstance(again, Count)
    twice = [again.count_id, again.count_id, CountId(uuid4())]
    canceled = await act(db, scope, service.cancel_counts, count_ids=twice)
    assert [type(outcome).__name__ for outcome in outcomes] == [
        "InvalidCount", "InvalidCount", "LocationNotFound", "CannotHoldStock", "Count",
    ]  # fmt: skip
    assert again == outcomes[4]
    assert canceled[0] == CountCanceled(again.count_id)
    assert [type(outcome) for outcome in canceled[1:]] == [errors.CountEnded, errors.CountNotFound]


async def test_what_is_being_counted_is_counted_once(db: Database, scope: Scope) -> None:
    key, other = keys = await factories.keys_with_stock(db, scope, [5, 5])
    wishes = [NewCount(key.location_id, (x.sku_id,)) for x in (key, key, other)]
    first, again, beside = await act(db, scope, service.open_counts, wishes=wishes)
    assert isinstance(first, Count)
    assert isinstance(beside, Count)
    both = NewCount(key.location_id, tuple(x.sku_id for x in keys))
    (later,) = await act(db, scope, service.open_counts, wishes=[both])
    for refused in (again, later):
        assert isinstance(refused, errors.CountedAlready)
        assert (refused.sku_id, refused.location_id, refused.count_id) == (*key, first.count_id)
    for _ in range(2):
        await tally(db, scope, first, key, 3)
    await act(db, scope, service.apply_counts, count_ids=[first.count_id])
    await act(db, scope, service.cancel_counts, count_ids=[beside.count_id])
    count = await opened(db, scope, [key, other])
    assert [await tally(db, scope, count, x, n) for x, n in ((key, 3), (other, 5))] == ["settled", "settled"]
    assert await factories.counters(db, scope, key) == Availability(3, 0, 0, 0)


@pytest.mark.parametrize("skus", [1, 200])
async def test_statements_of_a_count(db: Database, scope: Scope, recorder: StatementRecorder, skus: int) -> None:
    keys = await factories.keys_with_stock(db, scope, [10] * skus)
    spent = []
    with recorder.watching() as sent:
        count = await opened(db, scope, keys)
    spent.append(len(sent) - EVENT_STATEMENTS)
    for number in range(2):
        tallies = [Tally(count.count_id, key.sku_id, 9, f"{number}/{key.sku_id}") for key in keys]
        with recorder.watching() as sent:
            await act(db, scope, service.record_tallies, tallies=tallies)
        spent.append(len(sent) - EVENT_STATEMENTS)
    with recorder.watching() as sent:
        (applied,) = await act(db, scope, service.apply_counts, count_ids=[count.count_id])
    spent.append(len(sent) - EVENT_STATEMENTS)
    assert isinstance(applied, CountApplied)
    assert len(applied.moved) == skus
    assert spent == [6, 4, 4, 7]
