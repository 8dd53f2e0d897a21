"""Write what was decided about payments: the ledger, what orders know of it, events, and the cases that follow."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.base.events import Event
from jiedan.cases import service as cases
from jiedan.cases.values import NewCase, Successor
from jiedan.orders import service as orders
from jiedan.orders.service import leaving, owed
from jiedan.orders.values import Order, OrderId, OrderWithLines, PaymentFact
from jiedan.payments import events, rules, writing
from jiedan.payments.service.locking import Held
from jiedan.payments.values import (
    BY_HAND,
    SETTLED,
    WALLET,
    WITHOUT_GATEWAY,
    Entry,
    EntryId,
    EntryKind,
    Operation,
    Payment,
    PaymentId,
    RefundLine,
    Sums,
)

_MONEY_EVENTS: Mapping[EntryKind, type[Event]] = {
    "authorization": events.MoneyAuthorized,
    "capture": events.MoneyCaptured,
    "void": events.AuthorizationVoided,
    "refund": events.MoneyRefunded,
    "chargeback": events.MoneyChargedBack,
    "adjustment": events.MoneyAdjusted,
}
_INCOMING: frozenset[EntryKind] = frozenset({"authorization", "capture"})
_OUTGOING: frozenset[EntryKind] = frozenset({"refund", "void", "chargeback", "adjustment"})

_FAILED_CASES = {"refund": leaving.REFUND_FAILED, "void": "void_failed"}

ARRIVED = "The rest of the money has arrived."


@dataclasses.dataclass(frozen=True, slots=True)
class Decided:
    """What a use case has decided: payments as they become, by id, and what goes with them.

    `operations` are the settled or changed ones as they become; those in `held` and not here stay as they are.
    `requested` are new and are not written here; nor are payments that `are_written` as they become.
    """

    payments: Mapping[PaymentId, Payment]
    operations: Sequence[Operation] = ()
    requested: Sequence[Operation] = ()
    entries: Sequence[Entry] = ()
    refund_lines: Sequence[tuple[EntryId, RefundLine]] = ()
    are_written: bool = False


async def save(tx: Tx, held: Held, decided: Decided, *, follows: bool = True) -> Held:
    """Write `decided`, tell orders, emit events and open cases; return everything held as it is now.

    Who saves again, or locks more, calls `follow_refunds` at the end: `follows` is False then.
    """
    after = {key: _with_state(payment, held, decided) for key, payment in decided.payments.items()}
    changed = [payment for key, payment in after.items() if payment != held.payments.get(key)]
    wrong = [] if decided.are_written else changed
    await writing.save(tx, writing.Saving(wrong, decided.operations, decided.entries, decided.refund_lines))
    facts = [fact for p in changed if (fact := _fact(held, decided, p)) is not None]
    _tell(tx, held, after, decided.entries)  # before what follows from it
    history = _history(tx, held, after, decided.entries)
    recorded = await orders.record_payments(tx, facts=facts, held=held.orders, history=history) if facts else {}
    now = _as_now(held, decided, after, recorded)
    was = {key: found.order for key, found in held.orders.items()}
    stays = await leaving.follow_answers(tx, orders=was, answers=list(_answers(held, decided, now)))
    arrived = [(after[e.payment_id], e.kind, e.amount_minor) for e in decided.entries if _is_incoming(e)]
    await open_arrival_cases(tx, now, arrived)
    await _settle_cases(tx, now, decided.entries)
    await cases.open_cases(tx, cases=list(_failures(held, decided, now, stays)))
    if follows:
        await follow_refunds(tx, held, now, _giving_back(now, decided))
    return now


def _answered(held: Held, decided: Decided) -> Iterator[tuple[Operation, Operation]]:
    """Yield the operations that are settled now, as they were and as they are."""
    before = {o.operation_id: o for of in held.operations.values() for o in of}
    for operation in decided.operations:
        old = before.get(operation.operation_id)
        if old is not None and operation.state in SETTLED and operation.state != old.state:
            yield old, operation


def _answers(held: Held, decided: Decided, now: Held) -> Iterator[leaving.Answer]:
    """Yield what came of refunds of orders that providers were asked for."""
    for before, after in _answered(held, decided):
        payment = now.payments[after.payment_id]
        is_asked = after.kind == "refund" and not after.to_wallet and payment.provider not in WITHOUT_GATEWAY
        if is_asked and payment.order_id is not None:
            yield leaving.Answer(
                after.operation_id,
                payment.payment_id,
                OrderId(payment.order_id),
                after.amount_minor,
                after.requested_at,
                failed=after.state == "failed",
                failed_at=before.settled_at if before.state == "failed" else None,
            )


def _failures(held: Held, decided: Decided, now: Held, stays: Mapping[UUID, int]) -> Iterator[NewCase]:
    """Yield the cases of what failed; what `stays` of a refund, because its order needs it, nobody has to give back."""
    for _, operation in _answered(held, decided):
        kind = _FAILED_CASES.get(operation.kind)
        left_minor = operation.amount_minor - stays.get(operation.operation_id, 0)
        if kind is not None and operation.state == "failed" and left_minor:
            data = {
                "order_id": now.payments[operation.payment_id].order_id,
                "operation_id": operation.operation_id,
                "amount_minor": left_minor,
                "failure": operation.failure,
            }
            yield NewCase(kind, "payment", operation.payment_id, data)


async def follow_refunds(
    tx: Tx, before: Held, now: Held, payment_ids: Iterable[PaymentId], *, by_hand: Sequence[Successor] = ()
) -> None:
    """Have people asked for less where money of payments goes back that their orders have beyond what they cost.

    `by_hand` are cases of what they give back beside.
    """
    found = [now.order_of(now.payments[key]) for key in payment_ids]
    orders_by_id = {x.order.order_id: x.order for x in found if x is not None and x.order.balance_minor > 0}
    changed = [(before.orders[key].order, orders_by_id[key]) for key in sorted(orders_by_id)]
    await owed.follow_refunds(tx, changed=changed, asked=by_hand)


def _tell(tx: Tx, held: Held, after: Mapping[PaymentId, Payment], entries: Iterable[Entry]) -> None:
    for entry in entries:
        payment = after[entry.payment_id]
        told = _MONEY_EVENTS[entry.kind](
            payment_id=payment.payment_id,
            order_id=payment.order_id,
            amount_minor=entry.amount_minor,
            currency=entry.currency,
        )
        is_history = held.is_history(payment) and entry.occurred_at < tx.now  # what moves today is none
        tx.emit(told, occurred_at=entry.occurred_at if is_history else None, history=is_history)


def _history(
    tx: Tx, held: Held, after: Mapping[PaymentId, Payment], entries: Iterable[Entry]
) -> dict[OrderId, datetime]:
    """Return when money last moved of imported orders, of which only that is told; what moves today is no history."""
    last: dict[OrderId, datetime] = {}
    for entry in entries:
        order_id = after[entry.payment_id].order_id
        found = None if order_id is None else held.orders.get(OrderId(order_id))
        if found is not None and found.order.history:
            key = found.order.order_id
            last[key] = max(entry.occurred_at, last.get(key, entry.occurred_at))
    return {key: at for key, at in last.items() if at < tx.now}


def _as_now(
    held: Held, decided: Decided, after: Mapping[PaymentId, Payment], recorded: Mapping[OrderId, Order]
) -> Held:
    operations = {key: {o.operation_id: o for o in of} for key, of in held.operations.items()}
    for operation in (*decided.requested, *decided.operations):
        operations.setdefault(operation.payment_id, {})[operation.operation_id] = operation
    entries = {key: list(of) for key, of in held.entries.items()}
    for entry in decided.entries:
        entries.setdefault(entry.payment_id, []).append(entry)
    found = {key: OrderWithLines(recorded.get(key, order), lines) for key, (order, lines) in held.orders.items()}
    of_payments = {key: list(of.values()) for key, of in operations.items()}
    return Held(found, {**held.payments, **after}, of_payments, entries)


def _with_state(payment: Payment, held: Held, decided: Decided) -> Payment:
    return dataclasses.replace(payment, state=rules.state_of(payment, _asked(payment, held, decided)))


def _asked(payment: Payment, held: Held, decided: Decided) -> list[Operation]:
    """Return everything that was asked for a payment, as it is now."""
    latest = {operation.operation_id: operation for operation in held.operations.get(payment.payment_id, ())}
    for operation in (*decided.requested, *decided.operations):
        if operation.payment_id == payment.payment_id:
            latest[operation.operation_id] = operation
    return list(latest.values())


def _fact(held: Held, decided: Decided, after: Payment) -> PaymentFact | None:
    """Return what an order learns of a payment: the difference, or all of it where it had not been the order's."""
    if after.order_id is None:
        return None
    key, before = after.payment_id, held.payments.get(after.payment_id)
    is_known = before is not None and before.order_id == after.order_id
    known = held.operations.get(key, ()) if is_known else ()
    going_out = rules.going_out({key: _asked(after, held, decided)})[key] - rules.going_out({key: known})[key]
    old = before.sums if is_known and before is not None else Sums()
    new = after.sums
    fact = PaymentFact(
        OrderId(after.order_id),
        authorized_minor=rules.outstanding(new) - rules.outstanding(old),
        captured_minor=new.captured + new.adjusted - old.captured - old.adjusted,
        refunded_minor=new.refunded - old.refunded,
        charged_back_minor=new.charged_back - old.charged_back,
        processing_count=after.processing_count - (before.processing_count if is_known and before is not None else 0),
        from_wallets_minor=rules.kept(new) - rules.kept(old) if after.provider == WALLET else 0,
        refunding_minor=going_out,
    )
    return fact if any(fact[1:]) else None


