"""Known failure: a cell of an exported table begins with =, + , - or @ and runs when a spreadsheet opens it."""

import csv
import io
import zipfile

import pytest

from tests.api import worlds
from tests.api.worlds import World
from tests.base import web_client

STARTS = ("=", "+", "-", "@", "\t", "\r", "＝")
FORMULAS = (
    '=HYPERLINK("http://evil.example","click")',
    "=cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    '"=1+1"',
    "＝1+1",
    "=1+1\r\n=2+2",
)


def cells(content: bytes) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) for cell in row]


def running(content: bytes) -> list[str]:
    """Return the cells that would run; a number with its sign does not."""
    return [
        cell for cell in cells(content) if cell.startswith(STARTS) and not cell.lstrip("+-").replace(".", "").isdigit()
    ]


@pytest.mark.parametrize("formula", FORMULAS)
async def test_no_cell_of_an_export_runs(api: web_client.Client, world: World, formula: str) -> None:
    contact = {"name": formula.strip() or "x", "phone": "138 0013 8000"}
    call = worlds._Caller(api, world.headers)
    await call.post("/orders", {"lines": [worlds.TEA], "contact": contact, "external_id": formula.strip()[:50]})
    for what in ("orders", "lines"):
        answer = await api.post("/api/v1/exports", json={"what": what}, headers=world.headers)
        if answer.status_code == 422:
            answer = await api.post("/api/v1/exports", json={}, headers=world.headers)
        assert answer.status_code == 200, answer.text
        assert running(answer.content) == []
    book = await api.post("/api/v1/exports", json={"format": "xlsx"}, headers=world.headers)
    with zipfile.ZipFile(io.BytesIO(book.content)) as parts:
        sheets = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/")]
    assert sheets
    assert not any(b"<f>" in sheet for sheet in sheets)


@pytest.mark.parametrize("formula", FORMULAS)
async def test_no_cell_of_refused_rows_runs(api: web_client.Client, world: World, formula: str) -> None:
    file = io.StringIO()
    csv.writer(file).writerows([["sku", "name", "price", formula.strip() or "x"], [formula, formula, formula, formula]])
    begun = await api.post("/api/v1/imports?kind=products", content=file.getvalue().encode(), headers=world.headers)
    assert begun.status_code in {201, 409, 422}, begun.text
    if begun.status_code != 201:
        return
    import_id = begun.json()["run"]["import_id"]
    await api.post(f"/api/v1/imports/{import_id}/dry-run", headers=world.headers)
    for what in ("errors.csv", "refused.csv"):
        answer = await api.get(f"/api/v1/imports/{import_id}/{what}", headers=world.headers)
        assert answer.status_code == 200, answer.text
        assert running(answer.content) == []
