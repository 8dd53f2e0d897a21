"""The work queue: fulfillments by status and location, longest waiting first."""

from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import paging
from jiedan.base.db import ReadTx
from jiedan.fulfillment import tables
from jiedan.fulfillment.queries import loads
from jiedan.fulfillment.values import STATUSES, Fulfillment, Status

_HEAD = tables.Fulfillment
_OLDEST = paging.Keyset((_HEAD.released_at, _HEAD.fulfillment_id), descending=False)

COUNTED_MAX = 1_000
"""A queue is counted up to here."""


class Asked(NamedTuple):
    """Which fulfillments are asked for."""

    status: Status
    location_id: UUID | None = None


async def fulfillment_page(tx: ReadTx, *, request: paging.Request, asked: Asked) -> paging.Page[Fulfillment]:
    """List fulfillments whole, the one released first at the top."""
    statement = sa.select(_HEAD.fulfillment_id, _HEAD.released_at).where(*_conditions(tx, asked))
    rows = (await tx.execute(_OLDEST.apply(statement, request))).all()
    found = await loads.fulfillments(tx, [row.fulfillment_id for row in rows])
    return _OLDEST.page(
        rows,
        request,
        make=lambda row: found[row.fulfillment_id],
        position=lambda row: (row.released_at, row.fulfillment_id),
    )


async def status_counts(tx: ReadTx, *, location_id: UUID | None = None) -> dict[Status, int]:
    """Return how many fulfillments stand at each status that is not ended, counted up to `COUNTED_MAX`."""
    working = [x for x in STATUSES if x not in {"delivered", "collected", "canceled"}]
    parts: list[Any] = [
        sa.select(sa.literal(status).label("status"))
        .select_from(_HEAD)
        .where(*_conditions(tx, Asked(status, location_id)))
        .limit(COUNTED_MAX)
        .subquery()
        for status in working
    ]
    counts = [
        sa.select(sa.literal(status).label("status"), sa.func.count().label("number")).select_from(part)
        for status, part in zip(working, parts, strict=True)
    ]
    rows = (await tx.execute(sa.union_all(*counts))).all()
    return {row.status: row.number for row in rows}


def _conditions(tx: ReadTx, asked: Asked) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [_HEAD.tenant_id == tx.tenant, _HEAD.status == asked.status]
    return found if asked.location_id is None else [*found, _HEAD.location_id == asked.location_id]
