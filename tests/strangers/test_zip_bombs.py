"""Known failure: a file of a few kilobytes that fills memory, reads other files, or is never done being unpacked."""

import gzip
import io
import resource
import struct
import zipfile
from collections.abc import Callable

import pytest

from jiedan.imports import errors, reader
from tests.api.worlds import World
from tests.base import web_client
from tests.imports.factories import csv_of, workbook

ENTITY = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd"><!ENTITY l "lol"><!ENTITY m "&l;&l;&l;&l;">]>'
MEGABYTES = 200


def _with_part(name: str, content: bytes) -> bytes:
    """Return a good workbook with one part more."""
    made = io.BytesIO(workbook([["sku"], ["A"]]))
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return made.getvalue()


def high_ratio() -> bytes:
    return _with_part("xl/worksheets/sheet2.xml", b" " * 50_000_000)


def lying() -> bytes:
    """Return a workbook whose sheet says that it is a hundred bytes, and unpacks to many millions."""
    packed = bytearray(_with_part("xl/worksheets/sheet2.xml", b" " * 50_000_000))
    claimed = struct.pack("<I", 50_000_000)
    assert packed.count(claimed) == 2
    return bytes(packed).replace(claimed, struct.pack("<I", 100))


def many_parts() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"xl/p{number}.xml", b"")
    return made.getvalue()


def overlapping() -> bytes:
    """Return an archive whose index names one packed part a thousand times."""
    packed = _with_part("xl/worksheets/sheet2.xml", b" " * 5_000_000)
    end = packed.rindex(b"PK\x05\x06")
    size, start = struct.unpack("<II", packed[end + 12 : end + 20])
    index = packed[start : start + size] * 1_000
    count = struct.unpack("<H", packed[end + 10 : end + 12])[0] * 1_000
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count % 65_536, count % 65_536, len(index), start, 0)
    return packed[:start] + index + tail


def nested() -> bytes:
    inner = _with_part("xl/worksheets/sheet2.xml", b" " * 5_000_000)
    for _ in range(3):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.xlsx", inner)
        inner = made.getvalue()
    return inner


def nested_gzip() -> bytes:
    return gzip.compress(gzip.compress(csv_of("sku,name", *["A,B"] * 1_000_000)))


def entities() -> bytes:
    made, good = io.BytesIO(), zipfile.ZipFile(io.BytesIO(workbook([["sku"], ["A"]])))
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in good.namelist():
            content = good.read(part)
            if part.startswith("xl/worksheets") or "haredStrings" in part:
                content = (
                    content.replace(b"?>", b"?>" + ENTITY, 1)
                    .replace(b">A<", b">&e;&m;A<")
                    .replace(b">sku<", b">&e;sku<")
                )
            archive.writestr(part, content)
    return made.getvalue()


def packed_strangely() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("xl/workbook.xml", b" " * 5_000_000)
    return made.getvalue()


BOMBS = (high_ratio, lying, many_parts, overlapping, nested, nested_gzip, packed_strangely)


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb.__name__)
async def test_no_file_is_unpacked_beyond_what_it_may_be(
    api: web_client.Client, world: World, bomb: Callable[[], bytes]
) -> None:
    content = bomb()
    assert len(content) < 20_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = await api.post("/api/v1/imports?kind=products", content=content, headers=world.headers)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert answer.status_code in {413, 422}, answer.text
    assert grown < MEGABYTES * 1_024


async def test_no_file_reads_another_by_an_entity(api: web_client.Client, world: World) -> None:
    answer = await api.post("/api/v1/imports?kind=products", content=entities(), headers=world.headers)
    assert answer.status_code in {201, 422}, answer.text
    assert "root:" not in answer.text
    assert "lollol" not in answer.text


def test_a_packed_text_is_unpacked_up_to_its_limit_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "UNPACKED_BYTES_MAX", 1_000_000)
    source = reader.of_bytes("f.gz", gzip.compress(b"a\n" + b"x\n" * 5_000_000))
    with pytest.raises(errors.FileTooLarge), reader.opened(source) as table:
        for _ in table.rows:
            pass
