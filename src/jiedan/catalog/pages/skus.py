"""One SKU: its sizes, and all its prices, by currency and from how many units on."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.accounts import queries as accounts
from jiedan.base import errors as base_errors
from jiedan.base import money
from jiedan.base.db import Tx
from jiedan.base.errors import NotFound, Refusal, Rejections, StaleVersion
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.catalog import errors, queries, service
from jiedan.catalog.pages import typed
from jiedan.catalog.rules import drafts, quantities, variants
from jiedan.catalog.values import Price, Product, Sku, SkuDraft, SkuKind

ROWS_MORE = 2

Cells = Annotated[list[Annotated[str, msgspec.Meta(max_length=40)]], msgspec.Meta(max_length=drafts.PRICES_PER_SKU_MAX)]
LengthMm = Annotated[int, msgspec.Meta(ge=1, le=drafts.LENGTH_MM_MAX)]
OrderLimit = Annotated[int, msgspec.Meta(ge=0, le=drafts.QUANTITY_MAX)]
OrderPace = Annotated[int, msgspec.Meta(ge=1, le=drafts.QUANTITY_MAX)]


class SkuForm(Form):
    """A SKU to be saved; a price's cells stand at the same place of their lists."""

    action: str = "save"
    version: bodies.Version | None = None
    barcode: Annotated[str, msgspec.Meta(max_length=50)] | None = None
    alternate_barcodes: Annotated[str, msgspec.Meta(max_length=typed.ALTERNATES_CHARACTERS_MAX)] = ""
    weight_g: Annotated[int, msgspec.Meta(ge=0, le=drafts.WEIGHT_G_MAX)] | None = None
    length_mm: LengthMm | None = None
    width_mm: LengthMm | None = None
    height_mm: LengthMm | None = None
    is_active: bool = False
    order_minimum: OrderLimit | None = None
    order_maximum: OrderLimit | None = None
    order_step: OrderPace | None = None
    order_pack: OrderPace | None = None
    parts: Annotated[str, msgspec.Meta(max_length=drafts.DESCRIPTION_CHARACTERS_MAX)] = ""
    currency: Cells = msgspec.field(default_factory=list)
    min_quantity: Cells = msgspec.field(default_factory=list)
    price: Cells = msgspec.field(default_factory=list)


PriceRow = tuple[str, str, str]
"""A price as it was typed: currency, from how many units on, amount."""


@get("/products/{product_id:uuid}/skus/{sku_id:uuid}", permission="catalog:write")
async def sku_page(unit: Unit, product_id: UUID, sku_id: UUID) -> Response[str]:
    """Show a SKU."""
    return await _answer(unit, product_id, sku_id, None)


async def _answer(
    unit: Unit, product_id: UUID, sku_id: UUID, form: "Filled[SkuForm] | None", *, more: int = 0
) -> Response[str]:
    async with unit.read() as tx:
        product, sku = await queries.product_of_sku(tx, sku_id=sku_id)
        settings = await tx.load_one(accounts.settings())
    if product.product_id != product_id:
        raise errors.SkuNotFound(str(sku_id))
    rows = _rows(form) if form is not None else _stored(sku.prices)
    return pages.render(
        unit,
        "catalog/sku.html",
        form=form,
        product=product,
        sku=sku,
        full_name=variants.sku_name(product.name, sku.option_values),
        rows=[*rows, *[("", "1", "")] * max(more, 0 if rows else 1)],
        parts=", ".join(f"{part.code} × {part.quantity}" for part in sku.parts),
        alternates="\n".join(f"{other.barcode} × {other.quantity}" for other in sku.alternate_barcodes),
        currencies=settings.currencies,
        is_kit=product.kind == SkuKind.kit,
        sold_in=quantities.in_words(sku.quantities, unit.locale),
    )


def _stored(prices: Sequence[Price]) -> list[PriceRow]:
    return [(p.currency, str(p.min_quantity), str(money.decimal_amount(p.unit_minor, p.currency))) for p in prices]


