"""Pictures made safe: what comes in is decoded and encoded anew, so nothing but pixels is ever served.

Metadata (places, cameras, hidden payloads) does not survive; a picture that claims more pixels than we read is refused
before it is decoded.
"""

import asyncio
import concurrent.futures
import contextlib
import io
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from jiedan.base import lazy
from jiedan.catalog import errors
from jiedan.catalog.values import EDGES_PX

if TYPE_CHECKING:
    from PIL import Image, ImageOps
else:  # most processes never see a picture
    Image = lazy.Deferred("PIL.Image")
    ImageOps = lazy.Deferred("PIL.ImageOps")

UPLOAD_BYTES_MAX = 10_000_000
PIXELS_MAX = 40_000_000
SIDE_PX_MAX = 2_048
JPEG_QUALITY = 85
WEBP_QUALITY = 80

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


class Picture(NamedTuple):
    """An encoded picture, ready to be stored and served."""

    content: bytes
    media_type: str
    extension: str
    width_px: int
    height_px: int


PICTURES_AT_ONCE = 2
"""A picture of `PIXELS_MAX` takes 160 MB while it is decoded; more at once wait for their turn."""

_THREADS = concurrent.futures.ThreadPoolExecutor(PICTURES_AT_ONCE, thread_name_prefix="picture")


class Copy(NamedTuple):
    """A smaller copy of a picture, at most `edge_px` wide and high."""

    edge_px: int
    picture: Picture


async def reencoded_aside(upload: bytes) -> Picture:
    """Return what `reencoded` returns, without holding up the event loop. Raises as that."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, reencoded, upload)


async def copies_aside(content: bytes) -> tuple[Copy, ...]:
    """Return what `copies` returns, without holding up the event loop. Raises as that."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, copies, content)


def reencoded(upload: bytes) -> Picture:
    """Return the upload upright, at most `SIDE_PX_MAX` on each side, as JPEG, or as PNG where it is transparent.

    Of a moving picture the first frame stays. Raises ImageTooLarge or ImageUnreadable. It takes up to a second of
    processor time: `reencoded_aside` takes it off the event loop.
    """
    if len(upload) > UPLOAD_BYTES_MAX:
        raise errors.ImageTooLarge(UPLOAD_BYTES_MAX, PIXELS_MAX)
    with _explained():
        image = _opened(upload)
        image.draft("RGB", (SIDE_PX_MAX, SIDE_PX_MAX))
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((SIDE_PX_MAX, SIDE_PX_MAX))
        return _encoded(upright)


def copies(content: bytes) -> tuple[Copy, ...]:
    """Return the smaller copies of a picture as WebP, smallest first: one for each of `EDGES_PX` that it exceeds.

    Raises ImageTooLarge or ImageUnreadable. It takes some tenths of a second of processor time.
    """
    with _explained():
        opened = _opened(content)
        image = opened.convert("RGBA" if opened.has_transparency_data else "RGB")
        found = []
        for edge_px in sorted(EDGES_PX, reverse=True):
            if max(image.size) > edge_px:
                image.thumbnail((edge_px, edge_px))  # each from the one before: a step down of half loses nothing seen
                found.append(Copy(edge_px, _small(image)))
        return tuple(reversed(found))


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Raise ImageUnreadable for what Pillow's decoders raise for broken files."""
    try:
        yield
    except Image.DecompressionBombError as error:
        raise errors.ImageUnreadable from error
    except (OSError, SyntaxError, ValueError, EOFError, ArithmeticError) as error:
        raise errors.ImageUnreadable from error


def _opened(content: bytes) -> "Image.Image":
    """Read what a picture says of itself, nothing of its pixels. Raises ImageTooLarge."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own cap is lower
        image = Image.open(io.BytesIO(content), formats=_FORMATS)
    if image.width * image.height > PIXELS_MAX:
        raise errors.ImageTooLarge(UPLOAD_BYTES_MAX, PIXELS_MAX)
    return image


def _small(image: "Image.Image") -> Picture:
    output = io.BytesIO()
    image.save(output, "WEBP", quality=WEBP_QUALITY, method=4)
    return Picture(output.getvalue(), "image/webp", "webp", image.width, image.height)


def _encoded(image: "Image.Image") -> Picture:
    output = io.BytesIO()
    if image.has_transparency_data:
        image.convert("RGBA").save(output, "PNG", optimize=True)
        return Picture(output.getvalue(), "image/png", "png", image.width, image.height)
    image.convert("RGB").save(output, "JPEG", quality=JPEG_QUALITY, progressive=True)
    return Picture(output.getvalue(), "image/jpeg", "jpg", image.width, image.height)
