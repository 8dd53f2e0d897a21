"""Many connections at once on the same counters: nothing is sold twice, nothing waits in a circle."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from jiedan.base import sql
from jiedan.base.db import Database, Scope, Tx
from jiedan.inventory import errors, service
from jiedan.inventory.service import locations
from jiedan.inventory.values import (
    Adjustment,
    Availability,
    Claim,
    Count,
    CountApplied,
    CountCanceled,
    Free,
    Freed,
    Moved,
    NewCount,
    NewLocation,
    NewTransfer,
    Owner,
    Receipt,
    Reserved,
    Shipment,
    StockKey,
    Tallied,
    Tally,
    Transfer,
    TransferClosed,
    TransferStep,
)
from tests.conftest import FakeClock
from tests.inventory import factories
from tests.inventory.factories import act, counters
from tests.patience import until_it_waits
from tests.races import Work, assert_sound, doing, together

CHECKS = sql.load("jiedan.inventory", "verify.sql")

CLIENTS = 12
ROUNDS = 6


def reserving(*keys: StockKey, quantity: int = 1) -> Work:
    owner = factories.order_line()
    return lambda tx: service.reserve_many(tx, claims=[Claim(owner, *key, quantity) for key in keys])


async def test_the_last_units_go_to_as_many_as_there_are(db: Database, scope: Scope) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [5])
    outcomes = await together(db, scope, *(reserving(key) for _ in range(CLIENTS)))
    assert sum(isinstance(outcome, Reserved) for (outcome,) in outcomes) == 5
    assert await counters(db, scope, key) == Availability(5, 5, 0, 0)
    await assert_sound(db, scope, CHECKS)


async def test_keys_in_opposite_order_do_not_wait_in_a_circle(db: Database, scope: Scope) -> None:
    keys = await factories.keys_with_stock(db, scope, [1000] * 8)
    for _ in range(ROUNDS):
        backwards = keys[::-1]
        works = [reserving(*(keys if number % 2 else backwards)) for number in range(CLIENTS)]
        await together(db, scope, *works)
    assert (await counters(db, scope, keys[0])).reserved == ROUNDS * CLIENTS
    await assert_sound(db, scope, CHECKS)


async def test_doors_of_every_kind_do_not_wait_in_a_circle(db: Database, scope: Scope) -> None:
    keys = await factories.keys_with_stock(db, scope, [1000] * 6)
    owner = factories.order_line()
    await act(db, scope, service.reserve_many, claims=[Claim(owner, *key, 500) for key in keys])

    def mixed(order: list[StockKey], number: int) -> Work:
        doors: list[Work] = [
            reserving(*order),
            doing(service.release_many, frees=[Free(owner, *key, 1) for key in order]),
            doing(service.ship_many, shipments=[Shipment(owner, *key, 1, str(uuid4())) for key in order]),
            doing(service.receive_many, receipts=[Receipt(*key, 1, str(uuid4())) for key in order]),
            doing(service.adjust_many, adjustments=[Adjustment(*key, -1, "lost", str(uuid4())) for key in order]),
        ]
        return doors[number % len(doors)]

    for _ in range(ROUNDS):
        await together(db, scope, *(mixed(keys if n % 2 else keys[::-1], n) for n in range(CLIENTS)))
    await assert_sound(db, scope, CHECKS)


async def test_new_keys_in_opposite_order_come_to_be_once(db: Database, scope: Scope) -> None:
    keys = await factories.keys_with_stock(db, scope, [0] * 8)

    def receiving(order: list[StockKey]) -> Work:
        return doing(service.receive_many, receipts=[Receipt(*key, 1, str(uuid4())) for key in order])

    await together(db, scope, *(receiving(keys if number % 2 else keys[::-1]) for number in range(CLIENTS)))
    assert {(await counters(db, scope, key)).on_hand for key in keys} == {CLIENTS}
    await assert_sound(db, scope, CHECKS)


async def test_the_last_unit_is_reserved_or_written_off(db: Database, scope: Scope) -> None:
    for number in range(ROUNDS):
        (key,) = await factories.keys_with_stock(db, scope, [1], code=f"W{number}", prefix=f"S{number}")
        loss = [Adjustment(*key, -1, "lost", str(uuid4()))]
        (claimed,), (lost,) = await together(db, scope, reserving(key), doing(service.adjust_many, adjustments=loss))
        outcome = (type(claimed), type(lost))
        assert outcome in {(Reserved, errors.BelowReserved), (errors.InsufficientStock, Moved)}
    await assert_sound(db, scope, CHECKS)


async def test_what_is_held_is_shipped_or_freed(db: Database, scope: Scope) -> None:
    for number in range(ROUNDS):
        (key,) = await factories.keys_with_stock(db, scope, [1], code=f"W{number}", prefix=f"S{number}")
        owner = await act(db, scope, factories.hold, key=key, quantity=1)
        goods, wish = [Shipment(owner, *key, 1, str(uuid4()))], [Free(owner, *key)]
        (shipped,), (freed,) = await together(
            db,
            scope,
            doing(service.ship_many, shipments=goods),
            doing(service.release_many, frees=wish),
        )
        assert isinstance(freed, Freed)
        assert (type(shipped), freed.quantity) in {(Moved, 0), (errors.NotReserved, 1)}
    await assert_sound(db, scope, CHECKS)


async def test_one_operation_key_has_one_effect(db: Database, scope: Scope) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [1])
    receipt = Receipt(*key, 3, "again")
    outcomes = await together(db, scope, *[doing(service.receive_many, receipts=[receipt])] * CLIENTS)
    moved = [outcome for (outcome,) in outcomes]
    assert sum(not outcome.repeated for outcome in moved) == 1
    assert len({outcome.movement_id for outcome in moved}) == 1
    assert (await counters(db, scope, key)).on_hand == 4


async def test_one_operation_key_on_two_rows_at_once_has_one_effect(db: Database, scope: Scope) -> None:
    """Their locks do not meet, so the ledger's own uniqueness decides; who comes second is undone whole."""
    keys = await factories.keys_with_stock(db, scope, [1, 1])

    async def receiving(key: StockKey) -> type:
        receipts = [Receipt(*key, 1, "again")]
        try:
            (outcome,) = await act(db, scope, service.receive_many, receipts=receipts)
        except errors.OperationKeyReused as refusal:
            return type(refusal)
        return type(outcome)

    outcomes = await asyncio.gather(*(receiving(key) for key in keys))
    assert set(outcomes) == {Moved, errors.OperationKeyReused}
    assert sum([(await counters(db, scope, key)).on_hand for key in keys]) == 3
    await assert_sound(db, scope, CHECKS)


