"""Orders as they were when they were placed, whatever was set by hand or measured otherwise since. Pure.

What rules gave, they gave for the prices of that moment: who takes something off later takes no gift away with it, and
an order that was priced by its rules stays one that was.
"""

from collections.abc import Sequence

import msgspec

from jiedan.orders.values import Line, OrderWithLines


def line_of(line: Line) -> Line:
    """Return a line with price, discount and measures as they were when it was placed; its tax stays as it is now.

    So does what of its price is tax that is not asked: relief follows from where an order goes.
    """
    source, unit_minor = line.placed_source, line.placed_unit_minor
    discount_minor, by_hand_minor = line.placed_discount_minor, line.placed_by_hand_minor
    if source is None or unit_minor is None or discount_minor is None or by_hand_minor is None:
        return line
    return msgspec.structs.replace(
        line,
        unit_minor=unit_minor,
        discount_minor=discount_minor + line.relief_minor,
        by_hand_minor=by_hand_minor,
        price_source=source,
        attributes=line.placed_attributes or line.attributes,
    )


def order_of(found: OrderWithLines) -> OrderWithLines:
    """Return an order with the prices and discounts it was placed with, without a fee that it had none of then."""
    if not is_touched(found):
        return found
    return OrderWithLines(found.order, tuple([line_of(x) for x in found.lines if not _is_added(x)]))


def _is_added(line: Line) -> bool:
    """Tell whether a fee came with another shipping method: no order is placed with a fee of nothing."""
    return line.kind == "fee" and line.placed_unit_minor == 0


def is_touched(found: OrderWithLines) -> bool:
    """Tell whether somebody set prices or measures of an order after it was placed, be it back to what they were."""
    return any(x.placed_source is not None for x in found.lines)


def is_changed(found: OrderWithLines) -> bool:
    """Tell whether an order has other prices or measures than it was placed with."""
    return any(line_of(x) != x or _is_added(x) for x in found.lines)


def is_remeasured(found: OrderWithLines) -> bool:
    """Tell whether pieces of an order are made to other measures than it was placed with."""
    return any(line_of(x).attributes != x.attributes for x in found.lines)


def kept(before: Sequence[Line], after: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines of `after`, those with another price, discount or measure with what they were placed with."""
    return tuple([_kept(was, now) for was, now in zip(before, after, strict=True)])


def _kept(was: Line, now: Line) -> Line:
    is_other = was.attributes != now.attributes
    if now.placed_source is None and (_price(now) != _price(was) or is_other):
        now = msgspec.structs.replace(
            now,
            placed_source=was.price_source,
            placed_unit_minor=was.unit_minor,
            placed_discount_minor=was.discount_minor - was.relief_minor,
            placed_by_hand_minor=was.by_hand_minor,
        )
    if is_other and not now.placed_attributes:
        now = msgspec.structs.replace(now, placed_attributes=was.attributes)
    return now


def _price(line: Line) -> tuple[str, int, int, int]:
    return line.price_source, line.unit_minor, line.discount_minor - line.relief_minor, line.by_hand_minor
