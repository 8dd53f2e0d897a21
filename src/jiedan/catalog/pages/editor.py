"""The editor of a product: its texts, its options and the grid of its SKUs, saved together."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, get, post

from jiedan.base import errors as base_errors
from jiedan.base import i18n
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import NotFound, Refusal, StaleVersion
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages, problems
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries, service
from jiedan.catalog.pages import typed
from jiedan.catalog.pages.typed import ProductForm, Row
from jiedan.catalog.rules import drafts, quantities, sources, variants
from jiedan.catalog.values import (
    KIND_LABELS,
    STATUS_SIGNS,
    Category,
    Image,
    Option,
    Product,
    ProductId,
    ProductStatus,
    Sku,
    SkuKind,
    Source,
)

ROWS_MORE = 3
NEW, ROWS, VARIANTS = "options", "rows", "variants"

_SKU = re.compile(r"skus\[(\d+)\]")
_OPTION = re.compile(r"options\[\d+\]")

Conflict = list[tuple[str, str, str, str]]
"""Fields that two people changed: (name, label, theirs, yours)."""


class Shown(NamedTuple):
    """Everything the editor shows; without a product it is a new one."""

    product: Product | None
    images: Sequence[Image]
    categories: Sequence[Category]
    rows: Sequence[Row]
    options: Sequence[Option]
    conflict: Conflict


@get("/products/new", permission="catalog:write")
async def new_product_page(unit: Unit) -> Response[str]:
    """Show the empty editor."""
    async with unit.read() as tx:
        categories = await queries.categories(tx)
    return _render(unit, forms.empty(unit), Shown(None, (), categories, [Row()], (), []))


@post("/products/new", permission="catalog:write")
async def create_product(unit: Unit) -> Response[str]:
    """Create a product with its SKUs; or show the grid with other options or more rows."""
    form = await forms.read(unit, ProductForm)
    return await _changed(unit, form, None)


@get("/products/{product_id:uuid}", permission="catalog:read")
async def product_page(unit: Unit, product_id: UUID) -> Response[str]:
    """Show a product: to who may edit it, as the editor."""
    async with unit.read() as tx:
        product, images, categories = await _loaded(tx, product_id)
    rows = typed.rows_of_product(product, unit.principal.currency)
    shown = Shown(product, images, categories, rows, product.options, [])
    if not unit.may("catalog:write"):
        return _render(unit, None, shown, "catalog/product.html")
    return _render(unit, _filled(unit, product), shown)


async def _loaded(tx: ReadTx, product_id: UUID) -> tuple[Product, list[Image], list[Category]]:
    """Read what the editor shows. Raises ProductNotFound."""
    product = await queries.product(tx, product_id=product_id)
    return product, await queries.images(tx, product_id=product_id), await queries.categories(tx)


def _filled(unit: Unit, product: Product) -> Filled[Any]:
    """Return the editor's form as the product is stored."""
    return forms.empty(
        unit,
        version=product.version,
        code=product.code,
        kind=product.kind,
        name=product.name,
        description=product.description,
        status=product.status,
        category=product.category,
        tax_class=product.tax_class,
        brand=product.brand,
        tags=", ".join(product.tags),
    )


@post("/products/{product_id:uuid}", permission="catalog:write")
async def save_product(unit: Unit, product_id: UUID) -> Response[str]:
    """Save a product with its SKUs; or show the grid with other options or more rows."""
    form = await forms.read(unit, ProductForm)
    return await _changed(unit, form, product_id)


