"""Operational failures: what stops a command on a bad day, said in one sentence to the person at the terminal.

A `Failure` is not a `Refusal`: nobody asked Jiedan for anything wrong, the machine or its set-up is not fit. The
command line prints its sentence and exits with `exit_code`; a traceback is never shown for one.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

from jiedan.base.i18n import N_

EXIT_FAILURE = 1
EXIT_USAGE = 2


@dataclasses.dataclass(eq=False)
class Failure(Exception):
    """Say what is wrong with the set-up and what to do about it.

    `message` is a message id whose named placeholders are filled from the dataclass fields.
    """

    message: ClassVar[str] = N_("Jiedan cannot continue.")
    exit_code: ClassVar[int] = EXIT_FAILURE

    def data(self) -> Mapping[str, Any]:
        """Return the typed fields of this failure."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    def __str__(self) -> str:
        return self.message.format(**self.data())


@dataclasses.dataclass(eq=False)
class HomeNotWritable(Failure):
    """The home folder cannot be made or written."""

    message: ClassVar[str] = N_(
        "The folder {home} cannot be written ({reason}): make it writable for this user, "
        "or set JIEDAN_HOME to a folder that is."
    )

    home: str
    reason: str


@dataclasses.dataclass(eq=False)
class DiskFull(Failure):
    """The disk has no room for what had to be written."""

    message: ClassVar[str] = N_("The disk that holds {path} is full: free some space and start again.")

    path: str


@dataclasses.dataclass(eq=False)
class FileExists(Failure):
    """A file that would be written is there already."""

    message: ClassVar[str] = N_("{path} exists already and is not overwritten: give another name.")

    path: str


@dataclasses.dataclass(eq=False)
class FileNotWritten(Failure):
    """A file cannot be written."""

    message: ClassVar[str] = N_("{path} cannot be written: {reason}.")

    path: str
    reason: str
