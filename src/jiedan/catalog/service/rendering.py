"""Smaller copies of pictures that have none: of those that came before there were any, and of connectors'."""

import functools
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
import structlog

from jiedan.base.db import Database, Scope, Tx
from jiedan.base.ids import TenantId
from jiedan.catalog import errors, queries, saving
from jiedan.catalog import tables as t
from jiedan.catalog.storage import ImageStorage, keeping, pictures
from jiedan.catalog.values import Image, Rendition

RENDERED_PER_RUN_MAX = 500
"""Pictures of one merchant that one run makes copies of; the next goes on where it ended."""

log = structlog.get_logger()


async def render_images(database: Database, storage: ImageStorage, *, tenant: TenantId) -> int:
    """Make the smaller copies of pictures of one merchant that have none; return of how many.

    A picture whose bytes are missing is left for another time; one that cannot be read has none, and is shown as it is.
    Raises StorageUnavailable.
    """
    async with database.read(Scope(tenant)) as reading:
        waiting = await queries.unrendered(reading, limit=RENDERED_PER_RUN_MAX)
    made = 0
    for image in waiting:
        content = await storage.get(image.storage_key)
        if content is None:
            log.warning("catalog.image_bytes_missing", tenant=str(tenant), image=str(image.image_id))
            continue
        made += await _render(database, storage, tenant, image, content)
    return made


async def _render(database: Database, storage: ImageStorage, tenant: TenantId, image: Image, content: bytes) -> bool:
    try:
        copies = await pictures.copies_aside(content)
    except (errors.ImageUnreadable, errors.ImageTooLarge):
        log.warning("catalog.image_unreadable", tenant=str(tenant), image=str(image.image_id))
        copies = ()
    renditions = await keeping.keep_copies(storage, tenant, copies)
    work = functools.partial(_record, image.image_id, renditions)
    is_kept = await database.write(Scope(tenant), work)
    # As when a picture is added: the sweep may have taken bytes that lay there unnamed before the rows were committed.
    await keeping.keep_copies(storage, tenant, copies)
    return is_kept


async def _record(image_id: UUID, renditions: Sequence[Rendition], tx: Tx) -> bool:
    return await record_renditions(tx, image_id=image_id, renditions=renditions)


async def record_renditions(tx: Tx, *, image_id: UUID, renditions: Sequence[Rendition]) -> bool:
    """Give a picture these copies in place of those it has; tell whether the picture is still there."""
    await saving.claim(tx)
    marked = await tx.execute(
        sa.update(t.ProductImage)
        .where(t.ProductImage.tenant_id == tx.tenant, t.ProductImage.image_id == image_id)
        .values(rendered_at=tx.now)
        .returning(t.ProductImage.image_id)
    )
    if marked.one_or_none() is None:
        return False
    await saving.delete_renditions(tx, image_id)
    await saving.insert_renditions(tx, image_id, renditions)
    return True
