"""Decide what providers' answers mean: one transition function for replies, browser returns, webhooks and sweeps."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from jiedan.payments.rules import ledger
from jiedan.payments.values import (
    COUNTED,
    RECONCILE_AFTER,
    SETTLED,
    Entry,
    EntryId,
    EntryKind,
    Operation,
    Payment,
    PaymentId,
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
    problem: Literal["amount", "currency", "beyond_ledger", "contradiction"]


class Settled(NamedTuple):
    """What a set of answers comes to: payments and operations as they become, what goes into the ledger.

    `changed` are pairs of (operation as it was, as it is now), in the order heard. `entries` come with the operation
    that made them. `ignored` counts answers that said nothing new; `strangers` are about nothing that was ever asked.
    """

    payments: dict[PaymentId, Payment]
    changed: list[tuple[Operation, Operation]]
    entries: list[tuple[Entry, Operation]]
    mismatches: list[Mismatch]
    strangers: list[Result]
    ignored: int


def settle(
    results: Sequence[Result],
    operations: Mapping[str, Operation],
    payments: Mapping[PaymentId, Payment],
    authorizations: Mapping[object, EntryId],
    *,
    at: datetime,
    ids: Iterator[EntryId],
) -> Settled:
    """Return what `results` do, in order; an answer that says nothing new does nothing, so any may come again.

    `operations` are by key, `payments` by id, both locked. `authorizations` are by payment the ledger entries that
    captures and voids refer to; a refund says itself which capture it reduces. `ids` are for new entries: as many as
    there are results are enough.
    """
    known = dict(operations)
    now = dict(payments)
    authorized = dict(authorizations)
    strangers: list[Result] = []
    changed: list[tuple[Operation, Operation]] = []
    entries: list[tuple[Entry, Operation]] = []
    mismatches: list[Mismatch] = []
    ignored = 0
    for result in results:
        operation = known.get(result.key)
        if operation is None:
            strangers.append(result)
            continue
        payment = now[operation.payment_id]
        mismatch = _mismatch(payment, operation, result)
        if mismatch is not None:
            mismatches.append(mismatch)
            continue
        if not ledger.may_become(operation.state, result.state):
            ignored += 1
            continue
        after = _answered(operation, result, at)
        if result.state == "succeeded":
            entry = _entry(payment, after, authorized.get(payment.payment_id), result.occurred_at or at, next(ids))
            entries.append((entry._replace(recorded_at=at), after))
            if entry.kind == "authorization":
                authorized[payment.payment_id] = entry.entry_id
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
    return Settled(now, changed, entries, mismatches, strangers, ignored)


def added(sums: Sums, kind: EntryKind, amount_minor: int) -> Sums:
    """Return the sums of a ledger with one more entry."""
    name = _SUM_BY_KIND[kind]
    return sums._replace(**{name: getattr(sums, name) + amount_minor})


def next_check(operation: Operation, at: datetime) -> datetime:
    """Return when an unsettled operation is asked about next: later each time, an hour apart at most."""
    wait: timedelta = RECONCILE_AFTER * 2 ** min(operation.attempts, DOUBLINGS_MAX)
    return at + min(wait, BACKOFF_MAX)


def _mismatch(payment: Payment, operation: Operation, result: Result) -> Mismatch | None:
    """Return why an answer that would change something does not fit, or contradicts what a person has said."""
    if not ledger.may_become(operation.state, result.state):
        is_contrary = operation.settled_by is not None and (operation.state, result.state) == ("succeeded", "failed")
        return Mismatch(payment, operation, result, "contradiction") if is_contrary else None
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


def _answered(operation: Operation, result: Result, at: datetime) -> Operation:
    return dataclasses.replace(
        operation,
        state=result.state,
        provider_ref=result.provider_ref or operation.provider_ref,
        failure=result.failure,
        settled_at=at if result.state in SETTLED else None,
        settled_by=result.settled_by,
        attempts=operation.attempts + 1,
    )


def _entry(
    payment: Payment, operation: Operation, authorization: EntryId | None, occurred_at: datetime, entry_id: EntryId
) -> Entry:
    (kind,) = ledger.ENTRIES[operation.kind]
    refers_to = operation.refers_to
    if operation.kind in {"capture", "void"}:
        refers_to = authorization
    return Entry(
        entry_id=entry_id,
        payment_id=payment.payment_id,
        kind=kind,
        amount_minor=operation.amount_minor,
        currency=payment.currency,
        operation_id=operation.operation_id,
        refers_to=refers_to,
        provider_ref=operation.provider_ref,
        reason=operation.reason,
        occurred_at=occurred_at,
        recorded_at=occurred_at,
    )
