"""Payment providers in the console: set up, changed, switched off; secrets are never shown."""

import contextlib
from collections.abc import AsyncIterator

from jiedan.base.db import Database, Scope
from jiedan.payments import pages, service
from jiedan.payments.providers import gateways
from tests.base import web_client

HOME = "/c/acme/payment-providers"
RIGHTS = frozenset({"settings:read", "settings:write"})


@contextlib.asynccontextmanager
async def browser_of(db: Database, scope: Scope, rights: frozenset[str] = RIGHTS) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=rights, tenant=scope.tenant, locale="en")
    async with web_client.open_client(
        routers=[pages.ROUTER], principal=caller, database=db, session=True, parts=[gateways.open_gateways]
    ) as client:
        client.headers["accept"] = "text/html"
        yield client


async def test_an_account_is_set_up_and_switched_off(db: Database, scope: Scope) -> None:
    async with browser_of(db, scope) as client:
        assert "Not set up" in (await client.get(HOME)).text
        on = await client.submit(HOME, {"provider": "sandbox", "is_active": "1"})
        assert on.status_code == 303, on.text
        shown = (await client.get(HOME)).text
        assert "Active" in shown
        assert f"/in/{scope.tenant}/sandbox" in shown
        assert "Kept, and never shown again" in shown
        async with db.read(scope) as tx:
            (setup,) = await service.provider_setups(tx)
        off = await client.submit(HOME, {"provider": "sandbox", "version": str(setup.version)})
        assert off.status_code == 303
        assert "Switched off" in (await client.get(HOME)).text
        assert (await client.submit(HOME, {"provider": "sandbox", "version": "1"})).status_code == 409


async def test_what_is_wrong_is_said(db: Database, scope: Scope) -> None:
    async with browser_of(db, scope) as client:
        nobody = await client.submit(HOME, {"provider": "nobody", "is_active": "1"})
        assert nobody.status_code == 422
        odd = await client.submit(HOME, {"provider": "sandbox", "settings": "color = red"})
        assert odd.status_code == 422
        assert "color = red" in odd.text
    async with browser_of(db, scope, frozenset({"settings:read"})) as client:
        assert "Takes payments" not in (await client.get(HOME)).text
