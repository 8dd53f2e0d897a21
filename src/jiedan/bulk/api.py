"""REST of bulk jobs: begin one, follow it, fetch what became of each order, try again what failed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base import paging
from jiedan.base.web import answers, bodies, routing
from jiedan.base.web.unit import Unit
from jiedan.bulk import queries, service
from jiedan.bulk.values import CHOSEN_MAX, DEEDS, Action, BulkItem, BulkJob, Chosen, ItemStatus, JobStatus, Wish
from jiedan.orders.values.lists import OrderFilter


class ChosenBody(bodies.Body):
    """An order, and its version as it was seen: one that was edited meanwhile is not touched."""

    __example__: ClassVar[dict[str, Any]] = {"order_id": "0193a000-0000-7000-8000-000000000001"}

    order_id: UUID
    version: bodies.Version | None = None


class BulkJobBody(bodies.Body):
    """What to do to which orders: those named in `orders`, or all that fit `filters` now, newest first."""

    __example__: ClassVar[dict[str, Any]] = {
        "action": "tag",
        "wish": {"tag": "gift"},
        "orders": [{"order_id": "0193a000-0000-7000-8000-000000000001"}],
    }

    action: Action
    wish: Wish = Wish()
    orders: Annotated[list[ChosenBody], msgspec.Meta(max_length=CHOSEN_MAX)] = msgspec.field(default_factory=list)
    filters: OrderFilter | None = None


class BulkJobView(msgspec.Struct, frozen=True):
    """A job and how far it is; `total` grows while the orders that fit its filters are written down (`listing`)."""

    job_id: UUID
    action: Action
    wish: Wish
    filters: OrderFilter | None
    status: JobStatus
    total: int
    done: int
    failed: int
    stopped_by: str
    retry_of: UUID | None
    created_at: datetime
    updated_at: datetime


@post("/bulk-jobs", permission="orders:read", status_code=202, idempotent=True, also=[404], summary="Begin a bulk job")
async def begin_bulk_job(unit: Unit, data: BulkJobBody) -> Response[BulkJobView]:
    """Do one thing to many orders, in the worker; it needs the permission that doing it to one order needs.

    Each order has an outcome of its own: one that refuses keeps none of the others waiting. Whether the caller may
    still do it is looked at again for each set of orders, and whether an order was edited since it was chosen.
    """
    unit.require(DEEDS[data.action].permission)
    key = unit.idempotency_key
    chosen = [Chosen(x.order_id, x.version) for x in data.orders]
    job = await unit.write(
        lambda tx: service.begin_job(
            tx,
            action=data.action,
            wish=data.wish,
            locale=unit.locale,
            chosen=chosen,
            filters=data.filters,
            key=key,
        )
    )
    return answers.accepted(_shown(job), f"/api/v1/bulk-jobs/{job.job_id}")


@get("/bulk-jobs", permission="orders:read", summary="List bulk jobs")
async def list_bulk_jobs(
    unit: Unit, limit: bodies.Limit = 50, cursor: str | None = None
) -> Response[paging.Listing[BulkJobView]]:
    """Return bulk jobs, newest first; they are kept for ninety days."""
    request = unit.page("bulk-jobs", filters={}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.jobs(tx, request=request)
    return answers.listing(unit, page.each(_shown))


@get("/bulk-jobs/{bulk_job_id:uuid}", permission="orders:read", summary="Get a bulk job")
async def get_bulk_job(unit: Unit, bulk_job_id: UUID) -> BulkJobView:
    """Return how far a job is."""
    async with unit.read() as tx:
        return _shown(await queries.job(tx, bulk_job_id))


@get("/bulk-jobs/{bulk_job_id:uuid}/orders", permission="orders:read", summary="List the orders of a bulk job")
async def list_bulk_job_orders(
    unit: Unit,
    bulk_job_id: UUID,
    outcome: ItemStatus | None = None,
    limit: bodies.Limit = 50,
    cursor: str | None = None,
) -> Response[paging.Listing[BulkItem]]:
    """Return the orders of a job with what became of each, and why it was not done."""
    filters = {"job": str(bulk_job_id), "outcome": outcome}
    request = unit.page("bulk-job-orders", filters=filters, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        await queries.job(tx, bulk_job_id)
        page = await queries.items(tx, bulk_job_id, request=request, status=outcome)
    return answers.listing(unit, page)


@post(
    "/bulk-jobs/{bulk_job_id:uuid}/retry",
    permission="orders:read",
    status_code=202,
    idempotent=True,
    summary="Try again what failed",
)
async def retry_bulk_job(unit: Unit, bulk_job_id: UUID) -> BulkJobView:
    """Begin another job about the orders that this one failed with, as they are now."""
    await _require(unit, bulk_job_id)
    key = unit.idempotency_key
    return _shown(
        await unit.write(lambda tx: service.retry_failed(tx, job_id=bulk_job_id, locale=unit.locale, key=key))
    )


@post("/bulk-jobs/{bulk_job_id:uuid}/stop", permission="orders:read", status_code=200, summary="Stop a bulk job")
async def stop_bulk_job(unit: Unit, bulk_job_id: UUID) -> BulkJobView:
    """Let a job end after the orders in hand; it can go on from there."""
    await _require(unit, bulk_job_id)
    return _shown(await unit.write(lambda tx: service.stop_job(tx, job_id=bulk_job_id, locale=unit.locale)))


@post(
    "/bulk-jobs/{bulk_job_id:uuid}/continue",
    permission="orders:read",
    status_code=202,
    summary="Go on with a bulk job that was stopped",
)
async def continue_bulk_job(unit: Unit, bulk_job_id: UUID) -> BulkJobView:
    """Hand a job that was stopped to the worker again; it goes on with the next order."""
    await _require(unit, bulk_job_id)
    return _shown(await unit.write(lambda tx: service.continue_job(tx, job_id=bulk_job_id)))


async def _require(unit: Unit, job_id: UUID) -> None:
    """Refuse whoever may not do to one order what the job does to many."""
    async with unit.read() as tx:
        job = await queries.job(tx, job_id)
    unit.require(DEEDS[job.action].permission)


def _shown(job: BulkJob) -> BulkJobView:
    return BulkJobView(
        job_id=job.job_id,
        action=job.action,
        wish=job.wish,
        filters=job.filters,
        status=job.status,
        total=job.total,
        done=job.done,
        failed=job.failed,
        stopped_by=job.stopped_by,
        retry_of=job.retry_of,
        created_at=job.created_at,
        updated_at=job.updated_at,
    )


HANDLERS: Sequence[Any] = (
    begin_bulk_job,
    list_bulk_jobs,
    get_bulk_job,
    list_bulk_job_orders,
    retry_bulk_job,
    stop_bulk_job,
    continue_bulk_job,
)

ROUTER = routing.api("Bulk jobs", list(HANDLERS))
