"""The invoice lines of "Online Retail" (UCI, D. Chen 2015): one file that tells of everything.

Derived from it are files that the ordinary targets take: products (one SKU per stock code, by its most frequent name
and price), customers, opening stock (what the month's invoices take out), and the invoices themselves as orders with
dates and prices as sold. They are history that claims stock: nothing says what was shipped, so they stay open and hold
what they took from the opening stock, and their cancellations give it back. Pure, apart from reading the file.
"""

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from jiedan.base import money
from jiedan.base.i18n import Phrase, Series
from jiedan.imports import errors, reader
from jiedan.imports.reader import Source

CURRENCY = "GBP"
COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
CANCEL_PREFIX = "C"

ORDER_MAPPING: Mapping[str, str] = {
    "order_id": "InvoiceNo",
    "sku": "StockCode",
    "quantity": "Quantity",
    "placed_at": "InvoiceDate",
    "price": "UnitPrice",
    "customer": "CustomerID",
    "currency": f"={CURRENCY}",
    "payment_terms": "=on_account",
    "cancel_prefix": f"={CANCEL_PREFIX}",
    "gifts": "=no",
    "claims_stock": "=yes",
    "tax_included": "=yes",
}

NOT_GOODS = frozenset({"AMAZONFEE", "B", "BANK CHARGES", "C2", "CRUK", "D", "DOT", "M", "m", "PADS", "POST", "S"})
"""Stock codes of postage, fees, discounts and manual lines: services, which take nothing out of stock."""

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])(-[0-3]\d)?")


class InvoiceLine(NamedTuple):
    """One line of the file; `row` as a spreadsheet counts, the price in pence."""

    row: int
    invoice: str
    code: str
    description: str
    quantity: int
    price_minor: int
    customer: str
    country: str

    @property
    def is_sold(self) -> bool:
        """Whether it takes something out: no cancellation, no correction, no sample."""
        return not self.invoice.startswith(CANCEL_PREFIX) and self.quantity > 0 and self.price_minor > 0

    @property
    def amount_minor(self) -> int:
        """What it comes to, negative for a cancellation."""
        return self.quantity * self.price_minor


class Derived(NamedTuple):
    """The lines of a file, and the files derived from them, by the target that takes them."""

    lines: tuple[InvoiceLine, ...]
    files: Mapping[str, bytes]


def derive(source: Source, *, month: str | None, location: str, encoding: str | None = None) -> Derived:
    """Read the file, only one month (`2010-12`) or day (`2010-12-01`) of it if wished; the stock is put at `location`.

    In the derived orders a row keeps its number: what is left out becomes a blank line. Raises ColumnUnknown,
    CellInvalid, and what `reader.opened` raises.
    """
    if month is not None and not MONTH.fullmatch(month):
        raise errors.CellInvalid(month[:20], Phrase("a month like 2010-12"), field="month")
    lines = []
    orders = _Csv(COLUMNS)
    with reader.opened(source, encoding=encoding) as table:
        missing = [column for column in COLUMNS if column not in table.columns]
        if missing:
            raise errors.ColumnUnknown(missing[0], Series(table.columns))
        at = [table.columns.index(column) for column in COLUMNS]
        next_row = 2
        for row, cells in table.rows:
            values = dict(zip(COLUMNS, (cells[place].strip() for place in at), strict=True))
            values["CustomerID"] = values["CustomerID"].removesuffix(".0")
            if month is not None and not values["InvoiceDate"].startswith(month):
                continue
            orders.blank(row - next_row)
            orders.add(values.values())
            next_row = row + 1
            lines.append(_line(row, values))
    files = {
        "products": _products(lines),
        "customers": _customers(lines),
        "opening-stock": _opening_stock(lines, location),
        "orders": orders.content(),
    }
    return Derived(tuple(lines), files)


def _line(row: int, values: Mapping[str, str]) -> InvoiceLine:
    try:
        quantity, price_minor = int(values["Quantity"]), money.parse_amount(values["UnitPrice"], CURRENCY)
    except ValueError as error:
        given = f"{values['Quantity']} x {values['UnitPrice']}"[:100]
        raise errors.CellInvalid(given, Phrase("a quantity and a price in row {row}", row=row)) from error
    return InvoiceLine(
        row,
        values["InvoiceNo"],
        values["StockCode"],
        values["Description"],
        quantity,
        price_minor,
        values["CustomerID"],
        values["Country"],
    )


def _products(lines: Sequence[InvoiceLine]) -> bytes:
    names, prices = _most_frequent(lines, lambda x: x.description), _most_frequent(lines, _price)
    file = _Csv(("sku", "name", "kind", "status", "price", "currency"))
    for code in sorted({line.code for line in lines}):
        kind = "service" if code in NOT_GOODS else "goods"
        file.add((code, names.get(code, code), kind, "active", prices.get(code, ""), CURRENCY))
    return file.content()


def _price(line: InvoiceLine) -> str:
    return str(money.decimal_amount(line.price_minor, CURRENCY)) if line.is_sold else ""


def _most_frequent(lines: Sequence[InvoiceLine], text: Callable[[InvoiceLine], str]) -> dict[str, str]:
    """Return the most frequent text of each stock code that has one; of equally frequent ones the first."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        if text(line):
            counted[line.code][text(line)] += 1
    return {code: counts.most_common(1)[0][0] for code, counts in counted.items()}


def _customers(lines: Sequence[InvoiceLine]) -> bytes:
    """Return the customers: the file knows their number and country, no name."""
    file = _Csv(("external_id", "name", "kind", "tags"))
    for number, country in sorted({line.customer: line.country for line in lines if line.customer}.items()):
        file.add((number, f"Customer {number}", "company", country))
    return file.content()


def _opening_stock(lines: Sequence[InvoiceLine], location: str) -> bytes:
    taken: Counter[str] = Counter()
    for line in lines:
        if line.is_sold and line.code not in NOT_GOODS:
            taken[line.code] += line.quantity
    file = _Csv(("sku", "quantity", "location"))
    for code, quantity in sorted(taken.items()):
        file.add((code, str(quantity), location))
    return file.content()


class _Csv:
    """A CSV file in memory."""

    def __init__(self, header: Sequence[str]) -> None:
        self._text = io.StringIO()
        self._writer = csv.writer(self._text, lineterminator="\n")
        self._writer.writerow(header)

    def add(self, cells: Iterable[str]) -> None:
        """Write a row."""
        self._writer.writerow(list(cells))

    def blank(self, count: int) -> None:
        """Write rows that are left out."""
        self._text.write("\n" * count)

    def content(self) -> bytes:
        """Return what was written."""
        return self._text.getvalue().encode()
