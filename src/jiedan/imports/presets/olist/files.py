"""Read the nine files. Amounts become centavos, dates dates, postal codes whole; nothing else is changed.

In memory the whole set takes about 150 MB: ids are kept once, and a row is a small tuple.
"""

import csv
import gzip
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple, TypeVar

from jiedan.base import money
from jiedan.base.i18n import Phrase
from jiedan.imports.presets.olist import errors

CURRENCY = "BRL"
COUNTRY = "BR"
TIME_ZONE = "America/Sao_Paulo"

ORDERS = "olist_orders_dataset.csv"
ITEMS = "olist_order_items_dataset.csv"
PAYMENTS = "olist_order_payments_dataset.csv"
CUSTOMERS = "olist_customers_dataset.csv"
PRODUCTS = "olist_products_dataset.csv"
SELLERS = "olist_sellers_dataset.csv"
PLACES = "geolocation_dedup_by_zip.csv"
CATEGORIES = "product_category_name_translation.csv"
REVIEWS = "olist_order_reviews_dataset.csv"
FILES = (ORDERS, ITEMS, PAYMENTS, CUSTOMERS, PRODUCTS, SELLERS, PLACES, CATEGORIES, REVIEWS)

ROWS_PER_STEP = 1_000
"""How many rows are read between two calls of `progress`."""

PREFIX_DIGITS = 5
"""A postal prefix; the file of coordinates lost leading zeros, so `1001` is `01001`."""

_WHOLE_NUMBER = Phrase("a whole number")
_AMOUNT = Phrase("an amount")
_DATE = Phrase("a date like 2017-11-24")
_DEGREES = Phrase("a coordinate")

Progress = Callable[[int], None]

T = TypeVar("T")


class Place(NamedTuple):
    """Where somebody is: a postal prefix, a city, a state."""

    prefix: str
    city: str
    state: str


class Product(NamedTuple):
    """A product; `category` in Portuguese, empty when the file has none; weight and sizes where the file has them."""

    product_id: str
    category: str
    weight_g: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None


class Customer(NamedTuple):
    """Who ordered, as of one order; `person` is the same for all orders of somebody."""

    person: str
    place: Place


class Item(NamedTuple):
    """One piece of an order; amounts in centavos."""

    product_id: str
    seller_id: str
    price_minor: int
    freight_minor: int


class Payment(NamedTuple):
    """One part of what was paid for an order; the amount in centavos may be 0."""

    sequence: int
    kind: str
    installments: int
    amount_minor: int


class Told(NamedTuple):
    """An order as the file tells it; days are those of Brazil, None where the file has nothing."""

    order_id: str
    customer_id: str
    status: str
    placed_on: date
    approved_on: date | None
    handed_over_on: date | None
    delivered_on: date | None
    promised_on: date


class Olist(NamedTuple):
    """The whole set, by the keys of the files; `coordinates` are degrees (latitude, longitude) by whole prefix.

    `mended_prefixes` are those of them that had lost a zero in front.
    """

    orders: Sequence[Told]
    items: Mapping[str, Sequence[Item]]
    payments: Mapping[str, Sequence[Payment]]
    customers: Mapping[str, Customer]
    products: Mapping[str, Product]
    sellers: Mapping[str, Place]
    coordinates: Mapping[str, tuple[float, float]]
    categories: Mapping[str, str]
    review_count: int
    mended_prefixes: frozenset[str]


def silent(_: int, /) -> None:
    """Tell nobody how many more rows were read."""


def read(folder: Path, *, progress: Progress = silent) -> Olist:
    """Read the set in `folder`; orders come in the order they were placed.

    Raises FileMissing before anything is read, then ColumnMissing or CellWrong.
    """
    paths = {name: path(folder, name) for name in FILES}
    raw_places = list(_rows(paths[PLACES], PLACES, _PLACE_COLUMNS, progress))
    orders = [_told(row) for row in _rows(paths[ORDERS], ORDERS, _ORDER_COLUMNS, progress)]
    orders.sort(key=lambda order: (order.placed_on, order.order_id))
    return Olist(
        orders=orders,
        items=_grouped(_rows(paths[ITEMS], ITEMS, _ITEM_COLUMNS, progress), _item),
        payments=_grouped(_rows(paths[PAYMENTS], PAYMENTS, _PAYMENT_COLUMNS, progress), _payment),
        customers={
            sys.intern(row.text(0)): Customer(sys.intern(row.text(1)), row.place(2))
            for row in _rows(paths[CUSTOMERS], CUSTOMERS, _CUSTOMER_COLUMNS, progress)
        },
        products={
            sys.intern(row.text(0)): _product(row)
            for row in _rows(paths[PRODUCTS], PRODUCTS, _PRODUCT_COLUMNS, progress)
        },
        sellers={
            sys.intern(row.text(0)): row.place(1) for row in _rows(paths[SELLERS], SELLERS, _SELLER_COLUMNS, progress)
        },
        coordinates={whole_prefix(row.text(0)): (row.degrees(1), row.degrees(2)) for row in raw_places},
        categories={
            row.text(0): row.text(1) for row in _rows(paths[CATEGORIES], CATEGORIES, _CATEGORY_COLUMNS, progress)
        },
        review_count=sum(1 for _ in _rows(paths[REVIEWS], REVIEWS, ("review_id",), progress)),
        mended_prefixes=frozenset(whole_prefix(row.text(0)) for row in raw_places if len(row.text(0)) < PREFIX_DIGITS),
    )


