"""Postal areas in the console."""

import contextlib
from collections.abc import AsyncIterator

from jiedan.base.db import Database, Scope
from jiedan.sourcing import pages
from tests.base import web_client

HOME = "/c/acme/postal-areas"
RIGHTS = frozenset({"settings:read", "settings:write"})


@contextlib.asynccontextmanager
async def browser_of(db: Database, scope: Scope, rights: frozenset[str] = RIGHTS) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=rights, tenant=scope.tenant, locale="en")
    async with web_client.open_client(routers=[pages.ROUTER], principal=caller, database=db, session=True) as client:
        client.headers["accept"] = "text/html"
        yield client


async def test_areas_are_added_found_replaced_and_removed(db: Database, scope: Scope) -> None:
    async with browser_of(db, scope) as client:
        assert "No postal area fits." in (await client.get(HOME)).text
        for country, prefix, lat in (("CN", "2000", "31.23"), ("CN", "1000", "39.9"), ("br", "01-001", "-23.55")):
            sent = await client.submit(HOME, {"country": country, "prefix": prefix, "lat": lat, "lon": "120"})
            assert sent.status_code == 303, sent.text
        await client.submit(HOME, {"country": "CN", "prefix": "2000", "lat": "31.5", "lon": "121"})
        found = (await client.get(f"{HOME}?country=cn&prefix=20")).text
        assert "31.5000" in found
        assert "39.9000" not in found
        assert "01001" in (await client.get(f"{HOME}?country=BR")).text
        gone = {"country": "CN", "prefix": "2000"}
        assert (await client.submit(f"{HOME}/removal", gone, page=HOME)).status_code == 303
        assert (await client.submit(f"{HOME}/removal", gone, page=HOME)).status_code == 404
        assert "31.5000" not in (await client.get(HOME)).text


async def test_what_is_wrong_is_said_and_stays(db: Database, scope: Scope) -> None:
    async with browser_of(db, scope) as client:
        wrong = await client.submit(HOME, {"country": "CHINA", "prefix": "20", "lat": "31", "lon": "121"})
        assert wrong.status_code == 422
        assert 'value="CHINA"' in wrong.text
        assert (
            await client.submit(HOME, {"country": "CN", "prefix": "20", "lat": "91", "lon": "1"})
        ).status_code == 422
    async with browser_of(db, scope, frozenset({"settings:read"})) as client:
        assert "Add or replace an area" not in (await client.get(HOME)).text
