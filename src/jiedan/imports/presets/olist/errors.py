"""The ways a folder of Olist is refused."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_, Phrase


@dataclasses.dataclass(eq=False)
class FileMissing(errors.Invalid):
    """A file of the set is not in the folder."""

    code: ClassVar[str] = "olist_file_missing"
    message: ClassVar[str] = N_("The folder {folder} has no {name}.")
    remedy: ClassVar[str] = N_("Give the folder that holds the whole set, as CSV or gzip of CSV.")

    folder: str
    name: str


@dataclasses.dataclass(eq=False)
class ColumnMissing(errors.Invalid):
    """A file of the set lacks a column."""

    code: ClassVar[str] = "olist_column_missing"
    message: ClassVar[str] = N_("{name} has no column {column}.")
    remedy: ClassVar[str] = N_("Take the file as Olist published it.")

    name: str
    column: str


@dataclasses.dataclass(eq=False)
class CellWrong(errors.Invalid):
    """A cell says nothing that can be meant."""

    code: ClassVar[str] = "olist_cell_wrong"
    message: ClassVar[str] = N_("{name}, row {row}, column {column}: {given} is not {wanted}.")
    remedy: ClassVar[str] = N_("Take the file as Olist published it.")

    name: str
    row: int
    column: str
    given: str
    wanted: Phrase
