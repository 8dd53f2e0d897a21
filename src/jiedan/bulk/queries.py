"""Reads of bulk jobs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa

from jiedan.base import paging
from jiedan.base.db import ReadTx, Tx
from jiedan.base.events import Actor
from jiedan.bulk import errors
from jiedan.bulk import tables as t
from jiedan.bulk.values import UNDER_WAY, BulkItem, BulkJob, ItemStatus, JobStatus, Wish
from jiedan.orders.values.lists import OrderFilter

JOBS = paging.Keyset(columns=(t.BulkJob.job_id,))
ITEMS = paging.Keyset(columns=(t.BulkItem.place,), descending=False)


async def job(tx: ReadTx, job_id: UUID) -> BulkJob:
    """Return one job. Raises BulkJobNotFound."""
    return _one((await tx.execute(_jobs(tx).where(t.BulkJob.job_id == job_id))).one_or_none())


async def job_for_update(tx: Tx, job_id: UUID) -> BulkJob:
    """Return one job, locked until the end of the transaction. Raises BulkJobNotFound."""
    statement = _jobs(tx).where(t.BulkJob.job_id == job_id).with_for_update(key_share=True)
    return _one((await tx.execute(statement)).one_or_none())


async def jobs(tx: ReadTx, *, request: paging.Request) -> paging.Page[BulkJob]:
    """List jobs, newest first."""
    rows = (await tx.execute(JOBS.apply(_jobs(tx), request))).all()
    return JOBS.page(rows, request, make=_job, position=lambda row: (row.job_id,))


async def under_way(tx: ReadTx, actor: Actor) -> BulkJob | None:
    """Return the newest job of somebody, if the worker has it in hand."""
    statement = (
        _jobs(tx)
        .where(t.BulkJob.actor_kind == actor.kind, t.BulkJob.actor_id == actor.id)
        .where(t.BulkJob.status.in_(sorted(UNDER_WAY)))
        .order_by(t.BulkJob.job_id.desc())
        .limit(1)
    )
    row = (await tx.execute(statement)).one_or_none()
    return _job(row) if row is not None else None


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


def _jobs(tx: ReadTx) -> Any:
    j = t.BulkJob
    return sa.select(
        j.job_id, j.action, j.wish, j.filters, j.snapshot_at, j.locale, j.status, j.listed_at, j.listed_id,
        j.total, j.done, j.failed, j.stopped_by, j.retry_of, j.actor_kind, j.actor_id, j.created_at, j.updated_at,
    ).where(j.tenant_id == tx.tenant)  # fmt: skip


def _one(row: Any) -> BulkJob:
    if row is None:
        raise errors.BulkJobNotFound
    return _job(row)


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


def _items(tx: ReadTx, job_id: UUID) -> Any:
    i = t.BulkItem
    return sa.select(i.place, i.order_id, i.number, i.version, i.status, i.code, i.detail).where(
        i.tenant_id == tx.tenant, i.job_id == job_id
    )


def _item(row: Any) -> BulkItem:
    return BulkItem(row.place, row.order_id, row.number, row.version, ItemStatus(row.status), row.code, row.detail)
