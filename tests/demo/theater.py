"""A merchant that plays are played at."""

import functools
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import sqlalchemy as sa

from jiedan.accounts import service as accounts
from jiedan.accounts.values import NewMerchant, NewStaff
from jiedan.base import runtime, settings
from jiedan.base.db import Database, Scope
from jiedan.cli import demo
from jiedan.demo import ensemble, offers, opening, stories
from jiedan.demo.crowd import Span
from jiedan.demo.hours import PlayClock
from jiedan.demo.lane import OpenDatabase
from jiedan.demo.people import people
from jiedan.demo.play import Play, Played
from jiedan.fulfillment import service as fulfillment
from jiedan.payments.providers import gateways
from jiedan.payments.providers.sandbox.processor.app import Processor
from jiedan.payments.providers.sandbox.processor.store import Store
from tests.conftest import NOON, Urls
from tests.wallets.factories import CODES

SEED = 13
FOLK = 30


class Killed(Exception):
    """The play was stopped in the middle."""


class Theater:
    """A merchant to play at, and the sandbox beside it; `waves` is how far a crowd has come."""

    def __init__(self, urls: Urls, folder: Path) -> None:
        self.urls = urls
        self.waves = 0
        self.clock = PlayClock(NOON)
        self.database = self._opened(self.clock)
        self.settings = settings.Settings(home=folder, testing=True)
        self.scope: Scope
        self._folder = folder

    async def open(self, name: str = "") -> None:
        """Make the merchant; `name` makes its slug."""
        merchant = NewMerchant(
            slug=f"t-{(name or self._folder.name).replace('_', '-')}"[-40:].strip("-"),
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

    async def play(self, *, days: int, played: int, crowd: int = 0, killed_after: int | None = None) -> Played:
        """Play all stories, `played` by themselves; raise Killed when so many orders were placed."""
        folk = people(FOLK, seed=SEED)
        placed = 0

        def advance(count: int) -> None:
            nonlocal placed
            placed += count
            if killed_after is not None and placed >= killed_after:
                raise Killed

        async with AsyncExitStack() as stack:
            clock = PlayClock(NOON - timedelta(days=days, hours=1))
            database = self._opened(clock)
            stack.push_async_callback(database.close)
            http = await stack.enter_async_context(httpx2.AsyncClient())
            processor = Processor(Store(self._folder / "sandbox.jsonl"), clock, url="http://sandbox", http=http)
            transport = httpx2.ASGITransport(app=processor.app)  # type: ignore[arg-type]  # Litestar types the three messages
            process = runtime.Runtime(settings=self.settings, database=database, clock=clock)
            open_gateways = await stack.enter_async_context(
                gateways.opened(database, self.settings, transport=transport)
            )
            desk = await stack.enter_async_context(fulfillment.open_order_desk(process))
            shop = await opening.open_shop(database, self.scope, open_gateways, folk)
            told = list(stories.stories(range(1, played + 1), people=folk, until=NOON, days=days, seed=SEED))
            brought = offers.NOBODY if crowd else await self._offers(database, shop, told)
            of_crowd = None
            if crowd:
                span = Span(NOON, days, range(played + 1, played + crowd + 1), self.waves)
                of_crowd = await stack.enter_async_context(
                    ensemble.assembled(
                        database,
                        self.scope,
                        span,
                        open_database=self.open_database,
                        shop=shop,
                        people=folk,
                        seed=SEED,
                        noted=self._note,
                        advance=advance,
                    )
                )
            play = Play(
                database,
                self.scope,
                clock=clock,
                desk=desk,
                drain=demo.drain_until(NOON, database),
                gateways=open_gateways,
                shop=shop,
                people=folk,
                brought=brought,
                crowd=of_crowd,
            )
            return await play.run(told, count=played, since=NOON - timedelta(days=days), until=NOON, advance=advance)

    async def _offers(self, database: Database, shop: opening.Shop, told: Sequence[stories.Story]) -> offers.Given:
        return await offers.open_offers(
            database,
            self.scope,
            CODES,
            customers=shop.customers,
            companies=shop.companies,
            told=told,
            until=NOON,
            seed=SEED,
        )

    @property
    def open_database(self) -> OpenDatabase:
        """What opens the database in another process."""
        return functools.partial(_opened, self.urls.app)

    def _note(self, waves: int) -> None:
        self.waves = waves

    def _opened(self, clock: PlayClock) -> Database:
        return _opened(self.urls.app, clock=clock)

    async def count(self, statement: str) -> list[tuple[Any, ...]]:
        """Return the rows of a question about this merchant."""
        async with self.database.read(self.scope) as tx:
            return [tuple(row) for row in await tx.execute(sa.text(statement), {"tenant": tx.tenant})]


def _opened(url: str, *, clock: PlayClock) -> Database:
    return Database(url, clock=clock, pool_size=5, strict_locks=True)
