"""Customers, as people see and change them."""

import contextlib
from collections.abc import AsyncIterator

import httpx2

from jiedan.base.db import Database, Scope
from jiedan.base.drain import Drain
from jiedan.base.ids import TenantId
from jiedan.customers import pages
from jiedan.wiring import SUBSCRIPTIONS
from tests.base import web_client
from tests.customers.factories import save, wang

RIGHTS = frozenset({"customers:read", "customers:write", "customers:merge"})


@contextlib.asynccontextmanager
async def browsing(
    db: Database, scope: Scope, rights: frozenset[str] = RIGHTS, locale: str = "en"
) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=rights, tenant=scope.tenant, locale=locale)
    async with web_client.open_client(routers=[pages.ROUTER], principal=caller, database=db, session=True) as client:
        client.headers["accept"] = "text/html"
        yield client


async def shown(client: web_client.Client, path: str, status: int = 200) -> str:
    answer = await client.get(f"/c/acme{path}")
    assert answer.status_code == status, answer.text
    return answer.text


async def sent(client: web_client.Client, path: str, fields: dict[str, object], *, on: str = "") -> httpx2.Response:
    return await client.submit(f"/c/acme{path}", fields, page=f"/c/acme{on or path}")


async def found(db: Database, scope: Scope) -> None:
    """Let customers be found by what was said of them."""
    mine = {kind: handlers for kind, handlers in SUBSCRIPTIONS.items() if kind.startswith("customers.")}
    await Drain(db, None, mine).drain_tenant(scope.tenant)


async def test_the_picker_finds_by_name_pinyin_phone_and_email(db: Database, scope: Scope) -> None:
    (customer_id,) = await save(db, scope, [wang()])
    await save(db, scope, [wang(name="Anna Bell", phone="139 1234 5678", email="anna@example.com")])
    await found(db, scope)
    async with browsing(db, scope) as client:
        for text in ("王敏", "wangmin", "8000", "wang@example.com"):
            picks = await shown(client, f"/customers/search?q={text}")
            assert f'data-value="{customer_id}"' in picks, text
            assert "Anna" not in picks, text
        options = await shown(client, "/customers/search?q=anna&as=options")
        assert "No customer fits." in await shown(client, "/customers/search?q=nobody")
    assert 'label="Anna Bell, +8613912345678, anna@example.com"' in options


async def test_the_picker_is_for_whom_may_see_customers_and_shows_no_other_merchants(
    db: Database, scope: Scope, other_tenant: TenantId
) -> None:
    await save(db, scope, [wang()])
    await found(db, scope)
    async with browsing(db, scope, frozenset({"orders:read"})) as client:
        await shown(client, "/customers/search?q=wang", 403)
    async with browsing(db, Scope(other_tenant)) as client:
        assert "No customer fits." in await shown(client, "/customers/search?q=wang")
