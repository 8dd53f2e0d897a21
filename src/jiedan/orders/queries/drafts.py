"""Saved drafts by id and as a list."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import paging
from jiedan.base.db import LockRank, ReadTx, Tx
from jiedan.base.events import Actor
from jiedan.orders import errors
from jiedan.orders.tables import OrderDraft
from jiedan.orders.values import DraftId, OrderId, SavedDraft

KEYSET = paging.Keyset(columns=(OrderDraft.updated_at, OrderDraft.draft_id), descending=True)

_COLUMNS = (
    OrderDraft.draft_id,
    OrderDraft.data,
    OrderDraft.version,
    OrderDraft.created_at,
    OrderDraft.updated_at,
    OrderDraft.actor_kind,
    OrderDraft.actor_id,
    OrderDraft.order_id,
)


async def draft(tx: ReadTx, draft_id: UUID) -> SavedDraft:
    """Return a saved draft. Raises DraftNotFound, of one that was thrown away as well."""
    return await _one(tx, draft_id, _by_id(tx, draft_id).where(OrderDraft.discarded_at.is_(None)))


async def draft_for_update(tx: Tx, draft_id: UUID) -> SavedDraft:
    """Lock a saved draft and return it. Raises DraftNotFound, of one that was thrown away as well."""
    found, discarded_at = await kept_draft_for_update(tx, draft_id)
    if discarded_at is not None:
        raise errors.DraftNotFound(str(draft_id))
    return found


async def kept_draft_for_update(tx: Tx, draft_id: UUID) -> tuple[SavedDraft, datetime | None]:
    """Lock a draft and return it, and when it was thrown away if it was. Raises DraftNotFound."""
    tx.will_lock(LockRank.ORDER)
    statement = _by_id(tx, draft_id).add_columns(OrderDraft.discarded_at).with_for_update(key_share=True)
    row = (await tx.execute(statement)).one_or_none()
    if row is None:
        raise errors.DraftNotFound(str(draft_id))
    return _draft(row), row.discarded_at


async def open_drafts(tx: ReadTx, *, request: paging.Request) -> paging.Page[SavedDraft]:
    """Return a page of the drafts that are not orders yet, last changed first."""
    statement = sa.select(*_COLUMNS).where(
        OrderDraft.tenant_id == tx.tenant, OrderDraft.order_id.is_(None), OrderDraft.discarded_at.is_(None)
    )
    rows = (await tx.execute(KEYSET.apply(statement, request))).all()
    return KEYSET.page(rows, request, make=_draft, position=lambda row: (row.updated_at, row.draft_id))


def _by_id(tx: ReadTx, draft_id: UUID) -> "sa.Select[tuple[object, ...]]":
    return sa.select(*_COLUMNS).where(OrderDraft.tenant_id == tx.tenant, OrderDraft.draft_id == draft_id)


async def _one(tx: ReadTx, draft_id: UUID, statement: "sa.Select[tuple[object, ...]]") -> SavedDraft:
    row = (await tx.execute(statement)).one_or_none()
    if row is None:
        raise errors.DraftNotFound(str(draft_id))
    return _draft(row)


def _draft(row: "sa.Row[tuple[object, ...]]") -> SavedDraft:
    order_id = OrderId(row.order_id) if row.order_id is not None else None
    return SavedDraft(
        DraftId(row.draft_id),
        row.data,
        row.version,
        row.created_at,
        row.updated_at,
        Actor(row.actor_kind, row.actor_id),
        order_id,
    )
