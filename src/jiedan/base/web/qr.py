"""QR codes as shapes: what a page draws without a picture."""

import re
from typing import TYPE_CHECKING, NamedTuple

from jiedan.base import lazy

if TYPE_CHECKING:
    import zxingcpp
else:  # few pages ever draw one
    zxingcpp = lazy.Deferred("zxingcpp")

_SIZE = re.compile(r'<svg width="(\d+)"')
_DARK = re.compile(r'<path d="([^"]+)"')


class QrCode(NamedTuple):
    """The side of the square in modules, its quiet zone included, and the dark ones as the `d` of an SVG path."""

    side: int
    dark: str


def drawn(text: str) -> QrCode:
    """Return the QR code of a text."""
    picture = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_svg()
    side, dark = _SIZE.search(picture), _DARK.search(picture)
    if side is None or dark is None:
        message = "a QR code is drawn in another way than before"
        raise ValueError(message)
    return QrCode(int(side[1]), dark[1])
