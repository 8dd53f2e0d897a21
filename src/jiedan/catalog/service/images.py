"""Pictures of products. Bytes are stored before their row is written; a sweep removes those that no row names."""

import dataclasses
import functools
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import once
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.ids import TenantId
from jiedan.catalog import errors, events, queries, saving
from jiedan.catalog import tables as t
from jiedan.catalog.rules import drafts
from jiedan.catalog.storage import ImageStorage
from jiedan.catalog.values import Image, ImageId, ProductId, Rendition, SkuId

IMAGES_PER_PRODUCT_MAX = 30
UNNAMED_KEPT = timedelta(days=1)
"""How long bytes wait for the row that names them."""


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
    renditions: Sequence[Rendition] | None = None,
) -> Image:
    """Add a stored picture behind the others of a product, or of one of its SKUs.

    `renditions` are its smaller copies, stored, too; of None the worker makes them later.

    The same `key` again, with a picture of the same `digest`, returns the one that was added. Raises ProductNotFound,
    SkuNotFound when the SKU is none of the product's, LimitExceeded, TextTooLong, CharacterRefused or KeyReused.
    """
    alt_text = alt_text.strip()
    if refusal := drafts.refuse_alt_text(alt_text):
        raise refusal
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
        tuple(renditions or ()),
    )
    row = {field.name: getattr(image, field.name) for field in dataclasses.fields(image) if field.name != "renditions"}
    rendered_at = None if renditions is None else tx.now
    await tx.execute(
        sa.insert(t.ProductImage).values(tenant_id=tx.tenant, created_at=tx.now, rendered_at=rendered_at, **row)
    )
    await saving.insert_renditions(tx, image.image_id, image.renditions)
    tx.emit(events.ImageAdded(product_id=product_id, image_id=image.image_id))
    return image


async def arrange_images(tx: Tx, *, product_id: UUID, image_ids: Sequence[UUID]) -> list[Image]:
    """Put the pictures of a product into this order; those not named follow in theirs.

    Raises ProductNotFound, ImageNotFound when one is none of the product's, or Repeated.
    """
    await saving.claim(tx)
    await queries.product(tx, product_id=product_id)
    present = {image.image_id: image for image in await queries.images(tx, product_id=product_id)}
    if len(set(image_ids)) != len(image_ids):
        raise errors.Repeated(str(next(i for i in image_ids if image_ids.count(i) > 1)), field="image_ids")
    for place, image_id in enumerate(image_ids):
        if image_id not in present:
            raise errors.ImageNotFound(field=f"image_ids[{place}]")
    order = [*image_ids, *(image_id for image_id in present if image_id not in image_ids)]
    if order != list(present):
        await saving.place_images(tx, order)
        tx.emit(events.ImagesArranged(product_id=product_id))
    return await queries.images(tx, product_id=product_id)


async def describe_image(tx: Tx, *, image_id: UUID, alt_text: str) -> Image:
    """Say what a picture shows; what it says already is no change.

    Raises ImageNotFound, TextTooLong or CharacterRefused.
    """
    text = alt_text.strip()
    if refusal := drafts.refuse_alt_text(text):
        raise refusal
    await saving.claim(tx)
    image = await queries.image(tx, image_id=image_id)
    if image.alt_text == text:
        return image
    await tx.execute(
        sa.update(t.ProductImage)
        .where(t.ProductImage.tenant_id == tx.tenant, t.ProductImage.image_id == image_id)
        .values(alt_text=text)
    )
    tx.emit(events.ImageDescribed(product_id=image.product_id, image_id=image.image_id))
    return dataclasses.replace(image, alt_text=text)


async def remove_image(tx: Tx, *, image_id: UUID) -> None:
    """Take a picture away; its bytes stay until the sweep. Raises ImageNotFound."""
    await saving.claim(tx)
    image = await queries.image(tx, image_id=image_id)
    await saving.delete_renditions(tx, image_id)
    await tx.execute(
        sa.delete(t.ProductImage).where(t.ProductImage.tenant_id == tx.tenant, t.ProductImage.image_id == image_id)
    )
    tx.emit(events.ImageRemoved(product_id=image.product_id, image_id=image_id))


async def sweep_images(database: Database, storage: ImageStorage, *, tenant: TenantId) -> int:
    """Remove the bytes of one merchant that no picture has named for `UNNAMED_KEPT`; return how many.

    Raises StorageUnavailable.
    """
    before = database.clock.now() - UNNAMED_KEPT
    removed = 0
    async for keys in storage.aged(tenant, before=before):
        async with database.read(Scope(tenant)) as reading:
            unnamed = set(keys) - await queries.named_keys(reading, keys=keys)
        if unnamed:
            removed += await database.write(Scope(tenant), functools.partial(_remove, storage, unnamed, before))
    return removed


async def _remove(storage: ImageStorage, keys: Collection[str], before: datetime, tx: Tx) -> int:
    """Remove what still nobody names, while nobody can begin to: pictures are added under the same claim."""
    await saving.claim(tx)
    unnamed = sorted(set(keys) - await queries.named_keys(tx, keys=keys))
    for key in unnamed:
        await storage.remove(key, before=before)
    return len(unnamed)