async def open_arrival_cases(tx: Tx, now: Held, arrived: Iterable[tuple[Payment, EntryKind, int]]) -> None:
    """Open the cases of money that came: for no order, for one that has ended, or more than was due.

    What is on its way back already is nobody's to give back.
    """
    opened = []
    too_much: list[owed.Excess] = []
    for payment, kind, amount_minor in arrived:
        if not amount_minor:
            continue
        data = {"payment_id": payment.payment_id, "amount_minor": amount_minor, "currency": payment.currency}
        found = now.order_of(payment)
        if found is None:
            opened.append(NewCase("payment_without_order", "payment", payment.payment_id, data))
            continue
        order = found.order
        about = {**data, "number": order.number, "balance_minor": order.to_give_back_minor}
        if order.lifecycle == "canceled":
            opened.append(NewCase(owed.AFTER_END, "order", order.order_id, about))
        elif kind != "authorization" and order.to_give_back_minor and not order.history:
            too_much.append(owed.Excess(order, amount_minor, about))
    await cases.open_cases(tx, cases=opened)
    await owed.tell_excess(tx, came=too_much)


def _is_incoming(entry: Entry) -> bool:
    """Tell whether money came, be it that more had come than was confirmed at first."""
    return entry.kind in _INCOMING or (entry.kind == "adjustment" and entry.amount_minor > 0)


