"""The tax table of an order: what each tax at each rate makes of how much, as an invoice tells it. Pure.

It is the sum of what is kept with lines, less what canceled units carried of it, so it always sums to the order's tax.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from jiedan.base import money
from jiedan.orders.values import Line
from jiedan.pricing.values import TaxPart, TaxRow, TaxTreatment

_ORDER: tuple[TaxTreatment, ...] = ("taxed", "exempt", "reverse_charge", "untaxed", "as_sold")

_Key = tuple[TaxTreatment, bool, str, int]


class _Part(NamedTuple):
    """What one tax makes of the units that are left of a line, and of how much of it."""

    of: TaxPart
    minor: int
    base_minor: int


def table(lines: Iterable[Line]) -> tuple[TaxRow, ...] | None:
    """Return the tax table of an order as it stands; None where one of its lines is older than what is kept.

    Its rows sum to the order's tax, their bases to what it costs without, but for compound taxes, whose base others
    have, too. Rows of nothing are left out.
    """
    parts: list[_Part] = []
    for line in lines:
        if line.taxes is None:
            return None
        parts.extend(_left(line, line.taxes))
    return _rows(parts)


def planned(taxes: Iterable[Sequence[TaxPart]]) -> tuple[TaxRow, ...]:
    """Return the tax table of what each tax makes of each line: of lines that were priced, and not placed yet."""
    return _rows([_Part(part, part.minor, part.base_minor) for parts in taxes for part in parts])


def told(rows: Iterable[TaxRow] | None) -> tuple[TaxRow, ...]:
    """Return the rows that say more than the sum: none where nothing is taxed at a rate, and nothing freed of it."""
    said = tuple(rows or ())
    return said if any(row.treatment not in {"untaxed", "as_sold"} for row in said) else ()


def _left(line: Line, parts: Iterable[TaxPart]) -> Iterator[_Part]:
    """Yield what is left of each tax without what canceled units carried, by differences of sums: nothing is lost.

    The base of a tax on all of a line is what the line costs now without tax; so is that of what was taxed elsewhere.
    """
    net_minor = line.total_minor - line.tax_minor
    left_minor = _kept(line.total_minor, line) - _kept(line.tax_minor, line)
    before = after = 0
    for part in parts:
        after += part.minor
        is_whole = part.base_minor == net_minor or part.treatment == "as_sold"
        base_minor = left_minor if is_whole else _kept(part.base_minor, line)
        yield _Part(part, _kept(after, line) - _kept(before, line), base_minor)
        before = after


def _kept(minor: int, line: Line) -> int:
    return minor - money.unit_share(minor, line.ordered, 0, line.canceled) if line.canceled else minor


def _rows(parts: Iterable[_Part]) -> tuple[TaxRow, ...]:
    sums: dict[_Key, list[int]] = {}
    for of, minor, base_minor in parts:
        found = sums.setdefault((of.treatment, of.is_compound, of.name, of.rate_ppm), [0, 0])
        found[0] += minor
        found[1] += base_minor
    return tuple([
        TaxRow(treatment, name, rate_ppm, is_compound, base_minor, minor)
        for (treatment, is_compound, name, rate_ppm), (minor, base_minor) in sorted(sums.items(), key=_in_order)
        if minor or base_minor
    ])  # fmt: skip


def _in_order(item: tuple[_Key, list[int]]) -> tuple[int, bool, str, int]:
    """Return where a row stands: simple taxes first, by name, the highest rate first."""
    treatment, is_compound, name, rate_ppm = item[0]
    return _ORDER.index(treatment), is_compound, name, -rate_ppm
