"""The ways exports refuse."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_, Series
from jiedan.exports.values import FILE_BYTES_MAX


@dataclasses.dataclass(eq=False)
class ExportNotFound(errors.NotFound):
    """No file of this merchant has that id, or it was deleted."""

    code: ClassVar[str] = "export_not_found"
    message: ClassVar[str] = N_("There is no such export.")
    remedy: ClassVar[str] = N_("Files are kept for a week; export it again.")


@dataclasses.dataclass(eq=False)
class ExportNotReady(errors.Conflict):
    """The file is not written yet, or was given up."""

    code: ClassVar[str] = "export_not_ready"
    message: ClassVar[str] = N_("The file is not ready.")
    remedy: ClassVar[str] = N_("Look how far it is, and fetch it when it is ready.")


@dataclasses.dataclass(eq=False)
class UnknownFields(errors.Invalid):
    """Columns were asked for that there are not."""

    code: ClassVar[str] = "unknown_fields"
    message: ClassVar[str] = N_("There is no column {unknown}.")
    remedy: ClassVar[str] = N_("Choose among: {known}.")

    unknown: Series
    known: Series


@dataclasses.dataclass(eq=False)
class FileTooLong(errors.Invalid):
    """The file would be larger than one is kept."""

    code: ClassVar[str] = "export_too_large"
    message: ClassVar[str] = N_("The file would be larger than {bytes_max} bytes.")
    remedy: ClassVar[str] = N_("Narrow the filters or choose fewer columns, and export it in several files.")

    bytes_max: int = FILE_BYTES_MAX


@dataclasses.dataclass(eq=False)
class FileNotWritten(errors.Conflict):
    """The worker tried it for a day, and failed each time."""

    code: ClassVar[str] = "export_not_written"
    message: ClassVar[str] = N_("The file could not be written.")
    remedy: ClassVar[str] = N_("Export it again; if that fails too, the log of the worker says why.")
