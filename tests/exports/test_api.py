"""Exports over HTTP: the answer is the file, whole, harmless, and only of one's own orders."""

import csv
import gc
import io
import tracemalloc
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import python_calamine
import sqlalchemy as sa

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.base.recorder import StatementRecorder
from jiedan.catalog import service as catalog
from jiedan.catalog.values import ProductDraft, Saved
from jiedan.exports import run
from jiedan.exports.api import ROUTER
from jiedan.exports.values import FileFormat, Wanted
from jiedan.orders.values.drafts import Contact
from jiedan.orders.values.lists import EVERYTHING
from jiedan.pricing import service as pricing
from jiedan.pricing.values.promotions import Gift, Goods, Promotion
from tests.base import web_client
from tests.conftest import FakeClock
from tests.orders import factories
from tests.payments import factories as payment_factories

BYTES_HELD_AN_ORDER = 600
"""Less than an order's row takes: tables that kept their rows would hold more."""

EVIL = '=HYPERLINK("http://evil.example","click")'


@pytest_asyncio.fixture
async def shop(db: Database, scope: Scope) -> factories.Shop:
    return await factories.shop(db, scope, {"A": {"W1": 1_000}, "B": {"W1": 1_000}})


@pytest_asyncio.fixture
async def client(db: Database, tenant: TenantId) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=ALL_PERMISSIONS, tenant=tenant)
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as opened:
        yield opened


async def placed(db: Database, scope: Scope, *lines: tuple[str, int], name: str = "李雷", **facts: Any) -> str:
    body = factories.order(
        *lines,
        contact=Contact(name=name, email="lilei@example.com"),
        ship_to=factories.BEIJING,
        tags=("gift",),
        **facts,
    )
    return (await factories.place_one(db, scope, body)).number


async def exported(client: web_client.Client, **body: Any) -> bytes:
    response = await client.post("/api/v1/exports", json=body)
    assert response.status_code == 200, response.text
    content: bytes = response.content
    return content


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def test_orders_are_exported_newest_first_with_what_hangs_on_them(
    client: web_client.Client, db: Database, scope: Scope, shop: factories.Shop, clock: FakeClock
) -> None:
    first = await placed(db, scope, ("A", 2))
    clock.advance(timedelta(minutes=1))
    second = await placed(db, scope, ("A", 1), ("B", 1), name=EVIL)
    found = rows_of(await exported(client))
    assert [row["Order"] for row in found] == [second, first]
    assert found[0]["Contact"] == f"'{EVIL}"
    assert found[1]["Placed"].startswith("2026-11-21 20:00:0")  # noon UTC in Shanghai
    picked = ("Contact", "Total", "Currency", "Status", "City", "Tags", "Balance")
    assert [found[1][name] for name in picked] == ["李雷", "20.00", "CNY", "reviewed", "北京市", "gift", "-20.00"]


async def test_lines_are_exported_with_their_quantities(
    client: web_client.Client, db: Database, scope: Scope, shop: factories.Shop
) -> None:
    number = await placed(db, scope, ("A", 2), ("B", 3))
    found = rows_of(await exported(client, rows="lines"))
    picked = ("Order", "Line", "SKU", "Ordered", "Allocated", "Unit price", "Total")
    assert [[row[name] for name in picked] for row in found] == [
        [number, "1", "A", "2", "2", "10.00", "20.00"],
        [number, "2", "B", "3", "3", "10.00", "30.00"],
    ]


async def test_gifts_are_told_from_goods_that_cost_nothing(
    client: web_client.Client, db: Database, scope: Scope, shop: factories.Shop
) -> None:
    async with db.begin(scope) as tx:
        gift = Promotion("gift", "B with A", Gift(("B",)), Goods(any_of=("sku:A",)))
        await pricing.create_rule(tx, kind="promotion", body=gift)
        await pricing.publish(tx)
    number = await placed(db, scope, ("A", 2))
    found = rows_of(await exported(client, rows="lines"))
    picked = ("Order", "SKU", "Ordered", "Total", "Price from", "Reason for the price")
    assert [[row[name] for name in picked] for row in found] == [
        [number, "A", "2", "20.00", "list", ""],
        [number, "B", "1", "0.00", "gift", "B with A"],
    ]


