"""REST of cases: the queue, assignment and resolution."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import QueryParameter

from jiedan.base import errors, paging
from jiedan.base.web import answers, bodies, routing
from jiedan.base.web.unit import Unit
from jiedan.cases import queries, service, values


class CaseView(msgspec.Struct, frozen=True):
    """A case."""

    case_id: UUID
    kind: str
    subject_kind: str
    subject_id: UUID
    state: str
    data: dict[str, Any]
    opened_at: datetime
    assignee: str | None
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str | None
    version: int


class ResolveBody(bodies.Body):
    """How the case was settled."""

    __example__: ClassVar[dict[str, Any]] = {"resolution": "Refunded by bank transfer."}

    resolution: bodies.Text


class AssignBody(bodies.Body):
    """Who works on the case; null gives it back to the queue."""

    __example__: ClassVar[dict[str, Any]] = {"assignee": "wang.min"}

    assignee: bodies.Name | None


def _view(case: values.Case) -> CaseView:
    return CaseView(
        case.case_id,
        case.kind,
        case.subject_kind,
        case.subject_id,
        case.state,
        dict(case.data),
        case.opened_at,
        case.assignee,
        case.resolved_at,
        case.resolved_by,
        case.resolution,
        case.version,
    )


@get("/cases", permission="cases:read", summary="List cases")
async def list_cases(
    unit: Unit,
    case_state: Annotated[values.CaseState, QueryParameter(name="state")] = "open",
    kind: str | None = None,
    limit: bodies.Limit = 50,
    cursor: str | None = None,
) -> Response[paging.Listing[CaseView]]:
    """Return the queue of cases, newest first."""
    request = unit.page("cases", filters={"state": case_state, "kind": kind}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.cases(tx, request=request, state=case_state, kind=kind)
    return answers.listing(unit, paging.Page([_view(case) for case in page.items], page.next, page.previous))


@get("/cases/{case_id:uuid}", permission="cases:read", summary="Get a case")
async def get_case(unit: Unit, case_id: UUID) -> CaseView:
    """Return one case."""
    async with unit.read() as tx:
        return _view(await queries.case(tx, case_id))


@post("/cases/{case_id:uuid}/resolution", permission="cases:write", status_code=200, summary="Resolve a case")
async def resolve_case(unit: Unit, case_id: UUID, data: ResolveBody) -> CaseView:
    """Settle a case in words."""
    resolution = service.Resolution(case_id, data.resolution)
    errors.accepted(await unit.write(lambda tx: service.resolve_cases(tx, resolutions=[resolution])))
    async with unit.read() as tx:
        return _view(await queries.case(tx, case_id))


@post("/cases/{case_id:uuid}/assignment", permission="cases:write", status_code=200, summary="Assign a case")
async def assign_case(unit: Unit, case_id: UUID, data: AssignBody) -> CaseView:
    """Give a case to somebody, or back to the queue."""
    errors.accepted(await unit.write(lambda tx: service.assign_cases(tx, case_ids=[case_id], assignee=data.assignee)))
    async with unit.read() as tx:
        return _view(await queries.case(tx, case_id))


ROUTER = routing.api("Cases", [list_cases, get_case, resolve_case, assign_case])