async def _changed(unit: Unit, form: Filled[ProductForm], product_id: UUID | None) -> Response[str]:
    sent = form.value
    if sent is None or sent.action in (NEW, ROWS, VARIANTS):
        return await _answer(unit, form, product_id, {}, action="" if sent is None else sent.action)

    async def work(tx: Tx) -> ProductId:
        old = None if product_id is None else await queries.product(tx, product_id=product_id)
        draft = typed.draft_of(form, sent, currency=unit.principal.currency, old=old)
        try:
            return (await service.save_product(tx, product=draft)).product_id
        except Refusal as refusal:
            _place(refusal, _places(form))
            raise

    try:
        saved_id = await unit.write(work)
    except StaleVersion as stale:
        form.refuse(stale)
        return await _answer(unit, form, product_id, {}, is_stale=True)
    except NotFound as refusal:
        if product_id is not None and refusal.field != "code":
            raise
        return await _answer(unit, form, product_id, _refused(form, refusal))
    except Refusal as refusal:
        return await _answer(unit, form, product_id, _refused(form, refusal))
    return pages.redirect(unit, f"/products/{saved_id}", flash=N_("The product was saved."))


def _places(form: Filled[Any]) -> list[int]:
    """Return where in the grid the SKUs of the draft stand: blank rows are none of it."""
    return [place for place, row in enumerate(typed.rows_of(form, {})) if not row.is_blank]


def _place(refusal: Refusal, places: Sequence[int]) -> None:
    """Name SKUs by their row of the grid, where the service counted those of the draft."""
    for reason in base_errors.reasons_of(refusal):
        found = _SKU.match(reason.field or "")
        if found is not None and int(found[1]) < len(places):
            reason.field = f"skus[{places[int(found[1])]}]"


def _refused(form: Filled[Any], refusal: Refusal) -> dict[int, str]:
    """Show a refusal in the form, and return by row what is told there."""
    by_row: dict[int, str] = {}
    form.value = None
    form.status = problems.status_of(base_errors.one_of(base_errors.reasons_of(refusal)))
    for reason in base_errors.reasons_of(refusal):
        found = _SKU.match(reason.field or "")
        if found is not None:
            by_row[int(found[1])] = " ".join(filter(None, (by_row.get(int(found[1])), i18n.say(form.locale, reason))))
            continue
        if _OPTION.match(reason.field or ""):
            reason.field = "option_name"
        elif (reason.field or "").startswith("tags["):
            reason.field = "tags"
        status = form.status
        form.refuse(reason)
        form.status = status
    return by_row


async def _answer(
    unit: Unit,
    form: Filled[ProductForm],
    product_id: UUID | None,
    problems_by_row: Mapping[int, str],
    *,
    action: str = "",
    is_stale: bool = False,
) -> Response[str]:
    """Show what was typed once more, with what is wrong, or with what was asked for."""
    product: Product | None = None
    images: list[Image] = []
    conflict: Conflict = []
    async with unit.read() as tx:
        if product_id is None:
            categories = await queries.categories(tx)
        else:
            product, images, categories = await _loaded(tx, product_id)
    stored = {sku.code: sku for sku in product.skus} if product is not None else {}
    rows = [
        row._replace(problem=problems_by_row.get(place, "")) for place, row in enumerate(typed.rows_of(form, stored))
    ]
    options = list(typed.options_of(form))
    if action == ROWS:
        rows += [Row()] * ROWS_MORE
    elif action == VARIANTS:
        rows = _with_variants(form, product, options, rows)
    if is_stale and product is not None:
        conflict = _conflict(unit, form, product, rows, options)
        form.raw = {**form.raw, "version": [str(product.version)]}
        rows = [row._replace(sku_version=str(row.stored.version) if row.stored else "") for row in rows]
    return _render(unit, form, Shown(product, images, categories, rows, options, conflict))


def _with_variants(
    form: Filled[Any], product: Product | None, options: Sequence[Option], rows: Sequence[Row]
) -> list[Row]:
    """Return the rows with one more for each variant that the options span and none chooses yet."""
    filled = [row for row in rows if not row.is_blank]
    count = len(options)
    code = product.code if product is not None else form.text("code") or "SKU"
    if len(filled) + variants.variant_count(tuple(options)) > drafts.SKUS_PER_PRODUCT_MAX:
        return list(rows)
    chosen = {row.values[:count] for row in filled}
    taken = {row.sku for row in filled}
    for choices in variants.option_matrix(tuple(options)):
        if choices not in chosen:
            sku = variants.variant_code(code, choices, taken)
            taken.add(sku)
            filled.append(typed.row_of_variant(sku, choices))
    return filled


