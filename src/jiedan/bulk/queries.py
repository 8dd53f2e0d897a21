"""Reads of bulk jobs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa

from jiedan.base import errands, paging
from jiedan.base.db import ReadTx, Tx
from jiedan.base.events import Actor
from jiedan.bulk import errors
from jiedan.bulk import tables as t
from jiedan.bulk.values import UNDER_WAY, BulkItem, BulkJob, ItemStatus, JobStatus, Wish
from jiedan.orders.values.lists import OrderFilter

ITEMS = paging.Keyset(columns=(t.BulkItem.place,), descending=False)


def _job(row: Any) -> BulkJob:
    return BulkJob(
        job_id=row.job_id,
        action=row.action,
        wish=msgspec.convert(row.wish, Wish),
        filters=msgspec.convert(row.filters, OrderFilter) if row.filters is not None else None,
        snapshot_at=row.snapshot_at,
        locale=row.locale,
        status=JobStatus(row.status),
        listed_at=row.listed_at,
        listed_id=row.listed_id,
        total=row.total,
        done=row.done,
        failed=row.failed,
        stopped_by=row.stopped_by,
        retry_of=row.retry_of,
        asked_by=Actor(row.actor_kind, row.actor_id),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


JOBS = errands.Errands(t.BulkJob, t.BulkJob.job_id, make=_job, missing=errors.BulkJobNotFound, under_way=UNDER_WAY)


async def job(tx: ReadTx, job_id: UUID) -> BulkJob:
    """Return one job. Raises BulkJobNotFound."""
    return await JOBS.one(tx, job_id)


async def job_for_update(tx: Tx, job_id: UUID) -> BulkJob:
    """Return one job, locked until the end of the transaction. Raises BulkJobNotFound."""
    return await JOBS.one_for_update(tx, job_id)


async def jobs(tx: ReadTx, *, request: paging.Request) -> paging.Page[BulkJob]:
    """List jobs, newest first."""
    return await JOBS.page(tx, request)


async def under_way(tx: ReadTx, actor: Actor) -> BulkJob | None:
    """Return the newest job of somebody, if the worker has it in hand."""
    return await JOBS.newest_under_way(tx, t.BulkJob.actor_kind == actor.kind, t.BulkJob.actor_id == actor.id)


async def items(
    tx: ReadTx, job_id: UUID, *, request: paging.Request, status: ItemStatus | None = None
) -> paging.Page[BulkItem]:
    """List the orders of a job in the order of their places; those of one status, or all."""
    statement = _items(tx, job_id)
    if status is not None:
        statement = statement.where(t.BulkItem.status == status)
    rows = (await tx.execute(ITEMS.apply(statement, request))).all()
    return ITEMS.page(rows, request, make=_item, position=lambda row: (row.place,))


async def next_items(tx: ReadTx, job_id: UUID, *, after: int, limit: int) -> Sequence[BulkItem]:
    """Return the orders of a job behind a place."""
    statement = _items(tx, job_id).where(t.BulkItem.place > after).order_by(t.BulkItem.place).limit(limit)
    return [_item(row) for row in await tx.execute(statement)]


def _items(tx: ReadTx, job_id: UUID) -> Any:
    i = t.BulkItem
    return sa.select(i.place, i.order_id, i.number, i.version, i.status, i.code, i.detail).where(
        i.tenant_id == tx.tenant, i.job_id == job_id
    )


def _item(row: Any) -> BulkItem:
    return BulkItem(row.place, row.order_id, row.number, row.version, ItemStatus(row.status), row.code, row.detail)
