"""Known failure: a cell of an exported table begins with =, + , - or @ and runs when a spreadsheet opens it."""

import csv
import io
import zipfile
from uuid import UUID

import pytest
import pytest_asyncio
import sqlalchemy as sa

from jiedan.base.db import Database
from jiedan.pricing.tables import Coupon
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


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sold(api: web_client.Client, session_db: Database) -> World:
    """Return a merchant whose goods, orders, customers and coupons are called like formulas."""
    at = await worlds.build(api, session_db)
    call = worlds._Caller(api, at.headers)
    prices = [{"currency": "CNY", "unit_minor": 100}]
    for number, formula in enumerate(FORMULAS):
        text, code = " ".join(formula.split()), f"BAD-{number}"
        goods = {"code": code, "name": text, "kind": "service"}
        await call.post("/products", {**goods, "skus": [{"code": code, "prices": prices}]})
        line = {"sku": code, "quantity": 1, "unit_price_minor": 90, "price_reason": text}
        contact = {"name": text, "phone": "138 0013 8000"}
        order = {"lines": [line], "contact": contact, "external_id": f"{text}{number}"[:50], "channel": "web"}
        await call.post("/orders", order)
    return at


@pytest.mark.parametrize(("rows", "columns"), [("orders", 2), ("lines", 3)])
async def test_no_cell_of_an_export_runs(api: web_client.Client, sold: World, rows: str, columns: int) -> None:
    answer = await api.post("/api/v1/exports", json={"rows": rows}, headers=sold.headers)
    assert answer.status_code == 200, answer.text
    assert running(answer.content) == []
    found = cells(answer.content)
    for formula in (" ".join(text.split()) for text in FORMULAS):
        told = [cell for cell in found if cell.lstrip("'").startswith(formula)]
        assert len(told) >= columns, f"{formula!r} stands in {told}"
    book = await api.post("/api/v1/exports", json={"rows": rows, "format": "xlsx"}, headers=sold.headers)
    with zipfile.ZipFile(io.BytesIO(book.content)) as parts:
        sheets = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/")]
    assert sheets
    assert not any(b"<f>" in sheet for sheet in sheets)


@pytest.mark.parametrize("formula", FORMULAS)
async def test_no_code_of_a_coupon_is_a_formula(api: web_client.Client, sold: World, formula: str) -> None:
    known = f"/api/v1/coupon-batches/{sold.ids['coupon_batch_id']}"
    answer = await api.post(f"{known}/coupons", json={"codes": [formula]}, headers=sold.headers)
    assert answer.status_code == 422, answer.text
    batch = {"promotion": "welcome", "codes": [formula], "note": formula}
    answer = await api.post("/api/v1/coupon-batches", json=batch, headers=sold.headers)
    assert answer.status_code == 422, answer.text


async def test_no_code_in_a_file_of_a_batch_runs_that_got_in_otherwise(
    api: web_client.Client, sold: World, session_db: Database
) -> None:
    known = sa.update(Coupon).where(Coupon.tenant_id == sold.at.tenant, Coupon.coupon_id == UUID(sold.ids["coupon_id"]))
    async with session_db.begin(sold.at.scope) as tx:
        await tx.execute(known.values(code="=1+1"))
    batch = sold.ids["coupon_batch_id"]
    for address, headers in (
        (f"/api/v1/coupon-batches/{batch}/codes", sold.headers),
        (f"/c/{sold.at.slug}/coupons/{batch}/file", sold.session_headers),
    ):
        answer = await api.get(address, headers=headers)
        assert answer.status_code == 200, answer.text
        assert "'=1+1" in cells(answer.content)
        assert running(answer.content) == []


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
