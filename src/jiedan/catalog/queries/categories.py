"""The category tree."""

from uuid import UUID

import sqlalchemy as sa

from jiedan.base.db import ReadTx
from jiedan.catalog import errors
from jiedan.catalog import tables as t
from jiedan.catalog.rules import tree
from jiedan.catalog.values import Category, CategoryId


async def categories(tx: ReadTx) -> list[Category]:
    """Return the whole tree, parents before children. One statement."""
    statement = sa.select(t.Category).where(t.Category.tenant_id == tx.tenant).limit(tree.CATEGORIES_MAX)
    return tree.with_paths(
        [
            Category(
                CategoryId(row.category_id),
                CategoryId(row.parent_id) if row.parent_id else None,
                row.code,
                row.name,
                row.position,
                row.version,
                (),
            )
            for row in await tx.execute(statement)
        ]
    )


async def category(tx: ReadTx, *, category_id: UUID) -> Category:
    """Return one category. Raises CategoryNotFound."""
    for found in await categories(tx):
        if found.category_id == category_id:
            return found
    raise errors.CategoryNotFound(str(category_id))
