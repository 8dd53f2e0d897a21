"""Facts of cases."""

from uuid import UUID

from jiedan.base.events import Event


class CaseOpened(Event, frozen=True, kw_only=True):
    """Something needs a person's eye."""

    kind = "cases.case_opened"
    subject_kind = "case"
    subject = "case_id"

    case_id: UUID
    case_kind: str
    about_kind: str
    about_id: UUID


class CaseAssigned(Event, frozen=True, kw_only=True):
    """A case has somebody who works on it, or nobody any more."""

    kind = "cases.case_assigned"
    subject_kind = "case"
    subject = "case_id"

    case_id: UUID
    assignee_id: UUID | None
    version: int
    fields: tuple[str, ...] = ("assignee_id",)


class CaseNoted(Event, frozen=True, kw_only=True):
    """Somebody wrote something down about a case; the words are in the private part."""

    kind = "cases.case_noted"
    subject_kind = "case"
    subject = "case_id"

    case_id: UUID
    note_id: UUID


class CaseResolved(Event, frozen=True, kw_only=True):
    """A case is settled; the words are in the private part."""

    kind = "cases.case_resolved"
    subject_kind = "case"
    subject = "case_id"

    case_id: UUID
    case_kind: str
    about_kind: str
    about_id: UUID
