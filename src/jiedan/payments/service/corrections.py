"""Money that was taken back by a bank, and what was confirmed wrongly."""

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import Told
from jiedan.payments import errors, rules, values
from jiedan.payments.service import records, saving
from jiedan.payments.service.locking import Held, hold
from jiedan.payments.values import Adjustment, Chargeback, Entry, EntryKind, Payment, PaymentId


class _Loss(NamedTuple):
    """What is taken from the captures of a payment; a negative amount is given to them."""

    payment_id: PaymentId
    kind: EntryKind
    amount_minor: int
    reference: str
    reason: str


async def record_chargebacks(tx: Tx, *, chargebacks: Sequence[Chargeback]) -> list[PaymentId | Refusal]:
    """Record money that payers' banks took back: one outcome per chargeback; the same reference counts once."""
    return await _take(tx, [_Loss(c.payment_id, "chargeback", *c[1:]) for c in chargebacks])


async def adjust_payments(tx: Tx, *, adjustments: Sequence[Adjustment]) -> list[PaymentId | Refusal]:
    """Correct what was confirmed by hand: one outcome per adjustment; only money that people move is corrected."""

    async def work(fresh: Sequence[tuple[Adjustment, object]]) -> list[PaymentId | Refusal]:
        return await _take(tx, [_Loss(a.payment_id, "adjustment", -a.amount_minor, "", a.reason) for a, _ in fresh])

    return await once.each(
        tx,
        operation="payments.adjust",
        wishes=[(wish.key, wish) for wish in adjustments],
        work=work,
        again=lambda wish, _: wish.payment_id,
    )


async def _take(tx: Tx, losses: Sequence[_Loss]) -> list[PaymentId | Refusal]:
    held = await hold(tx, {loss.payment_id for loss in losses})
    after = dict(held.payments)
    entries = {key: list(of) for key, of in held.entries.items()}
    added: list[Entry] = []
    outcomes: list[PaymentId | Refusal] = []
    for loss in losses:
        payment = after.get(loss.payment_id)
        if payment is None:
            outcomes.append(errors.PaymentNotFound(loss.payment_id))
            continue
        of_payment = entries.setdefault(loss.payment_id, [])
        refusal = None if _is_told(loss, of_payment) else _refusal(payment, loss)
        outcomes.append(refusal or loss.payment_id)
        if refusal is not None or _is_told(loss, of_payment):
            continue
        for entry in _entries(tx, held, payment, loss, of_payment):
            of_payment.append(entry)
            added.append(entry)
            sums = rules.added(after[loss.payment_id].sums, loss.kind, entry.amount_minor)
            after[loss.payment_id] = dataclasses.replace(payment, sums=sums)
    if added:
        await saving.save(tx, held, saving.Decided(after, entries=added))
    return outcomes


def _is_told(loss: _Loss, entries: Sequence[Entry]) -> bool:
    return loss.kind == "chargeback" and any(e.kind == loss.kind and e.provider_ref == loss.reference for e in entries)


def _refusal(payment: Payment, loss: _Loss) -> Refusal | None:
    if payment.provider == values.WALLET:
        return errors.PaidOutOfWallet()
    if loss.kind == "adjustment" and payment.provider not in values.BY_HAND:
        return errors.NotByHand(payment.provider)
    if loss.amount_minor == 0 or (loss.kind == "chargeback" and loss.amount_minor < 0):
        return errors.AmountNotPositive(loss.amount_minor, field="amount_minor")
    left = rules.refundable(payment.sums)
    if loss.amount_minor > left or not payment.sums.captured:
        lost, free = (Told.money(x, payment.currency) for x in (loss.amount_minor, max(0, left)))
        return errors.RefundTooLarge(payment.payment_id, lost, free, field="amount_minor")
    return None


def _entries(tx: Tx, held: Held, payment: Payment, loss: _Loss, entries: Sequence[Entry]) -> list[Entry]:
    """Return what is taken, each part within its capture; captures that are being refunded already come last."""
    told = {"reference": loss.reference, "reason": loss.reason}
    if loss.amount_minor < 0:  # more had arrived than was confirmed: the first capture grows
        first = next(e.entry_id for e in entries if e.kind == "capture")
        return [records.entry(tx, payment, loss.kind, -loss.amount_minor, refers_to=first, **told)]
    free = dict(rules.captures_left(entries, held.operations.get(payment.payment_id, ())))
    whole = dict(rules.captures_left(entries, ()))
    order = sorted(whole, key=lambda entry_id: (free[entry_id] <= 0, entry_id))
    parts = rules.split_over_captures(loss.amount_minor, [(entry_id, whole[entry_id]) for entry_id in order])
    sign = -1 if loss.kind == "adjustment" else 1
    return [records.entry(tx, payment, loss.kind, sign * part, refers_to=entry_id, **told) for entry_id, part in parts]
