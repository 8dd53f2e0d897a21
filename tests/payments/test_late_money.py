"""Money for orders that have ended: a case, given back, or the order open again, as the merchant has chosen."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from jiedan import wiring
from jiedan.base import sql, verify
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.drain import Drain
from jiedan.base.recorder import StatementRecorder
from jiedan.cases import queries as cases
from jiedan.orders import errors as order_errors
from jiedan.orders import queries as order_queries
from jiedan.orders import service as orders
from jiedan.orders.values import (
    CancelRequest,
    History,
    LineQuantity,
    NewLine,
    NewOrder,
    OrderId,
    OrderWithLines,
    ReopenRequest,
)
from jiedan.payments import service
from jiedan.payments.values import ExternalPayment, Receipt, Result
from jiedan.pricing.values import AsSold
from tests.conftest import FakeClock
from tests.orders import factories as orders_factories
from tests.orders.factories import order
from tests.payments import factories
from tests.payments.factories import accepted, the_order, the_payment

ORDER_CHECKS = verify.statements("orders")
STOCK_CHECKS = sql.load("jiedan.inventory", "verify.sql")


async def broken(db: Database, scope: Scope) -> dict[str, Any]:
    """Return what the checks of money, orders and stock find."""
    found = await factories.broken(db, scope)
    async with db.read(scope) as tx:
        for checks in (ORDER_CHECKS, STOCK_CHECKS):
            found |= {name: rows for name, check in checks.items() if (rows := await tx.sql(check, now=tx.now))}
    return found


async def opened(db: Database, scope: Scope, policy: str, *, stock: int = 10, **settings: Any) -> OrderId:
    """Open a shop with this policy and place an order of 4 × 10.00."""
    await orders_factories.shop(db, scope, {"TEA": {"W1": stock}}, late_money=policy, **settings)
    await factories.with_gateway(db, scope)
    return await placed(db, scope)


async def placed(db: Database, scope: Scope, wanted: NewOrder | None = None) -> OrderId:
    """Place one order, of 4 × 10.00 unless said otherwise."""
    made = await orders_factories.place_one(db, scope, wanted or order(("TEA", 4)))
    return OrderId(made.order_id)


async def expire(db: Database, scope: Scope, clock: FakeClock) -> None:
    """Let the time to pay pass."""
    clock.advance(timedelta(hours=2))
    await db.write(scope, orders.expire_orders)
    clock.advance(timedelta(seconds=1))


async def late(db: Database, scope: Scope, order_id: OrderId, amount_minor: int) -> UUID:
    """Have money arrive for an order, and hand out the events."""
    wish = ExternalPayment(order_id, "boleto", amount_minor)
    (payment_id,) = await db.write(scope, lambda tx: service.record_external(tx, payments=[wish]))
    await drained(db, scope)
    return accepted(payment_id)


async def drained(db: Database, scope: Scope) -> None:
    await Drain(db, None, wiring.SUBSCRIPTIONS).drain_tenant(scope.tenant)


async def look(db: Database, scope: Scope, order_id: OrderId) -> OrderWithLines:
    async with db.read(scope) as tx:
        return await order_queries.order(tx, order_id)


async def test_an_expired_order_whose_money_comes_late_is_open_again_with_its_goods(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    order_id = await opened(db, scope, "reopen")
    cancel = CancelRequest(order_id, "changed_mind", (LineQuantity(1, 1),))
    await db.write(scope, lambda tx: orders.cancel_orders(tx, requests=[cancel]))
    await expire(db, scope, clock)
    assert (await the_order(db, scope, order_id)).lifecycle == "canceled"
    await late(db, scope, order_id, 3_000)
    found = await look(db, scope, order_id)
    assert (found.order.lifecycle, found.order.payment_status, found.order.expires_at) == ("open", "paid", None)
    assert (found.order.total_minor, found.order.canceled_at, found.order.cancel_reason) == (3_000, None, None)
    assert [(line.canceled, line.allocated) for line in found.lines] == [(1, 3)]
    assert await factories.open_cases(db, scope, order_id) == []
    async with db.read(scope) as tx:
        (case,) = await cases.cases_about(tx, [order_id])
    assert (case.kind, case.resolution) == ("payment_after_end", "The order was opened again.")
    told = await factories.kinds(db, scope, order_id)
    assert told[-2:] == ["orders.order_reopened", "orders.lines_allocated"]
    await drained(db, scope)
    assert await broken(db, scope) == {}


async def test_without_stock_the_lines_of_a_reopened_order_wait_whatever_the_policy(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    order_id = await opened(db, scope, "reopen", stock=5)
    await expire(db, scope, clock)
    await placed(db, scope, order(("TEA", 3)))
    await late(db, scope, order_id, 4_000)
    found = await look(db, scope, order_id)
    assert [(line.canceled, line.allocated, line.waiting) for line in found.lines] == [(0, 2, 2)]
    assert found.order.fulfillment_status == "partly_allocated"
    assert await broken(db, scope) == {}


async def test_a_reopened_order_that_is_canceled_again_and_paid_late_again_is_whole_each_time(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    order_id = await opened(db, scope, "reopen")
    for paid in (4_000, 4_000):
        await expire(db, scope, clock)
        payment_id = await late(db, scope, order_id, paid)
        assert (await the_order(db, scope, order_id)).lifecycle == "open"
        refund = await factories.ask(db, scope, (await the_payment(db, scope, payment_id)).payment_id, "refund")
        accepted(refund)
        assert (await the_order(db, scope, order_id)).expires_at is not None
    assert await broken(db, scope) == {}


async def test_an_authorization_that_comes_late_opens_the_order_too(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    """The customer was on the provider's page while the order expired."""
    order_id = await opened(db, scope, "reopen")
    created = await factories.create(db, scope, order_id, capture=False)
    assert created.operation_key is not None
    await factories.hear(db, scope, Result(created.operation_key, "action_needed", "ch_1", pay_url="http://x/"))
    await expire(db, scope, clock)
    await factories.hear(db, scope, Result(created.operation_key, "succeeded", "ch_1"))
    assert await factories.open_cases(db, scope, order_id) == ["payment_after_end"]
    await drained(db, scope)
    now = await the_order(db, scope, order_id)
    assert (now.lifecycle, now.payment_status, now.authorized_minor) == ("open", "authorized", 4_000)
    assert await broken(db, scope) == {}


