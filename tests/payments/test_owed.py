"""What is owed and what was given back: captures by what is due, refunds by units, and the cases that end with them."""

import msgspec
import pytest

from jiedan import wiring
from jiedan.base import money
from jiedan.base.db import Database, Scope
from jiedan.base.drain import Drain
from jiedan.cases import queries as case_queries
from jiedan.catalog.values import SkuKind
from jiedan.orders import service as orders
from jiedan.orders.values import CancelRequest, LinePrice, LineQuantity, OrderEdit, OrderId, PriceEdit
from jiedan.payments import errors, service
from jiedan.payments.values import (
    Adjustment,
    ExternalPayment,
    LineRefund,
    PaymentId,
    Receipt,
    RefundLine,
    Result,
)
from jiedan.pricing import service as pricing
from jiedan.pricing.values import OrderDiscount
from tests.journeys import books
from tests.orders import factories as orders_factories
from tests.orders.factories import order
from tests.payments import factories
from tests.payments.factories import accepted, ask, hear, the_order, the_payment

TOTAL = 10_000


@pytest.fixture
async def order_id(db: Database, scope: Scope) -> OrderId:
    made = await factories.an_order(db, scope)
    await factories.with_gateway(db, scope)
    return made


async def cancel(db: Database, scope: Scope, order_id: OrderId, quantity: int) -> None:
    request = CancelRequest(order_id, "changed_mind", (LineQuantity(1, quantity),))
    await db.write(scope, lambda tx: orders.cancel_orders(tx, requests=[request]))


async def drained(db: Database, scope: Scope) -> None:
    await Drain(db, None, wiring.SUBSCRIPTIONS).drain_tenant(scope.tenant)


