"""Decide what providers' answers mean: one transition function for replies, browser returns, webhooks and sweeps."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from jiedan.payments.rules import ledger
from jiedan.payments.values import (
    COUNTED,
    RECONCILE_AFTER,
    SETTLED,
    EntryId,
    EntryKind,
    NewEntry,
    Operation,
    Payment,
    Result,
    Sums,
)

BACKOFF_MAX = timedelta(hours=1)
DOUBLINGS_MAX = 10

_SUM_BY_KIND: Mapping[EntryKind, str] = {
    "authorization": "authorized",
    "capture": "captured",
    "void": "voided",
    "refund": "refunded",
    "chargeback": "charged_back",
    "adjustment": "adjusted",
}


class Mismatch(NamedTuple):
    """An answer that does not fit what was asked: a person has to look."""

    payment: Payment
    operation: Operation
    result: Result
    problem: Literal["amount", "currency", "beyond_ledger"]


class Settled(NamedTuple):
    """What a set of answers comes to: payments and operations as they become, what goes into the ledger.

    `changed` are pairs of (operation as it was, as it is now), in the order heard; `check_at` says by operation id
    when the provider is asked next. `ignored` counts answers that said nothing new.
    """

    payments: dict[object, Payment]
    changed: list[tuple[Operation, Operation]]
    entries: list[tuple[NewEntry, Operation]]
    mismatches: list[Mismatch]
    ignored: int


def settle(
    results: Sequence[Result],
    operations: Mapping[str, Operation],
    payments: Mapping[object, Payment],
    authorizations: Mapping[object, EntryId],
    *,
    at: datetime,
) -> Settled:
    """Return what `results` do, in order; an answer that says nothing new does nothing, so any may come again.

    `operations` are by key, `payments` by id, both locked. `authorizations` are by payment the ledger entries that
    captures and voids refer to; a refund says itself which capture it reduces.
    """
    known = dict(operations)
    now = dict(payments)
    changed: list[tuple[Operation, Operation]] = []
    entries: list[tuple[NewEntry, Operation]] = []
    mismatches: list[Mismatch] = []
    ignored = 0
    for result in results:
        operation = known.get(result.key)
        if operation is None or not ledger.may_become(operation.state, result.state):
            ignored += 1
            continue
        payment = now[operation.payment_id]
        mismatch = _mismatch(payment, operation, result)
        if mismatch is not None:
            mismatches.append(mismatch)
            continue
        after = dataclasses.replace(
            operation,
            state=result.state,
            provider_ref=result.provider_ref or operation.provider_ref,
            failure=result.failure,
            settled_at=at if result.state in SETTLED else None,
            attempts=operation.attempts + 1,
        )
        if result.state == "succeeded":
            entry = _entry(payment, after, result, authorizations.get(payment.payment_id), at)
            entries.append((entry, after))
            payment = dataclasses.replace(payment, sums=added(payment.sums, entry.kind, entry.amount_minor))
        counted = (after.state in COUNTED) - (operation.state in COUNTED)
        now[payment.payment_id] = dataclasses.replace(
            payment,
            processing_count=max(0, payment.processing_count + counted),
            provider_ref=payment.provider_ref or result.provider_ref,
            pay_url=result.pay_url or payment.pay_url,
        )
        known[result.key] = after
        changed.append((operation, after))
    return Settled(now, changed, entries, mismatches, ignored)


def added(sums: Sums, kind: EntryKind, amount_minor: int) -> Sums:
    """Return the sums of a ledger with one more entry."""
    name = _SUM_BY_KIND[kind]
    return sums._replace(**{name: getattr(sums, name) + amount_minor})


def next_check(operation: Operation, at: datetime) -> datetime:
    """Return when an unsettled operation is asked about next: later each time, an hour apart at most."""
    wait: timedelta = RECONCILE_AFTER * 2 ** min(operation.attempts, DOUBLINGS_MAX)
    return at + min(wait, BACKOFF_MAX)


def _mismatch(payment: Payment, operation: Operation, result: Result) -> Mismatch | None:
    if result.state != "succeeded":
        return None
    if result.currency is not None and result.currency != payment.currency:
        return Mismatch(payment, operation, result, "currency")
    if result.amount_minor is not None and result.amount_minor != operation.amount_minor:
        return Mismatch(payment, operation, result, "amount")
    left = {
        "capture": ledger.outstanding(payment.sums),
        "void": ledger.outstanding(payment.sums),
        "refund": ledger.refundable(payment.sums),
    }
    if operation.kind in left and operation.amount_minor > left[operation.kind]:
        return Mismatch(payment, operation, result, "beyond_ledger")
    return None


def _entry(
    payment: Payment,
    operation: Operation,
    result: Result,
    authorization: EntryId | None,
    at: datetime,
) -> NewEntry:
    (kind,) = ledger.ENTRIES[operation.kind]
    refers_to = operation.refers_to
    if operation.kind in {"capture", "void"}:
        refers_to = authorization
    return NewEntry(
        payment_id=payment.payment_id,
        order_id=payment.order_id,
        kind=kind,
        amount_minor=operation.amount_minor,
        operation_id=operation.operation_id,
        refers_to=refers_to,
        provider_ref=operation.provider_ref,
        occurred_at=result.occurred_at or at,
    )
