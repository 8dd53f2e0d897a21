"""Give filters a name, and say how what fits is shown: one's own views, and those that everybody shares."""

from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from jiedan.accounts import service as staff
from jiedan.base import once, sql
from jiedan.base.db import Tx
from jiedan.orders import errors, events, queries
from jiedan.orders.rules import ranges
from jiedan.orders.tables import SavedView as ViewTable
from jiedan.orders.values import ViewId
from jiedan.orders.values.lists import (
    AS_EVERYWHERE,
    LIST_NAME,
    VIEWS_PER_PERSON_MAX,
    Layout,
    OrderFilter,
    SavedView,
    given,
)

SQL = sql.load("jiedan.orders.service", "views.sql")

SHARE_PERMISSION = "orders:write"
"""What sharing a view needs, and changing a shared one."""


FIELDS = ("name", "filters", "is_shared", "position", "layout")
"""What may be changed of a view."""


class NewView(NamedTuple):
    """A view as it is to be; `position` sorts the tabs, smaller first."""

    name: str
    filters: OrderFilter
    is_shared: bool = False
    position: int = 0
    layout: Layout = AS_EVERYWHERE


async def save_view(tx: Tx, *, view: NewView, owner_id: UUID, may_share: bool, key: str | None = None) -> SavedView:
    """Save a new view; the same `key` again answers with what it has become.

    Raises ViewShared, TooManyViews, KeyReused, ColumnTwice, Rejections of RangeReversed.
    """
    ranges.check(view.filters, place="filters.")
    ranges.check_columns(view.layout, place="layout.")
    _check_right(may_share=may_share, is_shared=view.is_shared)
    wish = await once.subject(tx, operation="orders.save_view", key=key, body=view)
    if not wish.is_fresh:
        return await queries.view(tx, wish.id, owner_id=owner_id)
    standing = await queries.views(tx, owner_id=owner_id)
    if sum(x.is_shared == view.is_shared for x in standing) >= VIEWS_PER_PERSON_MAX:
        raise errors.TooManyViews(VIEWS_PER_PERSON_MAX)
    owner = None if view.is_shared else owner_id
    saved = SavedView(ViewId(wish.id), view.name, view.filters, owner, view.position, 1, view.layout)
    await tx.execute(
        sa.insert(ViewTable).values(
            tenant_id=tx.tenant,
            view_id=saved.view_id,
            list_name=LIST_NAME,
            name=saved.name,
            owner_id=saved.owner_id,
            filters=given(saved.filters),
            layout=given(saved.layout),
            position=saved.position,
            version=1,
            created_at=tx.now,
            updated_at=tx.now,
        )
    )
    tx.emit(events.ViewSaved(view_id=saved.view_id, list_name=LIST_NAME, is_shared=saved.is_shared))
    return saved


async def change_view(
    tx: Tx, *, view_id: UUID, view: NewView, owner_id: UUID, may_share: bool, version: int | None
) -> SavedView:
    """Make a view what `view` says; nothing is written when it says so already.

    Raises ViewNotFound, ViewShared, StaleVersion (who changed what), ColumnTwice, Rejections of RangeReversed.
    """
    ranges.check(view.filters, place="filters.")
    ranges.check_columns(view.layout, place="layout.")
    found = await _view_to_change(tx, view_id, owner_id=owner_id, may_share=may_share, version=version)
    _check_right(may_share=may_share, is_shared=view.is_shared)
    changed = SavedView(
        found.view_id,
        view.name,
        view.filters,
        None if view.is_shared else found.owner_id or owner_id,
        view.position,
        found.version + 1,
        view.layout,
    )
    fields = tuple(name for name in FIELDS if getattr(found, name) != getattr(changed, name))
    if not fields:
        return found
    await tx.execute(
        sa.update(ViewTable)
        .where(ViewTable.tenant_id == tx.tenant, ViewTable.view_id == view_id)
        .values(
            name=changed.name,
            filters=given(changed.filters),
            layout=given(changed.layout),
            owner_id=changed.owner_id,
            position=changed.position,
            version=changed.version,
            updated_at=tx.now,
        )
    )
    tx.emit(events.ViewChanged(view_id=found.view_id, fields=fields, version=changed.version))
    return changed


async def move_view(tx: Tx, *, view_id: UUID, step: int, owner_id: UUID, may_share: bool) -> None:
    """Move a view by `step` places among the views of its kind: the shared ones, or one's own.

    At the end it stays. Raises ViewNotFound, ViewShared.
    """
    found = await _view_to_change(tx, view_id, owner_id=owner_id, may_share=may_share, version=None)
    standing = [x for x in await queries.views(tx, owner_id=owner_id) if x.is_shared == found.is_shared]
    place = next(i for i, x in enumerate(standing) if x.view_id == found.view_id)
    moved = [*standing[:place], *standing[place + 1 :]]
    moved.insert(min(max(place + step, 0), len(moved)), found)
    changed = [(i, x) for i, x in enumerate(moved) if x.position != i]
    if not changed:
        return
    await tx.sql_count(
        SQL["move_views"],
        view_ids=[x.view_id for _, x in changed],
        positions=[i for i, _ in changed],
        at=tx.now,
    )
    tx.emit(*(events.ViewChanged(view_id=x.view_id, fields=("position",), version=x.version + 1) for _, x in changed))


async def remove_view(tx: Tx, *, view_id: UUID, owner_id: UUID, may_share: bool, version: int | None) -> None:
    """Remove a view. Raises ViewNotFound, ViewShared, StaleVersion."""
    await _view_to_change(tx, view_id, owner_id=owner_id, may_share=may_share, version=version)
    await tx.execute(sa.delete(ViewTable).where(ViewTable.tenant_id == tx.tenant, ViewTable.view_id == view_id))
    tx.emit(events.ViewRemoved(view_id=view_id, list_name=LIST_NAME))


async def _view_to_change(tx: Tx, view_id: UUID, *, owner_id: UUID, may_share: bool, version: int | None) -> SavedView:
    found = await queries.view_for_update(tx, view_id, owner_id=owner_id)
    _check_right(may_share=may_share, is_shared=found.is_shared)
    await staff.check_version(
        tx, subject_id=view_id, kind=events.ViewChanged.kind, current=found.version, expected=version
    )
    return found


def _check_right(*, may_share: bool, is_shared: bool) -> None:
    if is_shared and not may_share:
        raise errors.ViewShared(SHARE_PERMISSION)
