"""What the system tells of itself: the audit log, the checks of the books, events that failed."""

import contextlib
import re
from collections.abc import AsyncIterator

import psycopg
import pytest

from jiedan import wiring
from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base import audit, books, verify
from jiedan.base.db import Database, Scope
from jiedan.base.web import trail
from jiedan.base.web.books import ROUTER as BOOKS
from jiedan.console import audit as audit_page
from jiedan.console import audit_words, pages, words
from jiedan.console.books import MODULES
from jiedan.payments.providers import gateways
from tests.accounts import factories as staff
from tests.accounts.factories import Opened
from tests.base import web_client
from tests.base.web_client import Client
from tests.orders import factories as orders_factories
from tests.orders.factories import order, place_one


@pytest.fixture
async def at(db: Database) -> Opened:
    made = await staff.opened(db, backorder=True)
    async with db.begin(made.scope) as tx:
        await orders_factories.sku(tx, "TEA")
    return made


@contextlib.asynccontextmanager
async def console(db: Database, at: Opened, rights: frozenset[str] = ALL_PERMISSIONS) -> AsyncIterator[Client]:
    caller = web_client.principal(permissions=rights, tenant=at.tenant, actor=at.scope.actor, locale="en")
    routers = [pages.ROUTER, trail.ROUTER, BOOKS]
    async with web_client.open_client(
        routers=routers, principal=caller, session=True, database=db, parts=[gateways.open_gateways]
    ) as client:
        client.headers["accept"] = "text/html"
        yield client


async def shown(client: Client, path: str) -> str:
    answer = await client.get(f"/c/acme{path}")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_whatever_happens_has_words() -> None:
    told = {*words.HAPPENINGS, *audit_words.HAPPENINGS}
    assert set(wiring.SUBSCRIPTIONS) - told == set()
    assert told - set(wiring.SUBSCRIPTIONS) == set()
    assert {kind.partition(".")[0] for kind in wiring.SUBSCRIPTIONS} <= set(audit_page.AREAS)
    assert {check.module for check in verify.checks()} <= set(MODULES)


async def test_the_audit_log_tells_who_did_what(db: Database, at: Opened) -> None:
    placed = await place_one(db, at.scope, order(("TEA", 1)))
    async with console(db, at) as client:
        everything = await shown(client, "/audit")
        assert "Order placed" in everything
        assert f"/c/acme/orders/{placed.order_id}" in everything
        assert "Merchant opened" in everything
        assert "Order placed" not in await shown(client, "/audit?area=accounts")
        assert "Merchant opened" not in await shown(client, f"/audit?about={placed.order_id}")
        assert "Nothing of the kind was found." in await shown(client, "/audit?who=api_key:")
        for day in ("2001-01-01", "0001-01-01"):
            assert "Nothing of the kind was found." in await shown(client, f"/audit?until={day}")
        assert "Nothing of the kind was found." in await shown(client, "/audit?about=nonsense")
        page = (await client.get("/api/v1/audit-log?area=orders&limit=1")).json()
        assert [item["kind"] for item in page["items"]] == ["orders.lines_backordered"]
        older = (await client.get(f"/api/v1/audit-log?before={page['items'][0]['event_id']}")).json()
        assert page["items"][0]["event_id"] not in {item["event_id"] for item in older["items"]}
    async with console(db, at, frozenset({"orders:read"})) as client:
        assert (await client.get("/c/acme/audit")).status_code == 403
    async with console(db, await staff.opened(db)) as client:
        assert "Order placed" not in await shown(client, "/audit")


async def test_a_page_of_the_audit_log_looks_at_so_many_events_and_goes_on(db: Database, at: Opened) -> None:
    placed = [await place_one(db, at.scope, order(("TEA", 1))) for _ in range(3)]
    wanted = audit.Wanted(area="accounts")
    found, before, pages_read = [], None, 0
    async with db.read(Scope(at.tenant)) as tx:
        while pages_read == 0 or before is not None:
            page = await audit.entries(tx, wanted=wanted, before=before, limit=50, looked_at_max=2)
            found += page.entries
            before, pages_read = page.next, pages_read + 1
        whole = await audit.entries(tx, wanted=wanted, limit=50)
        of_order = await audit.entries(tx, wanted=audit.Wanted(subject_id=placed[0].order_id), limit=50)
    assert pages_read > 3
    assert [entry.event_id for entry in found] == [entry.event_id for entry in whole.entries]
    assert whole.next is None
    assert {entry.subject_id for entry in of_order.entries} == {placed[0].order_id}


