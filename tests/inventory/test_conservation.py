"""A model of stock against the real thing: whatever is done in whatever order, the books stay sound."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar
from uuid import uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from jiedan.base import sql
from jiedan.base.db import Database, Scope
from jiedan.inventory import service
from jiedan.inventory.values import (
    Adjustment,
    Claim,
    Count,
    CountApplied,
    Free,
    Moved,
    NewCount,
    NewTransfer,
    Owner,
    Receipt,
    Shipment,
    StockKey,
    Tally,
    Thresholds,
    ThresholdsWish,
    Transfer,
    TransferId,
    TransferStep,
)
from tests.conftest import NOON, FakeClock, Urls, new_tenant
from tests.inventory import factories
from tests.inventory.factories import act

T = TypeVar("T")

CHECKS = sql.load("jiedan.inventory", "verify.sql")

small = st.integers(1, 9)
which = st.integers(0, 3)


class Warehouse(RuleBasedStateMachine):
    """Two SKUs at two locations, a handful of owners; every door of inventory."""

    runner: asyncio.Runner
    db: Database
    clock: FakeClock

    def act(self, use_case: Any, **arguments: Any) -> Any:
        """Run one use case in a transaction of its own."""
        return self.wait(act(self.db, self.scope, use_case, **arguments))

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end."""
        return self.runner.run(work)

    @initialize()
    def open(self) -> None:
        """Begin with a fresh merchant."""
        self.scope = Scope(self.wait(new_tenant(self.db)))
        first = self.wait(factories.keys_with_stock(self.db, self.scope, [5, 0]))
        there = self.act(factories.location, code="S1").location_id
        self.keys = [*first, *(StockKey(key.sku_id, there) for key in first)]
        self.on_hand = dict.fromkeys(self.keys, 0) | {first[0]: 5}
        self.owners = [factories.order_line() for _ in range(3)]
        self.transfers: list[TransferId] = []

    def note(self, outcomes: list[Any]) -> None:
        """Let the model follow what was moved."""
        for outcome in outcomes:
            if isinstance(outcome, Moved) and not outcome.repeated:
                self.on_hand[outcome.key] += outcome.quantity
                assert outcome.on_hand == self.on_hand[outcome.key]

    @rule(n=which, quantity=small)
    def receive(self, n: int, quantity: int) -> None:
        """Take in goods, twice under one key."""
        receipt = Receipt(*self.keys[n], quantity, str(uuid4()))
        self.note(self.act(service.receive_many, receipts=[receipt, receipt]))

    @rule(n=which, owner=st.integers(0, 2), quantity=small)
    def reserve(self, n: int, owner: int, quantity: int) -> None:
        """Reserve at two keys at once."""
        claims = [Claim(self.owners[owner], *self.keys[k], quantity) for k in (n, (n + 1) % 4)]
        self.act(service.reserve_many, claims=claims)

    @rule(n=which, quantity=small, minutes=st.integers(1, 30))
    def put_in_cart(self, n: int, quantity: int, minutes: int) -> None:
        """Reserve for a cart."""
        expires_at = self.clock.now() + timedelta(minutes=minutes)
        self.act(service.reserve_many, claims=[factories.cart_claim(self.keys[n], quantity, expires_at=expires_at)])

    @rule(minutes=st.integers(1, 40))
    def wait_and_sweep(self, minutes: int) -> None:
        """Let time pass and carts expire."""
        self.clock.advance(timedelta(minutes=minutes))
        self.act(service.release_expired)

    @rule(n=which, owner=st.integers(0, 2), quantity=st.none() | small)
    def release(self, n: int, owner: int, quantity: int | None) -> None:
        """Give up what is held."""
        self.act(service.release_many, frees=[Free(self.owners[owner], *self.keys[n], quantity)])

    @rule(n=which, owner=st.integers(0, 2), quantity=small)
    def ship(self, n: int, owner: int, quantity: int) -> None:
        """Let goods out."""
        shipments = [Shipment(self.owners[owner], *self.keys[n], quantity, str(uuid4()))]
        self.note(self.act(service.ship_many, shipments=shipments))

    @rule(n=which, delta=st.integers(-9, 9))
    def adjust(self, n: int, delta: int) -> None:
        """Correct what is on hand."""
        adjustments = [Adjustment(*self.keys[n], delta, "correction", str(uuid4()))]
        self.note(self.act(service.adjust_many, adjustments=adjustments))

    @rule(n=which, safety=st.integers(0, 3), low=st.none() | st.integers(0, 6))
    def set_levels(self, n: int, safety: int, low: int | None) -> None:
        """Change safety stock and threshold."""
        self.act(service.set_thresholds_many, wishes=[ThresholdsWish(*self.keys[n], Thresholds(safety, low))])

    @rule(n=st.integers(0, 1), quantity=small, is_back=st.booleans())
    def open_transfer(self, n: int, quantity: int, is_back: bool) -> None:
        """Send a SKU one way or the other."""
        ends = [self.keys[n].location_id, self.keys[n + 2].location_id]
        here, there = reversed(ends) if is_back else ends
        wish = NewTransfer(here, there, ((self.keys[n].sku_id, quantity),))
        (outcome,) = self.act(service.open_transfers, wishes=[wish])
        if isinstance(outcome, Transfer):
            self.transfers.append(outcome.transfer_id)

    @rule(data=st.data(), n=st.integers(0, 1), quantity=small, is_out=st.booleans())
    def step(self, data: st.DataObject, n: int, quantity: int, is_out: bool) -> None:
        """Let some of a transfer leave or arrive."""
        if self.transfers:
            move = service.ship_transfers if is_out else service.receive_transfers
            transfer_id = data.draw(st.sampled_from(self.transfers))
            steps = [TransferStep(transfer_id, self.keys[n].sku_id, quantity, str(uuid4()))]
            self.note(self.act(move, steps=steps))

    @rule(data=st.data(), is_freed=st.booleans())
    def close_transfer(self, data: st.DataObject, is_freed: bool) -> None:
        """End a transfer, perhaps after its goods were given to somebody else."""
        if self.transfers:
            transfer_id = data.draw(st.sampled_from(self.transfers))
            if is_freed:
                self.act(service.release_many, frees=[Free(Owner("transfer", transfer_id), *key) for key in self.keys])
            self.act(service.close_transfers, transfer_ids=[transfer_id])

    @rule(n=which, found=st.integers(0, 12))
    def count(self, n: int, found: int) -> None:
        """Count a SKU and apply what was found twice."""
        key = self.keys[n]
        (count,) = self.act(service.open_counts, wishes=[NewCount(key.location_id, (key.sku_id,))])
        assert isinstance(count, Count)
        for _ in range(2):
            tally = Tally(count.count_id, key.sku_id, found, str(uuid4()))
            self.act(service.record_tallies, tallies=[tally])
        (outcome,) = self.act(service.apply_counts, count_ids=[count.count_id])
        if isinstance(outcome, CountApplied):
            self.note(list(outcome.moved))
            assert self.on_hand[key] == found

    @invariant()
    def the_books_are_sound(self) -> None:
        """Run every check, and compare with the model."""
        if hasattr(self, "scope"):
            self.wait(self._check())

    async def _check(self) -> None:
        async with self.db.read(self.scope) as tx:
            for statement in CHECKS.values():
                assert await tx.sql(statement, now=tx.now) == [], statement.name
        for key, quantity in self.on_hand.items():
            assert (await factories.counters(self.db, self.scope, key)).on_hand == quantity


def test_stock_is_conserved_whatever_is_done(urls: Urls) -> None:
    with asyncio.Runner() as runner:
        clock = FakeClock(NOON)
        db = Database(urls.app, clock=clock, pool_size=2, strict_locks=True)
        machine = type("OpenWarehouse", (Warehouse,), {"runner": runner, "db": db, "clock": clock})
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=15,
                    stateful_step_count=20,
                    deadline=None,
                    suppress_health_check=[HealthCheck.too_slow],
                ),
            )
        finally:
            runner.run(db.close())
