"""Saved views: filters of a list under a name, one's own and those everybody shares."""

from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa

from jiedan.base.db import ReadTx, Tx
from jiedan.orders import errors
from jiedan.orders.tables import SavedView as ViewTable
from jiedan.orders.values.lists import LIST_NAME, VIEWS_PER_PERSON_MAX, Layout, OrderFilter, SavedView

_COLUMNS = (
    ViewTable.view_id,
    ViewTable.name,
    ViewTable.filters,
    ViewTable.owner_id,
    ViewTable.position,
    ViewTable.version,
    ViewTable.layout,
)


async def views(tx: ReadTx, *, owner_id: UUID) -> list[SavedView]:
    """Return the shared views and those of `owner_id`, in the order of their tabs."""
    statement = _seen(tx, owner_id).order_by(ViewTable.position, ViewTable.view_id).limit(2 * VIEWS_PER_PERSON_MAX)
    return [_view(row) for row in await tx.execute(statement)]


async def view(tx: ReadTx, view_id: UUID, *, owner_id: UUID) -> SavedView:
    """Return a view that is shared or belongs to `owner_id`. Raises ViewNotFound."""
    return _one(view_id, (await tx.execute(_seen(tx, owner_id).where(ViewTable.view_id == view_id))).one_or_none())


async def view_for_update(tx: Tx, view_id: UUID, *, owner_id: UUID) -> SavedView:
    """Lock a view that is shared or belongs to `owner_id` and return it. Raises ViewNotFound."""
    statement = _seen(tx, owner_id).where(ViewTable.view_id == view_id).with_for_update(key_share=True)
    return _one(view_id, (await tx.execute(statement)).one_or_none())


def _seen(tx: ReadTx, owner_id: UUID) -> "sa.Select[tuple[object, ...]]":
    return sa.select(*_COLUMNS).where(
        ViewTable.tenant_id == tx.tenant,
        ViewTable.list_name == LIST_NAME,
        sa.or_(ViewTable.owner_id.is_(None), ViewTable.owner_id == owner_id),
    )


def _one(view_id: UUID, row: Any) -> SavedView:
    if row is None:
        raise errors.ViewNotFound(str(view_id))
    return _view(row)


def _view(row: Any) -> SavedView:
    filters = msgspec.convert(row.filters, OrderFilter)
    layout = msgspec.convert(row.layout, Layout)
    return SavedView(row.view_id, row.name, filters, row.owner_id, row.position, row.version, layout)
