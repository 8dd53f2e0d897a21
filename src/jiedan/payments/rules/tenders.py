"""Decide what of an order is still to be paid, and which captures a refund reduces: pure."""

from collections.abc import Iterable, Mapping, Sequence

from jiedan.base import money
from jiedan.base.errors import Refusal
from jiedan.base.i18n import Told
from jiedan.orders.values import Line, Order
from jiedan.payments import errors, values
from jiedan.payments.rules import ledger
from jiedan.payments.values.refunds import UnitsBack

_TENDERING = frozenset({"authorize", "sale"})


def due_minor(order: Order, operations: Iterable[values.Operation]) -> int:
    """Return what of an order nobody has paid, set aside or is paying right now; never negative.

    A customer who is on the provider's page is paying: the page ends by itself, so nobody pays the same twice. What is
    on its way back has to be paid again, as far as the order needs it.
    """
    under_way = sum(o.amount_minor for o in operations if o.kind in _TENDERING and o.state not in values.SETTLED)
    return max(0, order.to_pay_minor - order.authorized_minor - under_way)


def check_tender(order: Order, amount_minor: int | None, *, due: int, tenders: int) -> int | Refusal:
    """Return how much a new tender is for: what was asked, or all that is due; or why it cannot be."""
    if order.lifecycle != "open":
        return errors.OrderNotPayable(order.number, order.lifecycle)
    if tenders >= values.TENDERS_PER_ORDER_MAX:
        return errors.TooManyTenders(order.number, values.TENDERS_PER_ORDER_MAX)
    if amount_minor is None:
        return due or errors.NothingDue(order.number)
    if amount_minor <= 0:
        return errors.AmountNotPositive(amount_minor, field="amount_minor")
    if amount_minor > due:
        asked, left = (Told.money(x, order.currency) for x in (amount_minor, due))
        return errors.AmountAboveDue(asked, left, field="amount_minor")
    return amount_minor


def captures_left(
    entries: Sequence[values.Entry], operations: Iterable[values.Operation]
) -> list[tuple[values.EntryId, int]]:
    """Return what each capture still holds, oldest first; a refund on its way counts as gone."""
    left = {entry.entry_id: entry.amount_minor for entry in entries if entry.kind == "capture"}
    for entry in entries:
        if entry.refers_to in left and entry.refers_to is not None:
            left[entry.refers_to] -= -entry.amount_minor if entry.kind == "adjustment" else entry.amount_minor
    for operation in operations:
        if operation.kind == "refund" and operation.state not in values.SETTLED and operation.refers_to in left:
            left[operation.refers_to] -= operation.amount_minor
    return [(entry_id, max(0, amount)) for entry_id, amount in left.items()]


def split_over_captures(
    amount_minor: int, captures: Sequence[tuple[values.EntryId, int]]
) -> list[tuple[values.EntryId, int]]:
    """Return how much of an amount each capture gives, oldest first, none more than it holds."""
    parts = []
    for entry_id, left in captures:
        part = min(left, amount_minor)
        if part:
            parts.append((entry_id, part))
            amount_minor -= part
    return parts


def split_lines(lines: Sequence[values.RefundLine], parts: Sequence[int]) -> list[tuple[values.RefundLine, ...]]:
    """Return which lines each part of a refund stands for; the units of a line that is cut go with its first part.

    The lines add up to the parts; without lines every part has none.
    """
    waiting = list(lines)
    split: list[tuple[values.RefundLine, ...]] = []
    for part in parts:
        taken: list[values.RefundLine] = []
        left = part
        while waiting and left:
            line = waiting[0]
            amount = min(line.amount_minor, left)
            taken.append(values.RefundLine(line.line, line.quantity, amount))
            left -= amount
            if amount == line.amount_minor:
                waiting.pop(0)
            else:
                waiting[0] = values.RefundLine(line.line, 0, line.amount_minor - amount)
        split.append(tuple(taken))
    if waiting and split:  # lines that cost nothing
        split[-1] += tuple(waiting)
    return split


def units_refunded(operations: Iterable[values.Operation]) -> dict[int, int]:
    """Return by line how many units were given back, or are on their way."""
    units: dict[int, int] = {}
    for operation in operations:
        if operation.kind == "refund" and operation.state != "failed":
            for part in operation.refund_lines:
                units[part.line] = units.get(part.line, 0) + part.quantity
    return units


def refund_lines(
    wanted: Sequence[values.LineRefund],
    lines: Mapping[int, Line],
    gone: Mapping[int, int],
    amount_minor: int | None,
    currency: str,
) -> tuple[values.RefundLine, ...] | Refusal:
    """Return the lines of a refund with their amounts, or what is wrong with them.

    `lines` are the order's by number, `gone` the units of each that were given back. Without an amount units cost
    their share of the line's total: of A over n units, after k are gone, the next m get ⌊A(k+m)/n⌋ − ⌊Ak/n⌋.
    Canceled units count as gone for it, as they are given back at once; so everything together is what was paid.
    """
    found: dict[int, values.RefundLine] = {}
    for i, wish in enumerate(wanted):
        line = lines.get(wish.line)
        if line is None or wish.line in found:
            return errors.RefundLineUnknown(wish.line, field=f"lines[{i}].line")
        left = line.ordered - gone.get(wish.line, 0)
        if not 0 < wish.quantity <= left:
            return errors.RefundLineTooLarge(wish.line, wish.quantity, left, field=f"lines[{i}].quantity")
        amount = wish.amount_minor
        if amount is None:
            amount = money.unit_share(line.total_minor, line.ordered, _before(line, gone, wish.quantity), wish.quantity)
        found[wish.line] = values.RefundLine(wish.line, wish.quantity, amount)
    total = sum(line.amount_minor for line in found.values())
    if found and amount_minor is not None and total != amount_minor:
        told, asked = (Told.money(x, currency) for x in (total, amount_minor))
        return errors.RefundLinesDiffer(told, asked, field="lines")
    return tuple(found.values())


def units_back(line: Line, part: values.RefundLine, gone: Mapping[int, int]) -> UnitsBack:
    """Return what the units of a refund cost, their tax by the same shares as their total."""
    tax = money.unit_share(line.tax_minor, line.ordered, _before(line, gone, part.quantity), part.quantity)
    return UnitsBack(line, part.quantity, line.unit_minor * part.quantity, tax, part.amount_minor)


def _before(line: Line, gone: Mapping[int, int], quantity: int) -> int:
    """Return how many units of a line count as gone before the next `quantity`."""
    return min(line.canceled + gone.get(line.line, 0), line.ordered - quantity)


def owed_minor(order: Order, operations: Iterable[values.Operation]) -> int:
    """Return what may still be captured for an order: what it owes, less captures on their way; never negative."""
    on_their_way = ledger.in_flight(tuple(operations)).get("capture", 0)
    return max(0, order.to_pay_minor - on_their_way)


def going_out(operations: Mapping[values.PaymentId, Sequence[values.Operation]]) -> dict[object, int]:
    """Return by payment what is being refunded right now."""
    return {payment_id: ledger.in_flight(of).get("refund", 0) for payment_id, of in operations.items()}
