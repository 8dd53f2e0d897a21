"""The tree of categories: added, renamed, moved, removed."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base.errors import NotFound, Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries, service
from jiedan.catalog.values import CategoryId

Position = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class CategoryForm(Form):
    """A category to add, or what one is to become; without a parent it is a root."""

    name: bodies.Name
    code: bodies.Code | None = None
    version: bodies.Version | None = None
    parent_id: UUID | None = None
    position: Position = 0


class RemovalForm(Form):
    """A category that is to go."""

    version: bodies.Version | None = None


@get("/categories", permission="catalog:read")
async def categories_page(unit: Unit) -> Response[str]:
    """Show the tree; `edit` in the address opens one of them."""
    return await _answer(unit, None)


async def _answer(unit: Unit, form: "Filled[Any] | None", *, category_id: UUID | None = None) -> Response[str]:
    async with unit.read() as tx:
        if category_id is not None:
            await queries.category(tx, category_id=category_id)
        categories = await queries.categories(tx)
    wanted = str(category_id) if category_id is not None else unit.request.query_params.get("edit", "")
    chosen = next((category for category in categories if str(category.category_id) == wanted), None)
    return pages.render(unit, "catalog/categories.html", form=form, categories=categories, chosen=chosen)


@post("/categories", permission="catalog:write")
async def add_category(unit: Unit) -> Response[str]:
    """Add a category."""
    form = await forms.read(unit, CategoryForm)
    sent = form.value
    if sent is not None and sent.code is None:
        form.refuse(forms.FieldRequired(field="code"))
    if form.value is None or sent is None or sent.code is None:
        return await _answer(unit, form)
    code, parent = sent.code, CategoryId(sent.parent_id) if sent.parent_id else None
    try:
        await unit.write(
            lambda tx: service.create_category(tx, code=code, name=sent.name, parent=parent, position=sent.position)
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return await _answer(unit, form)
    return pages.redirect(unit, "/categories", flash=N_("The category was added."))


@post("/categories/{category_id:uuid}", permission="catalog:write")
async def change_category(unit: Unit, category_id: UUID) -> Response[str]:
    """Rename, move or reorder a category."""
    form = await forms.read(unit, CategoryForm)
    sent = form.value
    if sent is None:
        return await _answer(unit, form, category_id=category_id)
    try:
        await unit.write(
            lambda tx: service.edit_category(
                tx,
                category_id=category_id,
                name=sent.name,
                parent=CategoryId(sent.parent_id) if sent.parent_id else None,
                position=sent.position,
                expected_version=sent.version,
            )
        )
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return await _answer(unit, form, category_id=category_id)
    return pages.redirect(unit, "/categories", flash=N_("The category was saved."))


@post("/categories/{category_id:uuid}/removal", permission="catalog:write")
async def remove_category(unit: Unit, category_id: UUID) -> Response[str]:
    """Take an empty category out of the tree."""
    form = await forms.read(unit, RemovalForm)
    version = form.value.version if form.value is not None else None
    try:
        await unit.write(lambda tx: service.remove_category(tx, category_id=category_id, expected_version=version))
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return await _answer(unit, form)
    return pages.redirect(unit, "/categories", flash=N_("The category was removed."))


HANDLERS: tuple[Any, ...] = (categories_page, add_category, change_category, remove_category)
