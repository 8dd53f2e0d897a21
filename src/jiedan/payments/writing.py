"""Writing payments: one statement per table, whatever the number of rows."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from jiedan.base import sql
from jiedan.base.db import Tx
from jiedan.payments import rules
from jiedan.payments.values import (
    RECONCILE_AFTER,
    SETTLED,
    Entry,
    EntryId,
    Operation,
    Payment,
    RefundLine,
)

SQL = sql.load("jiedan.payments", "writing.sql")

Call = tuple[sql.Statement, dict[str, Any]]


class Saving(NamedTuple):
    """What a decision changes: payments and operations as they become, new lines of the ledger."""

    payments: Sequence[Payment]
    operations: Sequence[Operation] = ()
    entries: Sequence[Entry] = ()
    refund_lines: Sequence[tuple[EntryId, RefundLine]] = ()


async def insert_payments(tx: Tx, payments: Collection[Payment]) -> None:
    """Write new payments, with what has come of them already; nobody is being asked about them yet."""
    if not payments:
        return
    await tx.sql_count(
        SQL["insert_payments"],
        providers=[p.provider for p in payments],
        methods=[p.method for p in payments],
        currencies=[p.currency for p in payments],
        amounts_minor=[p.amount_minor for p in payments],
        return_urls=[p.return_url for p in payments],
        installments=[p.installments for p in payments],
        **_ledger_columns(payments),
        at=tx.now,
        actor_kind=tx.actor.kind,
        actor_id=tx.actor.id,
    )


async def insert_operations(tx: Tx, operations: Sequence[Operation], *, check_at: datetime | None = None) -> None:
    """Write what is about to be asked; the sweeper asks too from `check_at` on, else after RECONCILE_AFTER."""
    if not operations:
        return
    await tx.sql_count(
        SQL["insert_operations"],
        operation_ids=[o.operation_id for o in operations],
        payment_ids=[o.payment_id for o in operations],
        kinds=[o.kind for o in operations],
        amounts_minor=[o.amount_minor for o in operations],
        keys=[o.key for o in operations],
        provider_refs=[o.provider_ref for o in operations],
        reasons=[o.reason for o in operations],
        refers_to=[o.refers_to for o in operations],
        refund_lines=[msgspec.json.encode(o.refund_lines).decode() for o in operations],
        tokens=[o.token for o in operations],
        to_wallet=[o.to_wallet for o in operations],
        at=tx.now,
        by=f"{tx.actor.kind}:{tx.actor.id}",
        check_at=check_at or tx.now + RECONCILE_AFTER,
    )


async def save(tx: Tx, saving: Saving) -> None:
    """Write what changed, in one round trip; the ledger is only added to."""
    batch: list[Call] = []
    if saving.operations:
        batch.append((SQL["settle_operations"], _operation_columns(tx, saving.operations)))
    if saving.entries:
        batch.append((SQL["insert_entries"], _entry_columns(saving.entries)))
    if saving.refund_lines:
        batch.append((SQL["insert_refund_lines"], _line_columns(saving.refund_lines)))
    if saving.payments:
        batch.append((SQL["update_payments"], _payment_columns(saving.payments)))
    if batch:
        await tx.sql_many(batch)


async def postpone(tx: Tx, operations: Sequence[Operation]) -> None:
    """Have operations asked about again later, each time later than before."""
    await tx.sql_count(
        SQL["postpone_operations"],
        operation_ids=[o.operation_id for o in operations],
        check_at=[rules.next_check(o, tx.now) for o in operations],
    )


def _operation_columns(tx: Tx, operations: Sequence[Operation]) -> dict[str, Any]:
    last = {o.operation_id: o for o in operations}.values()
    return {
        "operation_ids": [o.operation_id for o in last],
        "states": [o.state for o in last],
        "provider_refs": [o.provider_ref for o in last],
        "failures": [o.failure for o in last],
        "check_at": [tx.now if o.state in SETTLED else rules.next_check(o, tx.now) for o in last],
        "settled_at": [o.settled_at for o in last],
        "settled_by": [o.settled_by for o in last],
        "attempts": [o.attempts for o in last],
    }


def _entry_columns(entries: Sequence[Entry]) -> dict[str, Any]:
    return {
        "entry_ids": [e.entry_id for e in entries],
        "payment_ids": [e.payment_id for e in entries],
        "kinds": [e.kind for e in entries],
        "amounts_minor": [e.amount_minor for e in entries],
        "currencies": [e.currency for e in entries],
        "operation_ids": [e.operation_id for e in entries],
        "refers_to": [e.refers_to for e in entries],
        "provider_refs": [e.provider_ref for e in entries],
        "reasons": [e.reason for e in entries],
        "occurred_at": [e.occurred_at for e in entries],
        "recorded_at": [e.recorded_at for e in entries],
    }


def _line_columns(lines: Sequence[tuple[EntryId, RefundLine]]) -> dict[str, Any]:
    return {
        "entry_ids": [entry_id for entry_id, _ in lines],
        "lines": [line.line for _, line in lines],
        "quantities": [line.quantity for _, line in lines],
        "amounts_minor": [line.amount_minor for _, line in lines],
    }


def _payment_columns(payments: Sequence[Payment]) -> dict[str, Any]:
    return {
        **_ledger_columns(payments),
        "processing_counts": [p.processing_count for p in payments],
        "pay_urls": [p.pay_url for p in payments],
    }


def _ledger_columns(payments: Collection[Payment]) -> dict[str, Any]:
    return {
        "payment_ids": [p.payment_id for p in payments],
        "order_ids": [p.order_id for p in payments],
        "states": [p.state for p in payments],
        "authorized": [p.sums.authorized for p in payments],
        "captured": [p.sums.captured for p in payments],
        "voided": [p.sums.voided for p in payments],
        "refunded": [p.sums.refunded for p in payments],
        "charged_back": [p.sums.charged_back for p in payments],
        "adjusted": [p.sums.adjusted for p in payments],
        "provider_refs": [p.provider_ref for p in payments],
    }