async def test_an_expired_cart_is_swept_once(db: Database, scope: Scope, clock: FakeClock) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [CLIENTS])
    soon = clock.now() + timedelta(minutes=1)
    claims = [factories.cart_claim(key, 1, expires_at=soon) for _ in range(CLIENTS)]
    await act(db, scope, service.reserve_many, claims=claims)
    clock.advance(timedelta(minutes=2))
    await together(db, scope, *[service.release_expired] * 4, reserving(key))
    assert (await counters(db, scope, key)).reserved <= 1
    await assert_sound(db, scope, CHECKS)


async def test_transfers_in_both_directions_do_not_wait_in_a_circle(db: Database, scope: Scope) -> None:
    here = await factories.keys_with_stock(db, scope, [100] * 4)
    there = (await act(db, scope, factories.location, code="S1")).location_id
    away = [StockKey(key.sku_id, there) for key in here]
    await act(db, scope, factories.receive, quantities=dict.fromkeys(away, 100))
    quantities = tuple((key.sku_id, 20) for key in here)
    wishes = [
        NewTransfer(here[0].location_id, there, quantities),
        NewTransfer(there, here[0].location_id, quantities[::-1]),
    ] * 3
    opened = await together(db, scope, *(doing(service.open_transfers, wishes=[wish]) for wish in wishes))
    transfers = [transfer for (transfer,) in opened]
    assert all(isinstance(transfer, Transfer) for transfer in transfers)
    for move in (service.ship_transfers, service.receive_transfers):
        steps = [[TransferStep(t.transfer_id, x.sku_id, 20, str(uuid4())) for x in t.lines] for t in transfers]
        await together(db, scope, *(doing(move, steps=some) for some in steps))
    assert {(await counters(db, scope, key)) for key in [*here, *away]} == {Availability(100, 0, 0, 0)}
    await assert_sound(db, scope, CHECKS)


