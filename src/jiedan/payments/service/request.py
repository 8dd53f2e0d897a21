"""Ask for money to be captured, let go or given back: stored first, performed after the commit."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.cases.values import Successor
from jiedan.orders.values import OrderWithLines
from jiedan.payments import errors, queries, rules, values, writing
from jiedan.payments.service import create, records, saving, to_wallets
from jiedan.payments.service.apply import apply_held
from jiedan.payments.service.locking import Held, hold
from jiedan.payments.values import (
    EntryId,
    Operation,
    OperationRequest,
    Payment,
    PaymentId,
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

    What is in flight counts as done. A capture without an amount takes no more than the order owes, whatever was set
    aside. A refund larger than one capture still holds becomes several operations. Money
    that people move is given back by them: recording it is the refund. The statement count does not grow.
    """
    return await once.each(
        tx,
        operation=OPERATION,
        wishes=[(wish.key, wish) for wish in requests],
        work=lambda fresh: _request(tx, [request for request, _ in fresh]),
        again=lambda request, _: Requested(request.payment_id, ()),
    )


async def _request(tx: Tx, requests: Sequence[OperationRequest]) -> list[Requested | Refusal]:
    held = await hold(tx, {request.payment_id for request in requests})
    return await request_held(tx, held, requests)


async def request_held(
    tx: Tx,
    held: Held,
    requests: Sequence[OperationRequest],
    *,
    check_at: datetime | None = None,
    by_hand: Sequence[Successor] = (),
) -> list[Requested | Refusal]:
    """Do `request_operations` for payments that are locked already; from `check_at` on the sweeper performs them.

    `by_hand` are the cases of what people give back of the same orders beside.
    """
    made: list[Operation] = []
    outcomes: list[Requested | Refusal] = []
    operations = {key: list(of) for key, of in held.operations.items()}
    others = await _other_tenders(tx, held, requests)
    for request in requests:
        payment = held.payments.get(request.payment_id)
        if payment is None:
            outcomes.append(errors.PaymentNotFound(request.payment_id))
            continue
        of_payment = operations.setdefault(payment.payment_id, [])
        of_order = [*others.get(payment.order_id, ()), *_of_order(held, payment, operations)]
        parts = _parts(held, payment, request, of_payment, of_order)
        if isinstance(parts, Refusal):
            outcomes.append(parts)
            continue
        to_wallet = payment.provider == values.WALLET
        added = [_operation(tx, request, part, number, to_wallet=to_wallet) for number, part in enumerate(parts)]
        of_payment.extend(added)
        made.extend(added)
        outcomes.append(Requested(payment.payment_id, tuple(operation.key for operation in added)))
    if made or by_hand:
        await store(tx, held, made, check_at, by_hand)
    return outcomes


async def store(
    tx: Tx,
    held: Held,
    made: Sequence[Operation],
    check_at: datetime | None = None,
    by_hand: Sequence[Successor] = (),
) -> None:
    """Write operations that are to be performed; what people move, or goes to a wallet, is done at once.

    All cases come after the locks of wallets, as they do wherever wallets pay.
    """
    await writing.insert_operations(tx, made, check_at=check_at)
    busy = dict(held.payments)
    for operation in made:
        payment = busy[operation.payment_id]
        busy[operation.payment_id] = dataclasses.replace(payment, processing_count=payment.processing_count + 1)
    create.tell_requested(tx, made, busy)
    now = await saving.save(tx, held, saving.Decided(busy, requested=made), follows=False)
    at_once = [o for o in made if o.to_wallet or busy[o.payment_id].provider in values.BY_HAND]
    if at_once:
        await to_wallets.put(tx, held, at_once)
        done = [Result(o.key, "succeeded", amount_minor=o.amount_minor, occurred_at=tx.now) for o in at_once]
        now = await apply_held(tx, now, done, follows=False)
    refunds = [o.payment_id for o in made if o.kind == "refund"]
    await saving.follow_refunds(tx, held, now, refunds, by_hand=by_hand)


