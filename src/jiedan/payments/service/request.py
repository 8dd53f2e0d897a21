"""Ask for money to be captured, let go or given back: stored first, performed after the commit."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.orders.values import OrderWithLines
from jiedan.payments import errors, rules, values, writing
from jiedan.payments.service import create, keys, records, saving
from jiedan.payments.service.apply import apply_held
from jiedan.payments.service.locking import Held, hold
from jiedan.payments.values import (
    EntryId,
    Operation,
    OperationRequest,
    Payment,
    RefundLine,
    Requested,
    Result,
)

OPERATION = "payments.request"


class _Part(NamedTuple):
    """What one operation of a request is for."""

    amount_minor: int
    refers_to: EntryId | None
    lines: tuple[RefundLine, ...]


async def request_operations(tx: Tx, *, requests: Sequence[OperationRequest]) -> list[Requested | Refusal]:
    """Store captures, voids and refunds that are to be performed: one outcome per request, earlier ones first.

    What is in flight counts as done. A refund larger than one capture still holds becomes several operations. Money
    that people move is given back by them: recording it is the refund. The statement count does not grow.
    """

    async def work(fresh: Sequence[keys.Fresh]) -> list[Requested | Refusal]:
        return await _request(tx, [requests[f.place] for f in fresh])

    return await keys.once(
        tx,
        operation=OPERATION,
        keys=[request.key for request in requests],
        work=work,
        again=lambda i, _: Requested(requests[i].payment_id, ()),
    )


async def _request(tx: Tx, requests: Sequence[OperationRequest]) -> list[Requested | Refusal]:
    held = await hold(tx, {request.payment_id for request in requests})
    return await request_held(tx, held, requests)


async def request_held(
    tx: Tx, held: Held, requests: Sequence[OperationRequest], *, check_at: datetime | None = None
) -> list[Requested | Refusal]:
    """Do `request_operations` for payments that are locked already; from `check_at` on the sweeper performs them."""
    made: list[Operation] = []
    outcomes: list[Requested | Refusal] = []
    operations = {key: list(of) for key, of in held.operations.items()}
    for request in requests:
        payment = held.payments.get(request.payment_id)
        if payment is None:
            outcomes.append(errors.PaymentNotFound(request.payment_id))
            continue
        of_payment = operations.setdefault(payment.payment_id, [])
        parts = _parts(held, payment, request, of_payment)
        if isinstance(parts, Refusal):
            outcomes.append(parts)
            continue
        added = [_operation(tx, request, part, number) for number, part in enumerate(parts)]
        of_payment.extend(added)
        made.extend(added)
        outcomes.append(Requested(payment.payment_id, tuple(operation.key for operation in added)))
    if made:
        await _store(tx, held, made, check_at)
    return outcomes


async def _store(tx: Tx, held: Held, made: Sequence[Operation], check_at: datetime | None) -> None:
    await writing.insert_operations(tx, made, check_at=check_at)
    busy = dict(held.payments)
    for operation in made:
        payment = busy[operation.payment_id]
        busy[operation.payment_id] = dataclasses.replace(payment, processing_count=payment.processing_count + 1)
    create.tell_requested(tx, made, busy)
    now = await saving.save(tx, held, saving.Decided(busy, requested=made))
    by_hand = [o for o in made if busy[o.payment_id].provider in values.BY_HAND]
    if by_hand:
        done = [Result(o.key, "succeeded", amount_minor=o.amount_minor, occurred_at=tx.now) for o in by_hand]
        await apply_held(tx, now, done)


def _parts(
    held: Held, payment: Payment, request: OperationRequest, operations: Sequence[Operation]
) -> list[_Part] | Refusal:
    """Return what the operations of a request are for, or why it cannot be."""
    if request.kind != "refund" and payment.provider in values.BY_HAND:
        return errors.OnlyByHand(payment.provider)
    amount = _amount(payment, request, operations)
    refusal = _lines_refusal(held.order_of(payment), request, amount) or rules.check_operation(
        payment, request.kind, amount, in_flight=rules.in_flight(operations)
    )
    if refusal is not None:
        return refusal
    if request.kind != "refund":
        return [_Part(amount, None, ())]
    captures = rules.captures_left(held.entries.get(payment.payment_id, ()), operations)
    shares = rules.split_over_captures(amount, captures)
    lines = rules.split_lines(request.refund_lines, [share for _, share in shares])
    return [_Part(share, entry_id, of) for (entry_id, share), of in zip(shares, lines, strict=True)]


def _amount(payment: Payment, request: OperationRequest, operations: Sequence[Operation]) -> int:
    """Return the amount asked for: as given, the sum of the lines, or all that is left."""
    if request.amount_minor is not None:
        return request.amount_minor
    if request.refund_lines:
        return sum(line.amount_minor for line in request.refund_lines)
    return rules.free_for(payment, request.kind, rules.in_flight(operations))


def _lines_refusal(found: OrderWithLines | None, request: OperationRequest, amount_minor: int) -> Refusal | None:
    if not request.refund_lines:
        return None
    ordered = {} if found is None else {line.line: line.ordered for line in found.lines}
    return rules.check_refund_lines(request.refund_lines, amount_minor, ordered)


def _operation(tx: Tx, request: OperationRequest, part: _Part, number: int) -> Operation:
    return records.operation(
        tx,
        request.payment_id,
        request.kind,
        part.amount_minor,
        key=None if request.cause is None else _caused_key(request.cause, request, number),
        reason=request.reason,
        refers_to=part.refers_to,
        refund_lines=part.lines,
    )


def _caused_key(cause: UUID, request: OperationRequest, number: int) -> str:
    """Return the key of an operation that an event made necessary: the same event leads to the same key."""
    return f"{caused_prefix(cause)}{request.kind}-{request.payment_id.hex}-{number}"


def caused_prefix(cause: UUID) -> str:
    """Return what the keys of everything begin with that an event made necessary."""
    return f"ev-{cause.hex}-"
