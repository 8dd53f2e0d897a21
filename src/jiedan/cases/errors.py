"""The ways cases refuse."""

import dataclasses
from typing import ClassVar
from uuid import UUID

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class CaseNotFound(errors.NotFound):
    """There is no such case."""

    code: ClassVar[str] = "case_not_found"
    message: ClassVar[str] = N_("There is no case {case_id}.")

    case_id: UUID


@dataclasses.dataclass(eq=False)
class CaseAlreadyResolved(errors.Conflict):
    """The case was resolved before."""

    code: ClassVar[str] = "case_already_resolved"
    message: ClassVar[str] = N_("This case is already resolved.")

    case_id: UUID
