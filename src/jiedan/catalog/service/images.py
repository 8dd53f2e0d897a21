"""Pictures of products. The bytes are stored before the row is written, and removed after it is gone."""

import dataclasses
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.catalog import errors, events, queries, saving
from jiedan.catalog import tables as t
from jiedan.catalog.values import Image, ImageId, ProductId, SkuId

IMAGES_PER_PRODUCT_MAX = 30


async def add_image(
    tx: Tx,
    *,
    product_id: UUID,
    storage_key: str,
    media_type: str,
    width_px: int,
    height_px: int,
    size_bytes: int,
    alt_text: str = "",
    sku_id: UUID | None = None,
    key: str | None = None,
    digest: bytes = b"",
) -> Image:
    """Add a stored picture behind the others of a product, or of one of its SKUs.

    The same `key` again, with a picture of the same `digest`, returns the one that was added: then nothing lies under
    this `storage_key` that anybody needs. Raises ProductNotFound, SkuNotFound when the SKU is none of the product's,
    LimitExceeded or KeyReused.
    """
    body = (product_id, sku_id, alt_text, digest)
    wish = await once.subject(tx, operation="catalog.add_image", key=key, body=body)
    if not wish.is_fresh:
        return await queries.image(tx, image_id=wish.id)
    await saving.claim(tx)
    product = await queries.product(tx, product_id=product_id)
    if sku_id is not None and all(sku.sku_id != sku_id for sku in product.skus):
        raise errors.SkuNotFound(str(sku_id), field="sku_id")
    present = await queries.images(tx, product_id=product_id)
    if len(present) >= IMAGES_PER_PRODUCT_MAX:
        raise errors.LimitExceeded(len(present) + 1, IMAGES_PER_PRODUCT_MAX)
    image = Image(
        ImageId(wish.id),
        ProductId(product_id),
        SkuId(sku_id) if sku_id else None,
        max((other.position for other in present), default=-1) + 1,
        storage_key,
        media_type,
        width_px,
        height_px,
        size_bytes,
        alt_text,
    )
    await tx.execute(
        sa.insert(t.ProductImage).values(tenant_id=tx.tenant, created_at=tx.now, **dataclasses.asdict(image))
    )
    tx.emit(events.ImageAdded(product_id=product_id, image_id=image.image_id))
    return image


async def arrange_images(tx: Tx, *, product_id: UUID, image_ids: Sequence[UUID]) -> list[Image]:
    """Put the pictures of a product into this order; those not named follow in theirs.

    Raises ImageNotFound when one is none of the product's, or Repeated.
    """
    await saving.claim(tx)
    present = {image.image_id: image for image in await queries.images(tx, product_id=product_id)}
    if len(set(image_ids)) != len(image_ids):
        raise errors.Repeated(str(next(i for i in image_ids if image_ids.count(i) > 1)), field="image_ids")
    for place, image_id in enumerate(image_ids):
        if image_id not in present:
            raise errors.ImageNotFound(field=f"image_ids[{place}]")
    order = [*image_ids, *(image_id for image_id in present if image_id not in image_ids)]
    await saving.place_images(tx, order)
    return await queries.images(tx, product_id=product_id)


async def remove_image(tx: Tx, *, image_id: UUID) -> Image:
    """Take a picture away and return what it was; the caller removes its bytes after the commit.

    Raises ImageNotFound.
    """
    image = await queries.image(tx, image_id=image_id)
    await tx.execute(
        sa.delete(t.ProductImage).where(t.ProductImage.tenant_id == tx.tenant, t.ProductImage.image_id == image_id)
    )
    tx.emit(events.ImageRemoved(product_id=image.product_id, image_id=image_id))
    return image
