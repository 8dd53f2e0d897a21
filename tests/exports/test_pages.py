"""Pages of exports: choose columns, let the worker write, fetch the file; and the same over REST."""

import contextlib
import html
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database, Scope
from jiedan.exports import api, errors, jobs, pages, queries, service
from jiedan.exports.values import FORMATS, ExportStatus, Wanted
from jiedan.orders import service as orders
from jiedan.orders.values import Contact, Promise
from jiedan.orders.values.lists import EVERYTHING
from tests.base import web_client
from tests.conftest import NOON, FakeClock
from tests.orders import factories, listing
from tests.orders.factories import order, shop

HTML = {"accept": "text/html"}


@contextlib.asynccontextmanager
async def open_console(
    db: Database, scope: Scope, rights: frozenset[str] = ALL_PERMISSIONS, *, session: bool = True
) -> AsyncIterator[web_client.Client]:
    """Open console and API for somebody with `rights`."""
    caller = web_client.principal(permissions=rights, tenant=scope.tenant, locale="en")
    async with web_client.open_client(
        routers=[api.ROUTER, pages.ROUTER], principal=caller, session=session, database=db
    ) as client:
        yield client


async def one_order(db: Database, scope: Scope) -> UUID:
    await shop(db, scope, {"TEA": {"W1": 9}}, payment_terms="on_delivery")
    placed = await factories.place_one(db, scope, order(("TEA", 2), contact=Contact(name="Anna"), tags=("gift",)))
    day = NOON.date()
    promise = Promise(placed.order_id, day, day + timedelta(days=3), None)
    await db.write(scope, lambda tx: orders.record_promises(tx, promises=[promise]))
    await listing.drain(db, scope)
    return placed.order_id


async def test_columns_are_chosen_and_the_file_is_written_and_fetched(db: Database, scope: Scope) -> None:
    await one_order(db, scope)
    async with open_console(db, scope) as client:
        shown = (await client.get('/c/acme/exports/new?filters={"tag":"gift"}', headers=HTML)).text
        fields = ["order", "promised_at_placement", "arrives_by_half_of_such_orders", "arrives_by_nine_of_ten"]
        sent = {"rows": "orders", "format": "csv", "fields": fields, "filters": '{"tag":"gift"}'}
        begun = await client.submit("/c/acme/exports", sent, page="/c/acme/exports/new")
        at = begun.headers["location"]
        waiting = (await client.get(at, headers=HTML)).text
        early = await client.get(f"{at}/file", headers=HTML)
        for _ in range(2):
            await jobs.write_file(db, scope.tenant, {"export_id": at.rpartition("/")[2]})
        ready = (await client.get(at, headers=HTML)).text
        file = await client.get(f"{at}/file", headers=HTML)
        listed = (await client.get("/c/acme/exports", headers=HTML)).text
    assert "1 order." in shown
    assert 'value="promised_at_placement" checked' in shown
    assert 'hx-trigger="every 1s"' in waiting
    assert early.status_code == 409
    assert "1 row" in ready
    assert "Orders, a row each · CSV" in listed
    heading, row, *rest = file.content.decode("utf-8-sig").splitlines()
    assert heading == 'Order,Promised at placement,"Arrives by, half of such orders","Arrives by, nine of ten"'
    assert re.fullmatch(r"SO-\S+,[^,]*,2026-11-21,2026-11-24", row)
    assert rest == []


async def test_a_file_is_asked_for_over_rest_once_per_key(db: Database, scope: Scope) -> None:
    await one_order(db, scope)
    key = {"idempotency-key": str(uuid4())}
    async with open_console(db, scope, session=False) as client:
        body = {"rows": "lines", "format": "xlsx", "fields": ["order", "sku"]}
        made = [await client.post("/api/v1/export-files", json=body, headers=key) for _ in range(2)]
        unknown = await client.post("/api/v1/export-files", json={"fields": ["color"]})
        export_id = made[0].json()["export_id"]
        await jobs.write_file(db, scope.tenant, {"export_id": export_id})
        shown = (await client.get(f"/api/v1/export-files/{export_id}")).json()
        file = await client.get(f"/api/v1/export-files/{export_id}/content")
        listed = (await client.get("/api/v1/export-files")).json()
    assert made[0].status_code == made[1].status_code == 202
    assert made[0].json()["export_id"] == made[1].json()["export_id"]
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_fields")
    assert (shown["status"], shown["rows_written"], shown["orders_read"]) == ("completed", 1, 1)
    assert file.content.startswith(b"PK")
    assert len(file.content) == shown["size_bytes"]
    assert [x["export_id"] for x in listed["items"]] == [export_id]


async def test_whoever_may_not_export_sees_none_of_it(db: Database, scope: Scope) -> None:
    await one_order(db, scope)
    async with open_console(db, scope, frozenset({"orders:read"})) as client:
        for path in ("/exports", "/exports/new"):
            assert (await client.get(f"/c/acme{path}", headers=HTML)).status_code == 403


