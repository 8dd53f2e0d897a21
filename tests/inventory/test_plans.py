"""The lists find their rows by index, as the app role under row-level security, in a merchant with many SKUs."""

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from jiedan.base import paging
from jiedan.base.db import Database, ReadTx, Scope
from jiedan.inventory import queries, service
from jiedan.inventory.values import Count, NewCount, NewTransfer, StockKey, Transfer
from tests import plans
from tests.conftest import Urls, new_tenant
from tests.inventory import factories

SKUS = 3000
CLOSED = 120
OPEN = 1200
"""Transfers, and counts; those that are open came last, so a list of closed ones begins behind them."""

ROWS_READ_MAX = 1000
"""Most rows that one step of a plan may look at for one page, shown or filtered away."""

READ_FOR_A_PAGE_MAX = 200
"""The same, of a list that shows each row it reads, with its lines."""

LISTS = ("all", "of some", "at a place", "low", "ledger", "ledger of a SKU", "ledger of a place")
WHICH = {"all": None, "open": True, "closed": False}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def many(session_db: Database, urls: Urls) -> AsyncIterator[tuple[Scope, list[StockKey]]]:
    """Make a merchant with `SKUS` SKUs at one location, two movements each, five of them low."""
    scope = Scope(await new_tenant(session_db))
    keys = await factories.keys_with_stock(session_db, scope, [5] * SKUS)
    async with session_db.begin(scope) as tx:
        await factories.receive(tx, dict.fromkeys(keys, 1))
    for key in keys[:5]:
        async with session_db.begin(scope) as tx:
            await factories.levels(tx, key, low=9)
    await _transfer_and_count(session_db, scope, keys)
    with psycopg.connect(urls.superuser, autocommit=True) as owner:
        owner.execute("ANALYZE stock, stock_movement, sku, location, transfer, stock_count")
    yield scope, keys


async def _transfer_and_count(db: Database, scope: Scope, keys: list[StockKey]) -> None:
    """Open and close `CLOSED` transfers and counts, then open `OPEN` more of each."""
    here, there = keys[0].location_id, (await factories.act(db, scope, factories.location, code="S1")).location_id
    transfers = [NewTransfer(here, there, ((key.sku_id, 1),)) for key in keys]
    counts = [NewCount(here, (key.sku_id,)) for key in keys]
    for first, last in ((0, CLOSED), (CLOSED, OPEN // 2), (OPEN // 2, CLOSED + OPEN)):
        async with db.begin(scope) as tx:
            opened = await service.open_transfers(tx, wishes=transfers[first:last])
            begun = await service.open_counts(tx, wishes=counts[first:last])
        if last == CLOSED:
            async with db.begin(scope) as tx:
                ids = [transfer.transfer_id for transfer in opened if isinstance(transfer, Transfer)]
                await service.close_transfers(tx, transfer_ids=ids)
            async with db.begin(scope) as tx:
                await service.cancel_counts(tx, count_ids=[c.count_id for c in begun if isinstance(c, Count)])


@pytest.mark.parametrize("page", [1, 2])
@pytest.mark.parametrize("name", LISTS)
async def test_a_page_reads_little_more_than_it_shows(
    session_db: Database, many: tuple[Scope, list[StockKey]], name: str, page: int
) -> None:
    scope, keys = many
    place = keys[0].location_id
    cursors = paging.Cursors("a secret of this test")

    async def read(tx: ReadTx, cursor: str | None) -> paging.Page[Any]:
        limit = 2 if name in {"low", "ledger of a SKU"} else 50
        request = paging.Request.of(cursors, tenant=tx.tenant, name=name, filters={}, limit=limit, cursor=cursor)
        if name == "all":
            return await queries.stock_rows(tx, request=request)
        if name == "of some":
            return await queries.stock_rows(tx, request=request, sku_ids=[key.sku_id for key in keys[-100:]])
        if name == "at a place":
            return await queries.stock_rows(tx, request=request, location_id=place)
        if name == "low":
            return await queries.low_stock(tx, request=request, location_id=place)
        if name == "ledger":
            return await queries.movements(tx, request=request)
        if name == "ledger of a SKU":
            return await queries.movements(tx, request=request, sku_id=keys[7].sku_id)
        return await queries.movements(tx, request=request, location_id=place)

    async with session_db.read(scope) as tx:
        cursor = (await read(tx, None)).next if page > 1 else None
        with plans.explained(tx) as ran:
            shown = await read(tx, cursor)
        # Before version 17 PostgreSQL could not look up a list and keep the order: for so few SKUs it reads them all.
        is_short_of_order = name == "of some" and await plans.server_version(tx) < 17
    assert shown.items or name == "ledger of a SKU"
    for node in plans.nodes(ran[0]):
        assert plans.rows_read(node) <= (SKUS if is_short_of_order else ROWS_READ_MAX), node


@pytest.mark.parametrize("page", [1, 2])
@pytest.mark.parametrize("which", sorted(WHICH))
@pytest.mark.parametrize("name", ["transfers", "counts"])
async def test_a_page_of_transfers_or_counts_reads_little_more_than_it_shows(
    session_db: Database, many: tuple[Scope, list[StockKey]], name: str, which: str, page: int
) -> None:
    cursors = paging.Cursors("a secret of this test")

    async def read(tx: ReadTx, cursor: str | None) -> paging.Page[Any]:
        request = paging.Request.of(cursors, tenant=tx.tenant, name=name, filters={}, limit=50, cursor=cursor)
        if name == "transfers":
            return await queries.transfer_page(tx, request=request, is_open=WHICH[which])
        return await queries.count_page(tx, request=request, is_open=WHICH[which])

    async with session_db.read(many[0]) as tx:
        cursor = (await read(tx, None)).next if page > 1 else None
        with plans.explained(tx) as ran:
            shown = await read(tx, cursor)
    latest = [x.transfer_id if isinstance(x, Transfer) else x.count_id for x in shown.items]
    assert latest == sorted(latest, reverse=True)
    assert len(latest) == 50
    assert WHICH[which] is None or {x.closed_at is None for x in shown.items} == {WHICH[which]}
    for plan in ran:
        for node in plans.nodes(plan):
            assert plans.rows_read(node) <= READ_FOR_A_PAGE_MAX, node
