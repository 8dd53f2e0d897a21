"""Whether what a view asks for can be: ranges that hold something, columns that stand there once. Pure."""

from datetime import date

from jiedan.base.errors import Rejections
from jiedan.orders import errors
from jiedan.orders.values.lists import Layout, OrderFilter

PAIRS = (("placed_from", "placed_to"), ("total_min", "total_max"))
"""The first and the last of each range, both included."""


def refusals(filters: OrderFilter, *, place: str = "") -> list[errors.RangeReversed]:
    """Return a refusal of each range of `filters` that ends before it begins.

    `place` is where the filters stand in what was sent, like `filters.`.
    """
    found = []
    for begins, ends in PAIRS:
        first: date | int | None = getattr(filters, begins)
        last: date | int | None = getattr(filters, ends)
        if first is not None and last is not None and first > last:  # type: ignore[operator]  # a pair is of one type
            found.append(errors.RangeReversed(str(first), str(last), field=f"{place}{begins}"))
    return found


def check(filters: OrderFilter, *, place: str = "") -> None:
    """Raise Rejections with what `refusals` finds, if anything."""
    found = refusals(filters, place=place)
    if found:
        raise Rejections(tuple(found))


def check_columns(layout: Layout, *, place: str = "") -> None:
    """Raise ColumnTwice for a column that stands twice in a layout; `place` is where that stands in what was sent."""
    for i, column in enumerate(layout.columns):
        if column in layout.columns[:i]:
            raise errors.ColumnTwice(column, field=f"{place}columns[{i}]")
