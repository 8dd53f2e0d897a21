"""The search for everything, as a page and as what the palette shows, and the numbers beside the side bar."""

import contextlib
from collections.abc import AsyncIterator

from jiedan import wiring
from jiedan.accounts.values import ALL_PERMISSIONS, SELF
from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.base.recorder import StatementRecorder
from jiedan.cases import service as cases
from jiedan.cases.values import NewCase
from jiedan.console import pages, waiting
from jiedan.orders.values import Contact, Placed
from tests.base import web_client
from tests.catalog.factories import goods, saved
from tests.orders import listing
from tests.orders.factories import order, place_one, shop

HTML = {"accept": "text/html"}
PARTIAL = {**HTML, "hx-request-type": "partial"}
STATEMENTS_MAX = 11


@contextlib.asynccontextmanager
async def open_console(
    db: Database, scope: Scope, rights: frozenset[str] = ALL_PERMISSIONS, locale: str = "en"
) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=rights | {SELF}, tenant=scope.tenant, locale=locale)
    async with web_client.open_client(
        routers=[pages.ROUTER],
        principal=caller,
        session=True,
        database=db,
        navigation=wiring.NAVIGATION,
        actions=wiring.ACTIONS,
        counters=wiring.COUNTERS,
    ) as client:
        yield client


async def one_order(db: Database, scope: Scope) -> Placed:
    await shop(db, scope, {"TEA": {"W1": 10}})
    async with db.begin(scope) as tx:
        await saved(tx, goods("GREEN", name="Green leaves"))
    contact = Contact(name="Anna Bell", phone="+8613912345678")
    placed = await place_one(db, scope, order(("TEA", 1), contact=contact))
    await listing.drain(db, scope)
    return placed


async def found(client: web_client.Client, text: str) -> str:
    answer = await client.get("/c/acme/search", params={"q": text}, headers=PARTIAL)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    return answer.text


async def test_everything_is_found_in_one_place(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope)
    async with open_console(db, scope) as client:
        page = (await client.get("/c/acme/search", params={"q": placed.number}, headers=HTML)).text
        assert "<h1>Search</h1>" in page
        assert f"/c/acme/orders/{placed.order_id}" in page
        by_name = await found(client, "anna")
        assert placed.number in by_name
        assert "GREEN" in await found(client, "leav")
        assert 'href="/c/acme/orders/new"' in await found(client, "new ord")
        assert "Nothing fits." in await found(client, "no such thing anywhere")


async def test_a_prefix_asks_for_one_kind_alone(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope)
    async with open_console(db, scope) as client:
        assert placed.number in await found(client, "#anna")
        assert placed.number not in await found(client, "@anna")
        assert placed.number not in await found(client, ">anna")
        only_places = await found(client, ">order")
        assert 'href="/c/acme/orders"' in only_places
        assert placed.number not in only_places
        assert 'href="/c/acme/orders"' in await found(client, "")


async def test_places_are_found_in_the_readers_language_and_in_english(db: Database, scope: Scope) -> None:
    async with open_console(db, scope, locale="zh_Hans") as client:
        for text in (">订单", ">order"):
            assert 'href="/c/acme/orders"' in await found(client, text), text


async def test_nobody_finds_what_they_may_not_see(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope)
    async with open_console(db, scope, frozenset({"catalog:read"})) as client:
        assert placed.number not in await found(client, "anna")
        assert "GREEN" in await found(client, "leav")
        assert "/orders" not in await found(client, ">order")
    elsewhere = Scope(TenantId(db.uuids.new(db.clock.now())))
    async with open_console(db, elsewhere) as client:
        assert placed.number not in await found(client, placed.number)


async def test_each_module_is_asked_once(db: Database, scope: Scope, recorder: StatementRecorder) -> None:
    await one_order(db, scope)
    async with open_console(db, scope) as client:
        await found(client, "a")
        with recorder.watching() as sent:
            await found(client, "an")
    assert len(sent) <= STATEMENTS_MAX, sent


async def test_what_waits_is_counted_and_shown_from_then_on(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope)
    async with open_console(db, scope) as client:
        first = (await client.get("/c/acme/search", headers=HTML)).text
        assert 'data-waiting="cases" title="Work that waits"></span>' in first
        async with db.begin(scope) as tx:
            await cases.open_cases(tx, cases=[NewCase("refund_due", "order", placed.order_id, {})])
        numbers = (await client.get("/c/acme/waiting")).json()
        assert numbers == {waiting.CASES: 1, waiting.FULFILLMENT: 0, "notices": numbers["notices"]}
        second = (await client.get("/c/acme/search", headers=HTML)).text
        assert 'data-waiting="cases" title="Work that waits">1</span>' in second


async def test_only_what_one_may_see_is_counted(db: Database, scope: Scope) -> None:
    async with open_console(db, scope, frozenset({"cases:read"})) as client:
        assert set((await client.get("/c/acme/waiting")).json()) == {waiting.CASES, "notices"}
