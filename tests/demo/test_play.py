"""A play goes through the services: the books balance, and playing again doubles nothing."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from jiedan import wiring
from jiedan.accounts import service as accounts
from jiedan.accounts.values import NewMerchant, NewStaff
from jiedan.base import runtime, settings, verify
from jiedan.base.db import Database, Scope
from jiedan.base.drain import Drain
from jiedan.demo import opening, stories
from jiedan.demo.hours import PlayClock
from jiedan.demo.people import people
from jiedan.demo.play import Play, Played
from jiedan.orders import service as orders
from jiedan.payments.providers import gateways
from jiedan.payments.providers.sandbox.processor.app import Processor
from jiedan.payments.providers.sandbox.processor.store import Store
from tests.conftest import NOON, Urls

DAYS = 8
COUNT = 40
SEED = 5


class Theater:
    """A merchant to play at, and the sandbox beside it."""

    def __init__(self, urls: Urls, folder: Path) -> None:
        self.clock = PlayClock(NOON - timedelta(days=DAYS, hours=1))
        self.database = Database(urls.app, clock=self.clock, pool_size=5, strict_locks=True)
        self.settings = settings.Settings(home=folder, testing=True)
        self.scope: Scope
        self._folder = folder

    async def open(self) -> None:
        """Make the merchant."""
        merchant = NewMerchant(
            slug=f"theater-{self._folder.name.replace('_', '-')}"[:40],
            name="Theater",
            country="CN",
            time_zone="Asia/Shanghai",
            currency="CNY",
            backorder=True,
            expiry_minutes=1_440,
        )
        owner = NewStaff(email="owner@example.com", name="Owner", password_hash="none")
        made = await accounts.open_merchant(self.database, merchant=merchant, owner=owner)
        self.scope = Scope(made.tenant_id)

    async def play(self) -> Played:
        """Play all stories."""
        folk = people(30, seed=SEED)
        told = stories.stories(COUNT, people=folk, until=NOON, days=DAYS, seed=SEED)
        async with httpx2.AsyncClient() as http:
            processor = Processor(Store(self._folder / "sandbox.jsonl"), self.clock, url="http://sandbox", http=http)
            transport = httpx2.ASGITransport(app=processor.app)  # type: ignore[arg-type]  # Litestar types the three messages
            process = runtime.Runtime(settings=self.settings, database=self.database, clock=self.clock)
            async with (
                gateways.opened(self.database, self.settings, transport=transport) as open_gateways,
                orders.open_order_desk(process) as desk,
            ):
                shop = await opening.open_shop(self.database, self.scope, open_gateways, folk)
                play = Play(
                    self.database,
                    self.scope,
                    clock=self.clock,
                    desk=desk,
                    drain=Drain(self.database, None, wiring.SUBSCRIPTIONS),
                    gateways=open_gateways,
                    shop=shop,
                    people=folk,
                    is_small=True,
                )
                since = NOON - timedelta(days=DAYS)
                return await play.run(told, count=COUNT, since=since, until=NOON, advance=lambda _: None)

    async def count(self, statement: str) -> list[tuple[Any, ...]]:
        """Return the rows of a question about this merchant."""
        async with self.database.read(self.scope) as tx:
            return [tuple(row) for row in await tx.execute(sa.text(statement), {"tenant": tx.tenant})]


@pytest.fixture
async def theater(urls: Urls, tmp_path: Path) -> AsyncIterator[Theater]:
    made = Theater(urls, tmp_path)
    await made.open()
    yield made
    await made.database.close()


ORDERS = "SELECT DISTINCT lifecycle, payment_status, fulfillment_status FROM orders WHERE tenant_id = :tenant"
TOTALS = (
    "SELECT (SELECT count(*) FROM orders WHERE tenant_id = :tenant),"
    " (SELECT sum(amount_minor) FROM payment_entry WHERE tenant_id = :tenant),"
    " (SELECT sum(quantity) FROM stock_movement WHERE tenant_id = :tenant AND kind = 'receipt')"
)


async def test_a_play_fills_the_shop_and_playing_again_doubles_nothing(theater: Theater) -> None:
    played = await theater.play()
    assert played.orders == COUNT
    assert not played.refusals
    found = set(await theater.count(ORDERS))
    assert ("completed", "paid", "delivered") in found
    assert {"open", "completed"} <= {lifecycle for lifecycle, _, _ in found}
    assert await theater.count("SELECT count(*) FROM outbox WHERE tenant_id = :tenant") == [(0,)]
    ((first, last, delivered),) = await theater.count(
        "SELECT min(placed_at), max(placed_at), (SELECT max(delivered_at) FROM parcel WHERE tenant_id = :tenant)"
        " FROM orders WHERE tenant_id = :tenant"
    )
    assert NOON - timedelta(days=DAYS) <= first < last <= NOON + timedelta(seconds=1)
    assert delivered <= NOON + timedelta(seconds=1)
    ((promised,),) = await theater.count(
        "SELECT count(*) FROM orders WHERE tenant_id = :tenant AND promised_p90_on > promised_p50_on"
    )
    assert promised > COUNT / 2

    before = await theater.count(TOTALS)
    again = await theater.play()
    assert again.orders == COUNT
    assert set(again.refusals) <= {"nothing_to_acknowledge", "order_ended"}
    assert await theater.count(TOTALS) == before
    async with theater.database.read(theater.scope) as tx:
        assert await verify.run(tx, verify.checks()) == []
