"""Files of rows for tests."""

import io
import zipfile
from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from jiedan.base.db import Database, Scope
from jiedan.imports import reader, run, service
from jiedan.imports.targets import target
from jiedan.imports.values import ImportRun

_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"'
    ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>'
    "</Relationships>"
)
_WORKBOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
)


def csv_of(*lines: str) -> bytes:
    """Return lines as a UTF-8 CSV file."""
    return "\r\n".join([*lines, ""]).encode()


def workbook(rows: Sequence[Sequence[object]], *, padding: int = 0) -> bytes:
    """Return an XLSX workbook with one sheet; `padding` bytes of blanks make it unpack to more."""
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(_cell(f"{chr(65 + place)}{number}", value) for place, value in enumerate(row))
        lines.append(f'<row r="{number}">{cells}</row>')
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f"{''.join(lines)}</sheetData></worksheet>{' ' * padding}"
    )
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _RELATIONS.format(kind="officeDocument", target="xl/workbook.xml"))
        archive.writestr("xl/workbook.xml", _WORKBOOK)
        archive.writestr(
            "xl/_rels/workbook.xml.rels", _RELATIONS.format(kind="worksheet", target="worksheets/sheet1.xml")
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return output.getvalue()


class Raw(NamedTuple):
    """A cell as a workbook writes it: attributes, and what stands inside."""

    attributes: str
    inside: str


def _cell(place: str, value: object) -> str:
    if isinstance(value, Raw):
        return f'<c r="{place}" {value.attributes}>{value.inside}</c>'
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


async def begun(db: Database, scope: Scope, kind: str, content: bytes, **more: str) -> ImportRun:
    """Begin a run of a file, mapped by the names of its columns, and by `more`."""
    source = reader.of_bytes("file", content)
    _, mapping = run.inspect(source, target(kind))
    mapping |= more
    async with db.begin(scope) as tx:
        return await service.create_run(
            tx, kind=kind, file_name="file", file_hash=reader.file_hash(source), mapping=mapping, content=content
        )


async def imported(db: Database, scope: Scope, kind: str, content: bytes) -> ImportRun:
    """Import a file from beginning to end."""
    source = reader.of_bytes("file", content)
    made = await begun(db, scope, kind, content)
    return await run.run(db, scope, begun=made, source=source, target=target(kind))
