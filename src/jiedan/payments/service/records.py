"""New rows, before anything has come of them: payments, operations, lines of the ledger."""

from uuid import UUID

from jiedan.base.db import Tx
from jiedan.payments.values import (
    Entry,
    EntryId,
    EntryKind,
    Method,
    Operation,
    OperationId,
    OperationKind,
    Payment,
    PaymentId,
    RefundLine,
    Sums,
)


def payment(
    tx: Tx,
    payment_id: PaymentId,
    *,
    order_id: UUID | None,
    provider: str,
    method: Method,
    currency: str,
    amount_minor: int,
    return_url: str = "",
    installments: int = 1,
) -> Payment:
    """Return a payment with an empty ledger."""
    return Payment(
        payment_id=payment_id,
        order_id=order_id,
        provider=provider,
        method=method,
        currency=currency,
        amount_minor=amount_minor,
        provider_ref="",
        pay_url="",
        return_url=return_url,
        state="open",
        sums=Sums(),
        processing_count=0,
        created_at=tx.now,
        version=1,
        installments=installments,
    )


def operation(
    tx: Tx,
    payment_id: PaymentId,
    kind: OperationKind,
    amount_minor: int,
    *,
    key: str | None = None,
    reference: str = "",
    reason: str = "",
    refers_to: EntryId | None = None,
    refund_lines: tuple[RefundLine, ...] = (),
    token: str = "",
    to_wallet: bool = False,
) -> Operation:
    """Return an operation that is about to be asked for, under `key` or one minted here."""
    operation_id = OperationId(tx.new_id())
    return Operation(
        operation_id=operation_id,
        payment_id=payment_id,
        kind=kind,
        amount_minor=amount_minor,
        key=key or f"op-{operation_id.hex}",
        state="pending",
        provider_ref=reference,
        failure="",
        reason=reason,
        refers_to=refers_to,
        refund_lines=refund_lines,
        token=token,
        requested_at=tx.now,
        settled_at=None,
        attempts=0,
        to_wallet=to_wallet,
    )


def entry(
    tx: Tx,
    of: Payment,
    kind: EntryKind,
    amount_minor: int,
    *,
    refers_to: EntryId | None = None,
    reference: str = "",
    reason: str = "",
) -> Entry:
    """Return a line of the ledger that no operation made: it happened elsewhere, and is told now."""
    return Entry(
        entry_id=EntryId(tx.new_id()),
        payment_id=of.payment_id,
        kind=kind,
        amount_minor=amount_minor,
        currency=of.currency,
        operation_id=None,
        refers_to=refers_to,
        provider_ref=reference,
        reason=reason,
        occurred_at=tx.now,
        recorded_at=tx.now,
    )
