"""Where the sizes of a picture are fetched from. Pure."""

from typing import NamedTuple

from jiedan.catalog.values import Image, Source


class Stored(NamedTuple):
    """Where bytes lie; `is_lasting` when the same address never answers others."""

    storage_key: str
    media_type: str
    is_lasting: bool


def source(image: Image, address: str) -> Source:
    """Return what an `<img>` says of a picture at `address`: its smaller copies by `edge`, and the picture itself.

    Who does not understand `srcset` gets the middle one of the copies, which does for everything but a close look.
    """
    if not image.renditions:
        return Source(address, "", image.width_px, image.height_px, image.alt_text)
    copies = [(f"{address}?edge={each.edge_px}", each.width_px, each.height_px) for each in image.renditions]
    src, width_px, height_px = copies[len(copies) // 2]
    srcset = ", ".join(f"{at} {width}w" for at, width, _ in (*copies, (address, image.width_px, image.height_px)))
    return Source(src, srcset, width_px, height_px, image.alt_text)


def stored(image: Image, edge_px: int | None) -> Stored:
    """Return where the copy of a picture with that edge lies; where there is none, the picture itself."""
    for each in image.renditions:
        if each.edge_px == edge_px:
            return Stored(each.storage_key, each.media_type, is_lasting=True)
    return Stored(image.storage_key, image.media_type, is_lasting=edge_px is None)
