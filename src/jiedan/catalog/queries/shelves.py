"""What a shop shows of its goods: only what is sold."""

import itertools
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import ReadTx
from jiedan.catalog.queries.images import first_images
from jiedan.catalog.rules import quantities
from jiedan.catalog.values import CategoryId, Component, Image, OrderQuantity, ProductId, SkuId, SkuKind

SQL = sql.load("jiedan.catalog.queries", "shelves.sql")

SHELF_PRODUCTS_MAX = 500
"""Products of one shelf, newest first: what is beyond wants a narrower category or another word."""


class ShelfSku(NamedTuple):
    """A SKU on a shelf; `unit_minor` is what the catalog says of one, None where it says none in the currency at hand.

    `least` is the smallest quantity that is sold of it.
    """

    sku_id: SkuId
    option_values: tuple[str, ...]
    unit_minor: int | None
    parts: tuple[Component, ...]
    code: str = ""
    least: int = 1


class ShelfProduct(NamedTuple):
    """A product on a shelf with its SKUs that are sold, at least one; `options` are the names of its axes."""

    product_id: ProductId
    name: str
    kind: SkuKind
    category_id: CategoryId | None
    options: tuple[str, ...]
    skus: tuple[ShelfSku, ...]
    image: Image | None


class Shelf(NamedTuple):
    """Products, newest first; when `is_capped`, there are more."""

    products: tuple[ShelfProduct, ...]
    is_capped: bool


async def shelf(
    tx: ReadTx,
    *,
    currency: str,
    category_ids: Collection[UUID] | None = None,
    product_ids: Collection[UUID] | None = None,
    limit: int = SHELF_PRODUCTS_MAX,
) -> Shelf:
    """Return the products of categories, among ids, or the newest; with prices in one currency. Six statements."""
    wanted = {"limit": min(limit, SHELF_PRODUCTS_MAX) + 1}
    if product_ids is not None:
        rows = await tx.sql(SQL["among"], product_ids=sorted(product_ids), **wanted)
    elif category_ids is not None:
        rows = await tx.sql(SQL["of_categories"], category_ids=sorted(category_ids), **wanted)
    else:
        rows = await tx.sql(SQL["newest"], **wanted)
    is_capped = len(rows) == wanted["limit"]
    rows = rows[: wanted["limit"] - 1]
    of = {"product_ids": [row[0] for row in rows], "currency": currency}
    options, skus, parts = await tx.sql_many([(SQL[name], of) for name in ("options", "skus", "parts")])
    axes = {key: tuple(row[1] for row in some) for key, some in itertools.groupby(options, lambda row: row[0])}
    by_product = _skus(skus, _parts(parts))
    first = await first_images(tx, product_ids=of["product_ids"])
    return Shelf(
        tuple(
            ShelfProduct(
                ProductId(product_id),
                name,
                SkuKind(kind),
                category_id,
                axes.get(product_id, ()),
                by_product[product_id],
                first.get(product_id),
            )
            for product_id, name, kind, category_id in rows
            if product_id in by_product
        ),
        is_capped,
    )


def _parts(rows: Sequence[tuple[Any, ...]]) -> dict[UUID, tuple[Component, ...]]:
    found: dict[UUID, tuple[Component, ...]] = {}
    for sku_id, component_id, quantity in rows:
        found[sku_id] = (*found.get(sku_id, ()), Component(SkuId(component_id), quantity))
    return found


def _skus(
    rows: Sequence[tuple[Any, ...]], parts: Mapping[UUID, tuple[Component, ...]]
) -> dict[UUID, tuple[ShelfSku, ...]]:
    return {
        product_id: tuple(_sku(row[1:], parts) for row in some)
        for product_id, some in itertools.groupby(rows, lambda row: row[0])
    }


def _sku(row: tuple[Any, ...], parts: Mapping[UUID, tuple[Component, ...]]) -> ShelfSku:
    sku_id, code, option_values, unit_minor, *ordered_in = row
    least = quantities.allowed(OrderQuantity(*ordered_in)).least
    return ShelfSku(sku_id, tuple(option_values), unit_minor, parts.get(sku_id, ()), code, least)
