"""What follows from an order's facts: totals, statuses, expiry, completion. Every change ends here."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import msgspec

from jiedan.orders.rules import lifecycle, statuses, totals
from jiedan.orders.values import Completion, Line, Order, OrderWithLines, Placed


def line_totals(lines: Sequence[Line]) -> list[totals.LineTotal]:
    """Return what each line comes to, for `totals`."""
    return [totals.LineTotal(x.total_minor, x.tax_minor, x.ordered, x.canceled) for x in lines]


def refreshed(order: Order, lines: Sequence[Line], *, at: datetime, expiry_minutes: int) -> Order:
    """Return `order` with everything derived made right for its facts and `lines`.

    An order without anything left is canceled only by who cancels; completion is derived here, because money, goods
    and cancellations all may bring it about.
    """
    costs = line_totals(lines)
    total_minor = totals.order_total(costs)
    current = msgspec.structs.replace(
        order,
        total_minor=total_minor,
        tax_minor=totals.order_tax(costs),
        fulfillment_status=statuses.fulfillment_status(line.facts for line in lines),
        payment_status=statuses.payment_status(order.facts._replace(total_minor=total_minor)),
    )
    if current.lifecycle == "open" and completion(current, lines).is_done:
        current = msgspec.structs.replace(current, lifecycle="completed", completed_at=at)
    expires_at = _expires_at(current, lines, at=at, expiry_minutes=expiry_minutes)
    # An order has many fields: copying it once more for a date that stays takes as long as all of the above.
    return current if expires_at == current.expires_at else msgspec.structs.replace(current, expires_at=expires_at)


def as_placed(found: OrderWithLines) -> Placed:
    """Return what placing an order answers, as the order stands now."""
    order = found.order
    return Placed(
        order_id=order.order_id,
        number=order.number,
        lifecycle=order.lifecycle,
        payment_status=order.payment_status,
        fulfillment_status=order.fulfillment_status,
        currency=order.currency,
        total_minor=order.total_minor,
        tax_minor=order.tax_minor,
        placed_at=order.placed_at,
        expires_at=order.expires_at,
        allocated=sum(line.allocated for line in found.lines),
        waiting=sum(line.waiting for line in found.lines),
    )


def is_covered(order: Order) -> bool:
    """Tell whether an order's money is in or set aside, at least in part: then it does not expire.

    What came out of wallets is no beginning: an order that nobody pays the rest of ends, and gives it back. What was
    paid whole and went back in part since is no debt, and one that was paid whole as it was placed does not end because
    it costs more since an edit; one that cost nothing then is paid by nothing now.
    """
    agreed = order.total_minor if order.ordered_minor is None else min(order.total_minor, order.ordered_minor)
    kept = order.captured_minor - order.refunded_minor - order.charged_back_minor
    came = order.captured_minor - order.charged_back_minor + order.authorized_minor
    covered = order.authorized_minor + order.from_wallets_minor
    return (
        kept > order.from_wallets_minor
        or (covered >= agreed and (covered > 0 or order.total_minor == 0))
        or (kept > 0 and came >= order.total_minor)
    )


def _expires_at(order: Order, lines: Sequence[Line], *, at: datetime, expiry_minutes: int) -> datetime | None:
    """Return when an unpaid prepaid order ends; one whose authorization was let go gets a new term.

    One that was begun, goods gone or services done, does not end by itself any more: somebody owes for it.
    """
    if order.lifecycle != "open" or is_covered(order) or any(line.shipped or line.performed for line in lines):
        return None
    if order.expires_at is not None:
        return order.expires_at
    return lifecycle.expires_at(
        terms=order.payment_terms,
        total_minor=order.total_minor,
        placed_at=at,
        expiry_minutes=expiry_minutes,
        is_history=order.history,
    )


def has_goods_outstanding(lines: Sequence[Line]) -> bool:
    """Tell whether goods are held for an order or waited for: then it is not completed, by staff neither."""
    return any(line.allocated or line.waiting for line in lines)


def completion(order: Order, lines: Sequence[Line]) -> Completion:
    """Return whether an order is done: every line delivered, performed or canceled, not all canceled, balance 0.

    What is on its way back counts as gone where the order needs it; one that has too much waits until that has gone.
    """
    missing: dict[str, int] = {}
    kept = 0
    for line in lines:
        if line.kind in {"fee", "kit"}:
            continue
        wanted = line.ordered - line.canceled
        kept += wanted
        arrived = line.performed if line.kind == "service" else line.delivered
        reason = "not_performed" if line.kind == "service" else "not_delivered"
        if arrived < wanted:
            missing[reason] = missing.get(reason, 0) + wanted - arrived
    if not kept:
        missing["all_canceled"] = 1
    if balance_minor := -order.to_pay_minor or order.balance_minor:
        missing["balance"] = balance_minor
    return Completion(not missing, tuple(sorted(missing.items())))


def promised_on(order: Order) -> date:
    """Return the last day that an order was promised for; the end of time without a promise, which yields first.

    Of history it is what was promised where it was sold, as a day of UTC.
    """
    if order.promised_p90_on is not None:
        return order.promised_p90_on
    return date.max if order.promised_at is None else order.promised_at.astimezone(UTC).date()


def days_late(order: Order, *, today: date) -> int:
    """Return for how many days an order should have arrived, on the day `today` of the merchant."""
    return statuses.days_late(order.lifecycle, order.fulfillment_status, promised_on=order.promised_p90_on, today=today)