async def test_the_books_are_checked_by_the_worker_and_kept(db: Database, at: Opened) -> None:
    async with console(db, at) as client:
        assert "The books were not checked yet." in await shown(client, "/books")
        assert (await client.submit("/c/acme/books", {})).status_code == 303
        waiting = await shown(client, "/books")
        assert 'hx-trigger="every 3s"' in waiting
        assert (await client.submit("/c/acme/books", {})).status_code == 303
        (again,) = (await client.get("/api/v1/books-checks")).json()["items"]
        assert again["balance"] is None
        for _ in range(2):  # a job may run twice
            await books.CHECK.work(db, at.tenant, {"check_id": again["check_id"]})
        done = (await client.get(f"/api/v1/books-checks/{again['check_id']}")).json()
        assert (done["balance"], done["checks"] > 100, done["findings"]) == (True, True, [])
        page = await shown(client, "/books")
        assert "The books balance." in page
        assert "hx-trigger" not in page.partition('id="books"')[2][:200]
        assert (await client.get("/api/v1/books-checks/0193a000-0000-7000-8000-000000000001")).status_code == 404
    async with db.read(Scope(at.tenant)) as tx:
        told = await audit.entries(tx, wanted=audit.Wanted(area="base"), limit=10)
    assert [entry.kind for entry in told.entries] == ["base.books_checked"]


async def test_what_diverges_is_shown(db: Database, at: Opened, owner: psycopg.Connection[object]) -> None:
    placed = await place_one(db, at.scope, order(("TEA", 1)))
    owner.execute("UPDATE orders SET total_minor = total_minor + 1 WHERE order_id = %s", [placed.order_id])
    async with db.begin(at.scope) as tx:
        asked = await books.ask(tx)
    await books.CHECK.work(db, at.tenant, {"check_id": str(asked.check_id)})
    async with console(db, at) as client:
        page = await shown(client, "/books")
    assert "Something diverges." in page
    assert str(placed.order_id) in page


async def test_failed_events_are_tried_again_or_given_up(
    db: Database, at: Opened, owner: psycopg.Connection[object]
) -> None:
    placed = [await place_one(db, at.scope, order(("TEA", 1))) for _ in range(2)]
    owner.execute(
        "INSERT INTO outbox_retry (tenant_id, handler, event_id, attempts, available_at, reason, dead_at)"
        " SELECT tenant_id, 'orders.write_terms', event_id, 15, recorded_at, 'It failed.', recorded_at FROM event_log"
        " WHERE kind = 'orders.order_placed' AND subject_id = ANY(%s)",
        [[each.order_id for each in placed]],
    )
    async with console(db, at) as client:
        page = await shown(client, "/dead-letters")
        letters = re.findall(r'name="letters" value="([^"]+)"', page)
        assert len(letters) == 2
        assert "It failed." in page
        nothing = await client.submit("/c/acme/dead-letters", {"act": "requeue"})
        assert nothing.status_code == 422
        assert "Choose what this is about first." in nothing.text
        given_up = {"act": "discard", "letters": letters[0]}
        assert (await client.submit("/c/acme/dead-letters", given_up)).status_code == 422  # it wants a reason
        done = await client.submit("/c/acme/dead-letters", {**given_up, "reason": "Nobody needs it."})
        assert done.status_code == 303
        assert (
            await client.submit("/c/acme/dead-letters", {"act": "requeue", "letters": letters[1]})
        ).status_code == 303
        assert "Nothing has failed." in await shown(client, "/dead-letters")
        told = await shown(client, "/audit?area=base")
    assert "Failed event given up" in told
    assert "Nobody needs it." in told
    assert "Failed event to be tried again" in told
    async with console(db, at, frozenset({"events:read"})) as client:
        assert 'name="act"' not in await shown(client, "/dead-letters")
