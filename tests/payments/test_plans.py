"""Lists and sweeps find their rows by index, as the app role under row-level security, among many payments."""

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from jiedan.base import paging
from jiedan.base.db import Database, ReadTx, Scope
from jiedan.payments import queries, service
from jiedan.payments.rules.finding import SUMMED_MAX, Criteria
from jiedan.payments.values import NewPayment, Receipt
from tests import plans
from tests.conftest import Urls, new_tenant
from tests.payments import factories

PAYMENTS, AT_ONCE = 3_000, 100
OPEN = 10
ROWS_READ_MAX = 1_000
"""Most rows that one step of a plan may look at for one page, shown or filtered away."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def many(session_db: Database, urls: Urls) -> AsyncIterator[Scope]:
    """Make a merchant with `PAYMENTS` payments, a few of them waiting for an answer."""
    scope = Scope(await new_tenant(session_db))
    order_id = await factories.an_order(session_db, scope)
    await factories.with_gateway(session_db, scope)
    receipts = [Receipt("bank_transfer", 100, "CNY", f"wire {i}") for i in range(PAYMENTS)]
    wishes = [NewPayment(order_id, "sandbox", "card", 1_000, "tok_visa") for _ in range(OPEN)]
    for start in range(0, PAYMENTS, AT_ONCE):  # each set has a moment of its own, as money has
        async with session_db.begin(scope) as tx:
            await service.receive_money(tx, receipts=receipts[start : start + AT_ONCE])
    async with session_db.begin(scope) as tx:
        await service.create_payments(tx, wishes=wishes)
    with psycopg.connect(urls.superuser, autocommit=True) as owner:
        owner.execute("ANALYZE payment, payment_operation, payment_entry")
    yield scope


ASKED = {
    "all": Criteria(),
    "processing": Criteria(states=("processing",)),
    "captured": Criteria(states=("captured",)),
    "several states": Criteria(states=("captured", "processing")),
    "rare": Criteria(methods=("boleto",), currency="CNY", provider="external", amount_min=7, amount_max=9),
    "referred to": Criteria(text="wire 29"),
}


@pytest.mark.parametrize("page", [1, 2])
@pytest.mark.parametrize("asked", list(ASKED))
async def test_a_page_reads_little_more_than_it_shows(session_db: Database, many: Scope, asked: str, page: int) -> None:
    cursors = paging.Cursors("a secret of this test")

    async def read(tx: ReadTx, cursor: str | None) -> paging.Page[Any]:
        limit = 4 if asked == "processing" else 50
        request = paging.Request.of(cursors, tenant=tx.tenant, name="p", filters={}, limit=limit, cursor=cursor)
        wanted = await queries.sought(tx, ASKED[asked])
        return await queries.payment_list(tx, request=request, wanted=wanted)

    async with session_db.read(many) as tx:
        cursor = (await read(tx, None)).next if page > 1 else None
        with plans.explained(tx) as ran:
            shown = await read(tx, cursor)
    assert shown.items or asked == "rare"
    for plan in ran:
        for node in plans.nodes(plan):
            assert plans.rows_read(node) <= ROWS_READ_MAX, node


async def test_refunds_and_sums_look_at_no_more_than_they_may(session_db: Database, many: Scope) -> None:
    cursors = paging.Cursors("a secret of this test")
    async with session_db.read(many) as tx:
        request = paging.Request.of(cursors, tenant=tx.tenant, name="p", filters={}, limit=50, cursor=None)
        with plans.explained(tx) as ran:
            refunds = await queries.refund_list(tx, request=request)
            totals = await queries.totals(tx, what="payments")
            given_back = await queries.totals(tx, what="refunds")
    assert (refunds.items, given_back.rows, totals.is_capped) == ([], (), False)
    assert sum(row.number for row in totals.rows) == PAYMENTS + OPEN
    for plan, most in zip(ran, (ROWS_READ_MAX, SUMMED_MAX, SUMMED_MAX), strict=True):
        for node in plans.nodes(plan):
            assert plans.rows_read(node) <= most, node


async def test_one_orders_payments_and_what_is_due_are_found_among_many(session_db: Database, many: Scope) -> None:
    async with session_db.begin(many) as tx:
        first = next(iter(await queries.operations_due(tx, at=tx.now.replace(year=2099), limit=9)))
        order_id = (await queries.payment(tx, first.payment_id)).order_id
        assert order_id is not None
        with plans.explained(tx) as ran:
            due = await queries.operations_due(tx, at=tx.now.replace(year=2099), limit=100)
            found = await queries.payments_of_orders(tx, [order_id])
            entries = await queries.entries_of(tx, [first.payment_id])
    assert (len(due), len(found[order_id]), entries) == (OPEN, OPEN, {})
    for plan in ran:
        for node in plans.nodes(plan):
            assert plans.rows_read(node) <= ROWS_READ_MAX, node
