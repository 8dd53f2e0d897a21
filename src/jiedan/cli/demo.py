"""`jiedan demo` and `jiedan serve --demo`: a merchant with a past to try Jiedan with.

A start may be killed while it makes the merchant, or before it has shown the sign-in. A note in the home folder says
that one is under way; the next start finishes it, with a new password.
"""

import contextlib
import dataclasses
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import ClassVar

import httpx2
import msgspec

from jiedan import wiring
from jiedan.accounts import queries, service
from jiedan.accounts.values import ALL_PERMISSIONS, NewMerchant, NewStaff
from jiedan.base import clock, directory, failures, garbage
from jiedan.base import home as homes
from jiedan.base import runtime as runtimes
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.drain import Drain
from jiedan.base.i18n import N_
from jiedan.base.ids import TenantId
from jiedan.base.runtime import Runtime
from jiedan.base.settings import Settings
from jiedan.catalog.storage import folder
from jiedan.cli import announcement, grounds, migrate, output, runtime
from jiedan.cli.announcement import SignIn
from jiedan.cli.grounds import Ground
from jiedan.demo import ensemble, front, news, note, offers, opening, people, stories
from jiedan.demo.crowd import Span
from jiedan.demo.hours import PlayClock
from jiedan.demo.note import Note
from jiedan.demo.opening import Shop
from jiedan.demo.people import Person
from jiedan.demo.play import DRAIN, EVENTS_PER_SET, Play, Played
from jiedan.demo.stories import Story
from jiedan.fulfillment import service as fulfillment
from jiedan.notifications import queries as bell
from jiedan.notifications import service as notifications
from jiedan.notifications.jobs import QUEUE_MAILS
from jiedan.notifications.rules import WAITING_MAX
from jiedan.orders import service as orders
from jiedan.payments import service as payments
from jiedan.payments.providers import gateways
from jiedan.payments.providers.sandbox.processor.app import FILE, Processor
from jiedan.payments.providers.sandbox.processor.store import Store
from jiedan.wallets.rules import Codes

SLUG = "demo"
EMAIL = "owner@demo.example"
NAME = "清茶集 Clear Tea House"
MERCHANT = NewMerchant(
    slug=SLUG,
    name=NAME,
    country="CN",
    time_zone="Asia/Shanghai",
    currency="CNY",
    currencies=("CNY", "USD", "EUR"),
    backorder=True,
    expiry_minutes=1_440,
)

DAYS = 60
SEED = 1
SMALL_MAX = 5_000
"""Up to so many orders each one is played by itself."""

PLAYED_OF_LARGE = 1_000
"""So many are in a larger demo; the rest is a crowd, which lives in sets."""

ORDERS_PER_PERSON = 7
ORDERS_PER_PERSON_OF_CROWD = 20
PEOPLE_MIN = 40
UNREAD_LEFT = 5
"""So many of the newest notices the owner has not read yet."""

NOTE = "demo-{slug}.json"

_PLAYING = N_("Making a shop with {orders} orders of the last {days} days …")
_READING = N_("Orders")
_PLAYED = N_("Merchant {slug} has {orders} orders of {days} days, and {customers} customers.")
_WITH_PASSWORD = N_("Its owner signs in at {url} as {email} with this password, shown only now:\n{password}")


@dataclasses.dataclass(eq=False)
class NotADemo(failures.Failure):
    """A real merchant has that slug."""

    message: ClassVar[str] = N_(
        "Merchant {slug} was not made by the demo, and is left alone: choose another --merchant."
    )

    slug: str


@dataclasses.dataclass(frozen=True)
class Program:
    """What is played: how many orders in how many days, and the seed all of it comes from."""

    orders: int
    days: int = DAYS
    seed: int = SEED

    @property
    def customers(self) -> int:
        """How many people buy."""
        return max(
            PEOPLE_MIN, self.played // ORDERS_PER_PERSON, (self.orders - self.played) // ORDERS_PER_PERSON_OF_CROWD
        )

    @property
    def played(self) -> int:
        """How many orders are played one by one."""
        return self.orders if self.orders <= SMALL_MAX else PLAYED_OF_LARGE


