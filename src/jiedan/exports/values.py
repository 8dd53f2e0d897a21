"""What can be exported, and what stands in a cell."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, NamedTuple, NewType
from uuid import UUID

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
