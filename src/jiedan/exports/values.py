"""What can be exported, and what stands in a cell."""

import dataclasses
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, NamedTuple, NewType
from uuid import UUID

from jiedan.base.events import Actor
from jiedan.customers.values import Address
from jiedan.orders.values.lists import OrderFilter
from jiedan.payments.rules.finding import MoneyFilter, RefundFilter, What
from jiedan.pricing.values import TaxRow
from jiedan.pricing.values.promotions import AttributeValue

ExportId = NewType("ExportId", UUID)

Rows = Literal["orders", "lines"]
FileFormat = Literal["csv", "xlsx"]

ROWS: tuple[Rows, ...] = ("orders", "lines")
FORMATS: tuple[FileFormat, ...] = ("csv", "xlsx")

MEDIA_TYPES: dict[FileFormat, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

ORDERS_PER_SET = 500
PAYMENTS_PER_SET = 500


class ExportStatus(StrEnum):
    """How far a file is that the worker writes."""

    queued = "queued"
    running = "running"
    completed = "completed"
    stopped = "stopped"


SHEET_ROWS_MAX = 1_048_576
"""Rows of one sheet of XLSX, headings included; an export goes on in another sheet."""

Cell = str | int | Decimal | datetime | None
"""What stands in a cell. A moment is without a time zone: it is the merchant's local time."""

Row = tuple[Cell, ...]


class Column(NamedTuple):
    """A column: its name in the file's language is the translation of `heading`."""

    heading: str
    width: int = 14
    """Characters that fit, in XLSX."""

    @property
    def key(self) -> str:
        """The name by which the column is asked for: its heading in English, `promised_at_placement`."""
        return _NO_LETTERS.sub("_", self.heading.lower()).strip("_")


class MoneyWanted(NamedTuple):
    """Payments, or refunds, that are to be exported; headings in the language `locale`."""

    format: FileFormat
    filters: MoneyFilter
    locale: str

    @property
    def what(self) -> What:
        """Say which of the two it is."""
        return "refunds" if isinstance(self.filters, RefundFilter) else "payments"


class Hanging(NamedTuple):
    """What hangs on an order and stands in its row: where it goes, tags, kinds of standing holds, attributes, taxes."""

    ship_to: Address | None
    tags: tuple[str, ...]
    holds: tuple[str, ...]
    attributes: Mapping[str, AttributeValue]
    taxes: tuple[TaxRow, ...] = ()


class Wanted(NamedTuple):
    """What is to be exported; headings in the language `locale`. Without `fields`, all columns."""

    rows: Rows
    format: FileFormat
    filters: OrderFilter
    locale: str
    fields: tuple[str, ...] = ()


PART_BYTES = 512 * 1024
"""A piece of a file as it is stored, before it is compressed."""

FILE_BYTES_MAX = 512 * 1024 * 1024
"""What a file takes that is kept."""

WORKBOOK_BYTES_MAX = 1536 * 1024 * 1024
"""What a workbook holds before it is packed; its archive takes no sheet of more than 2 GiB."""

KEPT_DAYS = 7
FIELDS_MAX = 100

_NO_LETTERS = re.compile(r"[^a-z0-9]+")


@dataclasses.dataclass(frozen=True, slots=True)
class ExportJob:
    """A file that the worker writes, and how far it is; without `fields` it has all columns."""

    export_id: ExportId
    rows: Rows
    format: FileFormat
    fields: tuple[str, ...]
    filters: OrderFilter
    locale: str
    status: ExportStatus
    orders_expected: int
    orders_read: int
    rows_written: int
    size_bytes: int
    stopped_by: str
    writer_id: UUID | None
    """Who began last to write it, anew each time; everybody else gives up."""
    asked_by: Actor
    created_at: datetime
    updated_at: datetime

    @property
    def is_under_way(self) -> bool:
        """Tell whether the worker has something to do."""
        return self.status in {ExportStatus.queued, ExportStatus.running}
