"""REST of cases: the queue, assignment, notes and resolution."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import QueryParameter

from jiedan.accounts import queries as accounts
from jiedan.base import paging
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import accepted
from jiedan.base.events import Actor
from jiedan.base.web import answers, bodies, routing
from jiedan.base.web.unit import Unit
from jiedan.cases import queries, service, values
from jiedan.cases.values import Assignment, CaseFilter, NewNote, Resolution


class AssigneeView(msgspec.Struct, frozen=True):
    """Who works on a case."""

    staff_id: UUID
    name: str


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A case."""

    case_id: UUID
    kind: str
    subject_kind: str
    subject_id: UUID
    state: str
    data: dict[str, Any]
    opened_at: datetime
    assignee: AssigneeView | None
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str | None
    version: int


class NoteView(msgspec.Struct, frozen=True):
    """What somebody wrote down about a case."""

    note_id: UUID
    text: str
    written_at: datetime
    author: str


class CaseDetail(CaseView, frozen=True, kw_only=True):
    """A case with its notes, oldest first."""

    notes: list[NoteView]


class ResolveBody(bodies.Body):
    """How the case was settled."""

    __example__: ClassVar[dict[str, Any]] = {"resolution": "Refunded by bank transfer."}

    resolution: bodies.Text


class AssignBody(bodies.Body):
    """Who of the staff works on the case; null gives it back to the queue."""

    __example__: ClassVar[dict[str, Any]] = {"assignee_id": "0193a000-0000-7000-8000-000000000001"}

    assignee_id: UUID | None


class NoteBody(bodies.Body):
    """Something to be remembered about the case."""

    __example__: ClassVar[dict[str, Any]] = {"text": "The bank was called; they call back on Monday."}

    text: bodies.Text


def _fields(case: values.Case, names: Mapping[Actor, str]) -> dict[str, Any]:
    assignee = None
    if case.assignee_id is not None:
        assignee = AssigneeView(case.assignee_id, names[staff(case.assignee_id)])
    return {
        "case_id": case.case_id,
        "kind": case.kind,
        "subject_kind": case.subject_kind,
        "subject_id": case.subject_id,
        "state": case.state,
        "data": dict(case.data),
        "opened_at": case.opened_at,
        "assignee": assignee,
        "resolved_at": case.resolved_at,
        "resolved_by": case.resolved_by,
        "resolution": case.resolution,
        "version": case.version,
    }


def staff(staff_id: UUID) -> Actor:
    """Return one of the staff as an actor, to ask for their name."""
    return Actor("staff", str(staff_id))


async def _named(tx: ReadTx, actors: Collection[Actor]) -> Mapping[Actor, str]:
    return await tx.load_one(accounts.actor_names(set(actors))) if actors else {}


@get("/cases", permission="cases:read", summary="List cases")
async def list_cases(
    unit: Unit,
    *,
    case_state: Annotated[values.CaseState, QueryParameter(name="state")] = "open",
    kind: str | None = None,
    assignee_id: UUID | None = None,
    assigned: Literal["yes", "no"] | None = None,
    subject_id: UUID | None = None,
    limit: bodies.Limit = 50,
    cursor: str | None = None,
) -> Response[paging.Listing[CaseView]]:
    """Return the queue of cases, newest first."""
    filters = CaseFilter(case_state, kind, assignee_id, None if assigned is None else assigned == "yes", subject_id)
    request = unit.page("cases", filters=filters._asdict(), limit=limit, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.cases(tx, request=request, filters=filters)
        names = await _named(tx, [staff(case.assignee_id) for case in page.items if case.assignee_id is not None])
    shown = [CaseView(**_fields(case, names)) for case in page.items]
    return answers.listing(unit, paging.Page(shown, page.next, page.previous))


@get("/cases/{case_id:uuid}", permission="cases:read", summary="Get a case")
async def get_case(unit: Unit, case_id: UUID) -> Response[CaseDetail]:
    """Return one case with its notes."""
    return await _shown(unit, case_id)


@post(
    "/cases/{case_id:uuid}/resolution",
    permission="cases:write",
    versioned=True,
    status_code=200,
    summary="Resolve a case",
)
async def resolve_case(unit: Unit, case_id: UUID, data: ResolveBody) -> Response[CaseDetail]:
    """Settle a case in words."""
    resolution = Resolution(case_id, data.resolution, unit.if_match)
    return await _changed(unit, case_id, lambda tx: service.resolve_cases(tx, resolutions=[resolution]))


@post(
    "/cases/{case_id:uuid}/assignment",
    permission="cases:write",
    versioned=True,
    status_code=200,
    summary="Assign a case",
)
async def assign_case(unit: Unit, case_id: UUID, data: AssignBody) -> Response[CaseDetail]:
    """Give a case to one of the staff, or back to the queue."""
    assignment = Assignment(case_id, data.assignee_id, unit.if_match)
    return await _changed(unit, case_id, lambda tx: service.assign_cases(tx, assignments=[assignment]))


@post("/cases/{case_id:uuid}/notes", permission="cases:write", idempotent=True, summary="Write a note on a case")
async def add_case_note(unit: Unit, case_id: UUID, data: NoteBody) -> Response[CaseDetail]:
    """Write down something about a case."""
    note = NewNote(case_id, data.text)
    await unit.write(lambda tx: service.add_note(tx, note=note, key=unit.idempotency_key))
    answer = await _shown(unit, case_id)
    answer.status_code = 201
    return answer


async def _changed(
    unit: Unit, case_id: UUID, change: Callable[[Tx], Awaitable[Sequence[object]]]
) -> Response[CaseDetail]:
    """Change a case that nobody else changed since it was read."""

    async def work(tx: Tx) -> Sequence[object]:
        await service.check_version(tx, case_id=case_id, expected=unit.if_match)
        return await change(tx)

    accepted(await unit.write(work))
    return await _shown(unit, case_id)


async def _shown(unit: Unit, case_id: UUID) -> Response[CaseDetail]:
    async with unit.read() as tx:
        case = await queries.case(tx, case_id)
        notes = (await queries.notes_of(tx, [case_id])).get(case_id, [])
        actors = {note.author for note in notes}
        names = await _named(tx, actors if case.assignee_id is None else {*actors, staff(case.assignee_id)})
    told = [NoteView(n.note_id, n.text, n.written_at, names[n.author]) for n in notes]
    return answers.versioned(CaseDetail(**_fields(case, names), notes=told), case.version)


ROUTER = routing.api("Cases", [list_cases, get_case, resolve_case, assign_case, add_case_note])
