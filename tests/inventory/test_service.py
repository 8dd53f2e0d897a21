"""Receiving, reserving, freeing, shipping and adjusting, on PostgreSQL."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from jiedan.base import events as base_events
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.errors import StaleVersion
from jiedan.base.recorder import StatementRecorder
from jiedan.catalog.values import SkuId, SkuKind
from jiedan.inventory import errors, jobs, queries, service, stock_moves, tables
from jiedan.inventory.values import (
    LOCATIONS_MAX,
    RESERVATIONS_NAMED_MAX,
    Adjustment,
    Availability,
    Claim,
    Free,
    Freed,
    LocationId,
    Moved,
    NewLocation,
    Owner,
    Receipt,
    Reserved,
    Shipment,
    StockKey,
    Thresholds,
    ThresholdsWish,
)
from tests.accounts.factories import opened
from tests.conftest import FakeClock
from tests.inventory import factories
from tests.inventory.factories import kinds


def emitted(tx: Tx) -> list[base_events.Event]:
    return [item.event for item in tx._emitted]


async def test_goods_come_in_once_per_operation_key(db: Database, scope: Scope) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [0])
    receipt = Receipt(*key, 5, "po-1/1", reference="PO-1")
    async with db.begin(scope) as tx:
        first, again = await service.receive_many(tx, receipts=[receipt, receipt])
        assert kinds(tx) == ["stock_became_available", "stock_received"]
    async with db.begin(scope) as tx:
        (later,) = await service.receive_many(tx, receipts=[receipt])
        assert kinds(tx) == []
    assert isinstance(first, Moved)
    assert (first.quantity, first.on_hand, first.repeated) == (5, 5, False)
    assert again == later == Moved(first.movement_id, key, 5, 5, repeated=True)
    assert await factories.counters(db, scope, key) == Availability(5, 0, 0, 0)


async def test_an_operation_key_does_no_other_work(db: Database, scope: Scope) -> None:
    key, other = await factories.keys_with_stock(db, scope, [1, 1])
    async with db.begin(scope) as tx:
        await service.receive_many(tx, receipts=[Receipt(*key, 5, "k")])
        outcomes = await service.receive_many(
            tx, receipts=[Receipt(*key, 6, "k"), Receipt(*other, 5, "k"), Receipt(*key, 5, "k", kind="return")]
        )
    assert [type(outcome) for outcome in outcomes] == [errors.OperationKeyReused] * 3
    assert (await factories.counters(db, scope, key)).on_hand == 6


async def test_only_goods_at_known_places_can_be_received(db: Database, scope: Scope, other_tenant: object) -> None:
    async with db.begin(scope) as tx:
        place = (await factories.location(tx)).location_id
        (tea,) = await factories.skus(tx)
        (kit,) = await factories.skus(tx, kind=SkuKind.kit, prefix="KIT")
        outcomes = await service.receive_many(
            tx,
            receipts=[
                Receipt(kit, place, 1, "a"),
                Receipt(tea, LocationId(tx.new_id()), 1, "b"),
                Receipt(tea, place, 0, "c"),
                Receipt(tea, place, 10**9 + 1, "d"),
                Receipt(tea, place, 1, "e"),
            ],
        )
    assert [type(outcome).__name__ for outcome in outcomes] == [
        "CannotHoldStock", "CannotHoldStock", "InvalidQuantity", "InvalidQuantity", "Moved",
    ]  # fmt: skip


async def test_claims_are_granted_in_order_while_stock_lasts(db: Database, scope: Scope) -> None:
    key, empty = await factories.keys_with_stock(db, scope, [5, 0])
    a, b, c = (factories.order_line() for _ in range(3))
    async with db.begin(scope) as tx:
        await factories.levels(tx, key, safety=1)
        outcomes = await service.reserve_many(
            tx, claims=[Claim(a, *key, 3), Claim(b, *key, 2), Claim(c, *key, 1), Claim(a, *empty, 1)]
        )
    assert [type(outcome) for outcome in outcomes] == [
        Reserved, errors.InsufficientStock, Reserved, errors.InsufficientStock,
    ]  # fmt: skip
    refused = outcomes[1]
    assert isinstance(refused, errors.InsufficientStock)
    assert (refused.wanted, refused.available) == (2, 1)
    assert await factories.counters(db, scope, key) == Availability(5, 4, 1, 0)


async def test_an_owner_may_reserve_more_of_the_same(db: Database, scope: Scope) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [9])
    owner = factories.order_line()
    async with db.begin(scope) as tx:
        await service.reserve_many(tx, claims=[Claim(owner, *key, 2), Claim(owner, *key, 3)])
        await service.reserve_many(tx, claims=[Claim(owner, *key, 1)])
        held = await tx.load_one(queries.reservations_of([(owner, key)]))
    assert held[owner, key].quantity == 6


async def test_who_holds_the_locks_has_decided(db: Database, scope: Scope) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [2])
    async with db.begin(scope) as tx:
        stock = await queries.lock_stock(tx, [key])
        assert stock == {key: Availability(2, 0, 0, 0)}
        claims = [Claim(factories.order_line(), *key, 1), Claim(factories.order_line(), *key, 1)]
        assert await service.reserve_many(tx, claims=claims, locked=True) == [Reserved(claim) for claim in claims]
    claims = [Claim(factories.order_line(), *key, 1)]
    with pytest.raises(stock_moves.UndecidedChange):
        await factories.act(db, scope, service.reserve_many, claims=claims, locked=True)
    assert await factories.counters(db, scope, key) == Availability(2, 2, 0, 0)


async def test_carts_expire_and_nobody_else(db: Database, scope: Scope, clock: FakeClock) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [9])
    soon = clock.now() + timedelta(minutes=10)
    async with db.begin(scope) as tx:
        outcomes = await service.reserve_many(
            tx,
            claims=[
                Claim(Owner("cart", tx.new_id()), *key, 1),
                Claim(Owner("cart", tx.new_id()), *key, 1, tx.now),
                Claim(factories.order_line(), *key, 1, soon),
                Claim(factories.order_line(), *key, 0),
                factories.cart_claim(key, 1, expires_at=soon),
            ],
        )
    assert [type(outcome).__name__ for outcome in outcomes] == [
        "InvalidExpiry", "InvalidExpiry", "InvalidExpiry", "InvalidQuantity", "Reserved",
    ]  # fmt: skip


async def test_expired_carts_lose_their_claims_in_bounded_sets(db: Database, scope: Scope, clock: FakeClock) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [9])
    soon, later = clock.now() + timedelta(minutes=10), clock.now() + timedelta(minutes=20)
    async with db.begin(scope) as tx:
        await factories.hold(tx, key, 1)
        claims = [factories.cart_claim(key, 1, expires_at=soon) for _ in range(3)]
        await service.reserve_many(tx, claims=claims)
        renewed = factories.cart_claim(key, 1, expires_at=later, owner=claims[0].owner)
        await service.reserve_many(tx, claims=[renewed])
    async with db.begin(scope) as tx:
        assert await service.release_expired(tx) == 0
    clock.set(soon)
    swept = []
    for _ in range(3):
        async with db.begin(scope) as tx:
            swept.append(await service.release_expired(tx, limit=1))
            assert ("reservation_expired" in kinds(tx)) is bool(swept[-1])
    assert swept == [1, 1, 0]
    assert await factories.counters(db, scope, key) == Availability(9, 3, 0, 0)


async def test_owners_give_up_all_or_some(db: Database, scope: Scope) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [4])
    async with db.begin(scope) as tx:
        owner = await factories.hold(tx, key, 4)
        stranger = factories.order_line()
    async with db.begin(scope) as tx:
        outcomes = await service.release_many(
            tx, frees=[Free(owner, *key, 2), Free(owner, *key, 3), Free(owner, *key, 0), Free(stranger, *key)]
        )
        assert kinds(tx) == ["stock_became_available"]
        held = await tx.load_one(queries.reservations_of([(owner, key)]))
        assert held[owner, key].quantity == 2
        rest = await service.release_many(tx, frees=[Free(owner, *key), Free(owner, *key)])
        assert await tx.load_one(queries.reservations_of([(owner, key)])) == {}
    assert outcomes[0] == Freed(Free(owner, *key, 2), 2)
    assert isinstance(outcomes[1], errors.NotReserved)
    assert (outcomes[1].wanted, outcomes[1].held) == (3, 2)
    assert isinstance(outcomes[2], errors.InvalidQuantity)
    assert outcomes[3] == Freed(Free(stranger, *key), 0)
    assert [freed.quantity for freed in rest if isinstance(freed, Freed)] == [2, 0]
    assert await factories.counters(db, scope, key) == Availability(4, 0, 0, 0)


async def test_what_is_handed_over_needs_no_leave_of_the_safety_stock(db: Database, scope: Scope) -> None:
    key, other = await factories.keys_with_stock(db, scope, [4, 9])
    to, stranger = factories.order_line(), factories.order_line()
    async with db.begin(scope) as tx:
        owner = await factories.hold(tx, key, 4)
        await factories.levels(tx, key, safety=9)
    claims = [Claim(to, *key, 3), Claim(to, *other, 2)]
    async with db.begin(scope) as tx:
        await queries.lock_stock(tx, [key, other])
        await service.hand_over_many(tx, frees=[Free(owner, *key, 3)], claims=claims)
        assert kinds(tx) == [], "nothing became available in between"
        held = await tx.load_one(queries.reservations_of([(owner, key), (to, key), (to, other)]))
    assert {(h.owner, h.sku_id): h.quantity for h in held.values()} == {
        (owner, key.sku_id): 1, (to, key.sku_id): 3, (to, other.sku_id): 2,
    }  # fmt: skip
    assert await factories.counters(db, scope, key) == Availability(4, 4, 9, 0)
    beyond = {"frees": [Free(owner, *key, 1)], "claims": [Claim(stranger, *key, 2)]}
    with pytest.raises(stock_moves.UndecidedChange):
        await factories.act(db, scope, service.hand_over_many, **beyond)
    with pytest.raises(errors.NotReserved):
        await factories.act(db, scope, service.hand_over_many, frees=[Free(owner, *key, 2)], claims=[])
    assert await factories.counters(db, scope, key) == Availability(4, 4, 9, 0)


async def test_half_of_a_reservation_freed_leaves_the_other_half(db: Database, scope: Scope) -> None:
    """What remains equals what was taken: it must not be dropped as emptied."""
    (key,) = await factories.keys_with_stock(db, scope, [4])
    async with db.begin(scope) as tx:
        owner = await factories.hold(tx, key, 4)
        await service.release_many(tx, frees=[Free(owner, *key, 2)])
        held = await tx.load_one(queries.reservations_of([(owner, key)]))
    assert held[owner, key].quantity == 2


async def test_what_is_held_can_leave_once(db: Database, scope: Scope) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [5])
    async with db.begin(scope) as tx:
        owner = await factories.hold(tx, key, 3)
        first, second, again = await service.ship_many(
            tx,
            shipments=[
                Shipment(owner, *key, 2, "s1", reference="SH-1"),
                Shipment(owner, *key, 2, "s2"),
                Shipment(owner, *key, 2, "s1"),
            ],
        )
        assert "stock_became_available" not in kinds(tx)
    assert isinstance(first, Moved)
    assert (first.quantity, first.on_hand) == (-2, 3)
    assert isinstance(second, errors.NotReserved)
    assert (second.wanted, second.held) == (2, 1)
    assert isinstance(again, Moved)
    assert again.repeated
    assert await factories.counters(db, scope, key) == Availability(3, 1, 0, 0)


async def test_an_adjustment_keeps_what_is_reserved(db: Database, scope: Scope, clock: FakeClock) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [10])
    owners = []
    for quantity in (1, 2, 3):
        clock.advance(timedelta(seconds=1))
        async with db.begin(scope) as tx:
            owners.append(await factories.hold(tx, key, quantity))
    async with db.begin(scope) as tx:
        outcomes = await service.adjust_many(
            tx,
            adjustments=[
                Adjustment(*key, -3, "damaged", "a1"),
                Adjustment(*key, -5, "lost", "a2"),
                Adjustment(*key, 1, "found", "a3"),
                Adjustment(*key, 0, "found", "a4"),
            ],
        )
        assert kinds(tx) == ["stock_adjusted", "stock_adjusted"]
    assert [type(outcome).__name__ for outcome in outcomes] == ["Moved", "BelowReserved", "Moved", "InvalidQuantity"]
    refused = outcomes[1]
    assert isinstance(refused, errors.BelowReserved)
    assert (refused.on_hand, refused.reserved) == (2, 6)
    assert [(r.owner, r.quantity) for r in refused.reservations] == [(owners[2], 3), (owners[1], 2)]
    assert await factories.counters(db, scope, key) == Availability(8, 6, 0, 0)


async def test_a_refusal_names_so_many_reservations_and_no_more(db: Database, scope: Scope) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [RESERVATIONS_NAMED_MAX + 10])
    claims = [Claim(factories.order_line(), *key, 1) for _ in range(RESERVATIONS_NAMED_MAX + 10)]
    await factories.act(db, scope, service.reserve_many, claims=claims)
    lost = [Adjustment(*key, -len(claims), "lost", "all")]
    (refused,) = await factories.act(db, scope, service.adjust_many, adjustments=lost)
    assert isinstance(refused, errors.BelowReserved)
    assert refused.reserved == len(claims)
    assert len({reservation.owner for reservation in refused.reservations}) == RESERVATIONS_NAMED_MAX


async def test_stock_found_where_none_was_known(db: Database, scope: Scope) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [0])
    async with db.begin(scope) as tx:
        lost, found = await service.adjust_many(
            tx, adjustments=[Adjustment(*key, -1, "lost", "l"), Adjustment(*key, 2, "opening", "o")]
        )
    assert isinstance(lost, errors.BelowReserved)
    assert isinstance(found, Moved)
    assert (await factories.counters(db, scope, key)).on_hand == 2


async def test_low_stock_is_told_on_crossing_only(db: Database, scope: Scope) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [10])
    async with db.begin(scope) as tx:
        await factories.levels(tx, key, safety=1, low=5, full=20)
        assert kinds(tx) == ["thresholds_set"]
    told = []
    for quantity in (3, 1, 1, 1):
        async with db.begin(scope) as tx:
            owner = await factories.hold(tx, key, quantity)
            told.append(kinds(tx))
            lows = [event for event in emitted(tx) if event.kind == "inventory.stock_ran_low"]
            assert all((e.available, e.low_threshold, e.suggested) == (5, 5, 15) for e in lows)  # type: ignore[attr-defined]  # all of them are LowStock
    assert told == [[], ["stock_ran_low"], [], []]
    async with db.begin(scope) as tx:
        await service.release_many(tx, frees=[Free(owner, *key)])
        await factories.receive(tx, {key: 3})
        await factories.hold(tx, key, 3)
        assert kinds(tx).count("stock_ran_low") == 1


async def test_levels_tell_what_they_make_available_and_what_they_make_low(db: Database, scope: Scope) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [10])
    told = []
    steps = [(4, 5), (5, 6), (0, 6), (0, 6), (0, 10), (0, None)]
    for safety, low in steps:
        _, kinds_told = await factories.act_telling(
            db, scope, service.set_thresholds_many, wishes=[ThresholdsWish(*key, Thresholds(safety, low))]
        )
        told.append(kinds_told[1:])
    assert told == [[], ["stock_ran_low"], ["stock_became_available"], [], ["stock_ran_low"], []]


async def test_levels_are_set_in_order_and_by_version(db: Database, scope: Scope, recorder: StatementRecorder) -> None:
    key, fresh = await factories.keys_with_stock(db, scope, [10, 0])
    wishes = [
        ThresholdsWish(*key, Thresholds(1), expected_version=1),
        ThresholdsWish(*key, Thresholds(2), expected_version=1),
        ThresholdsWish(*fresh, Thresholds(0, 3)),
        ThresholdsWish(SkuId(uuid4()), key.location_id, Thresholds(1)),
        ThresholdsWish(*key, Thresholds(-1)),
    ]
    with recorder.watching() as sent:
        outcomes = await factories.act(db, scope, service.set_thresholds_many, wishes=wishes)
    assert len(sent) == 3 + 2 + 2
    assert [type(outcome).__name__ for outcome in outcomes] == [
        "ThresholdsState", "StaleVersion", "ThresholdsState", "CannotHoldStock", "InvalidThresholds",
    ]  # fmt: skip
    assert await factories.counters(db, scope, key) == Availability(10, 0, 1, 0)


async def test_levels_that_are_refused_leave_nothing(db: Database, scope: Scope) -> None:
    (fresh,) = await factories.keys_with_stock(db, scope, [0])
    wishes = [ThresholdsWish(*fresh, Thresholds(0, 5, 3))]
    (refused,) = await factories.act(db, scope, service.set_thresholds_many, wishes=wishes)
    assert isinstance(refused, errors.InvalidThresholds)
    async with db.read(scope) as tx:
        assert await tx.load_one(queries.availability([fresh.sku_id])) == {}


async def test_a_stale_edit_is_told_the_name_of_who_was_first(db: Database) -> None:
    scope = (await opened(db)).scope
    (key,) = await factories.keys_with_stock(db, scope, [1])
    for levels in (Thresholds(1), Thresholds(1, 5, 9)):
        wishes = [ThresholdsWish(*key, levels, expected_version=1)]
        (outcome,) = await factories.act(db, scope, service.set_thresholds_many, wishes=wishes)
    assert isinstance(outcome, StaleVersion)
    assert (outcome.changed_by, outcome.changed, outcome.current) == ("Wang Min", "safety_stock", 2)


async def test_a_merchant_has_so_many_locations(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        await tx.execute(
            sa.insert(tables.Location),
            [
                {
                    "tenant_id": tx.tenant, "location_id": tx.new_id(), "code": str(number), "name": "x",
                    "kind": "store", "priority": 1, "is_active": True, "version": 1, "created_at": tx.now,
                }
                for number in range(LOCATIONS_MAX)
            ],
        )  # fmt: skip
    with pytest.raises(errors.TooManyLocations):
        await factories.act(db, scope, factories.location)


async def test_the_sweep_runs_for_every_merchant(db: Database, scope: Scope, clock: FakeClock) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [2])
    claim = factories.cart_claim(key, 2, expires_at=clock.now() + timedelta(minutes=1))
    await factories.act(db, scope, service.reserve_many, claims=[claim])
    clock.advance(timedelta(minutes=2))
    (sweep,) = jobs.PERIODIC
    await sweep.work(db)
    assert await factories.counters(db, scope, key) == Availability(2, 0, 0, 0)


async def test_two_hundred_cost_what_one_costs(db: Database, scope: Scope, recorder: StatementRecorder) -> None:
    keys = await factories.keys_with_stock(db, scope, [9] * 201)
    spent = [await _statements_of_everything(db, scope, recorder, some) for some in (keys[:1], keys[1:])]
    assert spent[0] == spent[1]
    assert spent[0] == {"reserve": 3, "reserve locked": 2, "receive": 5, "adjust": 5, "ship": 7, "release": 5}


async def _statements_of_everything(
    db: Database, scope: Scope, recorder: StatementRecorder, keys: list[StockKey]
) -> dict[str, int]:
    owner, spent = factories.order_line(), {}

    def count(name: str, sent: list[str]) -> None:
        spent[name] = len(sent)

    async with db.begin(scope) as tx:
        with recorder.watching() as sent:
            await service.reserve_many(tx, claims=[Claim(owner, *key, 4) for key in keys])
        count("reserve", sent)
        with recorder.watching() as sent:
            await service.reserve_many(tx, claims=[Claim(owner, *key, 1) for key in keys], locked=True)
        count("reserve locked", sent)
        with recorder.watching() as sent:
            receipts = [Receipt(*key, 2, f"r{key}") for key in keys]
            assert all(isinstance(o, Moved) for o in await service.receive_many(tx, receipts=receipts))
        count("receive", sent)
        with recorder.watching() as sent:
            adjustments = [Adjustment(*key, -1, "sample", f"a{key}") for key in keys]
            assert all(isinstance(o, Moved) for o in await service.adjust_many(tx, adjustments=adjustments))
        count("adjust", sent)
        with recorder.watching() as sent:
            shipments = [Shipment(owner, *key, 3, f"s{key}") for key in keys]
            assert all(isinstance(o, Moved) for o in await service.ship_many(tx, shipments=shipments))
        count("ship", sent)
        with recorder.watching() as sent:
            outcomes = await service.release_many(tx, frees=[Free(owner, *key) for key in keys])
            assert all(isinstance(o, Freed) and o.quantity == 2 for o in outcomes)
        count("release", sent)
    return spent


async def test_history_leaves_from_what_nobody_holds(db: Database, scope: Scope) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [5])
    async with db.begin(scope) as tx:
        await factories.hold(tx, key, 2)
    leaving = [
        Shipment(factories.order_line(), *key, 3, "old/1", is_held=False),
        Shipment(factories.order_line(), *key, 1, "old/2", is_held=False),
    ]
    gone, short = await factories.act(db, scope, service.ship_many, shipments=leaving)
    assert isinstance(gone, Moved)
    assert isinstance(short, errors.InsufficientStock)
    assert await factories.counters(db, scope, key) == Availability(2, 2, 0, 0)
    (again,) = await factories.act(db, scope, service.ship_many, shipments=leaving[:1])
    assert isinstance(again, Moved)
    assert again.repeated


async def test_an_opening_balance_is_told_from_what_was_bought(db: Database, scope: Scope) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [0])
    receipts = [Receipt(*key, 5, "opening", reason="opening_balance"), Receipt(*key, 1, "bought")]
    await factories.act(db, scope, service.receive_many, receipts=receipts)
    changed = [Receipt(*key, 5, "opening")]
    (other,) = await factories.act(db, scope, service.receive_many, receipts=changed)
    assert isinstance(other, errors.OperationKeyReused)
    async with db.read(scope) as tx:
        columns = (tables.StockMovement.operation_key, tables.StockMovement.reason)
        rows = await tx.execute(sa.select(*columns).where(tables.StockMovement.tenant_id == tx.tenant))
        assert {row.operation_key: row.reason for row in rows} == {"opening": "opening_balance", "bought": ""}


async def test_locations_are_created_in_sets(db: Database, scope: Scope) -> None:
    wishes = [
        NewLocation("A", "First", lat=1.5, lon=2.5),
        NewLocation("B", "Second", "store", priority=5),
        NewLocation("A", "Twice"),
        NewLocation("C", "Nowhere", lat=91, lon=0),
        NewLocation("C", "Somewhere"),
    ]
    made = await factories.act(db, scope, service.create_locations, locations=wishes)
    assert [getattr(x, "code", None) for x in made] == ["A", "B", "location_code_taken", "invalid_coordinates", "C"]
    (again,) = await factories.act(db, scope, service.create_locations, locations=wishes[:1])
    assert isinstance(again, errors.LocationCodeTaken)
    (nowhere,) = await factories.act(db, scope, service.create_locations, locations=wishes[3:4])
    assert isinstance(nowhere, errors.InvalidCoordinates)
    async with db.read(scope) as tx:
        found = {x.code: (x.name, x.kind, x.lat, x.priority) for x in await tx.load_one(queries.locations())}
    assert found == {
        "A": ("First", "warehouse", 1.5, 100),
        "B": ("Second", "store", None, 5),
        "C": ("Somewhere", "warehouse", None, 100),
    }
    many = [NewLocation(f"X{n}", "Many") for n in range(LOCATIONS_MAX)]
    with pytest.raises(errors.TooManyLocations):
        await factories.act(db, scope, service.create_locations, locations=many)
