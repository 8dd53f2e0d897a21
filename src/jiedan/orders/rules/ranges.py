"""Whether the ranges that a filter asks for can hold anything. Pure."""

from jiedan.base.errors import Rejections
from jiedan.orders import errors
from jiedan.orders.values.lists import OrderFilter


def check(filters: OrderFilter, *, place: str = "") -> None:
    """Raise Rejections with a RangeReversed for each range of `filters` that ends before it begins.

    `place` is where the filters stand in what was sent, like `filters.`.
    """
    days, totals = (filters.placed_from, filters.placed_to), (filters.total_min, filters.total_max)
    reversed_ranges = []
    if days[0] is not None and days[1] is not None and days[0] > days[1]:
        reversed_ranges.append(errors.RangeReversed(str(days[0]), str(days[1]), field=f"{place}placed_from"))
    if totals[0] is not None and totals[1] is not None and totals[0] > totals[1]:
        reversed_ranges.append(errors.RangeReversed(str(totals[0]), str(totals[1]), field=f"{place}total_min"))
    if reversed_ranges:
        raise Rejections(tuple(reversed_ranges))