async def test_of_counts_opened_at_once_one_counts_the_sku(db: Database, scope: Scope) -> None:
    key, other = await factories.keys_with_stock(db, scope, [10, 10])
    wishes = [NewCount(key.location_id, skus) for skus in ((key.sku_id, other.sku_id), (other.sku_id, key.sku_id))]
    outcomes = await together(db, scope, *(doing(service.open_counts, wishes=[wish]) for wish in wishes * 2))
    kinds = sorted(type(outcome).__name__ for (outcome,) in outcomes)
    assert kinds == ["Count", "CountedAlready", "CountedAlready", "CountedAlready"]


async def test_a_count_is_applied_once_and_never_below_what_is_reserved(db: Database, scope: Scope) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [10])
    (count,) = await act(db, scope, service.open_counts, wishes=[NewCount(key.location_id, (key.sku_id,))])
    assert isinstance(count, Count)
    for number in range(2):
        tally = Tally(count.count_id, key.sku_id, 4, str(number))
        await act(db, scope, service.record_tallies, tallies=[tally])
    ids = [count.count_id]
    *applied, (claimed,) = await together(
        db,
        scope,
        *[doing(service.apply_counts, count_ids=ids)] * 3,
        reserving(key, quantity=6),
    )
    after = await counters(db, scope, key)
    effects = sum(isinstance(outcome, CountApplied) for (outcome,) in applied)
    assert (effects, type(claimed), after) in [
        (1, errors.InsufficientStock, Availability(4, 0, 0, 0)),
        (0, Reserved, Availability(10, 6, 0, 0)),
    ]
    await assert_sound(db, scope, CHECKS)


async def under_way(db: Database, scope: Scope, *, sent: int = 0, code: str = "S1") -> tuple[Transfer, StockKey]:
    """Open a transfer of 10 units, let `sent` of them leave; return it and the key they come from."""
    (key,) = await factories.keys_with_stock(db, scope, [10], code=f"from {code}", prefix=code)
    there = (await act(db, scope, factories.location, code=code)).location_id
    wishes = [NewTransfer(key.location_id, there, ((key.sku_id, 10),))]
    (transfer,) = await act(db, scope, service.open_transfers, wishes=wishes)
    assert isinstance(transfer, Transfer)
    if sent:
        await act(db, scope, service.ship_transfers, steps=[step(transfer, sent)])
    return transfer, key


def step(transfer: Transfer, quantity: int, key: str | None = None) -> TransferStep:
    return TransferStep(transfer.transfer_id, transfer.lines[0].sku_id, quantity, key or str(uuid4()))


async def test_no_more_of_a_transfer_leaves_or_arrives_than_there_is(db: Database, scope: Scope) -> None:
    transfer, key = await under_way(db, scope)
    there = StockKey(key.sku_id, transfer.to_location_id)
    for move in (service.ship_transfers, service.receive_transfers):
        outcomes = await together(db, scope, *(doing(move, steps=[step(transfer, 3)]) for _ in range(CLIENTS)))
        assert sum(isinstance(outcome, Moved) for (outcome,) in outcomes) == 3
    assert await counters(db, scope, key) == Availability(1, 1, 0, 0)
    assert await counters(db, scope, there) == Availability(9, 0, 0, 0)
    await assert_sound(db, scope, CHECKS)


async def test_one_step_of_a_transfer_repeated_at_once_has_one_effect(db: Database, scope: Scope) -> None:
    transfer, key = await under_way(db, scope)
    for move in (service.ship_transfers, service.receive_transfers):
        again = doing(move, steps=[step(transfer, 4, f"again/{move.__name__}")])
        moved = [outcome for (outcome,) in await together(db, scope, *[again] * CLIENTS)]
        assert sum(not outcome.repeated for outcome in moved) == 1
    assert await counters(db, scope, StockKey(key.sku_id, transfer.to_location_id)) == Availability(4, 0, 0, 0)
    await assert_sound(db, scope, CHECKS)


