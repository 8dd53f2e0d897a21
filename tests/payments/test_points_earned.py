"""What orders earn in points: as their money comes, less what goes back, by the rules that there are."""

from datetime import timedelta
from uuid import UUID

import pytest

from jiedan.base.db import Database, Scope
from jiedan.catalog.values import SkuKind
from jiedan.orders import service as orders
from jiedan.orders.service import CompleteRequest
from jiedan.orders.values import OrderId, WalletUse
from jiedan.payments import service
from jiedan.payments.values import Adjustment, PaymentId, Receipt
from jiedan.payments.values.refunds import OrderRefund
from jiedan.wallets.queries import wallets_of
from tests.conftest import FakeClock
from tests.orders import factories as orders_factories
from tests.orders.factories import sku
from tests.payments import factories
from tests.payments.factories import accepted
from tests.payments.test_out_of_wallets import assert_sound, drained, opened, placed
from tests.payments.test_points import PRICE, points, points_of, rule
from tests.wallets import factories as wallet_factories
from tests.wallets.factories import act


async def complete(db: Database, scope: Scope, who: UUID, *uses: WalletUse, quantity: int = 5) -> OrderId:
    """Place, pay and complete an order of visits."""
    body = orders_factories.order(("VISIT", quantity), wallets=uses, customer_id=who)
    made = await placed(db, scope, orders_factories.draft(body))
    await factories.confirm(db, scope, await factories.transfer(db, scope, made.order_id))
    await act(db, scope, orders.complete_orders, requests=[CompleteRequest(made.order_id, "Done.")])
    await drained(db, scope)
    return made.order_id


async def visits(db: Database, scope: Scope) -> None:
    """Open a shop that sells a service."""
    await opened(db, scope)
    async with db.begin(scope) as tx:
        await sku(tx, "VISIT", kind=SkuKind.service)


async def test_a_complete_order_earns_points_for_what_was_not_paid_with_any(db: Database, scope: Scope) -> None:
    await visits(db, scope)
    who = await wallet_factories.customer(db, scope)
    await complete(db, scope, who)
    assert await points_of(db, scope, who) == 0, "there is no rule yet"
    await rule(db, scope)
    await complete(db, scope, who)
    assert await points_of(db, scope, who) == 5 * PRICE // 100
    await drained(db, scope)
    await wallet_factories.moved(db, scope, wallet_factories.points(who, 550))
    await complete(db, scope, who, points())
    assert await points_of(db, scope, who) == 600 - 600 + 30
    await assert_sound(db, scope)


async def test_what_is_refunded_after_that_takes_points_back(db: Database, scope: Scope) -> None:
    await visits(db, scope)
    await rule(db, scope)
    who = await wallet_factories.customer(db, scope)
    order_id = await complete(db, scope, who)
    await rule(db, scope, points=9)
    left = []
    for amount in (1_050, 10, None):
        (outcome,) = await act(db, scope, service.refund_orders, wishes=[OrderRefund(order_id, amount)])
        accepted(outcome)
        await drained(db, scope)
        left.append(await points_of(db, scope, who))
    assert left == [39, 39, 0]
    await assert_sound(db, scope)


@pytest.mark.parametrize("is_complete", [False, True])
async def test_orders_that_are_not_complete_or_of_nobody_earn_nothing(
    is_complete: bool, db: Database, scope: Scope
) -> None:
    await visits(db, scope)
    await rule(db, scope)
    who = await wallet_factories.customer(db, scope)
    body = orders_factories.order(("VISIT", 5), customer_id=None if is_complete else who)
    made = await placed(db, scope, orders_factories.draft(body))
    await factories.confirm(db, scope, await factories.transfer(db, scope, made.order_id))
    if is_complete:
        await act(db, scope, orders.complete_orders, requests=[CompleteRequest(made.order_id, "Done.")])
    await drained(db, scope)
    async with db.read(scope) as tx:
        assert await wallets_of(tx, who) == []


async def unpaid(db: Database, scope: Scope, who: UUID, *amounts: int) -> tuple[OrderId, list[PaymentId]]:
    """Place five visits, agree on transfers, and complete the order before anything is paid."""
    body = orders_factories.order(("VISIT", 5), customer_id=who)
    made = await placed(db, scope, orders_factories.draft(body))
    tenders = [await factories.transfer(db, scope, made.order_id, amount) for amount in amounts]
    await act(db, scope, orders.complete_orders, requests=[CompleteRequest(made.order_id, "Done.")])
    await drained(db, scope)
    return made.order_id, tenders


async def received(db: Database, scope: Scope, order_id: OrderId, amount: int) -> None:
    """Receive money without an order, and give it to one."""
    receipt = Receipt("bank_transfer", amount, "CNY", f"wire {amount}")
    (made,) = await act(db, scope, service.receive_money, receipts=[receipt])
    await act(db, scope, service.assign_payments, assignments=[service.Assignment(accepted(made), order_id)])
    await drained(db, scope)


