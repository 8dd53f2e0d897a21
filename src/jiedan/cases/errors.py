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
    remedy: ClassVar[str] = N_("If something is still to be done, write a note on it or open another case.")

    case_id: UUID


@dataclasses.dataclass(eq=False)
class AssigneeUnknown(errors.Invalid):
    """Nobody of the staff, or somebody who cannot sign in."""

    code: ClassVar[str] = "assignee_unknown"
    message: ClassVar[str] = N_("Nobody who works here has the id {assignee_id}.")
    remedy: ClassVar[str] = N_("Give the id of one of the staff who can sign in.")

    assignee_id: UUID


@dataclasses.dataclass(eq=False)
class TextMissing(errors.Invalid):
    """A note or resolution without words, or with too many."""

    code: ClassVar[str] = "case_text_missing"
    message: ClassVar[str] = N_("Nothing was written, or too much.")
    remedy: ClassVar[str] = N_("Write between 1 and {characters_max} characters.")

    characters_max: int
