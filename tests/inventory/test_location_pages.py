"""Locations in the console."""

import contextlib
import re
from collections.abc import AsyncIterator

from jiedan.base.db import Database, Scope
from jiedan.inventory import pages
from tests.base import web_client

HOME = "/c/acme/locations"
RIGHTS = frozenset({"inventory:read", "inventory:write"})
SHANGHAI = {
    "code": "SH-1",
    "name": "上海一号仓",
    "kind": "warehouse",
    "lat": "31.2304",
    "lon": "121.4737",
    "priority": "10",
}


@contextlib.asynccontextmanager
async def browser_of(db: Database, scope: Scope, rights: frozenset[str] = RIGHTS) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=rights, tenant=scope.tenant, locale="en")
    async with web_client.open_client(routers=[pages.ROUTER], principal=caller, database=db, session=True) as client:
        client.headers["accept"] = "text/html"
        yield client


async def test_a_location_is_added_changed_closed_and_removed(db: Database, scope: Scope) -> None:
    async with browser_of(db, scope) as client:
        assert "There is no location yet." in (await client.get(HOME)).text
        added = await client.submit(f"{HOME}/new", {**SHANGHAI, "is_active": "1"})
        assert added.status_code == 303, added.text
        listed = (await client.get(HOME)).text
        assert "31.2304, 121.4737" in listed
        found = re.search(rf'href="({HOME}/[0-9a-f-]{{36}})"', listed)
        assert found is not None
        place = found[1]
        version = {"version": "1"}
        closed = await client.submit(place, {**SHANGHAI, **version, "name": "Closed one"})
        assert closed.status_code == 303, closed.text
        assert "Closed one" in (await client.get(HOME)).text
        stale = await client.submit(place, {**SHANGHAI, **version})
        assert stale.status_code == 409
        assert (await client.submit(f"{place}/removal", {}, page=place)).status_code == 303
        assert (await client.get(place)).status_code == 404


async def test_what_is_wrong_is_said_and_stays(db: Database, scope: Scope) -> None:
    async with browser_of(db, scope) as client:
        half = await client.submit(f"{HOME}/new", {**SHANGHAI, "lon": ""})
        assert half.status_code == 422
        assert 'value="SH-1"' in half.text
        await client.submit(f"{HOME}/new", SHANGHAI)
        twice = await client.submit(f"{HOME}/new", SHANGHAI)
        assert twice.status_code == 409
    async with browser_of(db, scope, frozenset({"inventory:read"})) as client:
        assert "New location" not in (await client.get(HOME)).text
        assert (await client.get(f"{HOME}/new")).status_code == 403
