"""Why a command stopped, as one sentence and an exit code."""

import asyncio
import errno
import signal

import cyclopts
import psycopg

from jiedan.base import errors, failures, reasons
from jiedan.base.i18n import N_
from jiedan.cli import output, usage

EXIT_INTERRUPTED = 128 + signal.SIGINT
EXIT_TERMINATED = 128 + signal.SIGTERM

_DISK_FULL = "53100"
_DATABASE_SAID = N_("The database refused the work: {reason}.")
_DATABASE_LOST = N_("The connection to the database was lost: check that the server runs, then start again.")
_STOPPED = N_("Stopped.")


def told(error: BaseException) -> int:
    """Print why a command stopped and return its exit code; raise `error` again when it is a bug."""
    match error:
        case failures.Failure():
            output.error(type(error).__name__, output.said(error))
            return error.exit_code
        case errors.Refusal():
            _print_refusal(error)
            return failures.EXIT_FAILURE
        case cyclopts.CycloptsError():
            output.error("Usage", output.phrased(usage.sentence(error)))
            return failures.EXIT_USAGE
        case KeyboardInterrupt():
            output.error("Interrupted", output.translated(_STOPPED))
            return EXIT_INTERRUPTED
        case asyncio.CancelledError():
            output.error("Terminated", output.translated(_STOPPED))
            return EXIT_TERMINATED
        case SystemExit():
            return error.code if isinstance(error.code, int) else failures.EXIT_FAILURE
        case BrokenPipeError():
            return failures.EXIT_FAILURE
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return told(failures.DiskFull(path=str(error.filename or ".")))
        case _:
            cause = getattr(error, "orig", error)  # what SQLAlchemy raises carries the driver's error
            if isinstance(cause, psycopg.Error):
                return _database_said(cause)
            raise error


def _database_said(error: psycopg.Error) -> int:
    if error.sqlstate == _DISK_FULL:
        return told(failures.DiskFull(path="PostgreSQL"))
    if isinstance(error, psycopg.OperationalError):
        output.error("DatabaseLost", output.translated(_DATABASE_LOST))
        return failures.EXIT_FAILURE
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        reason = output.phrased(reasons.of_database(error))
        output.error("DatabaseRefused", output.translated(_DATABASE_SAID, reason=reason))
        return failures.EXIT_FAILURE
    raise error


def _print_refusal(refusal: errors.Refusal) -> None:
    for reason in errors.reasons_of(refusal):
        output.error(reason.code, output.said(reason), field=reason.field)