def _conflict(
    unit: Unit, form: Filled[Any], product: Product, rows: Sequence[Row], options: Sequence[Option]
) -> Conflict:
    """Return what differs between what is stored now and what was typed."""
    fields = (
        ("name", N_("Name"), product.name),
        ("description", N_("Description"), product.description),
        ("status", N_("State"), product.status),
        ("category", N_("Category"), product.category or ""),
        ("tax_class", N_("Tax class"), product.tax_class),
        ("brand", N_("Brand"), product.brand),
        ("tags", N_("Tags"), ", ".join(product.tags)),
    )
    found: Conflict = []
    for name, label, theirs in fields:
        yours = form.text(name)
        if yours != theirs:
            found.append((name, i18n.gettext(unit.locale, label), _said(unit, name, theirs), _said(unit, name, yours)))
    if tuple(options) != product.options:
        found.append(
            ("options", i18n.gettext(unit.locale, N_("Options")), _spelled(product.options), _spelled(options))
        )
    before = {row.sku: row for row in typed.rows_of_product(product, unit.principal.currency)}
    changed = [
        (before.get(row.sku), row) for row in rows if not row.is_blank and _cells(before.get(row.sku)) != _cells(row)
    ]
    if changed:
        theirs = "; ".join(_line(was) for was, _ in changed if was is not None)
        found.append(
            ("skus", i18n.gettext(unit.locale, N_("Changed SKUs")), theirs, "; ".join(_line(row) for _, row in changed))
        )
    return found


def _spelled(options: Sequence[Option]) -> str:
    return "; ".join(f"{option.name}: {', '.join(option.choices)}" for option in options)


def _said(unit: Unit, name: str, text: str) -> str:
    is_known = name == "status" and text in set(ProductStatus)
    return i18n.gettext(unit.locale, STATUS_SIGNS[ProductStatus(text)].label) if is_known else text


def _cells(row: Row | None) -> tuple[Any, ...]:
    return () if row is None else (*row._replace(sku_version="", problem="", stored=None),)


def _line(row: Row) -> str:
    shown = (*row.values, row.barcode, row.weight_g and f"{row.weight_g} g", row.price, row.parts)
    return f"{row.sku} ({', '.join(text for text in shown if text)})"


def _render(
    unit: Unit, form: Filled[Any] | None, shown: Shown, name: str = "catalog/product_edit.html"
) -> Response[str]:
    return pages.render(
        unit,
        name,
        form=form,
        shown=shown,
        product=shown.product,
        statuses=[(key.value, i18n.gettext(unit.locale, sign.label)) for key, sign in STATUS_SIGNS.items()],
        kinds=[(key.value, i18n.gettext(unit.locale, text)) for key, text in KIND_LABELS.items()],
        signs=STATUS_SIGNS,
        source=_source,
        sold_in={x.code: quantities.in_words(x.quantities, unit.locale) for x in _skus(shown)},
        currency=unit.principal.currency,
        is_kit=(shown.product.kind if shown.product else form.text("kind") if form else "") == SkuKind.kit,
        options_max=typed.OPTIONS_MAX,
        pictures_max=service.IMAGES_PER_PRODUCT_MAX,
    )


def _skus(shown: Shown) -> tuple[Sku, ...]:
    return shown.product.skus if shown.product is not None else ()


def _source(image: Image) -> Source:
    return sources.source(image, f"/api/v1/images/{image.image_id}")


HANDLERS: tuple[Any, ...] = (new_product_page, create_product, product_page, save_product)
