"""Barcodes in a photo, read on the server: for phones whose browser does not let a page use the camera."""

import asyncio
import concurrent.futures
import dataclasses
import io
import warnings
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlencode

from litestar import Response, post

from jiedan.base import errors, lazy
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages, preferences, routing
from jiedan.base.web.unit import Unit

if TYPE_CHECKING:
    import zxingcpp
    from PIL import Image
else:  # most processes never see a photo
    Image = lazy.Deferred("PIL.Image")
    zxingcpp = lazy.Deferred("zxingcpp")

PHOTO_BYTES_MAX = 10_000_000
PIXELS_MAX = 40_000_000
SIDE_PX_MAX = 2_400
"""A photo is made smaller than this before it is read: bars of a label held to a phone are still pixels wide."""

CODE_CHARACTERS_MAX = 500
PHOTOS_AT_ONCE = 2

_FORMATS = ("JPEG", "PNG", "WEBP")
_THREADS = concurrent.futures.ThreadPoolExecutor(PHOTOS_AT_ONCE, thread_name_prefix="barcode")


@dataclasses.dataclass(eq=False)
class PhotoUnreadable(errors.Invalid):
    """What was sent is no photo that we read."""

    code: ClassVar[str] = "photo_unreadable"
    message: ClassVar[str] = N_("This is no JPEG, PNG or WebP picture of at most {megabytes} MB.")
    remedy: ClassVar[str] = N_("Take the photo again, or type the code.")

    megabytes: int


class PhotoForm(forms.Form):
    """The page to come back to, and the field of its address that takes the code; the file is called `photo`."""

    back: bodies.Text
    field: bodies.Code = "code"


def codes(photo: bytes) -> list[str]:
    """Return the texts of the barcodes in a photo, of the largest first. Raises PhotoUnreadable.

    It takes up to a second of processor time: `codes_aside` takes it off the event loop.
    """
    refusal = PhotoUnreadable(PHOTO_BYTES_MAX // 1_000_000)
    if len(photo) > PHOTO_BYTES_MAX:
        raise refusal
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own cap is lower
            image = Image.open(io.BytesIO(photo), formats=_FORMATS)
        if image.width * image.height > PIXELS_MAX:
            raise refusal
        image.draft("L", (SIDE_PX_MAX, SIDE_PX_MAX))
        gray = image.convert("L")
    except Image.DecompressionBombError as error:
        raise refusal from error
    except (OSError, SyntaxError, ValueError, EOFError, ArithmeticError) as error:
        raise refusal from error  # what Pillow's decoders raise for broken files
    gray.thumbnail((SIDE_PX_MAX, SIDE_PX_MAX))
    read = sorted(zxingcpp.read_barcodes(gray), key=_height, reverse=True)
    return [each.text for each in read if 0 < len(each.text) <= CODE_CHARACTERS_MAX and each.text.isprintable()]


def _height(barcode: "zxingcpp.Barcode") -> int:
    corners = barcode.position
    return int(abs(corners.bottom_left.y - corners.top_left.y))


async def codes_aside(photo: bytes) -> list[str]:
    """Return what `codes` returns, without holding up the event loop. Raises as that."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, codes, photo)


@post("/scanned-photo", permission="account:self")
async def scan_photo(unit: Unit) -> Response[str]:
    """Go back to the page of the console that the photo was sent from, with the code it shows."""
    form = await forms.read(unit, PhotoForm)
    sent, photo = form.value, form.file("photo")
    back = "/" if sent is None else _place(unit, sent.back)
    if sent is None or photo is None:
        return pages.redirect(unit, back, flash=NOTHING_SENT, tone="bad")
    try:
        found = await codes_aside(await photo.read())
    except PhotoUnreadable as refusal:
        return pages.redirect(unit, back, flash=refusal.message, tone="bad", **refusal.data())
    if not found:
        return pages.redirect(unit, back, flash=NOTHING_FOUND, tone="bad")
    joint = "&" if "?" in back else "?"
    return pages.redirect(unit, f"{back}{joint}{urlencode({sent.field: found[0]})}")


def _place(unit: Unit, back: str) -> str:
    """Return a path below this merchant's console, without its beginning; the first page for any other."""
    start = pages.url(unit.exchange, "/")
    path = preferences.local_path(back)
    return f"/{path.removeprefix(start)}" if path.startswith(start) else "/"


NOTHING_SENT = N_("Choose a photo first.")
NOTHING_FOUND = N_("No barcode was found in the photo: go nearer, and hold still.")

ROUTER = routing.console([scan_photo])