async def demo(*, orders: int = 2_000, days: int = DAYS, seed: int = SEED, merchant: str = SLUG) -> None:
    """Make a believable merchant through the services that everybody uses: goods, customers, and orders in every state.

    The same seed makes the same shop; run again after a crash, it goes on. Let no worker run meanwhile: what it does
    would bear today's date.

    Parameters
    ----------
    orders
        How many orders.
    days
        In how many days before now.
    seed
        What everything is made from.
    merchant
        Slug of the merchant to make, or to go on with.

    """
    program = Program(orders, days, seed)
    async with grounds.ground() as ground:
        if ground.server is not None:
            await migrate.bring_up(ground.needed_owner_url())
        async with runtime.opened(ground) as jiedan:
            sign_in = await _merchant(jiedan, merchant)
        played = await play(ground, merchant, program)
    found = {"merchant": merchant, "orders": played.orders, "refusals": played.refusals, "sign_in": sign_in}
    output.result(found, _PLAYED, slug=merchant, orders=played.orders, days=days, customers=program.customers)
    if sign_in is not None and not output.is_json():
        url = f"{ground.settings.base_url()}/c/{merchant}/sign-in"
        output.result(None, _WITH_PASSWORD, url=url, email=sign_in.email, password=sign_in.password)


async def create(ground: Ground) -> SignIn:
    """Make the demo merchant with a random password, its shop and its past; return its sign-in."""
    homes.write_private(announcement.note(ground.settings), "")
    async with runtime.opened(ground) as jiedan:
        sign_in = await _open(jiedan, SLUG)
    await play(ground, SLUG, Program(ground.settings.demo_orders))
    return sign_in


async def finish(ground: Ground) -> SignIn | None:
    """Finish what a killed start left of the demo merchant, and return its sign-in; None when there is none."""
    password = service.new_password()
    async with runtime.opened(ground) as jiedan, service.open_passwords(jiedan) as passwords:
        tenant = await directory.tenant_by_slug(jiedan.database, SLUG)
        if tenant is None:
            return None
        password_hash = await passwords.hash(password)
        await jiedan.database.write(Scope(tenant), lambda tx: _set_password(tx, password_hash))
    await play(ground, SLUG, Program(ground.settings.demo_orders))
    return SignIn(SLUG, EMAIL, password)


async def play(ground: Ground, slug: str, program: Program) -> Played:
    """Open the shop of the merchant `slug` and let its past happen, with a progress bar.

    Everything happens on a clock of its own, the sandbox's answers included. Its messages are taken as delivered:
    Jiedan has heard of everything by reply.
    """
    async with AsyncExitStack() as stack:
        tenant = await _tenant(ground, slug)
        noted = _noted(ground.settings, slug, tenant, program)
        since = noted.until - timedelta(days=program.days)
        hours = PlayClock(since - timedelta(hours=1))
        database = runtimes.database(ground.settings, ground.app_url, clock=hours)
        stack.push_async_callback(database.close)
        scope = Scope(tenant)
        jiedan, open_gateways = await stack.enter_async_context(_stage(ground.settings, database, hours))
        folk = people.people(program.customers, seed=program.seed)
        shop = await opening.open_shop(database, scope, open_gateways, folk)
        told = _told(program, noted, folk)
        open_offers = _offers(ground.settings, database, scope, shop, noted)
        brought = await open_offers(told=told) if program.played == program.orders else offers.NOBODY
        output.tell(_PLAYING, orders=program.orders, days=program.days)
        advance = stack.enter_context(output.progress(_READING, total=program.orders))
        crowd = None
        if program.played < program.orders:
            garbage.look_seldom(garbage.WORKING)
            crowd = await stack.enter_async_context(
                ensemble.assembled(
                    database,
                    scope,
                    Span(noted.until, program.days, range(program.played + 1, program.orders + 1), noted.waves),
                    open_database=functools.partial(
                        runtimes.database, ground.settings, ground.app_url, waits_for_disk=False
                    ),
                    shop=shop,
                    people=folk,
                    seed=program.seed,
                    noted=lambda waves: _note(ground.settings, slug, msgspec.structs.replace(noted, waves=waves)),
                    advance=advance,
                )
            )
        play = Play(
            database,
            scope,
            clock=hours,
            desk=jiedan.part(orders.OrderDesk),
            drain=drain_until(noted.until, database),
            gateways=open_gateways,
            shop=shop,
            people=folk,
            brought=brought,
            crowd=crowd,
        )
        played = await play.run(told, count=program.played, since=since, until=noted.until, advance=advance)
        if crowd is not None:
            await open_offers(told=())  # not before: pricing a million orders by them would take minutes
        await front.open_front(database, scope, jiedan.part(folder.FolderStorage))
        await play.react()  # to what was opened last: the books are whole before anybody serves
        await database.write(scope, leave_few_unread)
        return played


def _told(program: Program, noted: Note, folk: Sequence[Person]) -> list[Story]:
    """Return the stories that are played one by one."""
    numbers = range(1, program.played + 1)
    return list(stories.stories(numbers, people=folk, until=noted.until, days=program.days, seed=program.seed))


