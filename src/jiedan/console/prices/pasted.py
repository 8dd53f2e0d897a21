"""Prices as spreadsheets have them, pasted or in a file: SKU, price, from which quantity on; a tier a row. Pure."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from jiedan.base.errors import Refusal
from jiedan.console import amounts
from jiedan.console.errors import CountUnreadable, PriceRowIncomplete
from jiedan.console.prices import typed
from jiedan.pricing.errors.drafts import TooManyPrices
from jiedan.pricing.queries import ListedPrice
from jiedan.pricing.service import ENTRIES_PER_CALL_MAX
from jiedan.pricing.values.carts import Tier

PASTED_CHARACTERS_MAX = 200_000
_SEPARATORS = "\t;,"
_CELLS_MIN = 2


class Tiers(NamedTuple):
    """What rows say of one SKU: its tiers as they stand, the rows as they were typed, and the number of the first."""

    sku: str
    row: int
    tiers: tuple[Tier, ...]
    typed: tuple[str, ...]


class Wrong(NamedTuple):
    """A row that cannot be read, or whose price is refused, as it was typed, and why."""

    row: int
    typed: str
    why: Refusal


class Pasted(NamedTuple):
    """Rows read: what they say by SKU, and what is wrong with the others."""

    good: tuple[Tiers, ...]
    wrong: tuple[Wrong, ...]


def decoded(content: bytes) -> str:
    """Return a file's text: UTF-8, else as spreadsheets in China save it."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


def read(text: str, currency: str) -> Pasted:
    """Read rows of SKU, price and lowest quantity (1 where it is missing); a first row without numbers is the heading.

    A SKU of which one row is wrong is left out whole. Raises TooManyPrices.
    """
    if len(text) > PASTED_CHARACTERS_MAX:
        raise TooManyPrices(ENTRIES_PER_CALL_MAX, field="rows")
    found: dict[str, list[tuple[int, str, Tier]]] = {}
    wrong: list[Wrong] = []
    spoiled: set[str] = set()
    for number, line in _lines(text):
        cells = _cells(line)
        if number == 1 and not any(any(c.isdigit() for c in cell) for cell in cells[1:]):
            continue
        try:
            sku, tier = _row(cells, currency)
        except Refusal as refusal:
            wrong.append(Wrong(number, line, refusal))
            spoiled.add(cells[0])
        else:
            found.setdefault(sku, []).append((number, line, tier))
    if len(found) > ENTRIES_PER_CALL_MAX:
        raise TooManyPrices(ENTRIES_PER_CALL_MAX, field="rows")
    good = tuple([_tiers(sku, rows) for sku, rows in found.items() if sku not in spoiled])
    return Pasted(good, tuple(wrong))


def _lines(text: str) -> Iterable[tuple[int, str]]:
    return [(i, line) for i, line in enumerate(text.splitlines(), start=1) if line.strip(" \t,;")]


def _cells(line: str) -> list[str]:
    separator = next((x for x in _SEPARATORS if x in line), ",")
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]
    except csv.Error:  # a cell longer than the reader takes
        return [line]


def _row(cells: Sequence[str], currency: str) -> tuple[str, Tier]:
    """Return what one row says. Raises PriceRowIncomplete, AmountUnreadable or CountUnreadable."""
    if len(cells) < _CELLS_MIN or not cells[0] or not cells[1]:
        raise PriceRowIncomplete(field="rows")
    minor = amounts.typed(cells[1], currency, field="rows")
    least = typed.count(cells[2], "rows") if len(cells) > _CELLS_MIN and cells[2] else 1
    if least is None or least < 1:
        raise CountUnreadable(cells[2], field="rows")
    return cells[0], Tier(least, minor)


def _tiers(sku: str, rows: Sequence[tuple[int, str, Tier]]) -> Tiers:
    tiers = sorted(tier for _, _, tier in rows)
    return Tiers(sku, rows[0][0], tuple(tiers), tuple([line for _, line, _ in rows]))


def refused(good: Sequence[Tiers], refusals: Mapping[str, Refusal]) -> list[Wrong]:
    """Return the rows of SKUs whose price was refused, each SKU's reason beside its first row."""
    return [Wrong(one.row, "\n".join(one.typed), refusals[one.sku]) for one in good if one.sku in refusals]


def written(listed: ListedPrice) -> str:
    """Return what a list says of a SKU as it is typed."""
    rows = []
    for tier in listed.entry.tiers:
        price = amounts.written(tier.unit_minor, listed.currency)
        rows.append(f"{_quoted(listed.sku)}\t{price}\t{tier.min_quantity}")
    return "\n".join(rows)


def _quoted(sku: str) -> str:
    return '"' + sku.replace('"', '""') + '"' if '"' in sku or "\t" in sku else sku