async def test_a_capture_without_an_amount_takes_no_more_than_the_order_still_owes(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    """What was canceled after the authorization is not charged, nor what another tender is capturing."""
    first = await factories.authorized(db, scope, order_id, 6_000)
    second = await factories.authorized(db, scope, order_id, 4_000)
    await cancel(db, scope, order_id, 3)
    one = accepted(await ask(db, scope, first, "capture"))
    two = accepted(await ask(db, scope, second, "capture"))
    await hear(db, scope, *(Result(key, "succeeded") for key in (*one.operation_keys, *two.operation_keys)))
    order_now = await the_order(db, scope, order_id)
    assert [(await the_payment(db, scope, x)).sums.captured for x in (first, second)] == [6_000, 1_000]
    assert (order_now.balance_minor, order_now.payment_status, order_now.authorized_minor) == (0, "paid", 3_000)
    assert isinstance(await ask(db, scope, second, "capture"), errors.NothingDue)
    assert await factories.open_cases(db, scope, order_id) == []
    assert await factories.broken(db, scope) == {}


async def test_what_is_set_aside_for_a_completed_order_is_let_go_once(db: Database, scope: Scope) -> None:
    await orders_factories.shop(db, scope, {})
    async with db.begin(scope) as tx:
        await orders_factories.sku(tx, "WRAP", kind=SkuKind.service)
    placed = await orders_factories.place_one(db, scope, order(("WRAP", 2)))
    order_id = OrderId(placed.order_id)
    await factories.with_gateway(db, scope)
    payment_id = await factories.authorized(db, scope, order_id)
    await cancel(db, scope, order_id, 1)
    capture = accepted(await ask(db, scope, payment_id, "capture"))
    done = [orders.Performance(order_id, (LineQuantity(1, 1),))]
    await db.write(scope, lambda tx: orders.perform_services(tx, performances=done))
    await hear(db, scope, Result(capture.operation_keys[0], "succeeded"))
    assert (await the_order(db, scope, order_id)).lifecycle == "completed"
    for _ in range(2):
        await drained(db, scope)
    asked = await factories.the_operations(db, scope, payment_id)
    assert [(o.kind, o.amount_minor) for o in asked] == [("authorize", 2_000), ("capture", 1_000), ("void", 1_000)]
    assert await factories.broken(db, scope) == {}


async def test_each_unit_is_refunded_once_whichever_tender_gives_it(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    first = await factories.captured(db, scope, order_id, 6_000)
    second = await factories.captured(db, scope, order_id, 4_000)
    accepted(await ask(db, scope, first, "refund", refund_lines=(LineRefund(1, 5),)))
    refused = await ask(db, scope, second, "refund", refund_lines=(LineRefund(1, 6, 100),))
    assert isinstance(refused, errors.RefundLineTooLarge)
    assert (refused.quantity, refused.left, refused.field) == (6, 5, "lines[0].quantity")
    accepted(await ask(db, scope, second, "refund", refund_lines=(LineRefund(1, 4),)))
    asked = [o for x in (first, second) for o in await factories.the_operations(db, scope, x) if o.kind == "refund"]
    assert [o.refund_lines for o in asked] == [(RefundLine(1, 5, 5_000),), (RefundLine(1, 4, 4_000),)]
    await hear(db, scope, Result(asked[0].key, "failed"))
    accepted(await ask(db, scope, first, "refund", refund_lines=(LineRefund(1, 6),)))
    differ = await ask(db, scope, first, "refund", 1, refund_lines=(LineRefund(1, 0),))
    assert isinstance(differ, errors.RefundLineTooLarge)


@pytest.mark.parametrize("quantities", [(1, 1, 1), (2, 1), (1, 2), (3,)])
async def test_units_refunded_in_any_grouping_come_to_exactly_what_was_paid(
    db: Database, scope: Scope, quantities: tuple[int, ...]
) -> None:
    await orders_factories.shop(db, scope, {"TEA": {"W1": 9}})
    async with db.begin(scope) as tx:
        await orders_factories.sku(tx, "ODD", kind=SkuKind.service, prices={"CNY": 333})
    placed = await orders_factories.place_one(
        db, scope, order(("ODD", 3), discount=OrderDiscount(amount_minor=98, reason="damaged"))
    )
    order_id = OrderId(placed.order_id)
    paid = (await the_order(db, scope, order_id)).total_minor
    wire = await factories.transfer(db, scope, order_id)
    accepted(await factories.confirm(db, scope, wire))
    for quantity in quantities:
        accepted(await ask(db, scope, wire, "refund", refund_lines=(LineRefund(1, quantity),)))
    payment = await the_payment(db, scope, wire)
    assert (payment.sums.refunded, payment.state) == (paid, "refunded")
    assert await factories.broken(db, scope) == {}


async def test_a_correction_is_made_once_per_key(db: Database, scope: Scope, order_id: OrderId) -> None:
    wire = await factories.transfer(db, scope, order_id)
    accepted(await factories.confirm(db, scope, wire))
    wish = Adjustment(wire, -500, "misread", "k1")
    for _ in range(2):
        (made,) = await db.write(scope, lambda tx: service.adjust_payments(tx, adjustments=[wish]))
        assert accepted(made) == wire
    assert (await the_payment(db, scope, wire)).sums.adjusted == -500
    other = wish._replace(amount_minor=-600)
    (refused,) = await db.write(scope, lambda tx: service.adjust_payments(tx, adjustments=[other]))
    assert getattr(refused, "code", "") == "idempotency_key_reused"


@pytest.mark.parametrize(
    ("amount", "refused"), [(-1, errors.AmountNotPositive), (money.AMOUNT_MINOR_MAX + 1, errors.AmountTooLarge)]
)
async def test_amounts_that_cannot_be_are_refused_by_name(
    db: Database, scope: Scope, order_id: OrderId, amount: int, refused: type
) -> None:
    wish = ExternalPayment(order_id, "boleto", amount)
    (outcome,) = await db.write(scope, lambda tx: service.record_external(tx, payments=[wish]))
    assert isinstance(outcome, refused)
    receipt = Receipt("bank_transfer", amount, "CNY", "wire 7")
    (outcome,) = await db.write(scope, lambda tx: service.receive_money(tx, receipts=[receipt]))
    assert isinstance(outcome, refused)


async def test_external_money_without_an_amount_is_all_that_is_due_once(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    wish = ExternalPayment(order_id, "boleto", key="mp-1")
    ids = set[PaymentId]()
    for _ in range(2):
        (made,) = await db.write(scope, lambda tx: service.record_external(tx, payments=[wish]))
        ids.add(accepted(made))
    assert len(ids) == 1
    assert (await the_order(db, scope, order_id)).balance_minor == 0


async def test_less_than_expected_is_no_case_where_nothing_is_owed(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    wire = await factories.transfer(db, scope, order_id)
    await cancel(db, scope, order_id, 4)
    accepted(await factories.confirm(db, scope, wire, 6_000))
    assert (await the_order(db, scope, order_id)).payment_status == "paid"
    assert await factories.open_cases(db, scope, order_id) == []


async def test_money_without_an_order_that_is_returned_is_no_case_any_more(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    receipt = Receipt("bank_transfer", 700, "CNY", "wire 7")
    (made,) = await db.write(scope, lambda tx: service.receive_money(tx, receipts=[receipt]))
    payment_id = accepted(made)
    assert await factories.open_cases(db, scope, payment_id) == ["payment_without_order"]
    accepted(await ask(db, scope, payment_id, "refund", 300))
    assert await factories.open_cases(db, scope, payment_id) == ["payment_without_order"]
    accepted(await ask(db, scope, payment_id, "refund"))
    assert await factories.open_cases(db, scope, payment_id) == []


async def test_a_refund_that_failed_and_then_went_is_no_case_any_more(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    payment_id = await factories.captured(db, scope, order_id)
    first = accepted(await ask(db, scope, payment_id, "refund"))
    await hear(db, scope, Result(first.operation_keys[0], "failed", failure="closed"))
    assert await factories.open_cases(db, scope, payment_id) == ["refund_failed"]
    again = accepted(await ask(db, scope, payment_id, "refund"))
    await hear(db, scope, Result(again.operation_keys[0], "succeeded"))
    assert await factories.open_cases(db, scope, payment_id) == []


async def test_who_has_paid_on_the_page_is_waited_for(db: Database, scope: Scope, order_id: OrderId) -> None:
    """The page is done and the provider takes its time: from then on the order does not expire."""
    created = await factories.create(db, scope, order_id)
    assert created.operation_key is not None
    await hear(db, scope, Result(created.operation_key, "action_needed", "ch_1", pay_url="http://x/"))
    assert (await the_order(db, scope, order_id)).processing_count == 0
    await hear(db, scope, Result(created.operation_key, "pending", "ch_1"))
    assert (await the_order(db, scope, order_id)).processing_count == 1
    assert (await the_payment(db, scope, created.payment_id)).state == "processing"
    assert await factories.broken(db, scope) == {}


async def set_price(db: Database, scope: Scope, order_id: OrderId, unit_minor: int | None) -> None:
    """Set the price of the first line by hand; None puts back what the rules ask."""
    edit = PriceEdit(lines=(LinePrice(line=1, unit_price_minor=unit_minor, price_reason="A dent."),))
    await db.write(scope, lambda tx: orders.set_prices(tx, order_id=order_id, edit=edit, version=None))


async def due(db: Database, scope: Scope, order_id: OrderId) -> list[tuple[str, str, int]]:
    """Return the cases about an order: kind, state and amount, the oldest first."""
    async with db.read(scope) as tx:
        found = sorted(await case_queries.cases_about(tx, [order_id]), key=lambda case: case.case_id)
    return [(case.kind, case.state, case.data["amount_minor"]) for case in found]


async def test_a_paid_order_that_is_made_cheaper_is_a_refund_that_is_due(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    wire = await factories.transfer(db, scope, order_id)
    await set_price(db, scope, order_id, 950)
    assert await due(db, scope, order_id) == [], "nothing was paid yet"
    accepted(await factories.confirm(db, scope, wire, 9_500))
    for unit_minor in (900, 800, 850):
        await set_price(db, scope, order_id, unit_minor)
    kinds = [("refund_due", "resolved", 500), ("refund_due", "resolved", 1_500), ("refund_due", "open", 1_000)]
    assert await due(db, scope, order_id) == kinds
    assert (await the_order(db, scope, order_id)).payment_status == "overpaid"
    await books.assert_balance(db, scope)
    accepted(await ask(db, scope, wire, "refund", 600))
    assert await factories.open_cases(db, scope, order_id) == ["refund_due"]
    accepted(await ask(db, scope, wire, "refund", 400))
    assert await factories.open_cases(db, scope, order_id) == []
    assert (await the_order(db, scope, order_id)).balance_minor == 0
    await books.assert_balance(db, scope)


async def test_what_is_due_back_no_more_once_the_order_costs_as_much_again_is_no_case(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    payment_id = await factories.captured(db, scope, order_id)
    await set_price(db, scope, order_id, 900)
    assert await factories.open_cases(db, scope, order_id) == ["refund_due"]
    await set_price(db, scope, order_id, None)
    assert await due(db, scope, order_id) == [("refund_due", "resolved", 1_000)]
    await set_price(db, scope, order_id, 900)
    await cancel(db, scope, order_id, 5)
    await drained(db, scope)
    asked = [o for o in await factories.the_operations(db, scope, payment_id) if o.kind == "refund"]
    assert [o.amount_minor for o in asked] == [5_500], "what the cancellation and what the price make due"
    await hear(db, scope, Result(asked[0].key, "succeeded"))
    assert await factories.open_cases(db, scope, order_id) == []


async def test_a_place_with_less_tax_makes_a_refund_due(db: Database, scope: Scope) -> None:
    await orders_factories.shop(db, scope, {"TEA": {"W1": 99}}, prices_include_tax=False)
    async with db.begin(scope) as tx:
        await pricing.set_tax_rates(
            tx, rows=[pricing.TaxRateRow("*", "standard", 0), pricing.TaxRateRow("CN", "standard", 130_000)]
        )
    placed = await orders_factories.place_one(db, scope, order(("TEA", 1), ship_to=orders_factories.BEIJING))
    order_id = OrderId(placed.order_id)
    await factories.with_gateway(db, scope)
    await factories.captured(db, scope, order_id)
    away = msgspec.structs.replace(orders_factories.BEIJING, country="SG", region="", postal_code="018956")
    edit = OrderEdit(ship_to=away)
    await db.write(scope, lambda tx: orders.edit_order(tx, order_id=order_id, edit=edit, version=None))
    assert await due(db, scope, order_id) == [("refund_due", "open", 130)]
    await books.assert_balance(db, scope)


async def test_more_that_had_come_than_was_confirmed_may_be_too_much(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    wire = await factories.transfer(db, scope, order_id)
    accepted(await factories.confirm(db, scope, wire, 9_000))
    for key, amount, cases in (("k1", 500, ["underpaid"]), ("k2", 800, ["overpaid"])):
        wish = Adjustment(wire, amount, "misread", key)
        await db.write(scope, lambda tx, wish=wish: service.adjust_payments(tx, adjustments=[wish]))  # type: ignore[misc]  # bound as it is now
        assert await factories.open_cases(db, scope, order_id) == cases