async def test_what_wallets_paid_is_told_beside_what_was_captured(
    client: web_client.Client, db: Database, scope: Scope
) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 9}})
    await payment_factories.paid_by_card(db, scope, 400)
    (found,) = rows_of(await exported(client))
    assert (found["Captured"], found["Paid with gift cards and credit"], found["Balance"]) == ("4.00", "4.00", "-6.00")


async def test_filters_are_those_of_the_list(
    client: web_client.Client, db: Database, scope: Scope, shop: factories.Shop
) -> None:
    wanted = await placed(db, scope, ("B", 2))
    await placed(db, scope, ("B", 1))
    found = rows_of(await exported(client, filters={"total_min": 2_000}))
    assert [row["Order"] for row in found] == [wanted]
    refused = await client.post("/api/v1/exports", json={"filters": {"color": "red"}})
    assert refused.status_code == 422
    assert refused.json()["field"] == "filters.color"


async def test_a_workbook_holds_the_same_rows(
    client: web_client.Client, db: Database, scope: Scope, shop: factories.Shop
) -> None:
    number = await placed(db, scope, ("A", 2), name=EVIL)
    content = await exported(client, format="xlsx")
    (headings, row) = python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    cells = dict(zip(headings, row, strict=False))
    assert (cells["Order"], cells["Contact"], cells["Total"]) == (number, EVIL, 20.0)


async def test_headings_speak_the_language_of_the_caller(client: web_client.Client, shop: factories.Shop) -> None:
    response = await client.post("/api/v1/exports", json={}, headers={"accept-language": "zh-TW"})
    assert response.content.decode("utf-8-sig").startswith("訂單,")


async def test_other_merchants_orders_are_not_in_it(
    client: web_client.Client, db: Database, shop: factories.Shop, other_tenant: TenantId
) -> None:
    others = Scope(other_tenant)
    await factories.shop(db, others, {"A": {"W1": 100}})
    await placed(db, others, ("A", 1))
    assert rows_of(await exported(client)) == []


async def test_who_exported_what_is_recorded(
    client: web_client.Client, db: Database, scope: Scope, shop: factories.Shop
) -> None:
    await exported(client, rows="lines", filters={"q": "secret name"})
    async with db.read(scope) as tx:
        statement = sa.text("SELECT data FROM event_log WHERE tenant_id = :tenant AND kind = 'exports.orders_exported'")
        (data,) = (await tx.execute(statement, {"tenant": tx.tenant})).scalars()
    assert (data["rows"], data["format"], data["filters"]) == ("lines", "csv", ["q"])
    assert "secret name" not in str(data)


async def test_permission_to_export_is_needed(db: Database, tenant: TenantId, shop: factories.Shop) -> None:
    caller = web_client.principal(permissions=ALL_PERMISSIONS - {"orders:export"}, tenant=tenant)
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
        assert (await client.post("/api/v1/exports", json={})).status_code == 403


async def test_sets_follow_each_other_without_gap_or_repetition(
    db: Database, scope: Scope, shop: factories.Shop, recorder: StatementRecorder, monkeypatch: Any
) -> None:
    numbers = {await placed(db, scope, ("A", 1)) for _ in range(7)}
    monkeypatch.setattr(run, "ORDERS_PER_SET", 3)
    sets = [[row[0] for row in rows] async for rows in run.sets(db, scope, Wanted("orders", "csv", EVERYTHING, "en"))]
    assert [len(found) for found in sets] == [3, 3, 1]
    assert {number for found in sets for number in found} == numbers
    counts = []
    for size in (1, 7):
        monkeypatch.setattr(run, "ORDERS_PER_SET", size)
        with recorder.watching() as sent:
            async for _ in run.sets(db, scope, Wanted("orders", "csv", EVERYTHING, "en")):
                break
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 10


