"""How the database refuses, and how a transaction is used wrongly."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class DatabaseUnavailable(errors.Unavailable):
    """No connection could be had."""

    code: ClassVar[str] = "database_unavailable"
    message: ClassVar[str] = N_("The database does not answer.")


@dataclasses.dataclass(eq=False)
class OutcomeUnknown(errors.Unavailable):
    """The connection broke while the commit was on its way: it may or may not have happened."""

    code: ClassVar[str] = "outcome_unknown"
    message: ClassVar[str] = N_("The answer was lost; the work may or may not have been done.")
    remedy: ClassVar[str] = N_("Send the same request with the same key again.")


class LockOrderBroken(RuntimeError):
    """A lock of a lower rank was asked for after a higher one: a deadlock waiting to happen, so a bug."""