async def test_too_little_money_or_an_order_somebody_canceled_stays_a_case(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    short = await opened(db, scope, "reopen")
    await expire(db, scope, clock)
    canceled = await placed(db, scope)
    cancel = CancelRequest(canceled, "customer_request")
    await db.write(scope, lambda tx: orders.cancel_orders(tx, requests=[cancel]))
    clock.advance(timedelta(seconds=1))
    for order_id, amount in ((short, 3_999), (canceled, 4_000)):
        await drained(db, scope)
        await late(db, scope, order_id, amount)
        assert (await the_order(db, scope, order_id)).lifecycle == "canceled"
        assert await factories.open_cases(db, scope, order_id) == ["payment_after_end"]
    assert await broken(db, scope) == {}


async def test_what_had_come_before_the_end_is_given_back_and_what_came_after_is_not(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    """The events of the end are handed out only after more money has arrived."""
    order_id = await opened(db, scope, "case")
    early = await factories.captured(db, scope, order_id, 1_000)
    held = await factories.authorized(db, scope, order_id, 500)
    cancel = CancelRequest(order_id, "customer_request")
    await db.write(scope, lambda tx: orders.cancel_orders(tx, requests=[cancel]))
    clock.advance(timedelta(seconds=1))
    payment_id = await late(db, scope, order_id, 2_000)
    asked = [o for key in (early, held) for o in (await factories.the_operations(db, scope, key))[1:]]
    assert [(o.kind, o.amount_minor) for o in asked] == [("refund", 1_000), ("void", 500)]
    assert await factories.open_cases(db, scope, order_id) == ["payment_after_end"]
    assert (await the_payment(db, scope, payment_id)).sums.refunded == 0


async def test_by_default_late_money_waits_for_a_person(db: Database, scope: Scope, clock: FakeClock) -> None:
    order_id = await opened(db, scope, "case")
    await expire(db, scope, clock)
    await drained(db, scope)
    await late(db, scope, order_id, 4_000)
    assert (await the_order(db, scope, order_id)).lifecycle == "canceled"
    assert await factories.open_cases(db, scope, order_id) == ["payment_after_end"]


async def test_late_money_is_given_back_once_by_the_way_it_came(db: Database, scope: Scope, clock: FakeClock) -> None:
    order_id = await opened(db, scope, "refund")
    created = await factories.create(db, scope, order_id, amount_minor=1_000)
    assert created.operation_key is not None
    await factories.hear(db, scope, Result(created.operation_key, "action_needed", "ch_1", pay_url="http://x/"))
    await expire(db, scope, clock)
    await drained(db, scope)
    await factories.hear(db, scope, Result(created.operation_key, "succeeded", "ch_1"))
    for _ in range(2):
        await drained(db, scope)
    refund = (await factories.the_operations(db, scope, created.payment_id))[-1]
    assert (refund.kind, refund.amount_minor, refund.state) == ("refund", 1_000, "pending")
    assert len(await factories.the_operations(db, scope, created.payment_id)) == 2
    await factories.hear(db, scope, Result(refund.key, "succeeded"))
    assert await factories.open_cases(db, scope, order_id) == []
    await late(db, scope, order_id, 500)
    assert await factories.open_cases(db, scope, order_id) == ["refund_due"]
    assert await broken(db, scope) == {}


async def test_money_given_to_an_ended_order_follows_the_policy(db: Database, scope: Scope, clock: FakeClock) -> None:
    order_id = await opened(db, scope, "reopen")
    await expire(db, scope, clock)
    receipt = Receipt("bank_transfer", 4_000, "CNY", "wire 7")
    (payment_id,) = await db.write(scope, lambda tx: service.receive_money(tx, receipts=[receipt]))
    wish = service.Assignment(accepted(payment_id), order_id)
    await db.write(scope, lambda tx: service.assign_payments(tx, assignments=[wish]))
    await drained(db, scope)
    assert (await the_order(db, scope, order_id)).lifecycle == "open"
    assert await broken(db, scope) == {}


async def test_orders_are_opened_again_by_name_and_what_is_not_ended_is_refused(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    unpaid = await opened(db, scope, "case")
    await expire(db, scope, clock)
    standing = await placed(db, scope)
    sold = NewLine(sku="TEA", quantity=1, as_sold=AsSold(unit_minor=1_000))
    told = History(placed_at=clock.now() - timedelta(days=30))
    imported = await placed(db, scope, order(sold, history=told))
    cancel = CancelRequest(imported, "returned")
    await db.write(scope, lambda tx: orders.cancel_orders(tx, requests=[cancel]))
    wishes = [
        ReopenRequest(unpaid, only_covered=True),
        ReopenRequest(unpaid),
        ReopenRequest(unpaid),
        ReopenRequest(standing),
        ReopenRequest(imported),
        ReopenRequest(UUID(int=9)),
    ]

    async def work(tx: Tx) -> list[Any]:
        return list(await orders.reopen_orders(tx, requests=wishes))

    outcomes = await db.write(scope, work)
    assert [type(outcome).__name__ for outcome in outcomes] == [
        order_errors.MoneyShort.__name__,
        "Order",
        order_errors.OrderNotCanceled.__name__,
        order_errors.OrderNotCanceled.__name__,
        order_errors.HistoryStaysEnded.__name__,
        order_errors.OrderNotFound.__name__,
    ]
    found = await the_order(db, scope, unpaid)
    assert (found.lifecycle, found.payment_status) == ("open", "pending")
    assert found.expires_at is not None
    assert found.expires_at > clock.now()
    assert await broken(db, scope) == {}


@pytest.mark.parametrize("count", [1, 12])
async def test_opening_many_orders_again_takes_no_more_statements(
    db: Database, scope: Scope, clock: FakeClock, recorder: StatementRecorder, count: int
) -> None:
    ids = [await opened(db, scope, "case", stock=100)]
    ids += [await placed(db, scope) for _ in range(count - 1)]
    await expire(db, scope, clock)
    async with db.begin(scope) as tx:
        with recorder.watching() as sent:
            outcomes = await orders.reopen_orders(tx, requests=[ReopenRequest(order_id) for order_id in ids])
    assert [outcome.lifecycle for outcome in map(accepted, outcomes)] == ["open"] * count
    assert len(sent) <= 17
    assert await broken(db, scope) == {}