async def test_what_arrives_while_a_transfer_is_closed_is_there_or_missing(db: Database, scope: Scope) -> None:
    for number in range(ROUNDS):
        transfer, key = await under_way(db, scope, sent=8, code=f"S{number}")
        (arrived,), (closed,) = await together(
            db,
            scope,
            doing(service.receive_transfers, steps=[step(transfer, 8)]),
            doing(service.close_transfers, transfer_ids=[transfer.transfer_id]),
        )
        assert isinstance(closed, TransferClosed)
        assert (type(arrived), closed.missing, closed.freed) in {(Moved, 0, 2), (errors.TransferEnded, 8, 2)}
        there = await counters(db, scope, StockKey(key.sku_id, transfer.to_location_id))
        assert there == Availability(8 - closed.missing, 0, 0, 0)
    await assert_sound(db, scope, CHECKS)


async def test_what_a_transfer_holds_leaves_with_it_or_is_freed_for_others(db: Database, scope: Scope) -> None:
    for number in range(ROUNDS):
        transfer, key = await under_way(db, scope, code=f"S{number}")
        wish = Free(Owner("transfer", transfer.transfer_id), *key, 7)
        (sent,), (freed,) = await together(
            db,
            scope,
            doing(service.ship_transfers, steps=[step(transfer, 6)]),
            doing(service.release_many, frees=[wish]),
        )
        assert (type(sent), type(freed)) in {(Moved, errors.NotReserved), (errors.MoreThanTransferred, Freed)}
    await assert_sound(db, scope, CHECKS)


async def test_rounds_of_a_count_follow_one_another(db: Database, scope: Scope) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [10])
    (count,) = await act(db, scope, service.open_counts, wishes=[NewCount(key.location_id, (key.sku_id,))])
    assert isinstance(count, Count)
    keys = [str(number % (CLIENTS // 2)) for number in range(CLIENTS)]
    tallies = [Tally(count.count_id, key.sku_id, 4, key_of_round) for key_of_round in keys]
    outcomes = await together(db, scope, *(doing(service.record_tallies, tallies=[tally]) for tally in tallies))
    rounds: dict[str, int] = {}
    for tally, (outcome,) in zip(tallies, outcomes, strict=True):
        assert isinstance(outcome, Tallied)
        assert rounds.setdefault(tally.operation_key, outcome.round) == outcome.round
    assert sorted(rounds.values()) == list(range(1, CLIENTS // 2 + 1))
    await assert_sound(db, scope, CHECKS)


async def test_a_count_is_applied_or_canceled(db: Database, scope: Scope) -> None:
    for number in range(ROUNDS):
        (key,) = await factories.keys_with_stock(db, scope, [10], code=f"W{number}", prefix=f"S{number}")
        (count,) = await act(db, scope, service.open_counts, wishes=[NewCount(key.location_id, (key.sku_id,))])
        assert isinstance(count, Count)
        for name in ("first", "second"):
            tally = Tally(count.count_id, key.sku_id, 7, name)
            await act(db, scope, service.record_tallies, tallies=[tally])
        ids = [count.count_id]
        (applied,), (canceled,), (came,) = await together(
            db,
            scope,
            doing(service.apply_counts, count_ids=ids),
            doing(service.cancel_counts, count_ids=ids),
            doing(service.receive_many, receipts=[Receipt(*key, 5, str(uuid4()))]),
        )
        ends = (type(applied), type(canceled))
        assert ends in {(CountApplied, errors.CountEnded), (errors.CountEnded, CountCanceled)}
        assert isinstance(came, Moved)
        assert (await counters(db, scope, key)).on_hand == (12 if isinstance(applied, CountApplied) else 15)
    await assert_sound(db, scope, CHECKS)


async def test_two_who_add_locations_at_once_do_not_exceed_the_limit(
    db: Database, scope: Scope, owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locations, "LOCATIONS_MAX", 2)

    async def create(tx: Tx, code: str) -> Any:
        return await service.create_location(tx, location=NewLocation(code, code))

    await db.write(scope, lambda tx: create(tx, "W0"))
    async with db.begin(scope) as tx:
        await create(tx, "W1")
        second = asyncio.create_task(db.write(scope, lambda tx: create(tx, "W2")))
        await until_it_waits(second, owner)
        assert not second.done()
    with pytest.raises(errors.TooManyLocations):
        await second
