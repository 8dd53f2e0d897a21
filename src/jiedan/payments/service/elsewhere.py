"""Money that moved elsewhere, or came without an order: recorded as it was, and given to an order later."""

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from jiedan.base import money, once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.cases import service as cases
from jiedan.orders import errors as order_errors
from jiedan.orders import queries as orders
from jiedan.orders.values import OrderId
from jiedan.payments import errors, events, rules, values
from jiedan.payments.service import create, records, saving
from jiedan.payments.service.locking import Held, hold
from jiedan.payments.values import Entry, EntryKind, ExternalPayment, Payment, PaymentId, Receipt

ASSIGNED = "The money was given to an order."


class Assignment(NamedTuple):
    """A wish to give money that came without an order to one."""

    payment_id: PaymentId
    order_id: UUID


async def record_external(tx: Tx, *, payments: Sequence[ExternalPayment]) -> list[PaymentId | Refusal]:
    """Record money that was taken or set aside elsewhere, as it was: one outcome per payment; amounts of 0 are kept.

    Nothing is checked against what is due: it has happened.
    """
    return await once.each(
        tx,
        operation="payments.record",
        wishes=[(wish.key, wish) for wish in payments],
        work=lambda fresh: _record(tx, fresh),
        again=lambda _, payment_id: PaymentId(payment_id),
    )


async def _record(tx: Tx, payments: Sequence[tuple[ExternalPayment, UUID]]) -> list[PaymentId | Refusal]:
    found = await orders.orders_for_update(tx, [wish.order_id for wish, _ in payments])
    outcomes: list[PaymentId | Refusal] = []
    made: dict[PaymentId, Payment] = {}
    entries: list[Entry] = []
    due = {order_id: max(0, -locked.order.balance_minor) for order_id, locked in found.items()}
    for wish, payment_id in payments:
        order_id = OrderId(wish.order_id)
        locked = found.get(order_id)
        if locked is None:
            outcomes.append(order_errors.OrderNotFound(str(wish.order_id)))
            continue
        amount = due[order_id] if wish.amount_minor is None else wish.amount_minor
        refusal = _amount_refusal(amount, amount_min=0)
        if refusal is not None:
            outcomes.append(refusal)
            continue
        due[order_id] = max(0, due[order_id] - amount)
        payment = records.payment(
            tx,
            PaymentId(payment_id),
            order_id=order_id,
            provider=values.EXTERNAL,
            method=wish.method,
            currency=locked.order.currency,
            amount_minor=amount,
            installments=wish.installments,
        )
        made[payment.payment_id] = payment
        if wish.is_captured or amount:  # nothing cannot be set aside
            kind: EntryKind = "capture" if wish.is_captured else "authorization"
            entry = records.entry(tx, payment, kind, amount, reference=wish.reference)
            entries.append(entry._replace(occurred_at=wish.occurred_at or tx.now))
        outcomes.append(payment.payment_id)
    await save_recorded(tx, Held({**found}, {}, {}, {}), made, entries)
    return outcomes


async def receive_money(tx: Tx, *, receipts: Sequence[Receipt]) -> list[PaymentId | Refusal]:
    """Take in money that arrived for no order: each becomes a payment and a case, until it is given to an order."""
    return await once.each(
        tx,
        operation="payments.receive",
        wishes=[(wish.key, wish) for wish in receipts],
        work=lambda fresh: _receive(tx, fresh),
        again=lambda _, payment_id: PaymentId(payment_id),
    )


async def _receive(tx: Tx, receipts: Sequence[tuple[Receipt, UUID]]) -> list[PaymentId | Refusal]:
    outcomes: list[PaymentId | Refusal] = []
    made: dict[PaymentId, Payment] = {}
    entries = []
    for receipt, new_id in receipts:
        payment_id = PaymentId(new_id)
        refusal = _amount_refusal(receipt.amount_minor, amount_min=1)
        if refusal is not None:
            outcomes.append(refusal)
            continue
        if not money.is_currency(receipt.currency):
            outcomes.append(errors.CurrencyUnknown(receipt.currency, field="currency"))
            continue
        payment = records.payment(
            tx,
            payment_id,
            order_id=None,
            provider=values.TRANSFER,
            method=receipt.method,
            currency=receipt.currency,
            amount_minor=receipt.amount_minor,
        )
        made[payment_id] = payment
        entries.append(records.entry(tx, payment, "capture", receipt.amount_minor, reference=receipt.reference))
        outcomes.append(payment_id)
    await save_recorded(tx, Held({}, {}, {}, {}), made, entries)
    return outcomes


async def assign_payments(tx: Tx, *, assignments: Sequence[Assignment]) -> list[PaymentId | Refusal]:
    """Give money that came without an order to one: one outcome per assignment; its case is closed."""
    held = await hold(tx, {a.payment_id for a in assignments}, order_ids={a.order_id for a in assignments})
    outcomes: list[PaymentId | Refusal] = []
    after: dict[PaymentId, Payment] = {}
    for assignment in assignments:
        payment = after.get(assignment.payment_id) or held.payments.get(assignment.payment_id)
        refusal = _not_assignable(held, payment, assignment)
        if refusal is not None or payment is None:
            outcomes.append(refusal or errors.PaymentNotFound(assignment.payment_id))
            continue
        after[payment.payment_id] = dataclasses.replace(payment, order_id=assignment.order_id)
        outcomes.append(payment.payment_id)
    if after:
        now = await saving.save(tx, held, saving.Decided(after))
        tx.emit(*(events.PaymentAssigned(payment_id=key, order_id=p.order_id) for key, p in after.items()))
        await saving.open_arrival_cases(tx, now, [(p, "capture", rules.kept(p.sums)) for p in after.values()])
        await cases.settle_about(
            tx, kind="payment_without_order", subject_kind="payment", subject_ids=sorted(after), words=ASSIGNED
        )
    return outcomes


def _amount_refusal(amount_minor: int, *, amount_min: int) -> Refusal | None:
    if amount_minor < amount_min:
        return errors.AmountNotPositive(amount_minor, field="amount_minor")
    if amount_minor > money.AMOUNT_MINOR_MAX:
        return errors.AmountTooLarge(amount_minor, money.AMOUNT_MINOR_MAX, field="amount_minor")
    return None


def _not_assignable(held: Held, payment: Payment | None, assignment: Assignment) -> Refusal | None:
    if payment is None:
        return errors.PaymentNotFound(assignment.payment_id)
    found = held.orders.get(OrderId(assignment.order_id))
    if found is None:
        return order_errors.OrderNotFound(str(assignment.order_id), field="order_id")
    if payment.order_id is not None:
        return errors.PaymentHasOrder(payment.payment_id)
    if payment.currency != found.order.currency:
        return errors.CurrencyDiffers(payment.currency, found.order.currency)
    return None


async def save_recorded(tx: Tx, held: Held, made: dict[PaymentId, Payment], entries: Sequence[Entry]) -> Held:
    """Write payments together with what has happened to their money; return everything as it is now."""
    if not made:
        return held
    after = dict(made)
    for entry in entries:
        payment = after[entry.payment_id]
        after[entry.payment_id] = dataclasses.replace(
            payment,
            sums=rules.added(payment.sums, entry.kind, entry.amount_minor),
            provider_ref=entry.provider_ref,
        )
    after = {key: dataclasses.replace(payment, state=rules.state_of(payment, ())) for key, payment in after.items()}
    await create.insert(tx, held, after, ())
    known = held._replace(payments=made)
    return await saving.save(tx, known, saving.Decided(after, entries=entries, are_written=True))
