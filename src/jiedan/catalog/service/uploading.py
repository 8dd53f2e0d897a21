"""Take in a picture that somebody sent: encoded anew, kept with its smaller copies, and named by a row."""

import hashlib
from collections.abc import Awaitable, Callable
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.catalog.service.images import add_image
from jiedan.catalog.storage import ImageStorage, keeping, pictures
from jiedan.catalog.values import Image

Write = Callable[[Callable[[Tx], Awaitable[Image]]], Awaitable[Image]]
"""Runs work in a transaction."""


async def take_in_image(
    write: Write,
    storage: ImageStorage,
    *,
    tenant: UUID,
    product_id: UUID,
    upload: bytes,
    alt_text: str,
    key: str | None,
    sku_id: UUID | None = None,
) -> Image:
    """Add a picture to a product, or to one of its SKUs, once per `key`.

    Raises ImageTooLarge, ImageUnreadable, StorageUnavailable, and what `add_image` raises.
    """
    picture = await pictures.reencoded_aside(upload)
    storage_key = await keeping.keep(storage, tenant, picture)
    copies = await pictures.copies_aside(picture.content)
    renditions = await keeping.keep_copies(storage, tenant, copies)
    image = await write(
        lambda tx: add_image(
            tx,
            product_id=product_id,
            sku_id=sku_id,
            storage_key=storage_key,
            media_type=picture.media_type,
            width_px=picture.width_px,
            height_px=picture.height_px,
            size_bytes=len(picture.content),
            alt_text=alt_text,
            key=key,
            digest=hashlib.sha256(upload).digest(),
            renditions=renditions,
        )
    )
    # The same picture may have lain there unnamed for a day, and the sweep have taken it before the row was committed.
    await keeping.keep(storage, tenant, picture)
    await keeping.keep_copies(storage, tenant, copies)
    return image