def _rows(form: Filled[Any]) -> list[PriceRow]:
    columns = (form.raw.get(name, []) for name in ("currency", "min_quantity", "price"))
    return [row for row in zip(*columns, strict=False) if row[0] or row[2]]


@post("/products/{product_id:uuid}/skus/{sku_id:uuid}", permission="catalog:write")
async def save_sku(unit: Unit, product_id: UUID, sku_id: UUID) -> Response[str]:
    """Save a SKU with all its prices; or show more rows."""
    form = await forms.read(unit, SkuForm)
    sent = form.value
    if sent is None or sent.action == "rows":
        return await _answer(unit, product_id, sku_id, form, more=ROWS_MORE if sent is not None else 0)

    async def work(tx: Tx) -> None:
        product, sku = await queries.product_of_sku(tx, sku_id=sku_id)
        if product.product_id != product_id:
            raise errors.SkuNotFound(str(sku_id))
        await _save(tx, product, sku, sent, _prices(form))

    try:
        await unit.write(work)
    except NotFound:
        raise
    except StaleVersion as stale:
        form.refuse(stale)
        return await _answer(unit, product_id, sku_id, form)
    except Refusal as refusal:
        for reason in base_errors.reasons_of(refusal):
            reason.field = (reason.field or "").partition("[")[
                0
            ] or None  # a row of a text area has no input of its own
        form.refuse(refusal)
        return await _answer(unit, product_id, sku_id, form)
    return pages.redirect(unit, f"/products/{product_id}", flash=N_("The SKU was saved."))


async def _save(tx: Tx, product: Product, sku: Sku, sent: SkuForm, prices: tuple[Price, ...]) -> None:
    """Make a SKU what was sent. The prices of a currency that is not named any more go first, as all prices do."""
    version = sent.version
    gone = {price.currency for price in sku.prices} - {price.currency for price in prices}
    if gone and prices:
        without = SkuDraft(code=sku.code, prices=(), expected_version=version)
        _, after = await service.edit_sku(tx, sku_id=sku.sku_id, changes=without)
        version = after.version
    changes = SkuDraft(
        code=sku.code,
        barcode=sent.barcode,
        alternate_barcodes=tuple(typed.alternates_of(sent.alternate_barcodes)),
        weight_g=sent.weight_g,
        length_mm=sent.length_mm,
        width_mm=sent.width_mm,
        height_mm=sent.height_mm,
        is_active=sent.is_active,
        order_minimum=sent.order_minimum or 0,
        order_maximum=sent.order_maximum or 0,
        order_step=sent.order_step or 1,
        order_pack=sent.order_pack or 1,
        prices=prices,
        parts=tuple(typed.parts_of(sent.parts)) if product.kind == SkuKind.kit else msgspec.UNSET,
        expected_version=version,
    )
    await service.edit_sku(tx, sku_id=sku.sku_id, changes=changes)


def _prices(form: Filled[Any]) -> tuple[Price, ...]:
    """Return the prices that were typed. Raises Rejections naming what cannot be read."""
    found: list[Price] = []
    reasons: list[Refusal] = []
    for currency, quantity, text in _rows(form):
        try:
            if not money.is_currency(currency):
                raise errors.UnknownCurrency(currency[:10], field="currency")
            if not (quantity.isascii() and quantity.isdigit() and len(quantity) <= len(str(drafts.QUANTITY_MAX))):
                raise errors.OutOfRange(0, 1, drafts.QUANTITY_MAX, field="min_quantity")
            found.append(Price(currency, typed.amount_of(text, currency), int(quantity)))
        except Refusal as refusal:
            refusal.field = refusal.field or "price"
            reasons.append(refusal)
    if reasons:
        raise Rejections(tuple(reasons))
    return tuple(found)


HANDLERS: tuple[Any, ...] = (sku_page, save_sku)