async def test_an_order_that_is_complete_before_it_is_paid_earns_as_its_money_comes(db: Database, scope: Scope) -> None:
    await visits(db, scope)
    await rule(db, scope)
    who = await wallet_factories.customer(db, scope)
    order_id, tenders = await unpaid(db, scope, who, 1_050, 1_050)
    assert await points_of(db, scope, who) == 0
    earned = []
    for tender in tenders:
        accepted(await factories.confirm(db, scope, tender))
        for _ in range(2):
            await drained(db, scope)
        earned.append(await points_of(db, scope, who))
    for amount in (2_900, 700):  # the last is too much, and earns nothing
        await received(db, scope, order_id, amount)
        earned.append(await points_of(db, scope, who))
    assert earned == [10, 21, 50, 50]
    for back, left in ((700, 50), (1_000, 40), (None, 0)):
        (outcome,) = await act(db, scope, service.refund_orders, wishes=[OrderRefund(order_id, back)])
        accepted(outcome)
        await drained(db, scope)
        assert await points_of(db, scope, who) == left
    await assert_sound(db, scope)


async def test_what_was_confirmed_wrongly_earns_what_is_right(db: Database, scope: Scope) -> None:
    await visits(db, scope)
    await rule(db, scope)
    who = await wallet_factories.customer(db, scope)
    _, (tender,) = await unpaid(db, scope, who, 5_000)
    accepted(await factories.confirm(db, scope, tender, 4_000))
    await drained(db, scope)
    found = []
    for amount in (500, -1_500):
        wish = Adjustment(tender, amount, "misread", f"k{amount}")
        await act(db, scope, service.adjust_payments, adjustments=[wish])
        await drained(db, scope)
        found.append(await points_of(db, scope, who))
    assert found == [45, 30]
    await assert_sound(db, scope)


async def test_an_order_that_was_paid_before_there_were_points_earns_none_for_what_is_too_much(
    db: Database, scope: Scope
) -> None:
    await visits(db, scope)
    who = await wallet_factories.customer(db, scope)
    order_id = await complete(db, scope, who)
    await rule(db, scope)
    await received(db, scope, order_id, 300)
    assert await points_of(db, scope, who) == 0


async def test_who_is_refunded_and_pays_again_has_the_points_of_what_is_kept(db: Database, scope: Scope) -> None:
    await visits(db, scope)
    await rule(db, scope)
    who = await wallet_factories.customer(db, scope)
    order_id = await complete(db, scope, who)
    found = []
    for back, again in ((1_050, 1_000), (None, 5_000), (5_000, 250)):
        (outcome,) = await act(db, scope, service.refund_orders, wishes=[OrderRefund(order_id, back)])
        accepted(outcome)
        await drained(db, scope)
        found.append(await points_of(db, scope, who))
        await received(db, scope, order_id, again)
        found.append(await points_of(db, scope, who))
    assert found == [39, 49, 0, 50, 0, 2]
    await assert_sound(db, scope)


async def test_what_had_come_before_there_were_points_earns_none(db: Database, scope: Scope, clock: FakeClock) -> None:
    await visits(db, scope)
    who = await wallet_factories.customer(db, scope)
    order_id, (first, second) = await unpaid(db, scope, who, 1_000, 1_500)
    accepted(await factories.confirm(db, scope, first))
    await drained(db, scope)
    clock.advance(timedelta(days=1))
    await rule(db, scope)
    accepted(await factories.confirm(db, scope, second))
    await drained(db, scope)
    found = [await points_of(db, scope, who)]
    await received(db, scope, order_id, 500)
    found.append(await points_of(db, scope, who))
    (outcome,) = await act(db, scope, service.refund_orders, wishes=[OrderRefund(order_id, 1_200)])
    accepted(outcome)
    await drained(db, scope)
    found.append(await points_of(db, scope, who))
    assert found == [15, 20, 8], "what came last goes back first"
    await assert_sound(db, scope)


async def test_what_was_paid_before_there_were_points_earns_where_the_order_is_complete_since(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    await visits(db, scope)
    who = await wallet_factories.customer(db, scope)
    made = await placed(db, scope, orders_factories.draft(orders_factories.order(("VISIT", 5), customer_id=who)))
    await factories.confirm(db, scope, await factories.transfer(db, scope, made.order_id))
    clock.advance(timedelta(days=1))
    await rule(db, scope)
    await act(db, scope, orders.complete_orders, requests=[CompleteRequest(made.order_id, "Done.")])
    await drained(db, scope)
    assert await points_of(db, scope, who) == 5 * PRICE // 100


async def test_what_came_while_there_were_no_points_earns_none_once_they_are_back(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    await visits(db, scope)
    await rule(db, scope)
    who = await wallet_factories.customer(db, scope)
    order_id, (first, second, third) = await unpaid(db, scope, who, 2_500, 1_500, 1_000)
    found = []

    async def now(payment_id: PaymentId | None, back: int = 0) -> None:
        if payment_id is None:
            (outcome,) = await act(db, scope, service.refund_orders, wishes=[OrderRefund(order_id, back)])
            accepted(outcome)
        else:
            accepted(await factories.confirm(db, scope, payment_id))
        await drained(db, scope)
        found.append(await points_of(db, scope, who))
        clock.advance(timedelta(days=1))

    await now(first)
    await now(None, 500)
    await rule(db, scope, points=0)
    await now(second)
    await rule(db, scope)
    await now(third)
    await now(None, 2_000)
    await now(None, 1_000)
    assert found == [25, 20, 20, 30, 20, 15], "what came last goes back first"
    await assert_sound(db, scope)