async def test_an_order_changed_meanwhile_stands_there_once(
    db: Database, scope: Scope, shop: factories.Shop, monkeypatch: Any
) -> None:
    numbers = [await placed(db, scope, ("A", 1)) for _ in range(3)]
    monkeypatch.setattr(run, "ORDERS_PER_SET", 1)
    found = []
    async for rows in run.sets(db, scope, Wanted("orders", "csv", EVERYTHING, "en")):
        found += [str(row[0]) for row in rows]
        await placed(db, scope, ("A", 1))
    assert sorted(found) == sorted(numbers)


async def test_a_range_that_ends_before_it_begins_is_refused(client: web_client.Client) -> None:
    filters = {"placed_from": "2026-11-30", "placed_to": "2026-11-01"}
    refused = (await client.post("/api/v1/exports", json={"filters": filters})).json()
    assert (refused["code"], refused["field"]) == ("range_reversed", "filters.placed_from")


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
async def test_six_times_the_orders_take_no_more_memory(
    db: Database, scope: Scope, monkeypatch: Any, tmp_path: Path, file_format: FileFormat
) -> None:
    await factories.shop(db, scope, {"A": {"W1": 10_000}})
    await factories.place(db, scope, *[factories.order(("A", 1)) for _ in range(120)])
    monkeypatch.setattr(run, "ORDERS_PER_SET", 10)
    wanted = Wanted("lines", file_format, EVERYTHING, "en")
    held: list[int] = []

    def look(_: int) -> None:
        gc.collect()  # what nobody holds any more is not counted
        held.append(tracemalloc.get_traced_memory()[0])

    gc.collect()
    gc.freeze()  # what was there before is not looked through again and again
    tracemalloc.start()
    try:
        with (tmp_path / f"orders.{file_format}").open("wb") as file:
            assert await run.write(db, scope, wanted, file, advance=look) == 120
    finally:
        tracemalloc.stop()
        gc.unfreeze()
    grown = held[11] - held[1]
    assert grown < 100 * BYTES_HELD_AN_ORDER, held


async def test_lines_tell_brand_and_tags_and_orders_their_attributes(
    client: web_client.Client, db: Database, scope: Scope, shop: factories.Shop
) -> None:
    marked = ProductDraft(code="A", brand="=Oak & Leaf", tags=("spring", "new"))
    (saved,) = await db.write(scope, lambda tx: catalog.upsert_products(tx, products=[marked]))
    assert isinstance(saved, Saved), saved
    await placed(db, scope, ("A", 2), ("B", 1), attributes={"@source": "=1+1", "age": 18})
    lines = rows_of(await exported(client, rows="lines"))
    assert [(row["SKU"], row["Brand"], row["Product tags"]) for row in lines] == [
        ("A", "'=Oak & Leaf", "new, spring"),
        ("B", "", ""),
    ]
    (order,) = rows_of(await exported(client))
    assert order["Attributes"] == "'@source==1+1; age=18"
    (few,) = rows_of(await exported(client, fields=["order", "attributes"]))
    assert list(few) == ["Order", "Attributes"]


async def test_marks_of_lines_cost_one_statement_however_many(
    db: Database, scope: Scope, shop: factories.Shop, recorder: StatementRecorder, monkeypatch: Any
) -> None:
    for _ in range(5):
        await placed(db, scope, ("A", 1), ("B", 1))
    counts = []
    for size in (1, 5):
        monkeypatch.setattr(run, "ORDERS_PER_SET", size)
        with recorder.watching() as sent:
            async for _ in run.sets(db, scope, Wanted("lines", "csv", EVERYTHING, "en")):
                break
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 10
