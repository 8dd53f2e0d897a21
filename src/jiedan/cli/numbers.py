"""Numbers of many things, as words of the command line or as the lines of a file."""

import csv
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

from jiedan.base import failures, reasons
from jiedan.base.i18n import N_, Phrase
from jiedan.base.web import bodies

_NOT_A_TEXT = Phrase("it has characters that no text may have")


@dataclasses.dataclass(eq=False)
class NothingNamed(failures.Failure):
    """Neither numbers nor a file were given, or the file is empty."""

    message: ClassVar[str] = N_("Name what is meant: numbers, or --file with one number in each line.")
    exit_code: ClassVar[int] = failures.EXIT_USAGE


@dataclasses.dataclass(eq=False)
class NumbersUnreadable(failures.Failure):
    """The file of numbers is not there or cannot be read."""

    message: ClassVar[str] = N_("{path} cannot be read: {reason}.")
    exit_code: ClassVar[int] = failures.EXIT_USAGE

    path: str
    reason: str


class Row(NamedTuple):
    """One line of a file, or one word of the command line: a number, and what a file says beside it."""

    number: str
    carrier: str = ""
    tracking_number: str = ""


def named(numbers: Sequence[str], file: Path | None) -> list[Row]:
    """Return what is meant, each number once. Raises NothingNamed, NumbersUnreadable."""
    rows = [Row(x) for x in numbers]
    if file is not None:
        try:
            rows += _read(file)
        except OSError as error:
            raise NumbersUnreadable(path=str(file), reason=reasons.of_system(error)) from error
        except UnicodeDecodeError as error:
            raise NumbersUnreadable(path=str(file), reason=reasons.of_text(error)) from error
        except csv.Error as error:
            raise NumbersUnreadable(path=str(file), reason=reasons.quoted(str(error))) from error
    if not rows:
        raise NothingNamed
    return list({row.number: row for row in rows}.values())


def _read(file: Path) -> list[Row]:
    """Return the rows of a file. Raises OSError, UnicodeDecodeError, csv.Error, or NumbersUnreadable."""
    rows = []
    with file.open(encoding="utf-8-sig", newline="") as opened:
        for cells in csv.reader(opened):
            found = [cell.strip() for cell in cells[:3]]
            if any(bodies.unstorable_character(cell) for cell in found):
                raise NumbersUnreadable(path=str(file), reason=_NOT_A_TEXT)
            rows += [Row(*found)] if found and found[0] else []
    return rows
