"""What people say of operations that a provider does not tell about, and the cases that end with it."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal
from jiedan.base.tables import EventLog
from jiedan.cases import service as cases
from jiedan.cases.values import NewCase
from jiedan.orders.values import OrderId
from jiedan.payments import errors, service
from jiedan.payments.values import (
    SETTLE_AFTER,
    Chargeback,
    Operation,
    OperationId,
    Outcome,
    PaymentId,
    Result,
    Settlement,
)
from tests.conftest import FakeClock
from tests.payments import factories
from tests.payments.factories import accepted, hear, the_order, the_payment

TOTAL = 10_000


@pytest.fixture
async def order_id(db: Database, scope: Scope) -> OrderId:
    made = await factories.an_order(db, scope)
    await factories.with_gateway(db, scope)
    return made


async def asked(db: Database, scope: Scope, order_id: OrderId) -> Operation:
    """Ask for the money of an order."""
    created = await factories.create(db, scope, order_id, token="tok_visa")
    return (await factories.the_operations(db, scope, created.payment_id))[0]


async def lost(db: Database, scope: Scope, order_id: OrderId) -> Operation:
    """Ask for the money of an order, and lose the answer."""
    operation = await asked(db, scope, order_id)
    await hear(db, scope, Result(operation.key, "unknown"))
    return operation


async def settle(
    db: Database, scope: Scope, operation_id: UUID, outcome: Outcome, reason: str = "On the statement."
) -> PaymentId | Refusal:
    wish = Settlement(OperationId(operation_id), outcome, reason, "ch_7")
    (made,) = await db.write(scope, lambda tx: service.settle_operations(tx, settlements=[wish]))
    return made


async def test_a_success_said_by_a_person_pays_the_order(db: Database, scope: Scope, order_id: OrderId) -> None:
    operation = await lost(db, scope, order_id)
    assert accepted(await settle(db, scope, operation.operation_id, "succeeded")) == operation.payment_id
    payment = await the_payment(db, scope, operation.payment_id)
    assert (payment.state, payment.sums.captured, payment.provider_ref) == ("captured", TOTAL, "ch_7")
    assert (await the_order(db, scope, order_id)).payment_status == "paid"
    (settled,) = await factories.the_operations(db, scope, operation.payment_id)
    assert (settled.state, settled.settled_by) == ("succeeded", "system:jiedan")
    assert (await factories.kinds(db, scope, operation.payment_id))[-2:] == ["money_captured", "operation_settled"]
    async with db.read(scope) as tx:
        told = await tx.execute(sa.select(EventLog.data).where(EventLog.tenant_id == tx.tenant))
    assert not [data for data in told.scalars() if "statement" in str(data)]
    assert isinstance(await settle(db, scope, operation.operation_id, "failed"), errors.OperationSettled)
    assert await factories.broken(db, scope) == {}


async def test_a_failure_said_by_a_person_frees_the_order_and_money_that_moved_after_all_counts(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    operation = await lost(db, scope, order_id)
    accepted(await settle(db, scope, operation.operation_id, "failed"))
    order = await the_order(db, scope, order_id)
    assert (order.processing_count, order.payment_status) == (0, "pending")
    await hear(db, scope, Result(operation.key, "succeeded", "ch_1"))
    (settled,) = await factories.the_operations(db, scope, operation.payment_id)
    assert (settled.state, settled.settled_by) == ("succeeded", None)
    assert (await the_order(db, scope, order_id)).payment_status == "paid"
    assert await factories.broken(db, scope) == {}


async def test_a_provider_that_contradicts_a_person_is_a_case(db: Database, scope: Scope, order_id: OrderId) -> None:
    operation = await lost(db, scope, order_id)
    accepted(await settle(db, scope, operation.operation_id, "succeeded"))
    await hear(db, scope, Result(operation.key, "failed", failure="card_declined"))
    assert await factories.open_cases(db, scope, operation.payment_id) == ["payment_mismatch"]
    assert (await the_payment(db, scope, operation.payment_id)).sums.captured == TOTAL


async def test_what_may_yet_be_answered_or_says_no_reason_is_refused(
    db: Database, scope: Scope, clock: FakeClock, order_id: OrderId
) -> None:
    operation = await asked(db, scope, order_id)
    assert isinstance(await settle(db, scope, operation.operation_id, "failed"), errors.OperationUnderWay)
    clock.advance(SETTLE_AFTER + timedelta(seconds=1))
    assert isinstance(await settle(db, scope, operation.operation_id, "failed", " "), errors.ReasonMissing)
    assert isinstance(await settle(db, scope, uuid4(), "failed"), errors.OperationNotFound)
    wish = Settlement(operation.operation_id, "failed", "Not there.")
    wishes = [wish._replace(payment_id=uuid4()), wish._replace(payment_id=operation.payment_id), wish]
    outcomes = await db.write(scope, lambda tx: service.settle_operations(tx, settlements=wishes))
    assert [type(outcome) for outcome in outcomes] == [errors.OperationNotFound, UUID, errors.OperationSettled]
    assert (await the_payment(db, scope, operation.payment_id)).state == "failed"


async def test_money_that_is_not_there_any_more_cannot_have_gone(db: Database, scope: Scope, order_id: OrderId) -> None:
    payment_id = await factories.captured(db, scope, order_id)
    refund = accepted(await factories.ask(db, scope, payment_id, "refund"))
    await hear(db, scope, Result(refund.operation_keys[0], "unknown"))
    taken = Chargeback(payment_id, 4_000, "cb-1")
    accepted((await db.write(scope, lambda tx: service.record_chargebacks(tx, chargebacks=[taken])))[0])
    operation = (await factories.the_operations(db, scope, payment_id))[-1]
    refused = await settle(db, scope, operation.operation_id, "succeeded")
    assert isinstance(refused, errors.SettlementBeyondLedger)
    assert (await the_payment(db, scope, payment_id)).sums.refunded == 0
    accepted(await settle(db, scope, operation.operation_id, "failed"))
    assert await factories.broken(db, scope) == {}


async def test_the_case_of_an_unknown_outcome_ends_when_it_is_known(
    db: Database, scope: Scope, clock: FakeClock, order_id: OrderId
) -> None:
    operation = await lost(db, scope, order_id)
    clock.advance(timedelta(days=2))
    about = NewCase("payment_unknown", "payment", operation.payment_id, {})
    await db.write(scope, lambda tx: cases.open_cases(tx, cases=[about]))
    await hear(db, scope, Result(operation.key, "pending", "ch_1"))
    assert await factories.open_cases(db, scope, operation.payment_id) == ["payment_unknown"]
    accepted(await settle(db, scope, operation.operation_id, "succeeded"))
    assert await factories.open_cases(db, scope, operation.payment_id) == []
