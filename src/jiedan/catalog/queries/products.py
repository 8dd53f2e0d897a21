"""Products whole, with everything people see and edit."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import ReadTx
from jiedan.catalog import errors
from jiedan.catalog.rules import barcodes
from jiedan.catalog.values import (
    AlternateBarcode,
    KitPart,
    Option,
    Price,
    Product,
    ProductId,
    ProductStatus,
    Sku,
    SkuId,
    SkuKind,
)

SQL = sql.load("jiedan.catalog.queries", "products.sql")

_WHOLE = ("products", "options", "skus", "prices", "parts")


async def products_by_id(tx: ReadTx, *, product_ids: Collection[UUID]) -> dict[ProductId, Product]:
    """Return products whole, by id; unknown ids are absent. Five statements in one pipeline."""
    parameters = {"product_ids": sorted(product_ids)}
    products, options, skus, prices, parts = await tx.sql_many([(SQL[name], parameters) for name in _WHOLE])
    more = _more(prices, parts, skus)
    options_by_product: dict[UUID, list[Option]] = defaultdict(list)
    for product_id, name, choices in options:
        options_by_product[product_id].append(Option(name, tuple(choices)))
    skus_by_product: dict[UUID, list[Sku]] = defaultdict(list)
    for row in {row[1]: row for row in skus}.values():
        skus_by_product[row[0]].append(_sku(row, more[row[1]]))
    return {
        ProductId(row[0]): _product(row, tuple(options_by_product[row[0]]), tuple(skus_by_product[row[0]]))
        for row in products
    }


async def product(tx: ReadTx, *, product_id: UUID) -> Product:
    """Return one product whole. Raises ProductNotFound."""
    found = await products_by_id(tx, product_ids=[product_id])
    if not found:
        raise errors.ProductNotFound(str(product_id))
    return found[ProductId(product_id)]


async def product_of_sku(tx: ReadTx, *, sku_id: UUID) -> tuple[Product, Sku]:
    """Return a SKU and its product whole. Raises SkuNotFound."""
    rows = await tx.sql(SQL["product_of_sku"], sku_id=sku_id)
    if not rows:
        raise errors.SkuNotFound(str(sku_id))
    whole = await product(tx, product_id=rows[0][0])
    return whole, next(sku for sku in whole.skus if sku.sku_id == sku_id)


async def sku_by_barcode(tx: ReadTx, *, barcode: str) -> tuple[Product, Sku, int]:
    """Return the product and the SKU with a barcode, in whatever length the scanner gives it, and its units.

    Raises SkuNotFound.
    """
    canonical = barcodes.canonical_barcode(barcode)
    rows = await tx.sql(SQL["sku_by_barcode"], barcode=canonical) if canonical else []
    if not rows:
        raise errors.SkuNotFound(barcode, field="barcode")
    whole = await product(tx, product_id=rows[0][0])
    return whole, next(sku for sku in whole.skus if sku.sku_id == rows[0][1]), rows[0][2]


def _product(row: tuple[Any, ...], options: tuple[Option, ...], skus: tuple[Sku, ...]) -> Product:
    product_id, code, name, description, kind, status, category, tax_class, brand, tags, version = row
    return Product(
        product_id=ProductId(product_id),
        code=code,
        name=name,
        description=description,
        kind=SkuKind(kind),
        status=ProductStatus(status),
        category=category,
        tax_class=tax_class,
        brand=brand,
        tags=tuple(tags),
        options=options,
        skus=skus,
        version=version,
    )


class _More:
    """What a SKU has several of, and its own barcode."""

    def __init__(self) -> None:
        self.prices: list[Price] = []
        self.parts: list[KitPart] = []
        self.barcode: str | None = None
        self.alternates: list[AlternateBarcode] = []


def _more(
    prices: list[tuple[Any, ...]], parts: list[tuple[Any, ...]], skus: list[tuple[Any, ...]]
) -> Mapping[UUID, _More]:
    found: dict[UUID, _More] = defaultdict(_More)
    for sku_id, currency, unit_minor, min_quantity in prices:
        found[sku_id].prices.append(Price(currency, unit_minor, min_quantity))
    for sku_id, code, quantity in parts:
        found[sku_id].parts.append(KitPart(code, quantity))
    for _, sku_id, *_, barcode, quantity, is_main in skus:
        if is_main:
            found[sku_id].barcode = barcode
        elif barcode is not None:
            found[sku_id].alternates.append(AlternateBarcode(quantity, barcode))
    return found


def _sku(row: tuple[Any, ...], more: _More) -> Sku:
    _, sku_id, code, option_values, weight_g, length_mm, width_mm, height_mm, is_active, position, version = row[:11]
    order_minimum, order_maximum, order_step, order_pack = row[11:15]
    return Sku(
        sku_id=SkuId(sku_id),
        code=code,
        option_values=tuple(option_values),
        barcode=more.barcode,
        weight_g=weight_g,
        length_mm=length_mm,
        width_mm=width_mm,
        height_mm=height_mm,
        is_active=is_active,
        position=position,
        version=version,
        prices=tuple(more.prices),
        parts=tuple(more.parts),
        alternate_barcodes=tuple(more.alternates),
        order_minimum=order_minimum,
        order_maximum=order_maximum,
        order_step=order_step,
        order_pack=order_pack,
    )
