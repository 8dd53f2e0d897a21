"""The category tree: create, edit, move, remove."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.accounts.service import history
from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.catalog import errors, events, queries, saving
from jiedan.catalog import tables as t
from jiedan.catalog.rules import tree
from jiedan.catalog.values import Category, CategoryId


async def create_category(
    tx: Tx, *, code: str, name: str, parent: CategoryId | None = None, position: int = 0, key: str | None = None
) -> Category:
    """Add a category below `parent`, or as a root; the same `key` again answers with what it has become.

    Raises CategoryCodeTaken, UnknownCategory for the parent, LimitExceeded for the depth or the number, or KeyReused.
    """
    body = (code, name, parent, position)
    wish = await once.subject(tx, operation="catalog.create_category", key=key, body=body)
    if not wish.is_fresh:
        return await queries.category(tx, category_id=wish.id)
    await saving.claim(tx)
    present = {found.category_id: found for found in await queries.categories(tx)}
    if len(present) >= tree.CATEGORIES_MAX:
        raise errors.LimitExceeded(len(present) + 1, tree.CATEGORIES_MAX)
    if any(found.code == code for found in present.values()):
        raise errors.CategoryCodeTaken(code, field="code")
    category_id = CategoryId(wish.id)
    refusal = tree.refuse_move(category_id, parent, present)
    if refusal is not None:
        raise refusal
    await tx.execute(
        sa.insert(t.Category).values(
            tenant_id=tx.tenant,
            category_id=category_id,
            parent_id=parent,
            code=code,
            name=name,
            position=position,
            version=1,
            created_at=tx.now,
            updated_at=tx.now,
        )
    )
    tx.emit(events.CategoryCreated(category_id=category_id, code=code))
    return await queries.category(tx, category_id=category_id)


async def edit_category(
    tx: Tx,
    *,
    category_id: UUID,
    name: str,
    parent: CategoryId | None,
    position: int,
    expected_version: int | None = None,
) -> Category:
    """Rename, move or reorder a category; what is already so is no change.

    Raises CategoryNotFound, StaleVersion, UnknownCategory, CategoryCycle, or LimitExceeded for the depth.
    """
    await saving.claim(tx)
    present = {found.category_id: found for found in await queries.categories(tx)}
    old = present.get(CategoryId(category_id))
    if old is None:
        raise errors.CategoryNotFound(str(category_id))
    await _check_version(tx, old, expected_version)
    refusal = tree.refuse_move(old.category_id, parent, present)
    if refusal is not None:
        raise refusal
    wanted: dict[str, Any] = {"name": name, "parent_id": parent, "position": position}
    changed = [field for field, value in wanted.items() if getattr(old, field) != value]
    if changed:
        await tx.execute(
            sa.update(t.Category)
            .where(t.Category.tenant_id == tx.tenant, t.Category.category_id == category_id)
            .values(**wanted, version=old.version + 1, updated_at=tx.now)
        )
        tx.emit(events.CategoryChanged(category_id=category_id, code=old.code, version=old.version + 1, fields=changed))
    return await queries.category(tx, category_id=category_id)


async def remove_category(tx: Tx, *, category_id: UUID, expected_version: int | None = None) -> None:
    """Take an empty category out of the tree. Raises CategoryNotFound, StaleVersion or CategoryNotEmpty."""
    await saving.claim(tx)
    present = await queries.categories(tx)
    old = next((found for found in present if found.category_id == category_id), None)
    if old is None:
        raise errors.CategoryNotFound(str(category_id))
    await _check_version(tx, old, expected_version)
    children = sum(found.parent_id == category_id for found in present)
    products = await _products_inside(tx, category_id)
    if children or products:
        raise errors.CategoryNotEmpty(old.code, children, products)
    await tx.execute(
        sa.delete(t.Category).where(t.Category.tenant_id == tx.tenant, t.Category.category_id == category_id)
    )
    tx.emit(events.CategoryRemoved(category_id=category_id, code=old.code))


async def _check_version(tx: Tx, old: Category, expected: int | None) -> None:
    await history.check_version(
        tx, subject_id=old.category_id, kind=events.CategoryChanged.kind, current=old.version, expected=expected
    )


async def _products_inside(tx: Tx, category_id: UUID) -> int:
    statement = (
        sa.select(sa.func.count())
        .select_from(t.Product)
        .where(t.Product.tenant_id == tx.tenant, t.Product.category_id == category_id)
    )
    return int((await tx.execute(statement)).scalar_one())
