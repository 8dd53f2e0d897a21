"""A label as a PDF of one page, 100 × 150 mm, written by hand: text and one barcode.

No font is carried along: readers have those that are asked for. The file depends on its contents alone.
"""

from collections.abc import Iterator, Sequence

from jiedan.base import code128
from jiedan.carriers.adapters import lettering
from jiedan.carriers.values import Consignment, Place

POINTS_PER_MM = 72 / 25.4
WIDTH, HEIGHT = 100 * POINTS_PER_MM, 150 * POINTS_PER_MM
MARGIN = 6 * POINTS_PER_MM
ROOM = WIDTH - 2 * MARGIN

TITLE_SIZES = (18, 16, 14, 12, 10, 8)
ORIGIN_SIZES = (9, 8, 7, 6)
DESTINATION_SIZES = (17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6)
"""Sizes of letters in points, the wanted one first; what is long is set smaller."""

LEADING = 1.3
"""From line to line, in sizes."""


def label(carrier: str, number: str, zone: str, consignment: Consignment) -> bytes:
    """Return the label of a parcel."""
    return _document("\n".join(_drawn(carrier, number, zone, consignment)).encode("ascii"))


def _drawn(carrier: str, number: str, zone: str, consignment: Consignment) -> Iterator[str]:
    """Yield the operators of the page, from top to bottom."""
    top = HEIGHT - MARGIN
    size, shown = lettering.fitted(carrier, TITLE_SIZES, ROOM * 0.62)
    yield _text(MARGIN, top - 18, size, shown)
    size, shown = lettering.fitted(zone, TITLE_SIZES, ROOM * 0.34)
    yield _text(MARGIN + ROOM - lettering.width(shown, size), top - 18, size, shown)
    yield _rule(top - 28)
    yield from _block(top - 32, 42, consignment.origin, ORIGIN_SIZES)
    yield _rule(top - 78)
    yield from _block(top - 84, 184, consignment.destination, DESTINATION_SIZES)
    yield _rule(top - 272)
    yield from _barcode(number, bottom=top - 346, height=66)
    size, shown = lettering.fitted(number, TITLE_SIZES, ROOM)
    yield _text(MARGIN + (ROOM - lettering.width(shown, size)) / 2, top - 364, size, shown)
    yield _text(MARGIN, top - 384, 9, consignment.reference)
    weight = f"{consignment.weight_g / 1000:.3f} kg"
    yield _text(MARGIN + ROOM - lettering.width(weight, 9), top - 384, 9, weight)


def _block(top: float, height: float, place: Place, sizes: Sequence[int]) -> Iterator[str]:
    """Yield a place in the largest letters in which all of it has room below `top`."""
    size, lines = written(place, height, sizes)
    for i, line in enumerate(lines):
        yield _text(MARGIN, top - size - i * size * LEADING, size, line)


def written(place: Place, height: float, sizes: Sequence[int]) -> tuple[int, list[str]]:
    """Return in which of `sizes`, the largest first, a place fits into `height` points, and its lines there.

    Of a place that fits in none, postal code and country stay.
    """
    parts = [x for x in (place.name, place.phone, *place.lines) if x.strip()]
    where = f"{place.postal_code} {place.country}".strip()
    for size in sizes:
        lines = [line for x in parts for line in lettering.wrapped(x, size, ROOM)]
        lines += [where] if where else []
        if len(lines) * size * LEADING <= height:
            return size, lines
    room = int(height / (sizes[-1] * LEADING))
    return sizes[-1], [*lines[: room - 1], lines[-1]]


def _barcode(text: str, *, bottom: float, height: float) -> Iterator[str]:
    module = ROOM / code128.length(text)
    for at, width in code128.bars(text):
        yield f"{MARGIN + at * module:.3f} {bottom:.3f} {width * module:.3f} {height:.3f} re f"


def _rule(at: float) -> str:
    return f"{MARGIN:.3f} {at:.3f} {ROOM:.3f} 0.6 re f"


def _text(x: float, y: float, size: float, text: str) -> str:
    shown = " ".join(f"/{font} {size} Tf <{code.hex()}> Tj" for font, code in lettering.runs(text))
    return f"BT {x:.3f} {y:.3f} Td {shown} ET"


def _document(content: bytes) -> bytes:
    """Return the objects of the file, with the table of where each begins."""
    fonts = b"<< /Font << /F1 5 0 R /F2 6 0 R /F3 9 0 R >> >>"
    objects: Sequence[bytes] = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Contents 4 0 R /Resources %s >>"
        % (WIDTH, HEIGHT, fonts),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        *_squares(b"STSong-Light", b"UniGB-UTF16-H", b"GB1", at=6),
        *_squares(b"HYGoThic-Medium", b"UniKS-UTF16-H", b"Korea1", at=9),
    )
    made = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for i, body in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (i, body)
    table = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(made)


def _squares(name: bytes, encoding: bytes, ordering: bytes, *, at: int) -> tuple[bytes, bytes, bytes]:
    """Return the three objects of a font whose letters are squares; the first is number `at`."""
    font = b"/Type /Font /BaseFont /%s" % name
    system = b"<< /Registry (Adobe) /Ordering (%s) /Supplement 2 >>" % ordering
    return (
        b"<< %s /Subtype /Type0 /Encoding /%s /DescendantFonts [%d 0 R] >>" % (font, encoding, at + 1),
        b"<< %s /Subtype /CIDFontType0 /DW %d /FontDescriptor %d 0 R /CIDSystemInfo %s >>"
        % (font, lettering.SQUARE, at + 2, system),
        b"<< /Type /FontDescriptor /FontName /%s /Flags 6 /FontBBox [-25 -254 1000 880] %s >>"
        % (name, b"/ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93"),
    )
