"""The queue finds its rows by index, as the app role under row-level security, in a merchant with much work."""

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from jiedan.base import paging
from jiedan.base.db import Database, Scope
from jiedan.fulfillment import queries, service
from jiedan.fulfillment.queries import Asked
from tests import plans
from tests.conftest import Urls, new_tenant
from tests.fulfillment.factories import Floor, floor
from tests.orders import factories

ORDERS = 1_200
BATCH = 200
ROWS_READ_MAX = 1_000

ALL_AT_ONCE = "Bitmap Index Scan"
"""Reads what it finds before anything can stop it; chosen where that is little more than the limit."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy(session_db: Database, urls: Urls) -> AsyncIterator[Floor]:
    """Release `ORDERS` orders of one location, the last one already picked."""
    at = await floor(session_db, Scope(await new_tenant(session_db)), {"TEA": {"W1": 2 * ORDERS}})
    for _ in range(ORDERS // BATCH):
        wanted = [factories.order(("TEA", 1), payment_terms="on_account") for _ in range(BATCH)]
        placed: list[Any] = await factories.place(at.db, at.scope, *wanted)
        await at.act(service.reconsider, order_ids=[x.order_id for x in placed])
    await at.pick_all((await at.only(placed[-1].order_id)).fulfillment_id)
    with psycopg.connect(urls.superuser, autocommit=True) as owner:
        owner.execute("ANALYZE fulfillment, fulfillment_line, parcel")
    yield at


@pytest.mark.parametrize("is_at_one", [False, True])
@pytest.mark.parametrize("status", ["released", "picked"])
async def test_a_page_of_the_queue_reads_little_more_than_it_shows(busy: Floor, status: Any, is_at_one: bool) -> None:
    place = busy.shop.locations["W1"] if is_at_one else None
    cursors = paging.Cursors("a secret of this test")
    async with busy.db.read(busy.scope) as tx:
        cursor = None
        for _ in range(2):
            request = paging.Request.of(cursors, tenant=tx.tenant, name="q", filters={}, limit=20, cursor=cursor)
            with plans.explained(tx) as explained:
                page = await queries.fulfillment_page(tx, request=request, asked=Asked(status, place))
                await queries.status_counts(tx, location_id=place)
            cursor = page.next
            nodes = [node for plan in explained for node in plans.nodes(plan)]
            read = max(plans.rows_read(node) for node in nodes if node["Node Type"] != ALL_AT_ONCE)
            assert read <= ROWS_READ_MAX
            if cursor is None:
                break
