"""Agree on how an order is paid: one tender, or several."""

import dataclasses
from collections.abc import Sequence
from urllib.parse import urlsplit
from uuid import UUID

from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import Series
from jiedan.orders import errors as order_errors
from jiedan.orders import queries as orders
from jiedan.orders.values import OrderId
from jiedan.payments import errors, events, queries, rules, values, writing
from jiedan.payments.service import records, saving
from jiedan.payments.service.locking import Held
from jiedan.payments.values import Created, NewPayment, Operation, OperationKind, Payment, PaymentId

OPERATION = "payments.create"


async def create_payments(tx: Tx, *, wishes: Sequence[NewPayment]) -> list[Created | Refusal]:
    """Make tenders: one outcome per wish, same order, earlier ones first; the statement count does not grow.

    A tender is for at most what is still due: total less what was kept, set aside or is being paid. A gateway's first
    operation is stored with its key and is performed after the commit; a transfer waits to be confirmed.
    """
    return await once.each(
        tx,
        operation=OPERATION,
        wishes=[(wish.key, wish) for wish in wishes],
        work=lambda fresh: _create(tx, fresh),
        again=lambda _, payment_id: Created(PaymentId(payment_id), None, is_new=False),
    )


async def _create(tx: Tx, wishes: Sequence[tuple[NewPayment, UUID]]) -> list[Created | Refusal]:
    found = await orders.orders_for_update(tx, [wish.order_id for wish, _ in wishes])
    tenders, asked = await queries.tenders_of_orders(tx, list(found))
    active = [name for name, stored in (await queries.providers(tx)).items() if stored.is_active]
    known = sorted({*active, values.TRANSFER})
    outcomes: list[Created | Refusal] = []
    payments: dict[PaymentId, Payment] = {}
    operations: list[Operation] = []
    for wish, new_id in wishes:
        payment_id = PaymentId(new_id)
        locked = found.get(OrderId(wish.order_id))
        if locked is None:
            outcomes.append(order_errors.OrderNotFound(str(wish.order_id)))
            continue
        refusal = _refusal(wish, known)
        if refusal is not None:
            outcomes.append(refusal)
            continue
        of_order = tenders.setdefault(wish.order_id, [])
        under_way = [o for p in of_order for o in asked.get(p.payment_id, ())]
        due = rules.due_minor(locked.order, under_way)
        amount = rules.check_tender(locked.order, wish.amount_minor, due=due, tenders=len(of_order))
        if isinstance(amount, Refusal):
            outcomes.append(amount)
            continue
        payment = records.payment(
            tx,
            payment_id,
            order_id=wish.order_id,
            provider=wish.provider,
            method=wish.method,
            currency=locked.order.currency,
            amount_minor=amount,
            return_url=wish.return_url,
        )
        key = None
        if wish.provider not in values.BY_HAND:
            kind: OperationKind = "sale" if wish.capture else "authorize"
            operation = records.operation(tx, payment_id, kind, amount, token=wish.token)
            operations.append(operation)
            asked[payment_id] = [operation]
            payment = dataclasses.replace(payment, processing_count=1)
            key = operation.key
        payments[payment_id] = payment
        of_order.append(payment)
        outcomes.append(Created(payment_id, key))
    held = Held({**found}, {}, {}, {})
    await insert(tx, held, payments, operations)
    return outcomes


async def insert(tx: Tx, held: Held, payments: dict[PaymentId, Payment], operations: Sequence[Operation]) -> None:
    """Write new payments with their first operations, tell orders that somebody is paying, and tell the world."""
    await writing.insert_payments(tx, payments.values())
    await writing.insert_operations(tx, operations)
    for payment in payments.values():
        created = events.PaymentCreated(
            payment_id=payment.payment_id,
            order_id=payment.order_id,
            provider=payment.provider,
            method=payment.method,
            currency=payment.currency,
            amount_minor=payment.amount_minor,
        )
        tx.emit(created, history=held.is_history(payment))
    tell_requested(tx, operations, payments)
    busy = {key: payment for key, payment in payments.items() if payment.processing_count}
    if busy:
        await saving.save(tx, held, saving.Decided(busy, requested=operations))


def tell_requested(tx: Tx, operations: Sequence[Operation], payments: dict[PaymentId, Payment]) -> None:
    """Tell that providers are about to be asked."""
    tx.emit(
        *(
            events.OperationRequested(
                payment_id=operation.payment_id,
                order_id=payments[operation.payment_id].order_id,
                operation_id=operation.operation_id,
                operation=operation.kind,
                amount_minor=operation.amount_minor,
            )
            for operation in operations
        )
    )


def _refusal(wish: NewPayment, known: Sequence[str]) -> Refusal | None:
    """Return what is wrong with a wish whatever the order: its provider, a card number, where the customer goes."""
    if wish.provider not in known:
        return errors.ProviderUnknown(wish.provider, Series(known), field="provider")
    if rules.has_card_number(wish.token):
        return errors.CardNumberRefused(field="token")
    if wish.return_url and not is_web_address(wish.return_url):
        return errors.AddressRefused(field="return_url")
    return None


def is_web_address(text: str) -> bool:
    """Tell whether `text` is an http or https address with a host and without a password in it."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    is_plain = text.isprintable() and not any(c in text for c in " \\\"<>'")
    return is_plain and parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
