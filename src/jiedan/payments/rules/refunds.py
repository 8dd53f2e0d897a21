"""Decide how a refund of an order is split over its tenders: pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from jiedan.base import money
from jiedan.base.errors import Refusal
from jiedan.base.i18n import Told
from jiedan.orders.values import Line, Order
from jiedan.payments import errors, values
from jiedan.payments.rules import ledger, tenders
from jiedan.payments.values.refunds import OrderRefund, RefundShare, RefundTarget, RefundWay, UnitsBack
from jiedan.wallets import errors as wallet_errors


class Asked(NamedTuple):
    """What is known of an order that money of is to go back: its tenders, oldest first, and what was asked for them."""

    order: Order
    lines: Sequence[Line]
    payments: Sequence[values.Payment]
    operations: Mapping[values.PaymentId, Sequence[values.Operation]]


class Planned(NamedTuple):
    """How a refund is split: what each tender gives, and for which units."""

    shares: tuple[RefundShare, ...]
    lines: tuple[values.RefundLine, ...]
    units: tuple[UnitsBack, ...] = ()


def plan_refund(wish: OrderRefund, asked: Asked) -> Planned | Refusal:
    """Return how a refund is split over the tenders of its order, or why it cannot be.

    Without an amount it is what the units cost, and without units all that is left.
    """
    if wish.to == "credit" and asked.order.customer_id is None:
        return wallet_errors.CreditNeedsCustomer(field="to")
    everything = [operation for of in asked.operations.values() for operation in of]
    gone = tenders.units_refunded(everything)
    by_number = {line.line: line for line in asked.lines}
    lines = tenders.refund_lines(wish.refund_lines, by_number, gone, wish.amount_minor, asked.order.currency)
    if isinstance(lines, Refusal):
        return lines
    going_out = tenders.going_out(dict(asked.operations))
    held = {p.payment_id: held_by(p, going_out) for p in asked.payments}
    left = sum(held.values())
    amount = wish.amount_minor
    if amount is None:
        amount = sum(line.amount_minor for line in lines) if lines else left
    if not left:
        return errors.NothingToRefund(asked.order.number)
    if amount <= 0:
        return errors.AmountNotPositive(amount, field="amount_minor")
    if amount > left:
        told, free = (Told.money(x, asked.order.currency) for x in (amount, left))
        return errors.OrderRefundTooLarge(told, free, field="amount_minor")
    shares = tuple(
        RefundShare(payment, share, held[payment.payment_id] - share, _goes(payment, wish.to))
        for payment, share in spread_refund(amount, asked.payments, going_out)
    )
    units = tuple(tenders.units_back(by_number[part.line], part, gone) for part in lines)
    return Planned(shares, lines, units)


def _goes(payment: values.Payment, to: RefundTarget) -> RefundWay:
    """Return where a tender's share goes: what came out of a wallet always goes back there."""
    if payment.provider == values.WALLET:
        return "wallet"
    if to == "credit":
        return "credit"
    return "by_hand" if payment.provider in values.BY_HAND else "original"


def held_by(payment: values.Payment, going_out: Mapping[object, int]) -> int:
    """Return what a tender can still give back, what is on its way counted as gone."""
    return max(0, ledger.refundable(payment.sums) - going_out.get(payment.payment_id, 0))


def spread_refund(
    amount_minor: int, payments: Sequence[values.Payment], going_out: Mapping[object, int]
) -> list[tuple[values.Payment, int]]:
    """Return how much of a refund each tender gives back: in proportion to what it still holds, nothing lost.

    Gift cards, store credit and points count as one tender, and what was used last goes back first. `going_out` is by
    payment what is being refunded already. The amount is cut at what the tenders hold together.
    """
    held = {p.payment_id: held_by(p, going_out) for p in payments}
    amount = min(amount_minor, sum(held.values()))
    if amount <= 0:
        return []
    rest = [p for p in payments if p.provider != values.WALLET]
    wallets = sorted((p for p in payments if p.provider == values.WALLET), key=lambda p: p.payment_id, reverse=True)
    pool = sum(held[p.payment_id] for p in wallets)
    *shares, of_wallets = money.share_out(amount, [*(held[p.payment_id] for p in rest), pool])
    given = {p.payment_id: share for p, share in zip(rest, shares, strict=True)}
    for payment in wallets:
        given[payment.payment_id] = min(of_wallets, held[payment.payment_id])
        of_wallets -= given[payment.payment_id]
    return [(p, given[p.payment_id]) for p in payments if given[p.payment_id]]
