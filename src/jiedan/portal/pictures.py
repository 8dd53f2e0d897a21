"""Pictures of goods as the shop's pages show them."""

from collections.abc import Collection, Mapping
from uuid import UUID

from jiedan.base.db import ReadTx
from jiedan.catalog import queries as catalog
from jiedan.catalog.rules import sources
from jiedan.catalog.values import Image, SellableSku, SkuId, Source
from jiedan.portal.visitor import Visitor


def source(who: Visitor, image: Image) -> Source:
    """Return where a picture and its smaller copies are fetched from in this shop."""
    return sources.source(image, who.at(f"/images/{image.image_id}"))


async def of_products(tx: ReadTx, who: Visitor, product_ids: Collection[UUID]) -> dict[UUID, Source]:
    """Return the first picture of each product that has one. One statement."""
    found = await catalog.first_images(tx, product_ids=product_ids)
    return {product_id: source(who, image) for product_id, image in found.items()}


async def of_skus(tx: ReadTx, who: Visitor, skus: Mapping[SkuId, SellableSku]) -> dict[UUID, Source]:
    """Return the first picture of each SKU's product that has one. One statement."""
    first = await of_products(tx, who, {sku.product_id for sku in skus.values()})
    return {sku_id: first[sku.product_id] for sku_id, sku in skus.items() if sku.product_id in first}
