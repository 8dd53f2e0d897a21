"""How payments look in the API."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from jiedan.base import i18n
from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal
from jiedan.base.web import problems
from jiedan.base.web.unit import Unit
from jiedan.payments import queries, rules
from jiedan.payments.values import Entry, Operation, Payment, PaymentId, RefundLine


class PaymentView(msgspec.Struct, frozen=True, kw_only=True):
    """A payment. Amounts are minor units of `currency`; `amount_minor` is what it was meant to be."""

    payment_id: UUID
    order_id: UUID | None
    provider: str
    method: str
    currency: str
    amount_minor: int
    state: str
    pay_url: str | None
    authorized_minor: int
    captured_minor: int
    voided_minor: int
    refunded_minor: int
    charged_back_minor: int
    adjusted_minor: int
    capturable_minor: int
    refundable_minor: int
    installments: int
    created_at: datetime
    version: int


class OperationView(msgspec.Struct, frozen=True):
    """One thing that was asked of the provider."""

    operation_id: UUID
    kind: str
    state: str
    amount_minor: int
    failure: str | None
    reason: str | None
    requested_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    refund_lines: tuple[RefundLine, ...]


class EntryView(msgspec.Struct, frozen=True):
    """One line of the ledger: what happened to money."""

    entry_id: UUID
    kind: str
    amount_minor: int
    currency: str
    operation_id: UUID | None
    refers_to: UUID | None
    reference: str
    reason: str | None
    occurred_at: datetime
    recorded_at: datetime
    refund_lines: list[RefundLine]


class PaymentDetail(PaymentView, frozen=True, kw_only=True):
    """A payment with its ledger and what was asked for it."""

    operations: list[OperationView]
    ledger: list[EntryView]


class PaymentOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one row of a set."""

    payment_id: UUID
    done: bool
    error: problems.Reason | None = None


def view(payment: Payment) -> PaymentView:
    """Return a payment as the API shows it in lists."""
    return PaymentView(**_fields(payment))


async def detail(tx: ReadTx, payment_id: UUID) -> PaymentDetail:
    """Return a payment whole. Raises PaymentNotFound."""
    payment = await queries.payment(tx, payment_id)
    wanted = [PaymentId(payment_id)]
    operations = (await queries.operations_of(tx, wanted)).get(payment.payment_id, [])
    entries = (await queries.entries_of(tx, wanted)).get(payment.payment_id, [])
    lines = await queries.refund_lines_of(tx, wanted)
    return PaymentDetail(
        **_fields(payment),
        operations=[_operation(operation) for operation in operations],
        ledger=[_entry(entry, lines.get(entry.entry_id, [])) for entry in entries],
    )


def outcomes(unit: Unit, payment_ids: list[UUID], found: list[Any], *, rows: str) -> list[PaymentOutcome]:
    """Return what became of each row of a set, refusals in the caller's language; `rows` is the list's field."""
    for i, outcome in enumerate(found):
        if isinstance(outcome, Refusal) and outcome.field:
            outcome.field = f"{rows}[{i}].{outcome.field}"
    return [
        PaymentOutcome(payment_id, done=False, error=_reason(unit, outcome))
        if isinstance(outcome, Refusal)
        else PaymentOutcome(payment_id, done=True)
        for payment_id, outcome in zip(payment_ids, found, strict=True)
    ]


def _reason(unit: Unit, refusal: Refusal) -> problems.Reason:
    text = i18n.say(unit.locale, refusal)
    return problems.Reason(refusal.code, text, refusal.field, dict(refusal.data()) or None)


def _fields(payment: Payment) -> dict[str, Any]:
    sums = payment.sums
    return {
        "payment_id": payment.payment_id,
        "order_id": payment.order_id,
        "provider": payment.provider,
        "method": payment.method,
        "currency": payment.currency,
        "amount_minor": payment.amount_minor,
        "state": payment.state,
        "pay_url": payment.pay_url if payment.state == "action_needed" else None,
        "authorized_minor": sums.authorized,
        "captured_minor": sums.captured,
        "voided_minor": sums.voided,
        "refunded_minor": sums.refunded,
        "charged_back_minor": sums.charged_back,
        "adjusted_minor": sums.adjusted,
        "capturable_minor": rules.outstanding(sums),
        "refundable_minor": max(0, rules.refundable(sums)),
        "installments": payment.installments,
        "created_at": payment.created_at,
        "version": payment.version,
    }


def _operation(operation: Operation) -> OperationView:
    return OperationView(
        operation.operation_id,
        operation.kind,
        operation.state,
        operation.amount_minor,
        operation.failure or None,
        operation.reason or None,
        operation.requested_at,
        operation.settled_at,
        operation.settled_by,
        operation.refund_lines,
    )


def _entry(entry: Entry, lines: list[RefundLine]) -> EntryView:
    return EntryView(
        entry.entry_id,
        entry.kind,
        entry.amount_minor,
        entry.currency,
        entry.operation_id,
        entry.refers_to,
        entry.provider_ref,
        entry.reason or None,
        entry.occurred_at,
        entry.recorded_at,
        lines,
    )
