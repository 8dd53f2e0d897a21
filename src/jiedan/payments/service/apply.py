"""Take in what providers say: the one transition, whether by reply, browser return, webhook or sweep."""

from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5

from jiedan.base import cards
from jiedan.base.db import Tx
from jiedan.cases import service as cases
from jiedan.cases.values import NewCase
from jiedan.payments import events, queries, rules
from jiedan.payments.service import saving
from jiedan.payments.service.locking import Held, hold
from jiedan.payments.values import (
    COUNTED,
    RECONCILIATION_WINDOW,
    EntryId,
    Operation,
    RefundLine,
    Result,
)

ANSWERED = "It is known now what came of it."


async def apply_results(tx: Tx, *, results: Sequence[Result]) -> Held:
    """Settle operations by what providers said of them; any answer may come again, in any order, and counts once.

    Amounts that do not match, answers about nothing that was asked, and money nobody waited for become cases. The
    statement count does not grow with the number of answers. Returns payments and orders as they are now. Raises
    PaymentMoved.
    """
    asked = await queries.operations_by_key(tx, [result.key for result in results])
    held = await hold(tx, {operation.payment_id for operation in asked.values()})
    return await apply_held(tx, held, results)


async def apply_held(tx: Tx, held: Held, results: Sequence[Result], *, follows: bool = True) -> Held:
    """Do `apply_results` for payments that are locked already; `follows` is that of `saving.save`."""
    results = [result._replace(failure=cards.masked(result.failure)) for result in results]
    keys = {result.key for result in results}
    settled = rules.settle(
        results,
        {o.key: o for of in held.operations.values() for o in of if o.key in keys},
        dict(held.payments),
        _authorizations(held),
        at=tx.now,
        ids=iter([EntryId(new) for new in tx.new_ids(len(results))]),
    )
    decided = saving.Decided(
        {payment.payment_id: payment for payment in settled.payments.values()},
        operations=list({after.operation_id: after for _, after in settled.changed}.values()),
        entries=[entry for entry, _ in settled.entries],
        refund_lines=_refund_lines(settled),
    )
    now = await saving.save(tx, held, decided, follows=follows)
    _tell(tx, settled, now)
    await _open_cases(tx, settled, now)
    return now


def _authorizations(held: Held) -> dict[object, EntryId]:
    return {e.payment_id: e.entry_id for of in held.entries.values() for e in of if e.kind == "authorization"}


def _refund_lines(settled: rules.Settled) -> list[tuple[EntryId, RefundLine]]:
    return [
        (entry.entry_id, line)
        for entry, operation in settled.entries
        if entry.kind == "refund"
        for line in operation.refund_lines
    ]


def _tell(tx: Tx, settled: rules.Settled, now: Held) -> None:
    """Tell what failed and what is not known; money that moved was told with the ledger."""
    for before, after in settled.changed:
        payment = now.payments[after.payment_id]
        if after.state == "failed":
            failed = events.OperationFailed(
                payment_id=payment.payment_id,
                order_id=payment.order_id,
                operation_id=after.operation_id,
                operation=after.kind,
                failure=after.failure,
            )
            tx.emit(failed, history=now.is_history(payment))
        elif after.state == "unknown" and before.state != "unknown":
            unknown = events.OperationUnknown(
                payment_id=payment.payment_id,
                order_id=payment.order_id,
                operation_id=after.operation_id,
                operation=after.kind,
            )
            tx.emit(unknown, history=now.is_history(payment))


async def _open_cases(tx: Tx, settled: rules.Settled, now: Held) -> None:
    opened = [_mismatch(found) for found in settled.mismatches]
    opened += [_stranger(tx, result) for result in settled.strangers]
    await cases.open_cases(tx, cases=opened)
    known = sorted({after.payment_id for _, after in settled.changed if _is_late(tx, after)})
    answered = [key for key in known if not any(_is_late(tx, o) for o in now.operations[key] if o.state in COUNTED)]
    if answered:
        await cases.settle_about(
            tx, kind="payment_unknown", subject_kind="payment", subject_ids=answered, words=ANSWERED
        )


def _is_late(tx: Tx, operation: Operation) -> bool:
    return operation.requested_at <= tx.now - RECONCILIATION_WINDOW


def _mismatch(found: rules.Mismatch) -> NewCase:
    payment, operation, result = found.payment, found.operation, found.result
    data = {
        "order_id": payment.order_id,
        "operation_id": operation.operation_id,
        "problem": found.problem,
        "asked_minor": operation.amount_minor,
        "asked_currency": payment.currency,
        "told_minor": result.amount_minor,
        "told_currency": result.currency,
    }
    return NewCase("payment_mismatch", "payment", payment.payment_id, data)


def _stranger(tx: Tx, result: Result) -> NewCase:
    """Return the case of an answer about nothing that was asked; its subject is the key, as an id."""
    data = {
        "key": result.key,
        "provider_ref": result.provider_ref,
        "told_minor": result.amount_minor,
        "told_currency": result.currency,
    }
    return NewCase("payment_mismatch", "provider_message", uuid5(NAMESPACE_URL, f"{tx.tenant}/{result.key}"), data)
