"""Pictures of products; the bytes lie in the storage."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.base.db import ReadTx
from jiedan.catalog import errors
from jiedan.catalog import tables as t
from jiedan.catalog.values import Image, ImageId, ProductId, SkuId


async def images(tx: ReadTx, *, product_id: UUID) -> list[Image]:
    """Return the pictures of a product, in order."""
    statement = (
        sa.select(t.ProductImage)
        .where(t.ProductImage.tenant_id == tx.tenant, t.ProductImage.product_id == product_id)
        .order_by(t.ProductImage.position, t.ProductImage.image_id)
    )
    return [_image(row) for row in await tx.execute(statement)]


async def image(tx: ReadTx, *, image_id: UUID) -> Image:
    """Return one picture. Raises ImageNotFound."""
    statement = sa.select(t.ProductImage).where(
        t.ProductImage.tenant_id == tx.tenant, t.ProductImage.image_id == image_id
    )
    row = (await tx.execute(statement)).one_or_none()
    if row is None:
        raise errors.ImageNotFound
    return _image(row)


async def named_keys(tx: ReadTx, *, keys: Collection[str]) -> set[str]:
    """Return which of these storage keys some picture names."""
    wanted = sa.bindparam(None, sorted(keys), type_=sa.ARRAY(sa.Text()))
    statement = sa.select(t.ProductImage.storage_key).where(
        t.ProductImage.tenant_id == tx.tenant, t.ProductImage.storage_key == sa.any_(wanted)
    )
    return set((await tx.execute(statement)).scalars())


def _image(row: Any) -> Image:
    return Image(
        ImageId(row.image_id),
        ProductId(row.product_id),
        SkuId(row.sku_id) if row.sku_id else None,
        row.position,
        row.storage_key,
        row.media_type,
        row.width_px,
        row.height_px,
        row.size_bytes,
        row.alt_text,
    )
