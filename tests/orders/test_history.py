"""Imported history: what it was and what is done with it today, its goods and its money."""

import itertools
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from jiedan.base.db import Database, Scope, Tx
from jiedan.cases import queries as cases
from jiedan.catalog.values import SkuKind
from jiedan.customers.values import Address
from jiedan.orders import queries, service
from jiedan.orders.rules import drafts
from jiedan.orders.rules.canceling import Canceled
from jiedan.orders.values import (
    CancelRequest,
    History,
    LineQuantity,
    NewLine,
    NewOrder,
    OrderEdit,
    PaymentFact,
    Placed,
)
from jiedan.payments import service as payments
from jiedan.payments.values import ExternalPayment
from jiedan.pricing import service as pricing
from jiedan.pricing.values import AsSold
from jiedan.pricing.values.promotions import Gift, PercentOff, Promotion, ShippingOff
from tests.conftest import FakeClock
from tests.journeys import books
from tests.orders import listing
from tests.orders.factories import PRICE_MINOR, order, place, place_one, placed_before, receive, shop, sku
from tests.orders.test_lifecycle import cancel, pay, read

LONG_AGO = timedelta(days=400)


async def imported(db: Database, scope: Scope, placed_at: datetime, quantity: int, **facts: Any) -> Placed:
    """Place an order that was placed elsewhere."""
    line = NewLine(sku="A", quantity=quantity, as_sold=AsSold(unit_minor=PRICE_MINOR))
    return await place_one(db, scope, order(line, history=History(placed_at=placed_at, **facts)))


async def refunds_due(db: Database, scope: Scope, order_id: UUID) -> list[tuple[str, int]]:
    """Return state and amount of the cases about money to give back, newest first."""
    async with db.read(scope) as tx:
        found = await cases.cases_about(tx, [order_id])
    return [(case.state, case.data["amount_minor"]) for case in found if case.kind == "refund_due"]


async def is_history(db: Database, scope: Scope, order_id: UUID, kind: str) -> list[bool]:
    """Return of the events of a kind which are history, oldest first."""
    async with db.read(scope) as tx:
        page = await queries.timeline(tx, [order_id], request=listing.request(tx))
    return [entry.is_history for entry in reversed(page.items) if entry.kind == kind]


async def canceled_since(db: Database, scope: Scope, order_id: UUID) -> date | None:
    """Return the day an order was canceled."""
    canceled_at = (await read(db, scope, order_id)).order.canceled_at
    return None if canceled_at is None else canceled_at.date()


