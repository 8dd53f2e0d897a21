"""A picture is kept with its smaller copies."""

from collections.abc import Sequence

from jiedan.catalog.storage import ImageStorage, key_of
from jiedan.catalog.storage.pictures import Copy, Picture
from jiedan.catalog.values import Rendition


async def keep(storage: ImageStorage, tenant: object, picture: Picture) -> str:
    """Store the bytes of a picture and return their key. Raises StorageUnavailable."""
    key = key_of(tenant, picture.content, picture.extension)
    await storage.put(key, picture.content)
    return key


async def keep_copies(storage: ImageStorage, tenant: object, copies: Sequence[Copy]) -> tuple[Rendition, ...]:
    """Store the bytes of smaller copies and return what their rows say. Raises StorageUnavailable."""
    return tuple(
        [
            Rendition(
                each.edge_px,
                await keep(storage, tenant, each.picture),
                each.picture.media_type,
                each.picture.width_px,
                each.picture.height_px,
                len(each.picture.content),
            )
            for each in copies
        ]
    )
