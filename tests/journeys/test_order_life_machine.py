"""The life of orders as a model: whatever is done in whatever order, every check of the books finds nothing.

A small shop: two goods, a kit of them and a service, at two places, with backorders. Every door that moves stock or
money of orders is a rule; events are handed out by the real drain to everybody who listens.
"""

import asyncio
import dataclasses
import os
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from jiedan import wiring
from jiedan.base.db import Database, Scope
from jiedan.base.drain import Drain
from jiedan.base.errors import Refusal
from jiedan.catalog.values import SkuId, SkuKind
from jiedan.inventory import queries as stock
from jiedan.inventory import service as inventory
from jiedan.inventory.values import Adjustment, Moved, NewLocation, Receipt, StockKey
from jiedan.orders import placement, queries, service
from jiedan.orders.service import Canceled, Performance
from jiedan.orders.values import (
    CancelRequest,
    HoldId,
    HoldRequest,
    LiftRequest,
    LineQuantity,
    OrderEdit,
    OrderId,
    OrderWithLines,
    Placed,
)
from jiedan.payments import service as payments
from jiedan.payments.values import Confirmation, Created, NewPayment, OperationRequest, PaymentId, Requested
from tests import enumerations
from tests.conftest import NOON, FakeClock, Urls, new_tenant
from tests.journeys import books
from tests.journeys.goods_on_their_way import GoodsOnTheirWay
from tests.orders import factories

T = TypeVar("T")

CODES = ("A", "B", "BOX", "FIT")
PLACES = ("W1", "W2")
PARTS = {"A": 2, "B": 1}
PRICE_MINOR = 1_000

small = st.integers(1, 5)
cents = st.integers(1, 12_000)
which = st.integers(0, 20)
baskets = st.dictionaries(st.sampled_from(CODES), small, min_size=1, max_size=3)


@dataclasses.dataclass
class Sold:
    """What the model knows of an order: units kept by line, their price, and money in and out."""

    kept: dict[int, int]
    captured: int = 0
    refunded: int = 0
    is_open: bool = True
    performed: int = 0
    is_prepaid: bool = True

    @property
    def total(self) -> int:
        """What it costs now."""
        return PRICE_MINOR * sum(self.kept.values())


