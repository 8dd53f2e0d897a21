"""Tenders, the ledger, refunds and what orders learn of them."""

from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

import pytest

from jiedan.base import i18n
from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal
from jiedan.base.recorder import StatementRecorder
from jiedan.orders import errors as order_errors
from jiedan.orders import service as orders
from jiedan.orders.values import OrderId
from jiedan.payments import errors, service
from jiedan.payments.values import (
    Adjustment,
    Chargeback,
    Confirmation,
    ExternalPayment,
    NewPayment,
    OperationRequest,
    PaymentId,
    Receipt,
    RefundLine,
    Requested,
    Result,
)
from tests.conftest import FakeClock
from tests.payments import factories
from tests.payments.factories import accepted, ask, captured, confirm, create, hear, the_order, the_payment, transfer

TOTAL = 10_000


@pytest.fixture
async def order_id(db: Database, scope: Scope) -> OrderId:
    made = await factories.an_order(db, scope)
    await factories.with_gateway(db, scope)
    return made


async def test_a_transfer_waits_and_pays_when_it_is_confirmed(db: Database, scope: Scope, order_id: OrderId) -> None:
    payment_id = await transfer(db, scope, order_id)
    assert (await the_payment(db, scope, payment_id)).state == "open"
    assert (await the_order(db, scope, order_id)).payment_status == "pending"
    accepted(await confirm(db, scope, payment_id))
    payment = await the_payment(db, scope, payment_id)
    order = await the_order(db, scope, order_id)
    assert (payment.state, payment.sums.captured, payment.processing_count) == ("captured", TOTAL, 0)
    assert (order.payment_status, order.captured_minor, order.processing_count) == ("paid", TOTAL, 0)
    assert await factories.kinds(db, scope, payment_id) == ["payment_created", "money_captured"]
    again = await confirm(db, scope, payment_id)
    assert isinstance(again, errors.NothingToConfirm)
    assert await factories.broken(db, scope) == {}


async def test_more_or_less_than_expected_becomes_a_case_and_the_rest_settles_it(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    first = await transfer(db, scope, order_id)
    accepted(await confirm(db, scope, first, 9_000))
    assert await factories.open_cases(db, scope, order_id) == ["underpaid"]
    second = await transfer(db, scope, order_id)
    assert (await the_payment(db, scope, second)).amount_minor == 1_000
    accepted(await confirm(db, scope, second, 1_500))
    assert await factories.open_cases(db, scope, order_id) == ["overpaid"]
    accepted(await ask(db, scope, second, "refund", 500))
    assert await factories.open_cases(db, scope, order_id) == []
    order = await the_order(db, scope, order_id)
    assert (order.captured_minor, order.refunded_minor, order.balance_minor) == (10_500, 500, 0)
    assert await factories.broken(db, scope) == {}


async def test_a_card_is_authorized_then_captured_in_parts_and_the_rest_let_go(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    payment_id = await factories.authorized(db, scope, order_id)
    order = await the_order(db, scope, order_id)
    assert (order.authorized_minor, order.payment_status) == (TOTAL, "authorized")
    capture = accepted(await ask(db, scope, payment_id, "capture", 6_000))
    assert (await the_payment(db, scope, payment_id)).state == "processing"
    await hear(db, scope, Result(capture.operation_keys[0], "succeeded"))
    order = await the_order(db, scope, order_id)
    assert (order.authorized_minor, order.captured_minor, order.payment_status) == (4_000, 6_000, "partly_paid")
    too_much = await ask(db, scope, payment_id, "capture", 4_001)
    assert isinstance(too_much, errors.CaptureTooLarge)
    void = accepted(await ask(db, scope, payment_id, "void"))
    await hear(db, scope, Result(void.operation_keys[0], "succeeded"))
    payment = await the_payment(db, scope, payment_id)
    assert (payment.sums.voided, payment.state) == (4_000, "captured")
    assert (await the_order(db, scope, order_id)).authorized_minor == 0
    assert isinstance(await ask(db, scope, payment_id, "capture", 1), errors.NothingToCapture)
    assert isinstance(await ask(db, scope, payment_id, "void"), errors.NothingToVoid)
    entries = await factories.the_entries(db, scope, payment_id)
    assert [e.refers_to for e in entries[1:]] == [entries[0].entry_id] * 2
    assert await factories.broken(db, scope) == {}


async def test_an_order_is_paid_by_several_tenders_and_never_twice(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    await captured(db, scope, order_id, 3_000)
    waiting = await create(db, scope, order_id, amount_minor=5_000, token="tok_visa")
    wishes = [NewPayment(order_id, "sandbox", "card", 2_001), NewPayment(order_id, "sandbox", "card")]
    first, second = await db.write(scope, lambda tx: service.create_payments(tx, wishes=wishes))
    assert isinstance(first, errors.AmountAboveDue)
    assert i18n.say_message("en", first) == "Only CN¥20.00 is still to be paid, not CN¥20.01."
    assert (first.due_minor, first.field) == (2_000, "amount_minor")
    assert (await the_payment(db, scope, accepted(second).payment_id)).amount_minor == 2_000
    (nothing,) = await db.write(scope, lambda tx: service.create_payments(tx, wishes=wishes[1:]))
    assert isinstance(nothing, errors.NothingDue)
    assert waiting.operation_key is not None
    await hear(db, scope, Result(waiting.operation_key, "failed", failure="card_declined"))
    (again,) = await db.write(scope, lambda tx: service.create_payments(tx, wishes=wishes[1:]))
    assert (await the_payment(db, scope, accepted(again).payment_id)).amount_minor == 5_000
    assert await factories.broken(db, scope) == {}


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"provider": "bitcoin"}, "provider_unknown"),
        ({"amount_minor": 0}, "amount_not_positive"),
        ({"token": "4242 4242 4242 4242"}, "card_number_refused"),
        ({"return_url": "javascript:alert(1)"}, "address_refused"),
    ],
)
async def test_bad_wishes_are_refused_by_name(
    db: Database, scope: Scope, order_id: OrderId, facts: dict[str, object], code: str
) -> None:
    wish = NewPayment(**{"order_id": order_id, "provider": "sandbox", "method": "card", **facts})  # type: ignore[arg-type]  # a test's shorthand
    (refusal,) = await db.write(scope, lambda tx: service.create_payments(tx, wishes=[wish]))
    assert isinstance(refusal, Refusal)
    assert refusal.code == code
    assert "4242" not in str(refusal)


