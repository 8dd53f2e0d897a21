"""The ways imports refuse."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_, Word

STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "draft": N_("not begun"),
        "queued": N_("waiting for its turn"),
        "running": N_("under way"),
        "completed": N_("finished"),
        "stopped": N_("stopped"),
    }
)
"""The words for how far an import is inside a sentence."""


@dataclasses.dataclass(eq=False)
class ImportNotFound(errors.NotFound):
    """No import of this merchant has that id."""

    code: ClassVar[str] = "import_not_found"
    message: ClassVar[str] = N_("There is no such import.")


@dataclasses.dataclass(eq=False)
class UnknownTarget(errors.Invalid):
    """Nothing is imported under that name."""

    code: ClassVar[str] = "unknown_import_kind"
    message: ClassVar[str] = N_("{kind} is nothing that can be imported.")
    remedy: ClassVar[str] = N_("Choose one of: {known}.")

    kind: str
    known: str


@dataclasses.dataclass(eq=False)
class FileTooLarge(errors.Invalid):
    """A file, or what it unpacks to, is over the limit."""

    code: ClassVar[str] = "file_too_large"
    message: ClassVar[str] = N_("The file is larger than {bytes_max} bytes, packed or unpacked.")
    remedy: ClassVar[str] = N_("Split it into several files.")

    bytes_max: int


@dataclasses.dataclass(eq=False)
class FileUnreadable(errors.Invalid):
    """The file is no CSV and no XLSX workbook, or it is damaged."""

    code: ClassVar[str] = "file_unreadable"
    message: ClassVar[str] = N_("The file cannot be read: {problem}.")
    remedy: ClassVar[str] = N_("Save it as CSV (UTF-8) or as an XLSX workbook and send it again.")

    problem: str


@dataclasses.dataclass(eq=False)
class EncodingUnknown(errors.Invalid):
    """The characters of a CSV file are in no encoding that we recognize."""

    code: ClassVar[str] = "encoding_unknown"
    message: ClassVar[str] = N_("The characters of the file cannot be read.")
    remedy: ClassVar[str] = N_("Save it as CSV UTF-8, or name its encoding.")


@dataclasses.dataclass(eq=False)
class HeaderInvalid(errors.Invalid):
    """The first row does not name the columns."""

    code: ClassVar[str] = "header_invalid"
    message: ClassVar[str] = N_("The first row does not name the columns: {problem}.")
    remedy: ClassVar[str] = N_("Give every column a name of its own in the first row.")

    problem: str


@dataclasses.dataclass(eq=False)
class TooManyRows(errors.Invalid):
    """A file has more rows or columns than one import takes."""

    code: ClassVar[str] = "too_many_rows"
    message: ClassVar[str] = N_("The file has more than {rows_max} rows or {columns_max} columns.")
    remedy: ClassVar[str] = N_("Split it into several files.")

    rows_max: int
    columns_max: int


@dataclasses.dataclass(eq=False)
class ColumnUnknown(errors.Invalid):
    """A mapping names a column that the file does not have."""

    code: ClassVar[str] = "column_unknown"
    message: ClassVar[str] = N_("The file has no column {column}.")
    remedy: ClassVar[str] = N_("Choose one of: {columns}.")

    column: str
    columns: str


@dataclasses.dataclass(eq=False)
class FieldUnknown(errors.Invalid):
    """A mapping names a field that the target does not have."""

    code: ClassVar[str] = "field_unknown"
    message: ClassVar[str] = N_("There is no field {name} to import.")
    remedy: ClassVar[str] = N_("Choose one of: {fields}.")

    name: str
    fields: str


@dataclasses.dataclass(eq=False)
class FieldNotMapped(errors.Invalid):
    """A field that every row needs has no column."""

    code: ClassVar[str] = "field_not_mapped"
    message: ClassVar[str] = N_("No column was chosen for {name}.")
    remedy: ClassVar[str] = N_("Name the column that holds it; the file has: {columns}.")

    name: str
    columns: str


@dataclasses.dataclass(eq=False)
class AlreadyImported(errors.Conflict):
    """The run is through, or the worker has it in hand."""

    code: ClassVar[str] = "already_imported"
    message: ClassVar[str] = N_("This import is {status}.")
    remedy: ClassVar[str] = N_("Start another one for another file.")

    status: str

    def __post_init__(self) -> None:
        self.status = Word(self.status, STATUSES)


@dataclasses.dataclass(eq=False)
class FileForgotten(errors.Conflict):
    """The bytes of the file are not kept: it came from the command line, came in whole, or lay there for a month."""

    code: ClassVar[str] = "file_forgotten"
    message: ClassVar[str] = N_("The file of this import is not kept.")
    remedy: ClassVar[str] = N_("Send it again as a new import; rows that came in before change nothing.")


@dataclasses.dataclass(eq=False)
class OtherFile(errors.Conflict):
    """The file is not the one the run was begun with."""

    code: ClassVar[str] = "other_file"
    message: ClassVar[str] = N_("This is not the file that the import was begun with.")
    remedy: ClassVar[str] = N_("Continue with the same file, or begin a new import.")


@dataclasses.dataclass(eq=False)
class RunElsewhere(errors.Conflict):
    """Another process is saving rows of the same run."""

    code: ClassVar[str] = "run_elsewhere"
    message: ClassVar[str] = N_("Another process is importing this file right now.")
    remedy: ClassVar[str] = N_("Wait for it to finish.")


@dataclasses.dataclass(eq=False)
class GivenUp(errors.Conflict):
    """The worker tried to go on with the run for a day, and failed each time."""

    code: ClassVar[str] = "import_given_up"
    message: ClassVar[str] = N_("This import failed each time it was tried.")
    remedy: ClassVar[str] = N_("Let it go on; if it fails again, the log of the worker says why.")


@dataclasses.dataclass(eq=False)
class CellInvalid(errors.Invalid):
    """The text of a cell is not what its field holds."""

    code: ClassVar[str] = "cell_invalid"
    message: ClassVar[str] = N_("{given} is not {wanted}.")
    remedy: ClassVar[str] = N_("Correct the cell.")

    given: str
    wanted: str


@dataclasses.dataclass(eq=False)
class CellMissing(errors.Invalid):
    """A cell that is needed is empty."""

    code: ClassVar[str] = "cell_missing"
    message: ClassVar[str] = N_("This cell is empty.")
    remedy: ClassVar[str] = N_("Fill it in.")


@dataclasses.dataclass(eq=False)
class CellsBeyondHeader(errors.Invalid):
    """A row has more cells than the header has names."""

    code: ClassVar[str] = "cells_beyond_header"
    message: ClassVar[str] = N_("The row has {cells} cells, the header {columns}.")
    remedy: ClassVar[str] = N_("Put texts with a separator in quotes.")

    cells: int
    columns: int


@dataclasses.dataclass(eq=False)
class CharacterRefused(errors.Invalid):
    """A cell holds a character that no text may have."""

    code: ClassVar[str] = "character_refused"
    message: ClassVar[str] = N_("The text contains the character {character}.")
    remedy: ClassVar[str] = N_("Remove it.")

    character: str


@dataclasses.dataclass(eq=False)
class NumberShortened(errors.Invalid):
    """A spreadsheet has rounded a long number, such as an order number, so its last digits are lost."""

    code: ClassVar[str] = "number_shortened"
    message: ClassVar[str] = N_("{given} is a long number that a spreadsheet has shortened.")
    remedy: ClassVar[str] = N_("Format the column as text, enter the whole number, and save the file again.")

    given: str


@dataclasses.dataclass(eq=False)
class FormulaFailed(errors.Invalid):
    """The cell of a workbook holds a formula without a value."""

    code: ClassVar[str] = "formula_failed"
    message: ClassVar[str] = N_("The formula in this cell has no value: {given}.")
    remedy: ClassVar[str] = N_("Correct the formula, or put the value itself into the cell.")

    given: str


@dataclasses.dataclass(eq=False)
class UnknownReference(errors.Invalid):
    """A row names a SKU or a location that does not exist."""

    code: ClassVar[str] = "unknown_reference"
    message: ClassVar[str] = N_("There is no {thing} {given}.")
    remedy: ClassVar[str] = N_("Create it first, or correct the cell.")

    thing: str
    given: str


@dataclasses.dataclass(eq=False)
class OtherRowRefused(errors.Invalid):
    """The row itself may be right; the order it belongs to does not come in without its other rows."""

    code: ClassVar[str] = "other_row_refused"
    message: ClassVar[str] = N_("The order does not come in because of row {row}.")
    remedy: ClassVar[str] = N_("Correct that row; an order comes in whole or not at all.")

    row: int


@dataclasses.dataclass(eq=False)
class OtherTierRefused(errors.Invalid):
    """The row itself may be right; the SKU whose price it tells does not come in without its other rows."""

    code: ClassVar[str] = "other_tier_refused"
    message: ClassVar[str] = N_("The SKU does not come in because of row {row}.")
    remedy: ClassVar[str] = N_("Correct that row; the rows of one SKU come in together.")

    row: int


@dataclasses.dataclass(eq=False)
class RowsDisagree(errors.Invalid):
    """Rows of one order say different things about what an order has once."""

    code: ClassVar[str] = "rows_disagree"
    message: ClassVar[str] = N_("Row {row} of the same order says {other}.")
    remedy: ClassVar[str] = N_("Let all rows of an order say the same.")

    row: int
    other: str


@dataclasses.dataclass(eq=False)
class NoSale(errors.Invalid):
    """A price that no sale has: below zero, or zero where the mapping says that nothing is given away."""

    code: ClassVar[str] = "no_sale"
    message: ClassVar[str] = N_("{given} is no price that something was sold at.")
    remedy: ClassVar[str] = N_("Enter corrections of stock or money as such; they are no orders.")

    given: str


@dataclasses.dataclass(eq=False)
class CancellationOfNobody(errors.Invalid):
    """A cancellation names no customer, so the order it is about cannot be told."""

    code: ClassVar[str] = "cancellation_of_nobody"
    message: ClassVar[str] = N_("A cancellation without a customer belongs to no order.")
    remedy: ClassVar[str] = N_("Name the customer, or cancel the order by hand.")


@dataclasses.dataclass(eq=False)
class NothingToCancel(errors.Conflict):
    """No earlier order of the customer has that much of the SKU left, at that price."""

    code: ClassVar[str] = "nothing_to_cancel"
    message: ClassVar[str] = N_("No earlier order of this customer has {quantity} of SKU {sku} at this price left.")
    remedy: ClassVar[str] = N_("Import the order first, or cancel by hand.")

    quantity: int
    sku: str


@dataclasses.dataclass(eq=False)
class CancellationChanged(errors.Conflict):
    """A cancellation came before under the same id, with other rows."""

    code: ClassVar[str] = "cancellation_changed"
    message: ClassVar[str] = N_("Cancellation {document} came before with different rows.")
    remedy: ClassVar[str] = N_("Let the rows of a cancellation follow each other, and give a new one an id of its own.")

    document: str