async def _other_tenders(
    tx: Tx, held: Held, requests: Sequence[OperationRequest]
) -> dict[UUID | None, list[Operation]]:
    """Return what was asked for the other tenders of the orders concerned, by order, where it matters."""
    wanted = {
        payment.order_id
        for request in requests
        if (payment := held.payments.get(request.payment_id)) is not None and payment.order_id is not None
        if request.refund_lines or (request.kind == "capture" and request.amount_minor is None)
    }
    if not wanted:
        return {}
    tenders, asked = await queries.tenders_of_orders(tx, wanted)
    return {
        order_id: [o for p in of if p.payment_id not in held.payments for o in asked.get(p.payment_id, ())]
        for order_id, of in tenders.items()
    }


def _of_order(held: Held, payment: Payment, operations: Mapping[PaymentId, Sequence[Operation]]) -> Iterator[Operation]:
    """Yield what was asked for the locked tenders of the order of a payment, of this set too."""
    for key, of in operations.items():
        if payment.order_id is not None and held.payments[key].order_id == payment.order_id:
            yield from of


def _parts(
    held: Held,
    payment: Payment,
    request: OperationRequest,
    operations: Sequence[Operation],
    of_order: Sequence[Operation],
) -> list[_Part] | Refusal:
    """Return what the operations of a request are for, or why it cannot be."""
    if request.kind != "refund" and payment.provider in values.WITHOUT_GATEWAY:
        return errors.OnlyByHand(payment.provider)
    found = held.order_of(payment)
    lines = _lines(found, request, of_order)
    if isinstance(lines, Refusal):
        return lines
    busy = rules.in_flight(operations)
    amount = request.amount_minor
    if amount is None:
        amount = sum(line.amount_minor for line in lines) if lines else rules.free_for(payment, request.kind, busy)
        if request.kind == "capture" and found is not None and amount:
            amount = min(amount, rules.owed_minor(found.order, of_order))
            if not amount:
                return errors.NothingDue(found.order.number)
    refusal = rules.check_operation(payment, request.kind, amount, in_flight=busy)
    if refusal is not None:
        return refusal
    if request.kind != "refund":
        return [_Part(amount, None, ())]
    captures = rules.captures_left(held.entries.get(payment.payment_id, ()), operations)
    shares = rules.split_over_captures(amount, captures)
    split = rules.split_lines(lines, [share for _, share in shares])
    return [_Part(share, entry_id, of) for (entry_id, share), of in zip(shares, split, strict=True)]


def _lines(
    found: OrderWithLines | None, request: OperationRequest, of_order: Sequence[Operation]
) -> tuple[RefundLine, ...] | Refusal:
    """Return the lines of a refund with their amounts, or what is wrong with them."""
    if not request.refund_lines:
        return ()
    by_number = {} if found is None else {line.line: line for line in found.lines}
    currency = "" if found is None else found.order.currency
    gone = rules.units_refunded(of_order)
    return rules.refund_lines(request.refund_lines, by_number, gone, request.amount_minor, currency)


def _operation(tx: Tx, request: OperationRequest, part: _Part, number: int, *, to_wallet: bool) -> Operation:
    return records.operation(
        tx,
        request.payment_id,
        request.kind,
        part.amount_minor,
        key=None if request.cause is None else _caused_key(request.cause, request, number),
        reason=request.reason,
        refers_to=part.refers_to,
        refund_lines=part.lines,
        to_wallet=to_wallet,
    )


def _caused_key(cause: UUID, request: OperationRequest, number: int) -> str:
    """Return the key of an operation that an event made necessary: the same event leads to the same key."""
    return f"{caused_prefix(cause)}{request.kind}-{request.payment_id.hex}-{number}"


def caused_prefix(cause: UUID) -> str:
    """Return what the keys of everything begin with that an event made necessary."""
    return f"ev-{cause.hex}-"