def _offers(
    settings: Settings, database: Database, scope: Scope, shop: Shop, noted: Note
) -> Callable[..., Awaitable[offers.Given]]:
    """Return what opens the offers of a play for stories that are `told`."""
    codes = Codes(settings.signing_secret())
    return functools.partial(
        offers.open_offers,
        database,
        scope,
        codes,
        customers=shop.customers,
        companies=shop.companies,
        until=noted.until,
        seed=noted.seed,
    )


def drain_until(until: datetime, database: Database) -> Drain:
    """Return the drain of a play that ends at `until`: mails that nobody would send any more then are not queued."""
    heard = news.told_since(wiring.SUBSCRIPTIONS, until - WAITING_MAX, news=[QUEUE_MAILS])
    return Drain(database, None, heard, holder=DRAIN, events_per_set=EVENTS_PER_SET, in_two=True)


async def leave_few_unread(tx: Tx) -> None:
    """Let the owners have read all but the newest notices: somebody has worked here all the time."""
    for staff_id in await queries.owners(tx):
        known = await bell.notices(tx, staff_id=staff_id, permissions=ALL_PERMISSIONS)
        unread = [notice.notice_id for notice in known if not notice.is_read]
        await notifications.read_notices(
            tx, staff_id=staff_id, permissions=ALL_PERMISSIONS, notice_ids=unread[UNREAD_LEFT:]
        )


async def _tenant(ground: Ground, slug: str) -> TenantId:
    """Return the merchant. Raises NotADemo."""
    database = runtimes.database(ground.settings, ground.app_url, clock=clock.SystemClock())
    try:
        tenant = await directory.tenant_by_slug(database, slug)
    finally:
        await database.close()
    if tenant is None:
        raise NotADemo(slug)
    return tenant


def _noted(settings: Settings, slug: str, tenant: TenantId, program: Program) -> Note:
    """Return how far this play is, as it was noted; one that begins ends now."""
    begun = Note(
        tenant=tenant,
        orders=program.orders,
        days=program.days,
        seed=program.seed,
        until=clock.SystemClock().now(),
    )
    known = note.read(homes.prepare(settings.home) / NOTE.format(slug=slug))
    if known is not None and known.is_same_play(begun):
        return known
    _note(settings, slug, begun)
    return begun


def _note(settings: Settings, slug: str, noted: Note) -> None:
    note.write(settings.home / NOTE.format(slug=slug), noted)


@contextlib.asynccontextmanager
async def _stage(
    settings: Settings, database: Database, hours: PlayClock
) -> AsyncIterator[tuple[Runtime, payments.Gateways]]:
    """Open what a play needs beside the database: the order desk, and a sandbox on the clock of the play."""
    home = homes.prepare(settings.home)
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(_taken)) as nobody:
        url = f"http://localhost:{settings.sandbox_port_or_next()}"
        store = Store(home / FILE)
        try:
            processor = Processor(store, hours, url=url, http=nobody)
            transport = httpx2.ASGITransport(app=processor.app)  # type: ignore[arg-type]  # Litestar types the messages
            jiedan = Runtime(settings=settings, database=database, clock=hours)
            async with (
                gateways.opened(database, settings, transport=transport) as open_gateways,
                runtimes.opened(jiedan, [fulfillment.open_order_desk, folder.open_image_storage]),
            ):
                yield jiedan, open_gateways
                while await processor.deliverer.send_due():
                    pass
        finally:
            store.close()


def _taken(_: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200)


async def _merchant(jiedan: Runtime, slug: str) -> SignIn | None:
    """Make the merchant, or find that it was made by the demo. Raises NotADemo."""
    tenant = await directory.tenant_by_slug(jiedan.database, slug)
    if tenant is None:
        return await _open(jiedan, slug)
    async with jiedan.database.read(Scope(tenant)) as tx:
        if (await tx.load_one(queries.settings())).name != NAME:
            raise NotADemo(slug)
    return None


async def _open(jiedan: Runtime, slug: str) -> SignIn:
    password = service.new_password()
    async with service.open_passwords(jiedan) as passwords:
        owner = NewStaff(email=EMAIL, name="Demo", password_hash=await passwords.hash(password))
    merchant = dataclasses.replace(MERCHANT, slug=slug)
    await service.open_merchant(jiedan.database, merchant=merchant, owner=owner)
    return SignIn(slug, EMAIL, password)


async def _set_password(tx: Tx, password_hash: str) -> None:
    person = await queries.person_by_email(tx, EMAIL)
    if person is not None:
        await service.set_password(tx, staff_id=person.staff_id, password_hash=password_hash)