async def _settle_cases(tx: Tx, now: Held, entries: Iterable[Entry]) -> None:
    """Close the cases that this money was waited for."""
    done: dict[tuple[str, str, UUID], str] = {}
    for entry in entries:
        payment = now.payments[entry.payment_id]
        found = now.order_of(payment)
        if entry.kind in _OUTGOING:
            done.update(((kind, "payment", payment.payment_id), owed.RETURNED) for kind in _ended(payment, found))
        if found is None:
            continue
        order = found.order
        is_let_go = order.lifecycle != "canceled" or not order.authorized_minor
        if entry.kind in _OUTGOING and order.balance_minor <= 0 and is_let_go:
            kinds = (owed.REFUND_DUE, owed.OVERPAID, owed.AFTER_END)
            done.update(((kind, "order", order.order_id), owed.RETURNED) for kind in kinds)
        if _is_incoming(entry) and entry.kind != "authorization" and not order.to_pay_minor:
            done.update(((kind, "order", order.order_id), ARRIVED) for kind in (leaving.UNDERPAID, leaving.UNDER_WAY))
    await cases.settle_all(tx, answers=done)


def _giving_back(now: Held, decided: Decided) -> list[PaymentId]:
    """Return the payments of which some goes back now, or a provider is asked to give it back."""
    asked = [
        operation.payment_id
        for operation in decided.requested
        if operation.kind == "refund" and not operation.to_wallet
        if now.payments[operation.payment_id].provider not in BY_HAND  # what people move is done at once
    ]
    return [*asked, *(entry.payment_id for entry in decided.entries if entry.kind in _OUTGOING)]


def _ended(payment: Payment, found: OrderWithLines | None) -> Iterator[str]:
    """Yield the kinds of cases about a payment that end when money goes out: nothing is left that should have gone."""
    if found is None and rules.kept(payment.sums) <= 0:
        yield "payment_without_order"
    is_returned = rules.kept(payment.sums) <= 0 if found is None else found.order.balance_minor <= 0
    if is_returned:
        yield "refund_failed"
    if not rules.outstanding(payment.sums):
        yield "void_failed"
