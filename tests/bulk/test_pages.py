"""Pages of bulk jobs: what a form begins, what is asked first, what a job shows; who may not sees nothing."""

import contextlib
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database, Scope
from jiedan.bulk import pages, run
from jiedan.bulk.values import ORDERS_PER_SET
from jiedan.orders.values import Placed
from tests.base import web_client
from tests.bulk.factories import by_staff, done
from tests.orders import factories
from tests.orders.factories import order, shop

HTML = {"accept": "text/html"}
PART = {"accept": "text/html", "hx-request": "true", "hx-request-type": "partial"}


@contextlib.asynccontextmanager
async def open_console(
    db: Database, scope: Scope, rights: frozenset[str] = ALL_PERMISSIONS
) -> AsyncIterator[web_client.Client]:
    """Open the console for somebody with `rights`."""
    caller = web_client.principal(permissions=rights, tenant=scope.tenant, locale="en", actor=scope.actor)
    async with web_client.open_client(routers=[pages.ROUTER], principal=caller, session=True, database=db) as client:
        yield client


async def desk(db: Database, scope: Scope, number: int) -> tuple[Scope, list[UUID]]:
    await shop(db, scope, {"TEA": {"W1": 1_000}}, payment_terms="on_delivery")
    made = await factories.place(db, scope, *[order(("TEA", 1)) for _ in range(number)])
    return await by_staff(db, scope), [x.order_id for x in made if isinstance(x, Placed)]


async def submit(client: web_client.Client, path: str, fields: dict[str, Any]) -> Any:
    return await client.submit(f"/c/acme{path}", fields, page="/c/acme/bulk")


async def test_what_an_action_needs_is_asked_first_and_then_done(db: Database, scope: Scope) -> None:
    staff, ids = await desk(db, scope, 3)
    ticked = [f"{x}:1" for x in ids[:2]]
    async with open_console(db, staff) as client:
        asked = await submit(client, "/bulk", {"action": "hold", "order_ids": ticked, "listing": "late=true"})
        missing = await submit(client, "/bulk", {"action": "hold", "order_ids": ticked, "asked": "1"})
        fields = {"action": "hold", "order_ids": ticked, "asked": "1", "reason": "Look again."}
        begun = await submit(client, "/bulk", fields)
        job_id = UUID(begun.headers["location"].rpartition("/")[2])
        waiting = (await client.get(f"/c/acme/bulk/{job_id}", headers=HTML)).text
        now = (await client.get("/c/acme/bulk/now", headers=PART)).text
        await run.run(db, scope.tenant, job_id)
        ended = (await client.get(f"/c/acme/bulk/{job_id}", headers=HTML)).text
        part = (await client.get(f"/c/acme/bulk/{job_id}?outcome=done", headers=PART)).text
        listed = (await client.get("/c/acme/bulk", headers=HTML)).text
        nothing_now = (await client.get("/c/acme/bulk/now", headers=PART)).text
    assert asked.status_code == 200
    assert "2 orders." in asked.text
    assert 'href="/c/acme/orders?late=true"' in asked.text
    assert missing.status_code == 422
    assert "This action needs “Reason”." in missing.text
    assert begun.status_code == 303
    assert 'hx-trigger="every 1s"' in waiting
    assert "0 / 2" in now
    assert "2 / 2" in ended
    assert "hx-trigger" not in part
    assert "<html" not in part
    assert part.count("<tr>") == 3
    assert "Put on hold" in listed
    assert "hx-get" not in nothing_now


async def test_release_of_ticked_orders_needs_no_question_and_of_all_that_fit_it_does(
    db: Database, scope: Scope
) -> None:
    staff, ids = await desk(db, scope, ORDERS_PER_SET + 3)
    everything = {"action": "release", "everything": "1", "filters": "{}"}
    async with open_console(db, staff) as client:
        few = await submit(client, "/bulk", {"action": "release", "order_ids": [f"{ids[0]}:1"]})
        asked = await submit(client, "/bulk", everything)
        begun = await submit(client, "/bulk", {**everything, "asked": "1"})
        job_id = UUID(begun.headers["location"].rpartition("/")[2])
        job = await run.run(db, scope.tenant, job_id)
        odd = await submit(client, "/bulk", {**everything, "asked": "1", "filters": '{"tag": 1}'})
        none = await submit(client, "/bulk", {"action": "release"})
        unknown = await submit(client, "/bulk", {"action": "burn"})
    assert (few.status_code, asked.status_code, 'name="asked"' in asked.text) == (303, 200, True)
    assert (job.done, job.failed) == (ORDERS_PER_SET + 3, 0)
    assert odd.status_code == none.status_code == unknown.status_code == 303


async def test_a_job_is_stopped_goes_on_and_is_tried_again(db: Database, scope: Scope) -> None:
    staff, ids = await desk(db, scope, 3)
    await done(db, staff, "cancel", order_ids=ids[:1], reason="mistake")
    async with open_console(db, staff) as client:
        fields = {"action": "tag", "order_ids": [str(x) for x in ids], "asked": "1", "tag": "gift"}
        begun = await submit(client, "/bulk", fields)
        at = begun.headers["location"].removeprefix("/c/acme")
        job_id = UUID(at.rpartition("/")[2])
        assert (await submit(client, f"{at}/stop", {})).status_code == 303
        stopped = (await client.get(f"/c/acme{at}", headers=HTML)).text
        assert (await submit(client, f"{at}/continue", {})).status_code == 303
        await run.run(db, scope.tenant, job_id)
        ended = (await client.get(f"/c/acme{at}?outcome=failed", headers=HTML)).text
        retried = await submit(client, f"{at}/retry", {})
        again = (await client.get(retried.headers["location"], headers=HTML)).text
    assert "Stopped by hand." in stopped
    assert "Try 1 again" in ended
    assert "is canceled" in ended
    assert "What was tried before" in again


async def test_who_may_not_do_it_to_one_order_may_not_do_it_to_many(db: Database, scope: Scope) -> None:
    staff, ids = await desk(db, scope, 1)
    job = await done(db, staff, "tag", order_ids=ids, tag="gift")
    async with open_console(db, staff, frozenset({"orders:read"})) as client:
        refused = await submit(client, "/bulk", {"action": "tag", "order_ids": [str(ids[0])], "tag": "x", "asked": "1"})
        retried = await submit(client, f"/bulk/{job.job_id}/retry", {})
        shown = (await client.get(f"/c/acme/bulk/{job.job_id}", headers=HTML)).text
    assert refused.status_code == retried.status_code == 403
    assert not re.search(r"/(retry|stop|continue)\"", shown)


async def test_another_merchants_job_has_no_page(db: Database, scope: Scope, other_tenant: Any) -> None:
    staff, ids = await desk(db, scope, 1)
    job = await done(db, staff, "tag", order_ids=ids, tag="gift")
    async with open_console(db, Scope(other_tenant, staff.actor)) as client:
        assert (await client.get(f"/c/acme/bulk/{job.job_id}", headers=HTML)).status_code == 404