async def test_a_key_makes_one_payment_and_a_refused_wish_gives_it_back(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    def wish(amount: int, key: str) -> NewPayment:
        return NewPayment(order_id, "sandbox", "card", amount, key=key)

    wishes = [wish(1_000, "k1"), wish(1_000, "k1"), wish(99_000, "k2"), wish(99_000, "k2"), wish(2_000, "k1")]
    outcomes = await db.write(scope, lambda tx: service.create_payments(tx, wishes=wishes))
    first, repeated = accepted(outcomes[0]), accepted(outcomes[1])
    assert (repeated.payment_id, repeated.is_new, repeated.operation_key) == (first.payment_id, False, None)
    assert [type(outcome).__name__ for outcome in outcomes[2:]] == ["AmountAboveDue", "AmountAboveDue", "KeyReused"]
    (later, now_fits) = await db.write(
        scope, lambda tx: service.create_payments(tx, wishes=[wish(1_000, "k1"), wish(2_000, "k2")])
    )
    assert accepted(later).payment_id == first.payment_id
    assert accepted(now_fits).is_new


async def test_a_refund_with_lines_is_spread_over_the_captures_it_reduces(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    payment_id = await factories.authorized(db, scope, order_id)
    for amount in (4_000, 6_000):
        capture = accepted(await ask(db, scope, payment_id, "capture", amount))
        await hear(db, scope, Result(capture.operation_keys[0], "succeeded"))
    refund = accepted(await ask(db, scope, payment_id, "refund", refund_lines=(RefundLine(1, 5, 5_000),)))
    assert len(refund.operation_keys) == 2
    in_flight = await ask(db, scope, payment_id, "refund", 5_001)
    assert isinstance(in_flight, errors.RefundTooLarge)
    assert in_flight.left_minor == 5_000
    await hear(db, scope, *(Result(key, "succeeded") for key in refund.operation_keys))
    entries = await factories.the_entries(db, scope, payment_id)
    assert [(e.kind, e.amount_minor) for e in entries[3:]] == [("refund", 4_000), ("refund", 1_000)]
    assert [e.refers_to for e in entries[3:]] == [entries[1].entry_id, entries[2].entry_id]
    assert (await the_order(db, scope, order_id)).payment_status == "partly_refunded"
    assert await factories.broken(db, scope) == {}


@pytest.mark.parametrize(
    ("lines", "amount", "code"),
    [
        ((RefundLine(7, 1, 100),), None, "refund_line_unknown"),
        ((RefundLine(1, 1, 100), RefundLine(1, 1, 100)), None, "refund_line_unknown"),
        ((RefundLine(1, 11, 100),), None, "refund_line_too_large"),
        ((RefundLine(1, 1, 100),), 101, "refund_lines_differ"),
    ],
)
async def test_lines_of_a_refund_belong_to_the_order_and_add_up(  # noqa: PLR0917 - what pytest gives
    db: Database, scope: Scope, order_id: OrderId, lines: tuple[RefundLine, ...], amount: int | None, code: str
) -> None:
    payment_id = await captured(db, scope, order_id)
    refusal = await ask(db, scope, payment_id, "refund", amount, refund_lines=lines)
    assert isinstance(refusal, Refusal)
    assert refusal.code == code
    if code == "refund_lines_differ":
        assert str(refusal).startswith("The lines come to CN¥1.00, the refund to CN¥1.01.")


async def test_an_answer_counts_once_in_any_order(db: Database, scope: Scope, order_id: OrderId) -> None:
    created = await create(db, scope, order_id, token="tok_visa")
    key = created.operation_key
    assert key is not None
    done = Result(key, "succeeded", "ch_1", TOTAL, "CNY")
    await hear(db, scope, Result(key, "unknown"), done, done)
    await hear(db, scope, Result(key, "action_needed"), Result(key, "failed"), done)
    assert (await the_order(db, scope, order_id)).captured_minor == TOTAL
    assert len(await factories.the_entries(db, scope, created.payment_id)) == 1
    assert await factories.broken(db, scope) == {}


async def test_a_success_heard_after_a_failure_counts(db: Database, scope: Scope, order_id: OrderId) -> None:
    created = await create(db, scope, order_id, token="tok_visa")
    assert created.operation_key is not None
    await hear(db, scope, Result(created.operation_key, "failed", failure="timeout"))
    assert (await the_payment(db, scope, created.payment_id)).state == "failed"
    await hear(db, scope, Result(created.operation_key, "succeeded"))
    assert (await the_payment(db, scope, created.payment_id)).state == "captured"
    assert await factories.broken(db, scope) == {}


@pytest.mark.parametrize("wrong", [{"amount_minor": 1}, {"currency": "USD"}])
async def test_an_answer_that_does_not_match_is_a_case_and_moves_nothing(
    db: Database, scope: Scope, order_id: OrderId, wrong: dict[str, object]
) -> None:
    created = await create(db, scope, order_id, token="tok_visa")
    told = {"key": created.operation_key, "state": "succeeded", "amount_minor": TOTAL, "currency": "CNY", **wrong}
    await hear(db, scope, Result(**told))  # type: ignore[arg-type]  # a test's shorthand
    assert await factories.open_cases(db, scope, created.payment_id) == ["payment_mismatch"]
    assert (await the_order(db, scope, order_id)).captured_minor == 0
    assert (await the_payment(db, scope, created.payment_id)).state == "processing"


async def test_an_answer_about_nothing_that_was_asked_is_a_case(db: Database, scope: Scope, order_id: OrderId) -> None:
    await hear(db, scope, Result("op-nobody", "succeeded", "ch_9", 5_000, "CNY"))
    async with db.read(scope) as tx:
        subject = uuid5(NAMESPACE_URL, f"{tx.tenant}/op-nobody")
    assert await factories.open_cases(db, scope, subject) == ["payment_mismatch"]


async def test_money_for_an_order_that_ended_is_kept_and_a_case(
    db: Database, scope: Scope, order_id: OrderId, clock: FakeClock
) -> None:
    created = await create(db, scope, order_id)
    key = created.operation_key
    assert key is not None
    await hear(db, scope, Result(key, "action_needed", pay_url="http://pay.example/1"))
    clock.advance(timedelta(hours=2))
    assert await db.write(scope, orders.expire_orders) == 1
    assert (await the_order(db, scope, order_id)).lifecycle == "canceled"
    await hear(db, scope, Result(key, "succeeded"))
    assert await factories.open_cases(db, scope, order_id) == ["payment_after_end"]
    refund = accepted(await ask(db, scope, created.payment_id, "refund"))
    await hear(db, scope, Result(refund.operation_keys[0], "succeeded"))
    assert await factories.open_cases(db, scope, order_id) == []
    assert await factories.broken(db, scope) == {}


async def test_an_order_whose_payment_is_under_way_does_not_expire(
    db: Database, scope: Scope, order_id: OrderId, clock: FakeClock
) -> None:
    created = await create(db, scope, order_id, token="tok_visa")
    clock.advance(timedelta(hours=2))
    assert await db.write(scope, orders.expire_orders) == 0
    assert created.operation_key is not None
    await hear(db, scope, Result(created.operation_key, "failed"))
    assert await db.write(scope, orders.expire_orders) == 1


async def test_a_refund_or_void_that_fails_is_a_case(db: Database, scope: Scope, order_id: OrderId) -> None:
    paid = await captured(db, scope, order_id, 5_000)
    refund = accepted(await ask(db, scope, paid, "refund", 1_000))
    held = await factories.authorized(db, scope, order_id, 5_000)
    void = accepted(await ask(db, scope, held, "void"))
    keys = (refund.operation_keys[0], void.operation_keys[0])
    await hear(db, scope, *(Result(key, "failed", failure="bank_closed") for key in keys))
    assert await factories.open_cases(db, scope, paid, held) == ["refund_failed", "void_failed"]
    assert "operation_failed" in await factories.kinds(db, scope, paid)
    accepted(await ask(db, scope, paid, "refund", 5_000))


async def test_external_money_is_recorded_as_it_was_even_nothing(
    db: Database, scope: Scope, order_id: OrderId, clock: FakeClock
) -> None:
    at = clock.now() - timedelta(days=30)
    wishes = [
        ExternalPayment(order_id, "voucher", 0, at, "v-0"),
        ExternalPayment(order_id, "boleto", 7_000, at),
        ExternalPayment(order_id, "other", -1, at),
    ]
    first, second, third = await db.write(scope, lambda tx: service.record_external(tx, payments=wishes))
    (entry,) = await factories.the_entries(db, scope, accepted(first))
    assert (entry.kind, entry.amount_minor, entry.occurred_at, entry.provider_ref) == ("capture", 0, at, "v-0")
    assert (await the_payment(db, scope, accepted(second))).state == "captured"
    assert isinstance(third, errors.AmountNotPositive)
    assert (await the_order(db, scope, order_id)).captured_minor == 7_000
    assert isinstance(await ask(db, scope, accepted(second), "void"), errors.OnlyByHand)
    accepted(await ask(db, scope, accepted(second), "refund", 7_000, reason="marketplace"))
    assert (await the_payment(db, scope, accepted(second))).state == "refunded"
    assert await factories.broken(db, scope) == {}


async def test_money_without_an_order_waits_to_be_given_to_one(db: Database, scope: Scope, order_id: OrderId) -> None:
    receipts = [
        Receipt("bank_transfer", TOTAL, "CNY", "wire 7", "r-1"),
        Receipt("bank_transfer", TOTAL, "USD", "wire 8"),
        Receipt("bank_transfer", TOTAL, "ZZZ", "wire 9"),
    ]
    outcomes = await db.write(scope, lambda tx: service.receive_money(tx, receipts=receipts))
    again = await db.write(scope, lambda tx: service.receive_money(tx, receipts=receipts[:1]))
    payment_id, dollars = accepted(outcomes[0]), accepted(outcomes[1])
    assert again == [payment_id]
    assert isinstance(outcomes[2], errors.CurrencyUnknown)
    assert await factories.open_cases(db, scope, payment_id) == ["payment_without_order"]
    wishes = [service.Assignment(p, order_id) for p in (payment_id, dollars, payment_id)]
    given, wrong, twice = await db.write(scope, lambda tx: service.assign_payments(tx, assignments=wishes))
    assert given == payment_id
    assert isinstance(wrong, errors.CurrencyDiffers)
    assert isinstance(twice, errors.PaymentHasOrder)
    assert await factories.open_cases(db, scope, payment_id) == []
    assert (await the_order(db, scope, order_id)).payment_status == "paid"
    assert await factories.broken(db, scope) == {}


async def test_a_chargeback_counts_once_and_leaves_less_to_refund(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    payment_id = await captured(db, scope, order_id)
    wish = Chargeback(payment_id, 4_000, "cb-1", "fraud")
    for _ in range(2):
        outcomes = await db.write(scope, lambda tx: service.record_chargebacks(tx, chargebacks=[wish, wish]))
        assert outcomes == [payment_id, payment_id]
    order = await the_order(db, scope, order_id)
    assert (order.charged_back_minor, order.payment_status) == (4_000, "charged_back")
    assert isinstance(await ask(db, scope, payment_id, "refund", 6_001), errors.RefundTooLarge)
    (refused,) = await db.write(
        scope, lambda tx: service.record_chargebacks(tx, chargebacks=[Chargeback(payment_id, 6_001, "cb-2")])
    )
    assert isinstance(refused, errors.RefundTooLarge)
    assert await factories.broken(db, scope) == {}


async def adjust(db: Database, scope: Scope, payment_id: PaymentId, amount_minor: int) -> PaymentId | Refusal:
    wish = Adjustment(payment_id, amount_minor, "misread")
    (outcome,) = await db.write(scope, lambda tx: service.adjust_payments(tx, adjustments=[wish]))
    return outcome


async def test_a_confirmation_made_wrongly_is_corrected_both_ways(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    payment_id = await transfer(db, scope, order_id)
    accepted(await confirm(db, scope, payment_id))
    for amount, kept in ((-2_000, 8_000), (500, 8_500)):
        accepted(await adjust(db, scope, payment_id, amount))
        assert (await the_order(db, scope, order_id)).captured_minor == kept
    card = await captured(db, scope, order_id)
    assert isinstance(await adjust(db, scope, card, -1), errors.NotByHand)
    assert await factories.broken(db, scope) == {}


async def test_unknown_payments_and_orders_are_refused_one_by_one(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    nobody = PaymentId(db.uuids.new(db.clock.now()))
    payment_id = await captured(db, scope, order_id)
    requests = [OperationRequest(nobody, "refund", 1), OperationRequest(payment_id, "refund", 1)]
    missing, fine = await db.write(scope, lambda tx: service.request_operations(tx, requests=requests))
    assert isinstance(missing, errors.PaymentNotFound)
    assert isinstance(fine, Requested)
    confirmations = [Confirmation(nobody), Confirmation(payment_id)]
    outcomes = await db.write(scope, lambda tx: service.confirm_transfers(tx, confirmations=confirmations))
    assert [type(o).__name__ for o in outcomes] == ["PaymentNotFound", "NotByHand"]
    (no_order,) = await db.write(
        scope, lambda tx: service.create_payments(tx, wishes=[NewPayment(nobody, "sandbox", "card")])
    )
    assert isinstance(no_order, order_errors.OrderNotFound)


async def test_statements_do_not_grow_with_the_number_of_payments(
    db: Database, scope: Scope, order_id: OrderId, recorder: StatementRecorder
) -> None:
    others = [order_id, *[await factories.another_order(db, scope, 1) for _ in range(5)]]

    async def life(order_ids: list[OrderId]) -> list[int]:
        counts = []
        with recorder.watching() as sent:
            wishes = [NewPayment(o, "sandbox", "card", 400, "tok_visa") for o in order_ids]
            created = await db.write(scope, lambda tx: service.create_payments(tx, wishes=wishes))
        counts.append(len(sent))
        with recorder.watching() as sent:
            await hear(db, scope, *(Result(accepted(c).operation_key or "", "succeeded") for c in created))
        counts.append(len(sent))
        with recorder.watching() as sent:
            requests = [OperationRequest(accepted(c).payment_id, "refund", 100) for c in created]
            await db.write(scope, lambda tx: service.request_operations(tx, requests=requests))
        counts.append(len(sent))
        return counts

    one = await life(others[:1])
    assert await life(others) == one
    assert max(one) <= 16


async def test_external_money_may_be_set_aside_only_and_paid_off_in_parts(
    db: Database, scope: Scope, order_id: OrderId, clock: FakeClock
) -> None:
    at = clock.now() - timedelta(days=30)
    wishes = [
        ExternalPayment(order_id, "card", 4_000, at, installments=10, is_captured=False),
        ExternalPayment(order_id, "other", 0, at, installments=0, is_captured=False),
    ]
    first, nothing = [
        accepted(x) for x in await db.write(scope, lambda tx: service.record_external(tx, payments=wishes))
    ]
    payment = await the_payment(db, scope, first)
    assert (payment.state, payment.sums.authorized, payment.installments) == ("authorized", 4_000, 10)
    (entry,) = await factories.the_entries(db, scope, first)
    assert (entry.kind, entry.occurred_at) == ("authorization", at)
    kept = await the_payment(db, scope, nothing)
    assert (kept.state, kept.amount_minor, kept.installments) == ("open", 0, 0)
    order = await the_order(db, scope, order_id)
    assert (order.authorized_minor, order.captured_minor, order.payment_status) == (4_000, 0, "partly_authorized")
    assert await factories.broken(db, scope) == {}
