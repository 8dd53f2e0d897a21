"""A label as a PDF of one page, 100 × 150 mm, written by hand: text in two fonts and one barcode.

Latin text is set in Helvetica, everything else in the standard Chinese font of PDF readers (STSong-Light with the
predefined CMap UniGB-UTF16-H, ISO 32000-1, 9.7.5.2), so no font is carried along. The file depends on its contents
alone.
"""

from collections.abc import Iterator, Sequence

from jiedan.base import code128
from jiedan.carriers.values import Consignment, Place

POINTS_PER_MM = 72 / 25.4
WIDTH, HEIGHT = 100 * POINTS_PER_MM, 150 * POINTS_PER_MM
MARGIN = 6 * POINTS_PER_MM
LINE_CHARS_MAX = 40
LATIN_EM, CHINESE_LATIN_EM = 0.67, 0.5
"""How wide a Latin letter is, in sizes: most capitals of Helvetica, and the half squares of the Chinese font."""

LINES_MAX = 8


def label(carrier: str, number: str, zone: str, consignment: Consignment) -> bytes:
    """Return the label of a parcel."""
    return _document("\n".join(_drawn(carrier, number, zone, consignment)).encode("ascii"))


def _drawn(carrier: str, number: str, zone: str, consignment: Consignment) -> Iterator[str]:
    """Yield the operators of the page, from top to bottom."""
    top = HEIGHT - MARGIN
    yield _text(MARGIN, top - 16, 16, carrier[:LINE_CHARS_MAX])
    yield _text(WIDTH - MARGIN - 80, top - 16, 16, zone[:10])
    yield _rule(top - 26)
    yield from _place(top - 44, 8, consignment.origin)
    yield _rule(top - 130)
    yield from _place(top - 150, 11, consignment.destination)
    yield _rule(top - 270)
    yield from _barcode(number, bottom=top - 345, height=60)
    yield _text(MARGIN, top - 362, 13, number)
    yield _text(MARGIN, top - 382, 9, f"{consignment.reference}   {consignment.weight_g / 1000:.3f} kg")


def _place(top: float, size: int, place: Place) -> Iterator[str]:
    wanted = [place.name, place.phone, *place.lines, f"{place.postal_code} {place.country}".strip()]
    lines = [line for x in wanted if x for line in wrapped(x, size)]
    for i, line in enumerate(lines[:LINES_MAX]):
        yield _text(MARGIN, top - i * (size + 4), size, line)


def wrapped(text: str, size: int) -> list[str]:
    """Return a text in lines that fit between the margins: broken at a space where there is one, else anywhere.

    Chinese takes a whole square, Latin letters two thirds of one: more than most of them need.
    """
    room = WIDTH - 2 * MARGIN
    lines: list[str] = []
    line = ""
    for char in text:
        if _width(line + char, size) > room:
            head, space, tail = line.rpartition(" ")
            lines.append(head if space else line)
            line = tail if space else ""
        line += char
    return [*lines, line] if line else lines


def _width(text: str, size: int) -> float:
    """Return about how wide a text is, in points; with any Chinese in it all of it is set in the Chinese font."""
    latin = LATIN_EM if text.isascii() else CHINESE_LATIN_EM
    return size * sum(latin if char.isascii() else 1 for char in text)


def _barcode(text: str, *, bottom: float, height: float) -> Iterator[str]:
    module = (WIDTH - 2 * MARGIN) / code128.length(text)
    for at, width in code128.bars(text):
        yield f"{MARGIN + at * module:.3f} {bottom:.3f} {width * module:.3f} {height:.3f} re f"


def _rule(at: float) -> str:
    return f"{MARGIN:.3f} {at:.3f} {WIDTH - 2 * MARGIN:.3f} 0.6 re f"


def _text(x: float, y: float, size: int, text: str) -> str:
    font, shown = ("F1", _latin(text)) if text.isascii() else ("F2", text.encode("utf-16-be").hex())
    return f"BT /{font} {size} Tf {x:.3f} {y:.3f} Td <{shown}> Tj ET"


def _latin(text: str) -> str:
    return "".join(x if x.isprintable() else " " for x in text).encode("ascii").hex()


def _document(content: bytes) -> bytes:
    """Return the objects of the file, with the table of where each begins."""
    font = b"/Type /Font /BaseFont /STSong-Light"
    objects: Sequence[bytes] = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Contents 4 0 R /Resources %s >>"
        % (WIDTH, HEIGHT, b"<< /Font << /F1 5 0 R /F2 6 0 R >> >>"),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< %s /Subtype /Type0 /Encoding /UniGB-UTF16-H /DescendantFonts [7 0 R] >>" % font,
        b"<< %s /Subtype /CIDFontType0 /DW 1000 /W [1 94 500] /FontDescriptor 8 0 R /CIDSystemInfo %s >>"
        % (font, b"<< /Registry (Adobe) /Ordering (GB1) /Supplement 4 >>"),
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] %s >>"
        % b"/ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93",
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
