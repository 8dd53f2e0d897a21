"""Ways to be paid in the console: set up, changed, switched off and on again; secrets are never shown."""

import contextlib
from collections.abc import AsyncIterator

from jiedan.accounts import queries as accounts
from jiedan.accounts.values import Storefront
from jiedan.base.db import Database, Scope
from jiedan.payments import pages, service
from jiedan.payments.providers import gateways
from jiedan.payments.values import ProviderSetup
from tests.base import web_client

HOME = "/c/acme/payment-providers"
ACCOUNT = f"{HOME}/account?provider=sandbox"
RIGHTS = frozenset({"settings:read", "settings:write"})


@contextlib.asynccontextmanager
async def browser_of(db: Database, scope: Scope, rights: frozenset[str] = RIGHTS) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=rights, tenant=scope.tenant, locale="en")
    async with web_client.open_client(
        routers=[pages.ROUTER], principal=caller, database=db, session=True, parts=[gateways.open_gateways]
    ) as client:
        client.headers["accept"] = "text/html"
        yield client


async def setup_of(db: Database, scope: Scope) -> ProviderSetup:
    async with db.read(scope) as tx:
        (setup,) = await service.provider_setups(tx)
    return setup


async def shop(db: Database, scope: Scope) -> Storefront:
    async with db.read(scope) as tx:
        return await tx.load_one(accounts.storefront())


async def test_an_account_is_set_up_by_its_fields(db: Database, scope: Scope) -> None:
    async with browser_of(db, scope) as client:
        assert "Not set up" in (await client.get(HOME)).text
        fresh = (await client.get(ACCOUNT)).text
        assert "Address of the provider" in fresh
        assert "secret_value" not in fresh
        on = await client.submit(HOME, {"provider": "sandbox", "is_active": "1"}, page=ACCOUNT)
        assert on.status_code == 303, on.text
        shown = (await client.get(ACCOUNT)).text
        assert f"/in/{scope.tenant}/sandbox" in shown
        assert "Kept, and never shown again" in shown
        setup = await setup_of(db, scope)
        assert (setup.settings, setup.is_active) == ({}, True)
        fields = {"setting": "url", "setting_value": " http://127.0.0.1:9 ", "is_active": "1"}
        there = await client.submit(HOME, {"provider": "sandbox", "version": "1", **fields}, page=ACCOUNT)
        assert there.status_code == 303, there.text
        assert 'value="http://127.0.0.1:9"' in (await client.get(ACCOUNT)).text
        assert (await setup_of(db, scope)).settings == {"url": "http://127.0.0.1:9"}
        stale = await client.submit(HOME, {"provider": "sandbox", "version": "1"}, page=ACCOUNT)
        assert stale.status_code == 409
        emptied = {"provider": "sandbox", "version": "2", "setting": "url", "setting_value": "", "is_active": "1"}
        await client.submit(HOME, emptied, page=ACCOUNT)
        assert (await setup_of(db, scope)).settings == {"url": ""}


async def test_a_provider_is_switched_off_and_the_way_back_is_offered(db: Database, scope: Scope) -> None:
    async with browser_of(db, scope) as client:
        await client.submit(HOME, {"provider": "sandbox", "is_active": "1"}, page=ACCOUNT)
        assert "Switch off" in (await client.get(HOME)).text
        off = await client.submit(f"{HOME}/switching", {"provider": "sandbox"}, page=HOME)
        assert off.status_code == 303, off.text
        after = (await client.get(HOME)).text
        assert "Customers cannot pay this way any more." in after
        assert 'action="/c/acme/payment-providers/switching"' in after
        assert not (await setup_of(db, scope)).is_active
        await client.submit(f"{HOME}/switching", {"provider": "sandbox", "is_active": "1"}, page=HOME)
        assert (await setup_of(db, scope)).is_active


async def test_transfers_and_payment_on_delivery_are_switched_too(db: Database, scope: Scope) -> None:
    async with browser_of(db, scope) as client:
        transfer = f"{HOME}/bank-transfer"
        said = await client.submit(transfer, {"version": "0", "transfer_instructions": "To Acme, account 42."})
        assert said.status_code == 303, said.text
        assert "To Acme, account 42." in (await client.get(HOME)).text
        assert "To Acme, account 42." in (await client.get(transfer)).text
        await client.submit(transfer, {})
        assert (await shop(db, scope)).transfer_instructions == ""
        back = (await client.get(HOME)).text
        assert "Customers cannot pay by transfer any more." in back
        assert 'value="To Acme, account 42."' in back
        stale = await client.submit(transfer, {"version": "1", "transfer_instructions": "To nobody."})
        assert stale.status_code == 409
        await client.submit(f"{HOME}/on-delivery", {"pays_on_delivery": "1"}, page=HOME)
        assert (await shop(db, scope)).pays_on_delivery
        await client.submit(f"{HOME}/on-delivery", {}, page=HOME)
        assert not (await shop(db, scope)).pays_on_delivery


async def test_what_is_wrong_is_said(db: Database, scope: Scope) -> None:
    async with browser_of(db, scope) as client:
        nobody = await client.submit(HOME, {"provider": "nobody", "is_active": "1"}, page=ACCOUNT)
        assert nobody.status_code == 422
        odd = await client.submit(
            HOME, {"provider": "sandbox", "setting": "color", "setting_value": "red"}, page=ACCOUNT
        )
        assert odd.status_code == 422
        assert "color" in odd.text
        assert (await client.get(f"{HOME}/account?provider=nobody")).status_code == 422
    async with browser_of(db, scope, frozenset({"settings:read"})) as client:
        assert "Takes payments" not in (await client.get(ACCOUNT)).text
        assert "Switch o" not in (await client.get(HOME)).text
