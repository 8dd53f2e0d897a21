"""Labels as they are drawn: sound files, addresses whole and within the margins, a barcode that scanners read."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.base import code128
from jiedan.carriers.adapters import known, lettering, paper
from jiedan.carriers.adapters.lettering import CHINESE, KOREAN, LATIN, Run
from jiedan.carriers.values import Consignment, Place
from tests.base.test_code128 import read
from tests.carriers.factories import PARCEL, RATES, account

MODULE_MIN = 0.25 * paper.POINTS_PER_MM
"""The narrowest bar that common scanners read with ease."""

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def stream_of(document: bytes) -> bytes:
    """Return what the only page draws, after a look at the table of objects."""
    table = int(re.findall(rb"startxref\n(\d+)", document)[0])
    assert document[table : table + 4] == b"xref"
    for number, place in enumerate(re.findall(rb"(\d{10}) 00000 n", document), start=1):
        assert document[int(place) :].startswith(b"%d 0 obj" % number)
    for number in re.findall(rb"(\d+) 0 R", document):
        assert b"\n%s 0 obj" % number in document
    (length, stream) = re.findall(rb"/Length (\d+) >>\nstream\n(.*?)\nendstream", document, re.DOTALL)[0]
    assert int(length) == len(stream)
    found: bytes = stream
    return found


def barcode_of(stream: bytes) -> str:
    """Read the barcode of a label as a scanner does: by the widths of its bars and gaps alone."""
    drawn = [tuple(map(float, x.split())) for x in re.findall(rb"^([\d. ]+) re f$", stream, re.MULTILINE)]
    edges = [edge for left, _, wide, high in drawn if high > 10 for edge in (left, left + wide)]
    widths = [after - before for before, after in itertools.pairwise(edges)]
    module = min(widths)
    assert module >= MODULE_MIN
    assert edges[0] >= code128.QUIET_MODULES * module
    assert edges[-1] <= paper.WIDTH - code128.QUIET_MODULES * module
    return read(tuple(round(x / module) for x in widths))


async def test_a_label_is_a_sound_pdf_that_says_where_it_goes() -> None:
    label = await known.find("rates").label(account(RATES), PARCEL, serial=1)
    stream = stream_of(label.document)
    assert "李雷".encode("utf-16-be").hex().encode() in stream
    assert b"JD00000000018".hex().encode() in stream
    assert barcode_of(stream) == "JD00000000018"


@pytest.mark.parametrize("prefix", ["", "JD", "ABCDEFGHIJ"])
async def test_barcodes_of_every_length_are_read(prefix: str) -> None:
    carrier = account(RATES._replace(settings={**RATES.settings, "prefix": prefix}))
    label = await known.find("rates").label(carrier, PARCEL, serial=4_711)
    assert barcode_of(stream_of(label.document)) == label.number


def test_each_piece_of_a_text_is_set_in_a_font_that_has_it() -> None:
    assert lettering.runs("José, 建国路 88 号") == [
        Run(LATIN, b"Jos\xe9, "),
        Run(CHINESE, "建国路".encode("utf-16-be")),
        Run(LATIN, b" 88 "),
        Run(CHINESE, "号".encode("utf-16-be")),
    ]
    assert lettering.runs("서울") == [Run(KOREAN, "서울".encode("utf-16-be"))]


def test_letters_that_no_font_has_lose_their_accent_and_nothing_else() -> None:
    assert lettering.runs("Łódź, Wawrzyńca") == [Run(LATIN, "Lódz, Wawrzynca".encode("cp1252"))]
    assert lettering.runs("Ελλάδα") == [Run(CHINESE, "Ελλαδα".encode("utf-16-be"))]
    assert lettering.runs("，（") == [Run(CHINESE, "，（".encode("utf-16-be"))]
    assert lettering.runs("a\nb\u200b") == [Run(LATIN, b"a b ")]


def test_long_addresses_are_written_in_lines_that_fit_on_the_label() -> None:
    chinese = "广东省深圳市南山区科技园南区高新南七道二十号深圳国家工程实验室大楼"
    assert lettering.wrapped(chinese, 11, paper.ROOM) == [chinese[:22], chinese[22:]]
    assert lettering.wrapped("221B Baker Street, Marylebone, next to the tea room", 11, paper.ROOM) == [
        "221B Baker Street, Marylebone, next to the tea",
        "room",
    ]
    assert lettering.wrapped("Ann", 11, paper.ROOM) == ["Ann"]


@given(TEXTS, st.integers(6, 18))
def test_no_line_is_wider_than_its_room_and_no_letter_is_lost(text: str, size: int) -> None:
    lines = lettering.wrapped(text, size, paper.ROOM)
    assert all(lettering.width(line, size) <= paper.ROOM for line in lines)
    assert "".join(lines).replace(" ", "") == text.rstrip().replace(" ", "")


@given(st.lists(TEXTS, max_size=5))
def test_postal_code_and_country_stay_however_long_an_address_is(lines: list[str]) -> None:
    place = Place("CN", "100020", "李雷" * 50, "+86 138", tuple(lines))
    size, written = paper.written(place, 184, paper.DESTINATION_SIZES)
    assert written[-1] == "100020 CN"
    assert len(written) * size * paper.LEADING <= 184


def test_what_is_long_is_set_smaller_and_a_short_address_large() -> None:
    assert paper.written(PARCEL.destination, 184, paper.DESTINATION_SIZES)[0] >= 14
    assert lettering.fitted("north", paper.TITLE_SIZES, 80) == (18, "north")
    size, zone = lettering.fitted("华北一区内蒙古自治区以及更远的地方", paper.TITLE_SIZES, 80)
    assert (size, zone) == (8, "华北一区内蒙古自治区")


def test_a_label_depends_on_its_contents_alone() -> None:
    consignment = Consignment("P-1", Place("", "", "Müller"), PARCEL.destination, 999)
    made = {paper.label("Carrier", "JD1", "far", consignment) for _ in range(2)}
    assert len(made) == 1
