"""Payments on real connections at once: nothing is captured, refunded or heard twice."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal
from jiedan.orders import queries as order_queries
from jiedan.orders import service as orders
from jiedan.orders.values import CancelRequest, OrderId, ReopenRequest
from jiedan.payments import errors, rules, service
from jiedan.payments.values import RECONCILE_AFTER, NewPayment, Requested, Result, Settlement
from tests.conftest import FakeClock
from tests.payments import factories, sandboxed
from tests.payments.factories import ask, hear, the_order, the_payment
from tests.payments.sandboxed import World

AT_ONCE = 8


@pytest.fixture
async def order_id(db: Database, scope: Scope) -> AsyncIterator[OrderId]:
    made = await factories.an_order(db, scope)
    yield made
    assert await factories.broken(db, scope) == {}


async def test_a_capture_asked_for_at_once_is_asked_for_once(db: Database, scope: Scope, order_id: OrderId) -> None:
    await factories.with_gateway(db, scope)
    payment_id = await factories.authorized(db, scope, order_id)
    outcomes = await asyncio.gather(*(ask(db, scope, payment_id, "capture") for _ in range(AT_ONCE)))
    assert [type(o) for o in outcomes].count(Requested) == 1
    assert [type(o) for o in outcomes].count(errors.NothingToCapture) == AT_ONCE - 1


async def test_refunds_at_once_never_give_back_more_than_was_taken(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    await factories.with_gateway(db, scope)
    payment_id = await factories.captured(db, scope, order_id)
    outcomes = await asyncio.gather(*(ask(db, scope, payment_id, "refund", 3_000) for _ in range(AT_ONCE)))
    keys = [key for o in outcomes if isinstance(o, Requested) for key in o.operation_keys]
    assert len(keys) == 3
    await asyncio.gather(*(hear(db, scope, Result(key, "succeeded")) for key in keys * 2))
    assert (await the_payment(db, scope, payment_id)).sums.refunded == 9_000


async def test_of_a_capture_and_a_void_at_once_one_is_asked_for(db: Database, scope: Scope, order_id: OrderId) -> None:
    await factories.with_gateway(db, scope)
    for _ in range(AT_ONCE // 2):
        other = await factories.another_order(db, scope, 1)
        payment_id = await factories.authorized(db, scope, other)
        outcomes = await asyncio.gather(ask(db, scope, payment_id, "capture"), ask(db, scope, payment_id, "void"))
        assert sorted(isinstance(o, Requested) for o in outcomes) == [False, True]
        keys = [key for o in outcomes if isinstance(o, Requested) for key in o.operation_keys]
        await asyncio.gather(*(hear(db, scope, Result(key, "succeeded")) for key in keys * 2))
        sums = (await the_payment(db, scope, payment_id)).sums
        assert (sums.captured + sums.voided, rules.outstanding(sums)) == (1_000, 0)


async def test_of_a_capture_and_a_refund_at_once_no_more_goes_back_than_was_taken(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    await factories.with_gateway(db, scope)
    payment_id = await factories.authorized(db, scope, order_id)
    asked = await ask(db, scope, payment_id, "capture", 4_000)
    assert isinstance(asked, Requested)
    outcomes = await asyncio.gather(
        hear(db, scope, Result(asked.operation_keys[0], "succeeded")),
        *(ask(db, scope, payment_id, "refund", 3_000) for _ in range(AT_ONCE)),
    )
    keys = [key for o in outcomes if isinstance(o, Requested) for key in o.operation_keys]
    assert len(keys) <= 1
    await asyncio.gather(*(hear(db, scope, Result(key, "succeeded")) for key in keys))
    assert (await the_payment(db, scope, payment_id)).sums.refunded == 3_000 * len(keys)


async def test_a_person_and_the_provider_who_say_at_once_what_came_of_it_count_once(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    await factories.with_gateway(db, scope)
    created = await factories.create(db, scope, order_id, token="tok_visa")
    assert created.operation_key is not None
    await hear(db, scope, Result(created.operation_key, "unknown"))
    (operation,) = await factories.the_operations(db, scope, created.payment_id)
    wishes = [Settlement(operation.operation_id, "succeeded", "On the statement.")]

    async def settle() -> object:
        return (await db.write(scope, lambda tx: service.settle_operations(tx, settlements=wishes)))[0]

    answer = Result(created.operation_key, "succeeded", "ch_1")
    await asyncio.gather(*(x for _ in range(AT_ONCE // 2) for x in (settle(), hear(db, scope, answer))))
    assert (await the_order(db, scope, order_id)).captured_minor == 10_000
    assert len(await factories.the_entries(db, scope, created.payment_id)) == 1


async def test_opening_an_order_again_at_once_takes_its_goods_once(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    cancel = CancelRequest(order_id, "changed_mind")
    await db.write(scope, lambda tx: orders.cancel_orders(tx, requests=[cancel]))

    async def reopen() -> object:
        wish = ReopenRequest(order_id)
        return (await db.write(scope, lambda tx: orders.reopen_orders(tx, requests=[wish])))[0]

    outcomes = await asyncio.gather(*(reopen() for _ in range(AT_ONCE)))
    assert sum(not isinstance(outcome, Refusal) for outcome in outcomes) == 1
    async with db.read(scope) as tx:
        found = await order_queries.order(tx, order_id)
    assert [(line.canceled, line.allocated) for line in found.lines] == [(0, 10)]


async def test_tenders_at_once_never_come_to_more_than_is_due(db: Database, scope: Scope, order_id: OrderId) -> None:
    await factories.with_gateway(db, scope)

    async def tender() -> object:
        wish = NewPayment(order_id, "sandbox", "card", 4_000, "tok_visa")
        return (await db.write(scope, lambda tx: service.create_payments(tx, wishes=[wish])))[0]

    outcomes = await asyncio.gather(*(tender() for _ in range(AT_ONCE)))
    assert sum(isinstance(o, errors.AmountAboveDue) for o in outcomes) == AT_ONCE - 2


async def test_one_answer_heard_from_everywhere_at_once_counts_once(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    await factories.with_gateway(db, scope)
    created = await factories.create(db, scope, order_id, token="tok_visa")
    assert created.operation_key is not None
    answers = [Result(created.operation_key, state) for state in ("succeeded", "unknown", "action_needed", "succeeded")]
    await asyncio.gather(*(hear(db, scope, answer) for answer in answers * 4))
    assert (await the_order(db, scope, order_id)).captured_minor == 10_000
    assert len(await factories.the_entries(db, scope, created.payment_id)) == 1


async def test_paying_and_expiring_at_once_never_loses_money(
    db: Database, scope: Scope, clock: FakeClock, order_id: OrderId
) -> None:
    """Whoever comes first wins: a payment under way keeps the order open, money for an ended one is a case."""
    await factories.with_gateway(db, scope)
    orders_at_stake = [order_id, *[await factories.another_order(db, scope, 1) for _ in range(AT_ONCE)]]
    clock.advance(timedelta(hours=2))

    async def pay(of: OrderId) -> None:
        wish = NewPayment(of, "sandbox", "card", None, "tok_visa")
        (made,) = await db.write(scope, lambda tx: service.create_payments(tx, wishes=[wish]))
        if not isinstance(made, errors.OrderNotPayable):
            await hear(db, scope, Result(factories.accepted(made).operation_key or "", "succeeded"))

    await asyncio.gather(*(pay(of) for of in orders_at_stake), db.write(scope, orders.expire_orders))
    for of in orders_at_stake:
        order = await the_order(db, scope, of)
        assert (order.lifecycle, order.payment_status) in {("open", "paid"), ("canceled", "not_due")}


async def test_reply_message_return_and_sweep_race_to_one_capture(
    db: Database, scope: Scope, clock: FakeClock, order_id: OrderId
) -> None:
    async with sandboxed.open_world(db, scope) as world:
        payment = await world.pay(order_id)
        world.processor.bank.pay(payment["pay_url"].rpartition("/")[2], "4242424242424242")
        clock.advance(RECONCILE_AFTER)

        async def come_back() -> httpx2.Response:
            async with httpx2.AsyncClient(transport=world.wires) as browser:
                return await browser.get(f"http://localhost:8000/pay/return/{scope.tenant}/{payment['payment_id']}")

        await asyncio.gather(come_back(), world.deliver(), world.sweep(), come_back(), world.sweep())
        assert len((await world.look(payment))["ledger"]) == 1
        assert world.captured() == 10_000


async def test_captures_over_the_api_at_once_take_the_money_once(db: Database, scope: Scope, order_id: OrderId) -> None:
    async with sandboxed.open_world(db, scope) as world:
        payment = await world.pay(order_id, token="tok_visa", capture="later")
        answers = await asyncio.gather(*(world.ask(payment, "captures") for _ in range(AT_ONCE)))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * (AT_ONCE - 1)
        assert world.captured() == 10_000


async def test_one_key_at_once_makes_one_payment(db: Database, scope: Scope, order_id: OrderId) -> None:
    async with sandboxed.open_world(db, scope) as world:

        async def pay(world: World) -> httpx2.Response:
            body = {"provider": "sandbox", "token": "tok_visa", "amount_minor": 1_000}
            place = f"/api/v1/orders/{order_id}/payments"
            return await world.client.post(place, json=body, headers={"Idempotency-Key": "once"})

        answers = await asyncio.gather(*(pay(world) for _ in range(AT_ONCE)))
        assert sorted(answer.status_code for answer in answers) == [200] * (AT_ONCE - 1) + [201]
        assert len({answer.json()["payment_id"] for answer in answers}) == 1
        assert world.captured() == 1_000
