"""What lines and orders come to, in minor units. Order total = Σ line totals, always."""

from collections.abc import Iterable
from typing import NamedTuple

from jiedan.base import money


class LineTotal(NamedTuple):
    """`total_minor` and `tax_minor` of all `ordered` units, of which `canceled` were given up."""

    total_minor: int
    tax_minor: int
    ordered: int
    canceled: int = 0


def canceled_minor(line: LineTotal) -> int:
    """Return what the canceled units carried of a line's total: ⌊A·c/n⌋, so any grouping ends at the whole."""
    return money.unit_share(line.total_minor, line.ordered, 0, line.canceled)


def line_total(line: LineTotal) -> int:
    """Return what a line costs now, without its canceled units."""
    return line.total_minor - canceled_minor(line)


def order_total(lines: Iterable[LineTotal]) -> int:
    """Return what an order costs now."""
    return sum(line_total(line) for line in lines)


def order_tax(lines: Iterable[LineTotal]) -> int:
    """Return the tax contained in, or added to, what an order costs now."""
    return sum(line.tax_minor - money.unit_share(line.tax_minor, line.ordered, 0, line.canceled) for line in lines)