def path(folder: Path, name: str) -> Path:
    """Return where a file of the set is, as CSV or gzip of CSV. Raises FileMissing."""
    for found in (folder / name, folder / f"{name}.gz"):
        if found.is_file():
            return found
    raise errors.FileMissing(str(folder), name)


def whole_prefix(prefix: str) -> str:
    """Return a postal prefix with the zeros that a spreadsheet took away in front."""
    return prefix.zfill(PREFIX_DIGITS)


_PLACE_COLUMNS = ("geolocation_zip_code_prefix", "geolocation_lat", "geolocation_lng")
_ORDER_COLUMNS = (
    "order_id",
    "customer_id",
    "order_status",
    "order_purchase_timestamp",
    "order_approved_at",
    "order_delivered_carrier_date",
    "order_delivered_customer_date",
    "order_estimated_delivery_date",
)
_ITEM_COLUMNS = ("order_id", "product_id", "seller_id", "price", "freight_value")
_PAYMENT_COLUMNS = ("order_id", "payment_sequential", "payment_type", "payment_installments", "payment_value")
_CUSTOMER_COLUMNS = (
    "customer_id",
    "customer_unique_id",
    "customer_zip_code_prefix",
    "customer_city",
    "customer_state",
)
_PRODUCT_COLUMNS = (
    "product_id",
    "product_category_name",
    "product_weight_g",
    "product_length_cm",
    "product_width_cm",
    "product_height_cm",
)
_SELLER_COLUMNS = ("seller_id", "seller_zip_code_prefix", "seller_city", "seller_state")
_CATEGORY_COLUMNS = ("product_category_name", "product_category_name_english")


class _Row:
    """The wanted cells of one row, and where they stand."""

    __slots__ = ("_cells", "_columns", "_name", "_row")

    def __init__(self, name: str, row: int, columns: Sequence[str], cells: Sequence[str]) -> None:
        self._name, self._row, self._columns, self._cells = name, row, columns, cells

    def text(self, index: int) -> str:
        """Return a cell as it stands."""
        return self._cells[index]

    def place(self, index: int) -> Place:
        """Return the prefix, city and state from a cell on."""
        prefix, city, state = self._cells[index : index + 3]
        return Place(sys.intern(whole_prefix(prefix)), sys.intern(city), sys.intern(state))

    def integer(self, index: int) -> int:
        """Return a whole number."""
        text = self._cells[index]
        if not (text.isascii() and text.isdigit()):
            raise self._wrong(index, _WHOLE_NUMBER)
        return int(text)

    def amount(self, index: int) -> int:
        """Return an amount in centavos."""
        try:
            return money.parse_amount(self._cells[index], CURRENCY)
        except ValueError as error:
            raise self._wrong(index, _AMOUNT) from error

    def day(self, index: int) -> date | None:
        """Return a date; None for an empty cell."""
        text = self._cells[index]
        try:
            return date.fromisoformat(text[:10]) if text else None
        except ValueError as error:
            raise self._wrong(index, _DATE) from error

    def needed_day(self, index: int) -> date:
        """Return a date that must be there."""
        found = self.day(index)
        if found is None:
            raise self._wrong(index, _DATE)
        return found

    def degrees(self, index: int) -> float:
        """Return a coordinate."""
        try:
            return float(self._cells[index])
        except ValueError as error:
            raise self._wrong(index, _DEGREES) from error

    def optional(self, index: int, *, scale: int = 1) -> int | None:
        """Return a whole number times `scale`; None for an empty cell and for 0, which no product weighs."""
        return self.integer(index) * scale or None if self._cells[index] else None

    def _wrong(self, index: int, wanted: Phrase) -> errors.CellWrong:
        return errors.CellWrong(self._name, self._row, self._columns[index], self._cells[index][:60], wanted)


def _told(row: _Row) -> Told:
    return Told(
        sys.intern(row.text(0)),
        sys.intern(row.text(1)),
        sys.intern(row.text(2)),
        row.needed_day(3),
        row.day(4),
        row.day(5),
        row.day(6),
        row.needed_day(7),
    )


def _item(row: _Row) -> Item:
    return Item(sys.intern(row.text(1)), sys.intern(row.text(2)), row.amount(3), row.amount(4))


def _payment(row: _Row) -> Payment:
    return Payment(row.integer(1), sys.intern(row.text(2)), row.integer(3), row.amount(4))


def _product(row: _Row) -> Product:
    sizes = (row.optional(3, scale=10), row.optional(4, scale=10), row.optional(5, scale=10))
    return Product(sys.intern(row.text(0)), sys.intern(row.text(1)), row.optional(2), *sizes)


def _grouped(rows: Iterator[_Row], made: Callable[[_Row], T]) -> dict[str, list[T]]:
    """Return what rows say, by the order id in their first cell, in the order of the file."""
    found: dict[str, list[T]] = {}
    for row in rows:
        found.setdefault(sys.intern(row.text(0)), []).append(made(row))
    return found


def _rows(path: Path, name: str, columns: Sequence[str], progress: Progress) -> Iterator[_Row]:
    """Yield the wanted cells of each row. Raises ColumnMissing."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        header = next(reader, [])
        for column in columns:
            if column not in header:
                raise errors.ColumnMissing(name, column)
        places = [header.index(column) for column in columns]
        number = 1
        for number, cells in enumerate(reader, start=2):
            if len(cells) < len(header):
                raise errors.CellWrong(name, number, header[len(cells)], "", Phrase("there"))
            yield _Row(name, number, columns, [cells[place] for place in places])
            if (number - 1) % ROWS_PER_STEP == 0:  # a bar that is drawn for every row takes longer than reading it
                progress(ROWS_PER_STEP)
        progress((number - 1) % ROWS_PER_STEP)
