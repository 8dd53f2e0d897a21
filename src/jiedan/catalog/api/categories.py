"""REST of the category tree."""

from typing import Annotated, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post, put

from jiedan.base.web import answers, bodies
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries, service
from jiedan.catalog.values import Category, CategoryId

Position = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class CategoryPut(bodies.Body):
    """A category as it is to be; a root has no parent."""

    __example__: ClassVar = {"name": "Tea", "parent_id": None, "position": 1}

    name: bodies.Name
    parent_id: UUID | None = None
    position: Position = 0


class CategoryBody(CategoryPut, kw_only=True):
    """A category to add."""

    __example__: ClassVar = {"code": "tea", "name": "Tea", "parent_id": None, "position": 1}

    code: bodies.Code


@get("/categories", permission="catalog:read", summary="List the category tree")
async def list_categories(unit: Unit) -> list[Category]:
    """Return every category, parents before children, each with its path."""
    async with unit.read() as tx:
        return await queries.categories(tx)


@get("/categories/{category_id:uuid}", permission="catalog:read", summary="Get a category")
async def get_category(unit: Unit, category_id: UUID) -> Response[Category]:
    """Return one category."""
    async with unit.read() as tx:
        category = await queries.category(tx, category_id=category_id)
    return answers.versioned(category, category.version)


@post("/categories", permission="catalog:write", idempotent=True, also=[404], summary="Create a category")
async def create_category(unit: Unit, data: CategoryBody) -> Response[Category]:
    """Add a category below a parent or as a root; its code is unique."""
    key = unit.idempotency_key
    category = await unit.write(
        lambda tx: service.create_category(
            tx, code=data.code, name=data.name, parent=_parent(data), position=data.position, key=key
        )
    )
    return answers.created(category, f"/api/v1/categories/{category.category_id}", version=category.version)


@put("/categories/{category_id:uuid}", permission="catalog:write", versioned=True, summary="Change a category")
async def change_category(unit: Unit, category_id: UUID, data: CategoryPut) -> Response[Category]:
    """Rename, move or reorder a category; below itself it cannot go."""
    category = await unit.write(
        lambda tx: service.edit_category(
            tx,
            category_id=category_id,
            name=data.name,
            parent=_parent(data),
            position=data.position,
            expected_version=unit.if_match,
        )
    )
    return answers.versioned(category, category.version)


@delete("/categories/{category_id:uuid}", permission="catalog:write", versioned=True, summary="Remove a category")
async def remove_category(unit: Unit, category_id: UUID) -> None:
    """Take an empty category out of the tree."""
    await unit.write(lambda tx: service.remove_category(tx, category_id=category_id, expected_version=unit.if_match))


def _parent(data: CategoryPut) -> CategoryId | None:
    return CategoryId(data.parent_id) if data.parent_id else None


HANDLERS = (list_categories, get_category, create_category, change_category, remove_category)