class OrderLife(GoodsOnTheirWay):
    """Place, pay, cancel, expire, receive, adjust, fill, hold, lift, edit and perform; and get the goods out."""

    runner: asyncio.Runner
    db: Database
    clock: FakeClock
    steps: list[str]

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end."""
        return self.runner.run(work)

    def act(self, use_case: Any, **arguments: Any) -> Any:
        """Run one use case in a transaction of its own."""
        return self.wait(self.db.write(self.scope, lambda tx: use_case(tx, **arguments)))

    @initialize(backorder=st.booleans(), wanted=st.lists(baskets, min_size=2, max_size=4))
    def open(self, backorder: bool, wanted: list[dict[str, int]]) -> None:
        """Begin with a fresh merchant who has some orders."""
        self.scope = Scope(self.wait(new_tenant(self.db)))
        self.act(factories.merchant, backorder=backorder)
        self.skus: dict[str, SkuId] = {code: self.act(factories.sku, code=code) for code in PARTS}
        self.act(factories.sku, code="BOX", kind=SkuKind.kit, parts=[(self.skus[c], n) for c, n in PARTS.items()])
        self.act(factories.sku, code="FIT", kind=SkuKind.service)
        made = [
            self.act(inventory.create_location, location=NewLocation(code=code, name=code, priority=n))
            for n, code in enumerate(PLACES)
        ]
        self.keys = [StockKey(sku_id, place.location_id) for sku_id in self.skus.values() for place in made]
        self.on_hand = dict.fromkeys(self.keys, 0)
        self.sold: dict[OrderId, Sold] = {}
        self.tenders: list[tuple[OrderId, PaymentId]] = []
        self.holds: list[HoldId] = []
        self.bodies: list[tuple[Any, OrderId]] = []
        for n, key in enumerate(self.keys):
            self.take_in(key, 8 + n)
        self.place(wanted, None, None)

    def take_in(self, key: StockKey, quantity: int) -> None:
        """Receive goods, the same receipt twice."""
        receipt = Receipt(*key, quantity, str(uuid4()))
        for moved in self.act(inventory.receive_many, receipts=[receipt, receipt]):
            assert isinstance(moved, Moved)
            self.on_hand[key] += 0 if moved.repeated else moved.quantity

    def some(self, n: int) -> OrderId:
        """Return one of the orders."""
        return list(self.sold)[n % len(self.sold)]

    def read(self, order_id: UUID) -> OrderWithLines:
        """Return an order as stored."""

        async def look() -> OrderWithLines:
            async with self.db.read(self.scope) as tx:
                return await queries.order(tx, order_id)

        return self.wait(look())

    @rule(
        wanted=st.lists(baskets, min_size=1, max_size=3),
        place=st.sampled_from((*PLACES, None)),
        terms=st.sampled_from((None, "on_account")),
    )
    def place(self, wanted: list[dict[str, int]], place: str | None, terms: str | None) -> None:
        """Place some orders in one batch, the first of them twice under one key."""
        asked = {"location": place, "ship_to": factories.BEIJING, "payment_terms": terms}
        orders = [factories.order(*lines.items(), **asked) for lines in wanted]
        drafts = self.wait(factories.leased(self.db, self.scope, *orders))
        outcomes = self.act(placement.place_orders, drafts=[*drafts, drafts[0]._replace(number=10**6)])
        for lines, outcome in zip(wanted, outcomes[:-1], strict=True):
            if isinstance(outcome, Placed):
                kept = dict(enumerate(lines.values(), start=1))
                self.sold[outcome.order_id] = Sold(kept, is_prepaid=terms is None)
                assert outcome.total_minor == PRICE_MINOR * sum(lines.values())

    @precondition(lambda self: self.sold)
    @rule(n=which)
    def cancel_whole(self, n: int) -> None:
        """Give up an order."""
        order_id = self.some(n)
        (outcome,) = self.act(service.cancel_orders, requests=[CancelRequest(order_id, "no longer wanted")])
        if isinstance(outcome, Canceled):
            assert self.sold[order_id].is_open
            assert not self.sold[order_id].performed
            self.sold[order_id].kept = dict.fromkeys(self.sold[order_id].kept, 0)

    @precondition(lambda self: self.sold)
    @rule(n=which, line=st.integers(1, 3), quantity=small)
    def cancel_line(self, n: int, line: int, quantity: int) -> None:
        """Give up some units, asking for the same twice in one set."""
        order_id = self.some(n)
        kept = self.sold[order_id].kept
        request = CancelRequest(order_id, "too many", (LineQuantity(line, quantity),))
        for outcome in self.act(service.cancel_orders, requests=[request, request]):
            if isinstance(outcome, Canceled):
                kept[line] -= quantity
                assert kept[line] >= 0

    @precondition(lambda self: self.sold)
    @rule(n=which, amount=st.none() | cents)
    def ask_for_money(self, n: int, amount: int | None) -> None:
        """Agree on a bank transfer."""
        order_id = self.some(n)
        wish = NewPayment(order_id, "transfer", "bank_transfer", amount)
        (outcome,) = self.act(payments.create_payments, wishes=[wish])
        if isinstance(outcome, Created):
            self.tenders.append((order_id, outcome.payment_id))

    @precondition(lambda self: self.sold)
    @rule(n=which)
    def pay(self, n: int) -> None:
        """Pay what is due by one transfer that arrives at once."""
        before = len(self.tenders)
        self.ask_for_money(n, None)
        if len(self.tenders) > before:
            self.confirm_money(len(self.tenders) - 1, None)

    @precondition(lambda self: self.tenders)
    @rule(n=which, amount=st.none() | cents)
    def confirm_money(self, n: int, amount: int | None) -> None:
        """See money arrive: as much as expected, or not; also for an order that has ended."""
        order_id, payment_id = self.tenders[n % len(self.tenders)]
        before = self.read(order_id).order.captured_minor
        (outcome,) = self.act(payments.confirm_transfers, confirmations=[Confirmation(payment_id, amount)])
        if isinstance(outcome, Requested):
            arrived = self.read(order_id).order.captured_minor - before
            assert arrived == amount or (amount is None and arrived > 0)
            self.sold[order_id].captured += arrived

    @precondition(lambda self: self.tenders)
    @rule(n=which, amount=cents)
    def refund(self, n: int, amount: int) -> None:
        """Give money back: never more than there is."""
        order_id, payment_id = self.tenders[n % len(self.tenders)]
        request = OperationRequest(payment_id, "refund", amount, "goodwill")
        (outcome,) = self.act(payments.request_operations, requests=[request])
        if isinstance(outcome, Requested):
            self.sold[order_id].refunded += amount
            assert self.sold[order_id].refunded <= self.sold[order_id].captured

    @rule(n=which, quantity=small)
    def receive(self, n: int, quantity: int) -> None:
        """Take in goods."""
        self.take_in(self.keys[n % len(self.keys)], quantity)

    @rule(n=which, delta=st.integers(-6, 6).filter(bool))
    def adjust(self, n: int, delta: int) -> None:
        """Correct what is on hand; not below what is promised."""
        key = self.keys[n % len(self.keys)]
        (moved,) = self.act(inventory.adjust_many, adjustments=[Adjustment(*key, delta, "correction", str(uuid4()))])
        if isinstance(moved, Moved):
            self.on_hand[key] += delta

    @rule()
    def hand_out_events(self) -> None:
        """Let everybody hear what happened: waiting lines get stock, money that is due back is told."""
        drain = Drain(self.db, None, wiring.SUBSCRIPTIONS)
        while self.wait(drain.drain_tenant(self.scope.tenant)):
            pass

    @rule(minutes=st.integers(1, 70))
    def let_time_pass(self, minutes: int) -> None:
        """Orders that nobody paid expire when their time is over, and no others."""
        self.hand_out_events()
        self.clock.advance(timedelta(minutes=minutes))
        due = {order_id: self.read(order_id).order.expires_at for order_id in self.sold}
        self.act(service.expire_orders)
        now = self.clock.now()
        for order_id, expires_at in due.items():
            if expires_at is not None and expires_at <= now:
                assert self.sold[order_id].captured <= self.sold[order_id].refunded
                assert not self.sold[order_id].performed
                assert self.read(order_id).order.lifecycle == "canceled"
                self.sold[order_id].kept = dict.fromkeys(self.sold[order_id].kept, 0)

    @precondition(lambda self: self.sold)
    @rule(n=which, kind=st.sampled_from(("address", "fraud")))
    def hold(self, n: int, kind: str) -> None:
        """Stop an order, twice for the same reason."""
        request = HoldRequest(self.some(n), kind, "to be looked at")
        first, second = self.act(service.place_holds, requests=[request, request])
        assert isinstance(second, Refusal)
        self.holds += [] if isinstance(first, Refusal) else [first]

    @precondition(lambda self: self.holds)
    @rule(n=which, may=st.booleans())
    def lift(self, n: int, may: bool) -> None:
        """Take a hold away, with the right or without."""
        permissions = frozenset({"orders:lift"} if may else ())
        request = LiftRequest(self.holds[n % len(self.holds)], "looked at", permissions)
        (outcome,) = self.act(service.lift_holds, requests=[request])
        assert may or isinstance(outcome, Refusal)

    @precondition(lambda self: self.sold)
    @rule(n=which, place=st.sampled_from((*PLACES, None)))
    def move(self, n: int, place: str | None) -> None:
        """Ask for another place to ship from: sourced again."""
        order_id = self.some(n)
        version = self.read(order_id).order.version
        try:
            self.act(service.edit_order, order_id=order_id, edit=OrderEdit(location=place), version=version)
        except Refusal:
            assert not self.sold[order_id].is_open or self.read(order_id).order.version == version

    @precondition(lambda self: self.sold)
    @rule(n=which, line=st.integers(1, 3), quantity=small)
    def perform(self, n: int, line: int, quantity: int) -> None:
        """Do a service."""
        order_id = self.some(n)
        done = Performance(order_id, (LineQuantity(line, quantity),))
        (outcome,) = self.act(service.perform_services, performances=[done])
        if not isinstance(outcome, Refusal):
            self.sold[order_id].performed += quantity

    @invariant()
    def the_books_balance_and_agree_with_the_model(self) -> None:
        """Run every check, and compare quantities and money with the model."""
        if hasattr(self, "sold"):
            self.steps.append("")
            self.wait(self._compare())

    async def _compare(self) -> None:
        await books.assert_balance(self.db, self.scope)
        async with self.db.read(self.scope) as tx:
            found = await queries.orders(tx, list(self.sold))
            rows = await tx.load_one(stock.availability(list(self.skus.values())))
        promised = dict.fromkeys(self.skus.values(), 0)
        for order_id, known in self.sold.items():
            order, lines = found[order_id]
            asked = [line for line in lines if line.kind != "component"]
            assert {line.line: line.ordered - line.canceled for line in asked} == known.kept
            assert order.total_minor == known.total
            assert (order.captured_minor, order.refunded_minor) == (known.captured, known.refunded)
            known.is_open = order.lifecycle == "open"
            owes_all = known.captured <= known.refunded
            is_begun = known.performed or any(line.shipped for line in lines)
            assert (order.expires_at is not None) == (known.is_open and known.is_prepaid and owes_all and not is_begun)
            for line in lines:
                if line.kind in {"goods", "component"}:
                    assert line.allocated + line.waiting + line.shipped == line.ordered - line.canceled
                    assert line.sku_id is not None
                    promised[SkuId(line.sku_id)] += line.allocated
        assert {key: row.on_hand for key, row in rows.items()} == self.on_hand
        for sku_id, quantity in promised.items():
            assert sum(row.reserved for key, row in rows.items() if key.sku_id == sku_id) == quantity


IS_PROOF = bool(os.environ.get(enumerations.REPORT))
EXAMPLES, LENGTH, RUNS = (25, 40, 8) if IS_PROOF else (8, 30, 1)


@pytest.mark.proof
@pytest.mark.parametrize("run", range(1, RUNS + 1))
def test_the_books_balance_whatever_happens_to_orders(urls: Urls, run: int) -> None:
    clock, steps = FakeClock(NOON), list[str]()
    with asyncio.Runner() as runner:
        db = Database(urls.app, clock=clock, pool_size=2, strict_locks=True)
        machine = type("ALife", (OrderLife,), {"runner": runner, "db": db, "clock": clock, "steps": steps})
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=EXAMPLES,
                    stateful_step_count=LENGTH,
                    deadline=None,
                    phases=(Phase.generate,),  # to shrink takes longer than the suite waits for a test
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(db.close())
    assert sum(1 for _ in enumerations.cases(f"order life: steps with all checks, run {run}", steps))