async def test_files_are_forgotten_after_a_week(db: Database, scope: Scope, clock: FakeClock) -> None:
    await one_order(db, scope)
    wanted = Wanted("orders", "csv", EVERYTHING, "en")
    job = await db.write(scope, lambda tx: service.begin_export(tx, wanted=wanted))
    await jobs.write_file(db, scope.tenant, {"export_id": str(job.export_id)})
    assert await db.write(scope, service.forget_old) == 0
    clock.advance(timedelta(days=8))
    assert await db.write(scope, service.forget_old) == 1
    async with db.read(scope) as tx:
        with pytest.raises(errors.ExportNotFound):
            await queries.export_job(tx, job.export_id)
        assert [x async for x in queries.parts(tx, job.export_id)] == []


async def test_a_file_that_is_given_up_says_why(db: Database, scope: Scope) -> None:
    await one_order(db, scope)
    wanted = Wanted("orders", "csv", EVERYTHING, "en")
    job = await db.write(scope, lambda tx: service.begin_export(tx, wanted=wanted))
    await db.write(scope, lambda tx: service.stop_export(tx, job=job, reason="It is too large."))
    async with db.read(scope) as tx:
        stopped = await queries.export_job(tx, job.export_id)
    assert (stopped.status, stopped.stopped_by) == (ExportStatus.stopped, "It is too large.")
    await jobs.write_file(db, scope.tenant, {"export_id": str(job.export_id)})
    async with db.read(scope) as tx:
        assert (await queries.export_job(tx, job.export_id)).status == ExportStatus.stopped


async def test_a_file_that_no_try_could_write_says_what_to_do_on_its_page_and_over_rest(
    db: Database, scope: Scope
) -> None:
    await one_order(db, scope)
    job = await db.write(scope, lambda tx: service.begin_export(tx, wanted=Wanted("orders", "csv", EVERYTHING, "en")))
    begun = await db.write(scope, lambda tx: service.begin_writing(tx, export_id=job.export_id))
    assert begun is not None
    ids = {"export_id": str(job.export_id)}
    give_up = jobs.WRITE_FILE.give_up
    assert give_up is not None
    for _ in range(2):
        await give_up(db, scope.tenant, ids)
    said = "The file could not be written. Export it again; if that fails too, the log of the worker says why."
    async with open_console(db, scope) as client:
        shown = (await client.get(f"/c/acme/exports/{job.export_id}", headers=HTML)).text
        listed = (await client.get("/c/acme/exports", headers=HTML)).text
    async with open_console(db, scope, session=False) as client:
        over_rest = (await client.get(f"/api/v1/export-files/{job.export_id}")).json()
    assert said in shown
    assert "Given up" in shown
    assert "every 1s" not in shown
    assert "Given up" in listed
    assert (over_rest["status"], over_rest["stopped_by"]) == ("stopped", said)
    for late in (
        lambda tx: service.store_part(tx, job=begun, part=1, content=b"late"),
        lambda tx: service.complete_export(tx, job=begun, orders_read=1, rows_written=1, size_bytes=4),
    ):
        with pytest.raises(service.WriterReplaced):
            await db.write(scope, late)
    await give_up(db, scope.tenant, {"export_id": str(uuid4())})


async def test_a_file_that_is_written_stays_when_its_job_is_given_up(db: Database, scope: Scope) -> None:
    await one_order(db, scope)
    job = await db.write(scope, lambda tx: service.begin_export(tx, wanted=Wanted("orders", "csv", EVERYTHING, "en")))
    await jobs.write_file(db, scope.tenant, {"export_id": str(job.export_id)})
    await db.write(scope, lambda tx: service.give_up_export(tx, export_id=job.export_id))
    async with db.read(scope) as tx:
        assert (await queries.export_job(tx, job.export_id)).status == ExportStatus.completed
        assert [x async for x in queries.parts(tx, job.export_id)]


async def test_a_page_whose_files_went_meanwhile_leads_back_to_those_that_are_there(
    db: Database, scope: Scope, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "ROWS", 1)
    await shop(db, scope, {"TEA": {"W1": 9}})
    for file_format in FORMATS:
        wanted = Wanted("orders", file_format, EVERYTHING, "en")
        await db.write(scope, lambda tx, wanted=wanted: service.begin_export(tx, wanted=wanted))  # type: ignore[misc]  # as it is now
        clock.advance(timedelta(days=4))
    async with open_console(db, scope) as client:
        first = (await client.get("/c/acme/exports", headers=HTML)).text
        clock.advance(timedelta(hours=1))
        assert await db.write(scope, service.forget_old) == 1
        behind = (await client.get(beside(first, "next"), headers=HTML)).text
        back = (await client.get(beside(behind, "prev"), headers=HTML)).text
    assert "What stood on this page is not there any more." in behind
    assert "XLSX" in back
    assert 'rel="prev"' not in back


def beside(page: str, which: str) -> str:
    """Return where a page's link to the next or previous one leads."""
    found = re.search(rf'rel="{which}" href="([^"]+)"', page)
    assert found is not None
    return html.unescape(found[1])
