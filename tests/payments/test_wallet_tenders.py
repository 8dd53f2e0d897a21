"""What an order costs more since it was placed: it stays, waits for the difference, and wallets may pay that, too."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal
from jiedan.base.recorder import StatementRecorder
from jiedan.fulfillment import queries as fulfillment
from jiedan.fulfillment.rules.gate import Terms, terms_of
from jiedan.orders import queries as order_queries
from jiedan.orders import service as orders
from jiedan.orders.values import CancelRequest, LinePrice, Placed, PriceEdit
from jiedan.payments import errors, service
from jiedan.payments.service import WalletTender
from jiedan.payments.values import TRANSFER, Confirmation, NewPayment
from jiedan.payments.values.refunds import OrderRefund
from jiedan.wallets.errors import BalanceTooLow, CreditNeedsCustomer
from jiedan.wallets.values import Source, WalletId
from tests.conftest import FakeClock
from tests.payments.factories import open_cases, the_order
from tests.payments.test_out_of_wallets import (
    PRICE,
    assert_sound,
    by,
    credit,
    drained,
    opened,
    paid_with,
    placed,
    tenders,
)
from tests.wallets import factories as wallets
from tests.wallets.factories import balance

CREDIT = (Source(None, is_own=True),)
WALLETS, CASES = re.compile(r"\b(?:FROM|INTO|UPDATE) wallet"), re.compile(r"\b(?:FROM|INTO|UPDATE|JOIN) case_file")
"""What asks for wallets, and for cases."""


async def costs(db: Database, scope: Scope, made: Placed, unit_minor: int) -> None:
    """Set what a unit costs."""
    edit = PriceEdit(lines=(LinePrice(line=1, unit_price_minor=unit_minor, price_reason="Agreed on."),))
    await db.write(scope, lambda tx: orders.set_prices(tx, order_id=made.order_id, edit=edit, version=None))


async def pay(db: Database, scope: Scope, order_id: UUID, *sources: Source, key: str | None = None) -> None:
    tender = WalletTender(order_id, sources or CREDIT)
    await db.write(scope, lambda tx: service.pay_out_of_wallets(tx, tender=tender, key=key))


async def terms(db: Database, scope: Scope, order_id: UUID) -> Terms:
    async with db.read(scope) as tx:
        found = await order_queries.order(tx, order_id)
    return terms_of(*found, release_on_authorization=False)


async def on_credit(db: Database, scope: Scope, amount: int, quantity: int = 5) -> tuple[Placed, WalletId]:
    """Place an order that store credit pays whole, of somebody who has `amount`."""
    who = await wallets.customer(db, scope)
    (given,) = await wallets.moved(db, scope, wallets.credit(who, amount))
    return await placed(db, scope, paid_with(quantity, credit(), customer_id=who)), given.wallet_id


async def test_a_paid_order_that_costs_more_stays_and_waits_for_the_difference(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    await opened(db, scope)
    made, _ = await on_credit(db, scope, 5 * PRICE)
    assert made.payment_status == "paid"
    await costs(db, scope, made, PRICE + 200)
    order = await the_order(db, scope, made.order_id)
    assert (order.payment_status, order.balance_minor, order.expires_at) == ("partly_paid", -1_000, None)
    assert (await terms(db, scope, made.order_id)).is_met is False
    clock.advance(timedelta(days=30))
    await db.write(scope, orders.expire_orders)
    assert (await the_order(db, scope, made.order_id)).lifecycle == "open"


async def test_the_rest_of_the_credit_pays_the_difference_and_the_gate_opens(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    made, wallet_id = await on_credit(db, scope, 5 * PRICE + 1_500)
    await costs(db, scope, made, PRICE + 200)
    for _ in range(2):
        await pay(db, scope, made.order_id, key="p-1")
    order = await the_order(db, scope, made.order_id)
    assert (order.payment_status, order.balance_minor, order.from_wallets_minor) == ("paid", 0, 6_000)
    assert [x.amount_minor for x in await tenders(db, scope, made.order_id)] == [5_000, 1_000]
    assert await balance(db, scope, wallet_id) == 500
    assert (await terms(db, scope, made.order_id)).is_met
    with pytest.raises(errors.NothingDue):
        await pay(db, scope, made.order_id)
    await assert_sound(db, scope)
    await db.write(scope, lambda tx: orders.cancel_orders(tx, requests=[CancelRequest(made.order_id, "changed_mind")]))
    await drained(db, scope)
    assert await balance(db, scope, wallet_id) == 6_500
    await assert_sound(db, scope)


async def test_what_wallets_leave_is_paid_another_way(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    made, _ = await on_credit(db, scope, 5 * PRICE + 400)
    card = await wallets.card(db, scope, 100)
    await costs(db, scope, made, PRICE + 200)
    await pay(db, scope, made.order_id, *CREDIT, Source(card.card.wallet.wallet_id))
    assert (await the_order(db, scope, made.order_id)).balance_minor == -500
    wish = NewPayment(made.order_id, TRANSFER, "bank_transfer", None, key="t-1")
    (created,) = await db.write(scope, lambda tx: service.create_payments(tx, wishes=[wish]))
    assert not isinstance(created, Refusal)
    assert [x.amount_minor for x in await tenders(db, scope, made.order_id)] == [5_000, 400, 100, 500]
    await assert_sound(db, scope)


@pytest.mark.parametrize(
    ("source", "refusal"),
    [(Source(None, 99_999, is_own=True), Refusal), (Source(None, 600, is_own=True), BalanceTooLow)],
)
async def test_what_is_not_there_is_not_taken(
    db: Database, scope: Scope, source: Source, refusal: type[Refusal]
) -> None:
    await opened(db, scope)
    made, wallet_id = await on_credit(db, scope, 5 * PRICE + 400)
    await costs(db, scope, made, PRICE + 200)
    with pytest.raises(refusal) as raised:
        await pay(db, scope, made.order_id, source, key="k")
    assert raised.value.field == "wallets[0].amount_minor"
    assert await balance(db, scope, wallet_id) == 400
    await pay(db, scope, made.order_id, key="k")  # the key is free again
    assert await balance(db, scope, wallet_id) == 0


async def test_credit_is_for_customers_who_are_known(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    card = await wallets.card(db, scope, 5_000)
    made = await placed(db, scope, paid_with(5, by(card), cards=[card]))
    await costs(db, scope, made, PRICE + 200)
    with pytest.raises(CreditNeedsCustomer):
        await pay(db, scope, made.order_id)


async def test_an_order_that_its_money_covers_since_an_edit_is_released(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    made, _ = await on_credit(db, scope, 3 * PRICE)
    await drained(db, scope)
    assert await ways(db, scope, made) == []
    await costs(db, scope, made, 600)
    await drained(db, scope)
    assert len(await ways(db, scope, made)) == 1


async def ways(db: Database, scope: Scope, made: Placed) -> list[Any]:
    async with db.read(scope) as tx:
        found: list[Any] = await tx.load_one(fulfillment.ways(made.order_id))
    return found


async def test_a_refund_locks_all_wallets_at_once(db: Database, scope: Scope, recorder: StatementRecorder) -> None:
    await opened(db, scope)
    who = await wallets.customer(db, scope)
    card = await wallets.card(db, scope, 2_000)
    made = await placed(db, scope, paid_with(5, by(card), cards=[card], customer_id=who))
    wish = NewPayment(made.order_id, TRANSFER, "bank_transfer", None, key="t-1")
    (created,) = await db.write(scope, lambda tx: service.create_payments(tx, wishes=[wish]))
    assert not isinstance(created, Refusal)
    from_bank = Confirmation(created.payment_id, None, "", "c-1")
    await db.write(scope, lambda tx: service.confirm_transfers(tx, confirmations=[from_bank]))
    refund = OrderRefund(made.order_id, 4_000, "damaged", to="credit")
    with recorder.watching() as sent:
        await db.write(scope, lambda tx: service.refund_orders(tx, wishes=[refund]))
    locking = [x for x in sent if "FROM wallet w" in x and "FOR NO KEY UPDATE" in x]
    assert len(locking) == 1, sent
    await assert_sound(db, scope)


async def test_wallets_are_locked_before_cases(db: Database, scope: Scope, recorder: StatementRecorder) -> None:
    await opened(db, scope)
    made, wallet_id = await on_credit(db, scope, 5 * PRICE)
    await costs(db, scope, made, PRICE - 200)
    assert await open_cases(db, scope, made.order_id) == ["refund_due"]
    async with db.begin(scope) as tx:
        with recorder.watching() as sent:
            await service.refund_orders(tx, wishes=[OrderRefund(made.order_id)])
    of_wallets, of_cases = ([i for i, text in enumerate(sent) if found.search(text)] for found in (WALLETS, CASES))
    assert max(of_wallets) < min(of_cases)
    assert await balance(db, scope, wallet_id) == 5 * PRICE
    assert await open_cases(db, scope, made.order_id) == []
    await assert_sound(db, scope)
