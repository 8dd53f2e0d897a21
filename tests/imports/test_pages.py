"""Imports as people see them: a file is sent, its columns are said, it is tried, run, and what was refused is shown."""

import contextlib
import re
from collections.abc import AsyncIterator

import httpx2
import pytest_asyncio

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database
from jiedan.base.web import csrf, sending
from jiedan.imports import jobs, pages
from tests.accounts import factories as accounts
from tests.base import web_client
from tests.imports.factories import csv_of

HOME = "/c/acme/imports"
FILE = csv_of("Ref,Title,Price", "A,Apple,1.50", "B,Banana,x")
COLUMNS = {"columns": ["sku→Ref", "name→Title", "price→Price"], "fixed": "currency = CNY"}


@pytest_asyncio.fixture
async def shop(db: Database) -> accounts.Opened:
    return await accounts.opened(db)


@contextlib.asynccontextmanager
async def browser_of(
    db: Database, shop: accounts.Opened, rights: frozenset[str] = ALL_PERMISSIONS
) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=rights, tenant=shop.tenant, locale="en")
    async with web_client.open_client(routers=[pages.ROUTER], principal=caller, database=db, session=True) as client:
        client.headers["accept"] = "text/html"
        yield client


async def sent(client: web_client.Client, content: bytes, kind: str = "products") -> httpx2.Response:
    shown = await client.get(HOME)
    hidden = {name: re.search(rf'name="{name}" value="([^"]+)"', shown.text) for name in (csrf.FIELD, sending.FIELD)}
    fields = {name: found[1] for name, found in hidden.items() if found is not None}
    file = {"file": ("goods.csv", content, "text/csv")}
    return await client.post(HOME, data={"kind": kind, **fields}, files=file, follow_redirects=False)


async def test_a_file_is_mapped_tried_and_imported(db: Database, shop: accounts.Opened) -> None:
    async with browser_of(db, shop) as client:
        assert "Nothing was imported yet." in (await client.get(HOME)).text
        answer = await sent(client, FILE)
        assert answer.status_code == 303, answer.text
        page = answer.headers["location"]
        shown = await client.get(page)
        assert '<option value="name→Title" selected>' in shown.text
        tried = await client.submit(f"{page}/columns", {**COLUMNS, "act": "try"}, page=page)
        assert tried.status_code == 200
        assert "Tried, and nothing was stored." in tried.text
        assert '<td class="r num a-n" data-label="Row">3</td>' in tried.text
        kept = await client.submit(f"{page}/columns", {**COLUMNS, "act": "save"}, page=page)
        assert kept.status_code == 303
        assert "currency = CNY" in (await client.get(page)).text
        assert (await client.submit(f"{page}/columns", {**COLUMNS, "act": "run"}, page=page)).status_code == 303
        waiting = (await client.get(page)).text
        assert 'hx-trigger="every 2s"' in waiting
        import_id = page.rsplit("/", 1)[1]
        await jobs.save_rows(db, shop.tenant, {"import_id": import_id, "locale": "en"})
        done = (await client.get(page)).text
        assert "Refused rows" in done
        assert "hx-trigger" not in done
        reasons = await client.get(f"{page}/errors.csv")
        assert "3,Price,x" in reasons.text
        assert "B,Banana,x" in (await client.get(f"{page}/refused.csv")).text
        assert "goods.csv" in (await client.get(HOME)).text


async def test_what_is_wrong_with_a_file_or_its_columns_is_said(db: Database, shop: accounts.Opened) -> None:
    async with browser_of(db, shop) as client:
        assert (await sent(client, b"")).status_code == 422
        assert (await sent(client, FILE, kind="cats")).status_code == 422
        page = (await sent(client, FILE)).headers["location"]
        wrong = {"columns": ["name→Title"], "fixed": "colour = red", "act": "run"}
        answer = await client.submit(f"{page}/columns", wrong, page=page)
        assert answer.status_code == 422
        assert "colour" in answer.text
        assert '<option value="name→Title" selected>' in answer.text


async def test_the_same_form_sent_twice_takes_in_one_file(db: Database, shop: accounts.Opened) -> None:
    async with browser_of(db, shop) as client:
        shown = await client.get(HOME)
        hidden = dict(re.findall(rf'name="({csrf.FIELD}|{sending.FIELD})" value="([^"]+)"', shown.text))
        places = set()
        for _ in range(2):
            file = {"file": ("goods.csv", FILE, "text/csv")}
            data = {"kind": "products", **hidden}
            answer = await client.post(HOME, data=data, files=file, follow_redirects=False)
            places.add(answer.headers["location"])
        assert len(places) == 1


async def test_a_stopped_import_goes_on(db: Database, shop: accounts.Opened) -> None:
    async with browser_of(db, shop) as client:
        page = (await sent(client, FILE)).headers["location"]
        await client.submit(f"{page}/columns", {**COLUMNS, "act": "run"}, page=page)
        again = await client.submit(f"{page}/runs", {}, page=HOME)
        assert again.status_code == 409  # it waits for the worker already


async def test_who_may_not_import_products_sees_none(db: Database, shop: accounts.Opened) -> None:
    async with browser_of(db, shop) as client:
        page = (await sent(client, FILE)).headers["location"]
    async with browser_of(db, shop, frozenset({"catalog:read"})) as client:
        assert (await client.get(page)).status_code == 403
        assert "goods.csv" not in (await client.get(HOME)).text
    other = await accounts.opened(db)
    async with browser_of(db, other) as client:
        assert (await client.get(page)).status_code == 404
