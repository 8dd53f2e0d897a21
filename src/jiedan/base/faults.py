"""Why a handler of events failed: the database was away, time ran out, or the event itself cannot be digested."""

import traceback

import psycopg

from jiedan.base import connections, db, errors


def reason(error: Exception) -> str:
    """Say what failed without quoting it: messages of the database carry values, and values may be personal."""
    if isinstance(error, errors.Refusal):
        return error.code
    cause = connections.driver_error(error)
    name = type(cause or error).__name__
    if cause is not None:
        name = f"{name} {cause.sqlstate} {cause.diag.constraint_name or ''}".strip()
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{name} in {frame.name}, line {frame.lineno}"


def is_outage(error: Exception) -> bool:
    """Tell whether the database is at fault, not the event: such a failure is no attempt and never a dead letter."""
    if isinstance(error, db.DatabaseUnavailable | db.OutcomeUnknown) or connections.is_connection_lost(error):
        return True
    unfit = psycopg.errors.DiskFull | psycopg.errors.TooManyConnections | psycopg.errors.ReadOnlySqlTransaction
    return isinstance(connections.driver_error(error), unfit)


def is_slow(error: Exception) -> bool:
    """Tell whether time ran out: halving would only spend it again, so the set is tried again later."""
    slow = psycopg.errors.QueryCanceled | psycopg.errors.LockNotAvailable
    return isinstance(error, TimeoutError) or isinstance(connections.driver_error(error), slow)