async def test_history_canceled_with_money_on_it_is_a_case_and_no_refund(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    await shop(db, scope, {"A": {"W1": 0}})
    placed = await imported(db, scope, clock.now() - LONG_AGO, 4)
    await pay(db, scope, PaymentFact(placed.order_id, captured_minor=4 * PRICE_MINOR))
    then = clock.now() - LONG_AGO / 2
    await cancel(
        db,
        scope,
        CancelRequest(placed.order_id, "C-1", (LineQuantity(1, 1),), then),
        CancelRequest(placed.order_id, "C-2", (LineQuantity(1, 1),), then),
    )
    assert await refunds_due(db, scope, placed.order_id) == [("open", 2 * PRICE_MINOR)]
    await cancel(db, scope, CancelRequest(placed.order_id, "C-3", happened_at=then))
    assert await refunds_due(db, scope, placed.order_id) == [("open", 4 * PRICE_MINOR), ("resolved", 2 * PRICE_MINOR)]
    found = (await read(db, scope, placed.order_id)).order
    assert (found.lifecycle, found.canceled_at) == ("canceled", then)
    assert await is_history(db, scope, placed.order_id, "orders.lines_canceled") == [True, True, True]
    assert await is_history(db, scope, placed.order_id, "orders.order_canceled") == [True]


async def test_history_canceled_without_money_on_it_owes_nothing(db: Database, scope: Scope, clock: FakeClock) -> None:
    await shop(db, scope, {"A": {"W1": 0}})
    then = clock.now() - LONG_AGO
    unpaid, refunded = [await imported(db, scope, then, 1) for _ in range(2)]
    await pay(db, scope, PaymentFact(refunded.order_id, captured_minor=PRICE_MINOR, refunded_minor=PRICE_MINOR))
    await cancel(db, scope, *(CancelRequest(x.order_id, "gone", happened_at=then) for x in (unpaid, refunded)))
    assert [await refunds_due(db, scope, x.order_id) for x in (unpaid, refunded)] == [[], []]


async def test_an_imported_order_that_staff_cancel_today_is_no_history(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    await shop(db, scope, {"A": {"W1": 0}})
    placed = await imported(db, scope, clock.now() - LONG_AGO, 1)
    await pay(db, scope, PaymentFact(placed.order_id, captured_minor=PRICE_MINOR))
    today = clock.now().date()
    await cancel(db, scope, CancelRequest(placed.order_id, "Never sent."))
    assert await is_history(db, scope, placed.order_id, "orders.order_placed") == [True]
    assert await is_history(db, scope, placed.order_id, "orders.lines_canceled") == [False]
    assert await refunds_due(db, scope, placed.order_id) == [], "the event asks payments, who know the tenders"
    assert await canceled_since(db, scope, placed.order_id) == today


async def test_what_staff_cancel_today_of_an_imported_order_is_to_be_given_back(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    await shop(db, scope, {"A": {"W1": 0}})
    placed = await imported(db, scope, clock.now() - LONG_AGO, 2)
    taken = ExternalPayment(placed.order_id, "voucher", 2 * PRICE_MINOR, clock.now() - LONG_AGO)
    await db.write(scope, lambda tx: payments.record_external(tx, payments=[taken]))
    await listing.drain(db, scope)
    assert await refunds_due(db, scope, placed.order_id) == []
    await cancel(db, scope, CancelRequest(placed.order_id, "Never sent.", (LineQuantity(1, 1),)))
    await listing.drain(db, scope)
    assert await refunds_due(db, scope, placed.order_id) == [("open", PRICE_MINOR)]


async def test_the_moment_of_a_cancellation_is_for_history_alone(db: Database, scope: Scope, clock: FakeClock) -> None:
    await shop(db, scope, {"A": {"W1": 1}})
    placed = await place_one(db, scope, order(("A", 1)))
    await pay(db, scope, PaymentFact(placed.order_id, captured_minor=PRICE_MINOR))
    await cancel(db, scope, CancelRequest(placed.order_id, "elsewhere", happened_at=clock.now() - LONG_AGO))
    assert await is_history(db, scope, placed.order_id, "orders.order_canceled") == [False]
    assert await canceled_since(db, scope, placed.order_id) == clock.now().date()


async def test_history_is_completed_when_it_was_and_not_when_it_was_not(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    await shop(db, scope, {"A": {"W1": 0}})
    async with db.begin(scope) as tx:
        await sku(tx, "VISIT", kind=SkuKind.service)
    told = History(placed_at=clock.now() - LONG_AGO)
    line = NewLine(sku="VISIT", quantity=1, as_sold=AsSold(unit_minor=PRICE_MINOR))
    past, today = [await place_one(db, scope, order(line, history=told)) for _ in range(2)]
    then = clock.now() - LONG_AGO / 2
    requests = [
        service.CompleteRequest(past.order_id, "It was.", then),
        service.CompleteRequest(today.order_id, "Now."),
    ]
    await db.write(scope, lambda tx: service.complete_orders(tx, requests=requests))
    assert (await read(db, scope, past.order_id)).order.completed_at == then
    seen = [await is_history(db, scope, x.order_id, "orders.order_completed") for x in (past, today)]
    assert seen == [[True], [False]]


async def test_told_history_is_not_listed_as_waiting(db: Database, scope: Scope, clock: FakeClock) -> None:
    await shop(db, scope, {"A": {"W1": 0}}, backorder=True)
    then = clock.now() - LONG_AGO
    await imported(db, scope, then, 2)
    claiming = await imported(db, scope, then, 2, claims_stock=True)
    await listing.drain(db, scope)
    assert await listing.found(db, scope, waiting=True) == [claiming.order_id]


async def test_an_order_remembers_whether_it_claims_stock(db: Database, scope: Scope, clock: FakeClock) -> None:
    opened = await shop(db, scope, {"A": {"W1": 1}}, backorder=True)
    then = clock.now() - LONG_AGO
    told, claiming = await imported(db, scope, then, 2), await imported(db, scope, then, 2, claims_stock=True)
    found = [(await read(db, scope, x.order_id)).order.claims_stock for x in (told, claiming)]
    assert found == [False, True]
    async with db.begin(scope) as tx:
        await receive(tx, opened, {"A": {"W1": 5}})
    assert await db.write(scope, lambda tx: service.fill_waiting(tx, sku_ids=[opened.skus["A"]])) == 1
    allocated = [(await read(db, scope, x.order_id)).lines[0].allocated for x in (told, claiming)]
    assert allocated == [0, 2]


async def test_an_edit_of_history_takes_no_stock_and_any_day(db: Database, scope: Scope, clock: FakeClock) -> None:
    await shop(db, scope, {"A": {"W1": 5, "W2": 5}})
    then = clock.now() - LONG_AGO
    told, claiming = await imported(db, scope, then, 2), await imported(db, scope, then, 2, claims_stock=True)
    wish = (then + timedelta(days=3)).date()
    for placed, is_sourced in ((told, False), (claiming, True)):
        change = OrderEdit(location="W2", delivery_wish=wish)
        done = await db.write(
            scope,
            lambda tx, placed=placed, change=change: service.edit_order(  # type: ignore[misc]  # bound per turn
                tx, order_id=placed.order_id, edit=change, version=1
            ),
        )
        assert done.order.delivery_wish == wish
        assert [line.allocated for line in done.lines] == [2 if is_sourced else 0]
        assert (done.sourcing is not None) is is_sourced


async def test_history_without_lines_is_placed_on_hold(db: Database, scope: Scope, clock: FakeClock) -> None:
    await shop(db, scope, {"A": {"W1": 1}})
    then, promised = clock.now() - LONG_AGO, clock.now() - LONG_AGO / 2
    told = order(external_id="E-1", history=History(placed_at=then, promised_at=promised))
    (placed,) = await place(db, scope, told)
    assert isinstance(placed, Placed)
    assert (placed.total_minor, placed.fulfillment_status, placed.waiting) == (0, "not_needed", 0)
    async with db.read(scope) as tx:
        details = (await queries.details(tx, [placed.order_id]))[placed.order_id]
    assert [(hold.kind, hold.placed_at) for hold in details.standing_holds] == [("lines_missing", then)]
    assert await is_history(db, scope, placed.order_id, "orders.hold_placed") == [True]
    assert (await read(db, scope, placed.order_id)).order.promised_at == promised
    (again,) = await place(db, scope, told)
    assert placed_before(again) == placed
    await cancel(db, scope, CancelRequest(placed.order_id, "elsewhere", happened_at=then))
    assert (await read(db, scope, placed.order_id)).order.canceled_at == then
    await books.assert_balance(db, scope)


async def test_history_with_and_without_lines_comes_in_together(db: Database, scope: Scope, clock: FakeClock) -> None:
    await shop(db, scope, {"A": {"W1": 1}})
    told = History(placed_at=clock.now() - LONG_AGO)
    outcomes = await place(db, scope, order(("A", 1), history=told), order(history=told), order(("A", 1)))
    assert [getattr(x, "waiting", None) for x in outcomes] == [1, 0, 0]


def test_only_history_may_have_gaps(clock: FakeClock) -> None:
    told = History(placed_at=clock.now() - LONG_AGO)
    gaps = Address(country="BR", region="SP", city="sao paulo", postal_code="01001")
    nowhere = Address(country="XX", city="sao paulo")
    reasons = [
        [(x.code, x.field) for x in drafts.check(body, now=clock.now())]
        for body in (
            NewOrder(lines=(), ship_to=gaps, history=told),
            NewOrder(lines=(), ship_to=nowhere, history=told),
            NewOrder(lines=(), history=History(placed_at=told.placed_at, promised_at=clock.now() + 10 * LONG_AGO)),
            NewOrder(lines=()),
        )
    ]
    assert reasons == [
        [],
        [("country_unknown", "ship_to.country")],
        [("date_out_of_range", "history.promised_at")],
        [("no_lines", "lines")],
    ]
    assert drafts.check(NewOrder(lines=(NewLine(sku="A", quantity=1),), ship_to=gaps), now=clock.now())


async def test_what_staff_complete_today_is_no_history(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"A": {"W1": 0}})
    async with db.begin(scope) as tx:
        await sku(tx, "WRAP", kind=SkuKind.service)
    then = db.clock.now() - LONG_AGO
    completed = "orders.order_completed"
    for happened_at, is_told in ((then, True), (None, False)):
        line = NewLine(sku="WRAP", quantity=1, as_sold=AsSold(unit_minor=PRICE_MINOR))
        placed = await place_one(db, scope, order(line, history=History(placed_at=then)))
        paid = ExternalPayment(placed.order_id, "card", None, happened_at, is_captured=True, reference="R")
        (recorded,) = await db.write(scope, lambda tx, paid=paid: payments.record_external(tx, payments=[paid]))  # type: ignore[misc]  # bound per turn
        assert isinstance(recorded, UUID)
        done = service.Performance(placed.order_id, (LineQuantity(1, 1),), happened_at)
        await db.write(scope, lambda tx, done=done: service.perform_services(tx, performances=[done]))  # type: ignore[misc]  # bound per turn
        assert await is_history(db, scope, placed.order_id, "orders.payment_recorded") == [is_told]
        assert await is_history(db, scope, recorded, "payments.money_captured") == [is_told]
        assert await is_history(db, scope, placed.order_id, completed) == [is_told]


async def test_history_was_completed_when_the_last_that_is_told_of_it_was(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    await shop(db, scope, {"A": {"W1": 0}})
    async with db.begin(scope) as tx:
        await sku(tx, "WRAP", kind=SkuKind.service)
    placed_at, first, last = (clock.now() - LONG_AGO + timedelta(days=days) for days in (0, 3, 9))
    line = NewLine(sku="WRAP", quantity=1, as_sold=AsSold(unit_minor=PRICE_MINOR))
    for paid_at, served_at, pays_first, at_once in itertools.product((first, last), (first, last), (0, 1), (0, 1)):
        placed = await place_one(db, scope, order(line, history=History(placed_at=placed_at)))
        done = service.Performance(placed.order_id, (LineQuantity(1, 1),), served_at)
        paid = ExternalPayment(placed.order_id, "card", None, paid_at, is_captured=True)

        async def pays(tx: Tx, paid: ExternalPayment = paid) -> None:
            await payments.record_external(tx, payments=[paid])

        async def serves(tx: Tx, done: service.Performance = done) -> None:
            await service.perform_services(tx, performances=[done])

        steps: list[Callable[[Tx], Awaitable[None]]] = [pays, serves] if pays_first else [serves, pays]
        if at_once:
            async with db.begin(scope) as tx:
                for step in steps:
                    await step(tx)
        else:
            for step in steps:
                await db.write(scope, step)
        found = (await read(db, scope, placed.order_id)).order
        assert (found.lifecycle, found.completed_at) == ("completed", max(paid_at, served_at))
        async with db.read(scope) as reading:
            told = (await queries.timeline(reading, [placed.order_id], request=listing.request(reading))).items
        assert (told[0].kind, told[0].occurred_at) == ("orders.order_completed", found.completed_at)
        assert all(x.is_history for x in told)


async def test_a_cancellation_answers_with_when_history_was_completed_by_it(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    await shop(db, scope, {"A": {"W1": 0}})
    async with db.begin(scope) as tx:
        await sku(tx, "WRAP", kind=SkuKind.service)
    placed_at, served_at, canceled_at = (clock.now() - LONG_AGO + timedelta(days=days) for days in (0, 3, 9))
    line = NewLine(sku="WRAP", quantity=2, as_sold=AsSold(unit_minor=PRICE_MINOR))
    placed = await place_one(db, scope, order(line, history=History(placed_at=placed_at)))
    await pay(db, scope, PaymentFact(placed.order_id, captured_minor=PRICE_MINOR))
    done = service.Performance(placed.order_id, (LineQuantity(1, 1),), served_at)
    await db.write(scope, lambda tx: service.perform_services(tx, performances=[done]))
    (outcome,) = await cancel(db, scope, CancelRequest(placed.order_id, "rest", (LineQuantity(1, 1),), canceled_at))
    assert isinstance(outcome, Canceled)
    assert (outcome.order.lifecycle, outcome.order.completed_at) == ("completed", canceled_at)
    assert outcome.order == (await read(db, scope, placed.order_id)).order


async def test_what_is_told_stands_before_what_follows_from_it(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"A": {"W1": 0}})
    async with db.begin(scope) as tx:
        await sku(tx, "WRAP", kind=SkuKind.service)
    placed = await place_one(db, scope, order(("WRAP", 1)))
    done = service.Performance(placed.order_id, (LineQuantity(1, 1),))
    await db.write(scope, lambda tx: service.perform_services(tx, performances=[done]))
    paid = ExternalPayment(placed.order_id, "card", None)
    (recorded,) = await db.write(scope, lambda tx: payments.record_external(tx, payments=[paid]))
    assert isinstance(recorded, UUID)
    async with db.read(scope) as reading:
        page = await queries.timeline(reading, [placed.order_id, recorded], request=listing.request(reading))
    told = [entry.kind for entry in reversed(page.items)]
    assert told[-3:] == ["payments.money_captured", "orders.payment_recorded", "orders.order_completed"]


async def test_what_is_offered_today_has_no_part_in_what_was_sold(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"A": {"W1": 9}, "MUG": {"W1": 9}})
    async with db.begin(scope) as tx:
        for name, offer in (
            ("less", PercentOff(100_000, per="order")),
            ("gift", Gift(("MUG",))),
            ("free", ShippingOff(rate_ppm=1_000_000)),
        ):
            await pricing.create_rule(tx, kind="promotion", body=Promotion(name, name, offer))
        await pricing.set_shipping_fees(tx, rows=[pricing.ShippingFeeRow("CNY", 800, None)])
        await pricing.publish(tx)
        at = tx.now - LONG_AGO
    line = NewLine(sku="A", quantity=2, as_sold=AsSold(unit_minor=PRICE_MINOR))
    sold = await place_one(db, scope, order(line, history=History(placed_at=at), shipping_minor=500))
    today = await place_one(db, scope, order(("A", 2)))
    assert sold.total_minor == 2 * PRICE_MINOR + 500
    assert [x.kind for x in (await read(db, scope, sold.order_id)).lines] == ["goods", "fee"]
    assert today.total_minor == 2 * PRICE_MINOR * 9 // 10
    given = [(x.code, x.price_source) for x in (await read(db, scope, today.order_id)).lines]
    assert ("MUG", "gift") in given
