"""Money that people move: confirmed by who saw it arrive."""

from collections.abc import Sequence

from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.cases import service as cases
from jiedan.cases.values import NewCase
from jiedan.orders.service import leaving
from jiedan.payments import errors, values, writing
from jiedan.payments.service import records
from jiedan.payments.service.apply import apply_held
from jiedan.payments.service.locking import Held, hold
from jiedan.payments.values import Confirmation, Operation, Payment, PaymentId, Requested, Result


async def confirm_transfers(tx: Tx, *, confirmations: Sequence[Confirmation]) -> list[Requested | Refusal]:
    """Take in money that staff saw arrive: one outcome per confirmation; it may be more or less than was expected."""
    return await once.each(
        tx,
        operation="payments.confirm",
        wishes=[(wish.key, wish) for wish in confirmations],
        work=lambda fresh: _confirm(tx, [confirmation for confirmation, _ in fresh]),
        again=lambda confirmation, _: Requested(confirmation.payment_id, ()),
    )


async def _confirm(tx: Tx, confirmations: Sequence[Confirmation]) -> list[Requested | Refusal]:
    held = await hold(tx, {confirmation.payment_id for confirmation in confirmations})
    outcomes: list[Requested | Refusal] = []
    made: dict[PaymentId, tuple[Payment, Operation]] = {}
    for confirmation in confirmations:
        payment = held.payments.get(confirmation.payment_id)
        refusal = _not_confirmable(payment, confirmation, made)
        if refusal is not None or payment is None:
            outcomes.append(refusal or errors.PaymentNotFound(confirmation.payment_id))
            continue
        operation = _arrival(tx, payment, confirmation)
        made[payment.payment_id] = (payment, operation)
        outcomes.append(Requested(payment.payment_id, ()))
    operations = [operation for _, operation in made.values()]
    if operations:
        await writing.insert_operations(tx, operations)
        results = [Result(o.key, "succeeded", o.provider_ref, o.amount_minor, occurred_at=tx.now) for o in operations]
        added = {operation.payment_id: [operation] for operation in operations}
        known = {key: [*held.operations.get(key, ()), *added.get(key, ())] for key in held.payments}
        now = await apply_held(tx, held._replace(operations=known), results)
        await _tell_underpaid(tx, now, list(made.values()))
    return outcomes


def _not_confirmable(
    payment: Payment | None, confirmation: Confirmation, made: dict[PaymentId, tuple[Payment, Operation]]
) -> Refusal | None:
    if payment is None:
        return errors.PaymentNotFound(confirmation.payment_id)
    if payment.provider not in values.BY_HAND:
        return errors.NotByHand(payment.provider)
    if payment.sums.captured or payment.payment_id in made:
        return errors.NothingToConfirm(payment.payment_id)
    if confirmation.amount_minor is not None and confirmation.amount_minor <= 0:
        return errors.AmountNotPositive(confirmation.amount_minor, field="amount_minor")
    return None


def _arrival(tx: Tx, payment: Payment, confirmation: Confirmation) -> Operation:
    given = confirmation.amount_minor
    amount = payment.amount_minor if given is None else given
    return records.operation(tx, payment.payment_id, "sale", amount, reference=confirmation.reference)


async def _tell_underpaid(tx: Tx, now: Held, made: Sequence[tuple[Payment, Operation]]) -> None:
    """Open a case for each transfer that was too small, where something is still owed."""
    short = []
    for payment, operation in made:
        found = now.order_of(payment)
        if found is None or operation.amount_minor >= payment.amount_minor or found.order.lifecycle != "open":
            continue
        if not found.order.to_pay_minor:
            continue
        data = {
            "number": found.order.number,
            "payment_id": payment.payment_id,
            "expected_minor": payment.amount_minor,
            "received_minor": operation.amount_minor,
            "currency": payment.currency,
        }
        short.append(NewCase(leaving.UNDERPAID, "order", found.order.order_id, data))
    await cases.open_cases(tx, cases=short)
