"""REST of what people tell about money.

It came without an order, a bank took it back, it was confirmed wrongly, or moved where a provider does not tell.
"""

from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, post

from jiedan.base.errors import Refusal
from jiedan.base.web import bodies
from jiedan.base.web.unit import Unit
from jiedan.payments import service
from jiedan.payments.api import views
from jiedan.payments.api.payments import Reason, refuse_card_numbers, shown, the_one
from jiedan.payments.values import (
    REASON_CHARACTERS_MAX,
    REFERENCE_CHARACTERS_MAX,
    Adjustment,
    Chargeback,
    Method,
    OperationId,
    Outcome,
    PaymentId,
    Receipt,
    Settlement,
)

Amount = Annotated[int, msgspec.Meta(ge=1, le=bodies.AMOUNT_MINOR_MAX)]
SignedAmount = Annotated[int, msgspec.Meta(ge=-bodies.AMOUNT_MINOR_MAX, le=bodies.AMOUNT_MINOR_MAX)]
Reference = Annotated[str, msgspec.Meta(min_length=1, max_length=REFERENCE_CHARACTERS_MAX, pattern=r"\S")]
Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]


class ReceiveBody(bodies.Body):
    """Money that arrived and belongs to no order yet; `reference` is the bank's."""

    __example__: ClassVar[dict[str, Any]] = {"amount_minor": 12_500, "currency": "CNY", "reference": "2026-11-21/0042"}

    amount_minor: Amount
    currency: Currency
    reference: Reference
    method: Method = "bank_transfer"


class AssignPaymentBody(bodies.Body):
    """Which order the money is for."""

    __example__: ClassVar[dict[str, Any]] = {"order_id": "0193a000-0000-7000-8000-000000000001"}

    order_id: UUID


class ChargebackBody(bodies.Body):
    """Money that the payer's bank took back; the same `reference` counts once."""

    __as_sent__: ClassVar = frozenset({"reason"})

    __example__: ClassVar[dict[str, Any]] = {"amount_minor": 1_250, "reference": "cb_0042", "reason": "fraud"}

    amount_minor: Amount
    reference: Reference
    reason: Reason = ""


class AdjustBody(bodies.Body):
    """By how much a confirmation was wrong: negative when less had arrived."""

    __as_sent__: ClassVar = frozenset({"reason"})

    __example__: ClassVar[dict[str, Any]] = {"amount_minor": -250, "reason": "misread"}

    amount_minor: SignedAmount
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"\S")]


class SettleBody(bodies.Body):
    """What came of an operation that the provider does not tell about, why you know, and the provider's reference."""

    __as_sent__: ClassVar = frozenset({"reason"})

    __example__: ClassVar[dict[str, Any]] = {
        "outcome": "succeeded",
        "reason": "It stands on the provider's statement.",
        "reference": "ch_0042",
    }

    outcome: Outcome
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=REASON_CHARACTERS_MAX, pattern=r"\S")]
    reference: Annotated[str, msgspec.Meta(max_length=REFERENCE_CHARACTERS_MAX)] = ""


@post("/payments", permission="payments:write", idempotent=True, summary="Receive money without an order")
async def receive_payment(unit: Unit, data: ReceiveBody) -> Response[views.PaymentDetail]:
    """Record money that arrived for no order; a case says so until it is given to one."""
    refuse_card_numbers(reference=data.reference)
    receipt = Receipt(data.method, data.amount_minor, data.currency, data.reference, unit.idempotency_key)
    return await _told(unit, await unit.write(lambda tx: service.receive_money(tx, receipts=[receipt])))


@post(
    "/payments/{payment_id:uuid}/assignment",
    permission="payments:write",
    status_code=201,
    summary="Give a payment to an order",
)
async def assign_payment(unit: Unit, payment_id: UUID, data: AssignPaymentBody) -> Response[views.PaymentDetail]:
    """Give money that came without an order to one."""
    wish = service.Assignment(PaymentId(payment_id), data.order_id)
    return await _told(unit, await unit.write(lambda tx: service.assign_payments(tx, assignments=[wish])))


@post("/payments/{payment_id:uuid}/chargebacks", permission="payments:refund", summary="Record a chargeback")
async def charge_back_payment(unit: Unit, payment_id: UUID, data: ChargebackBody) -> Response[views.PaymentDetail]:
    """Record that the payer's bank took money back."""
    refuse_card_numbers(reference=data.reference, reason=data.reason)
    wish = Chargeback(PaymentId(payment_id), data.amount_minor, data.reference, data.reason)
    return await _told(unit, await unit.write(lambda tx: service.record_chargebacks(tx, chargebacks=[wish])))


@post(
    "/payments/{payment_id:uuid}/adjustments",
    permission="payments:refund",
    idempotent=True,
    summary="Correct a confirmation",
)
async def adjust_payment(unit: Unit, payment_id: UUID, data: AdjustBody) -> Response[views.PaymentDetail]:
    """Correct what was confirmed by hand."""
    refuse_card_numbers(reason=data.reason)
    wish = Adjustment(PaymentId(payment_id), data.amount_minor, data.reason, unit.idempotency_key)
    return await _told(unit, await unit.write(lambda tx: service.adjust_payments(tx, adjustments=[wish])))


@post(
    "/payments/operations/{operation_id:uuid}/settlement",
    permission="payments:refund",
    status_code=200,
    summary="Settle an operation by hand",
)
async def settle_operation(unit: Unit, operation_id: UUID, data: SettleBody) -> Response[views.PaymentDetail]:
    """Say what came of an operation that the provider does not tell about, and answer its payment."""
    refuse_card_numbers(reason=data.reason, reference=data.reference)
    wish = Settlement(OperationId(operation_id), data.outcome, data.reason, data.reference)
    settled = the_one(await unit.write(lambda tx: service.settle_operations(tx, settlements=[wish])))
    return await shown(unit, settled)


async def _told(unit: Unit, outcomes: list[PaymentId | Refusal]) -> Response[views.PaymentDetail]:
    return await shown(unit, the_one(outcomes), status=201)


HANDLERS: list[Any] = [receive_payment, assign_payment, charge_back_payment, adjust_payment, settle_operation]
