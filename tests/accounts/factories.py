"""Merchants, people and a password hasher that counts."""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pwdlib
import sqlalchemy as sa
from pwdlib.hashers.argon2 import Argon2Hasher

from jiedan.accounts import api, pages, service, tables, values
from jiedan.accounts.values import MerchantSettings, NewMerchant, NewStaff, StaffId
from jiedan.base import tables as base_tables
from jiedan.base.db import Database, ReadTx, Scope, Tx
from jiedan.base.events import Actor
from jiedan.base.ids import TenantId
from jiedan.base.runtime import Runtime
from jiedan.base.sealing import Sealer
from tests.base import web_client
from tests.conftest import NOON

PASSWORD = "seven quiet lanterns"
SEALER = Sealer("a secret of tests that seals what they seal")
VISITOR = values.Visitor(network="203.0.113.7", user_agent="Mozilla/5.0")

FAST = pwdlib.PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
STRONGER = pwdlib.PasswordHash((Argon2Hasher(time_cost=1, memory_cost=128, parallelism=1),))
PASSWORD_HASH = FAST.hash(PASSWORD)


class CountingHasher:
    """Hash with Argon2id at its cheapest, and remember how often it was asked to verify."""

    def __init__(self, behind: pwdlib.PasswordHash = FAST) -> None:
        self.behind = behind
        self.hashed = 0
        self.verified = 0

    def hash(self, password: str) -> str:
        """Hash."""
        self.hashed += 1
        return self.behind.hash(password)

    def verify_and_update(self, password: str, hash: str) -> tuple[bool, str | None]:  # noqa: A002 - pwdlib's name
        """Verify."""
        self.verified += 1
        return self.behind.verify_and_update(password, hash)


@asynccontextmanager
async def open_fast_passwords(_runtime: Runtime) -> AsyncIterator[service.Passwords]:
    """Open passwords that cost nothing: a part for the tests' application."""
    passwords = service.Passwords(CountingHasher())
    try:
        yield passwords
    finally:
        passwords.close()


NOBODYS = TenantId(UUID(int=7))


def settings(tenant: TenantId = NOBODYS, **changes: Any) -> MerchantSettings:
    """Return the settings of a Chinese merchant, with `changes`."""
    return dataclasses.replace(
        MerchantSettings(
            tenant_id=tenant,
            slug="acme",
            name="Acme Tea",
            country="CN",
            time_zone="Asia/Shanghai",
            currency="CNY",
            currencies=("CNY", "USD"),
            locale="zh_Hans",
            locales=values.LOCALES,
            order_number_pattern="SO-{date}-{number:06d}",
            payment_terms="prepaid",
            expiry_minutes=60,
            split="when_needed",
            backorder=False,
            prices_include_tax=True,
            release_on_authorization=False,
            late_money="case",
            version=1,
        ),
        **changes,
    )


async def merchant(tx: Tx, **changes: Any) -> MerchantSettings:
    """Give the transaction's fresh tenant (which stands in `tenant` and `directory`) its settings."""
    made = settings(tx.tenant, **{"slug": f"m-{tx.tenant}", **changes})
    row = {f.name: getattr(made, f.name) for f in dataclasses.fields(made)}
    row |= {"currencies": list(made.currencies), "locales": list(made.locales)}
    await tx.execute(sa.insert(tables.Merchant).values(created_at=tx.now, updated_at=tx.now, **row))
    return made


@dataclasses.dataclass(frozen=True)
class Opened:
    """A whole merchant with its owner, who signs in with PASSWORD."""

    tenant: TenantId
    slug: str
    owner_id: StaffId
    owner_email: str

    @property
    def scope(self) -> Scope:
        """The owner at work."""
        return Scope(self.tenant, Actor("staff", str(self.owner_id)))


async def opened(db: Database, **changes: Any) -> Opened:
    """Open a merchant through the service, under a slug of its own."""
    slug = f"t{db.uuids.new(db.clock.now()).hex[:30]}"
    new = NewMerchant(
        slug=slug, name="Acme Tea", country="CN", time_zone="Asia/Shanghai", currency="CNY", currencies=("CNY", "USD")
    )
    owner = NewStaff(email=f"Wang.Min@{slug}.example", name="Wang Min", password_hash=PASSWORD_HASH)
    made = await service.open_merchant(db, merchant=dataclasses.replace(new, **changes), owner=owner)
    return Opened(made.tenant_id, changes.get("slug", slug), made.owner_id, owner.email)


async def events_told(tx: ReadTx, kind: str) -> int:
    """Return how many events of a kind the merchant has."""
    log = base_tables.EventLog
    told = sa.select(sa.func.count()).where(log.tenant_id == tx.tenant, log.kind == kind)
    return int((await tx.execute(told)).scalar_one())


async def person(db: Database, at: Opened, role: str, *, email: str = "", has_joined: bool = True) -> StaffId:
    """Add somebody with a role; having joined, they sign in with PASSWORD."""
    staff = NewStaff(email=email or f"{role}@{at.slug}.example", name=role.title(), role=role)
    async with db.begin(at.scope) as tx:
        link = await service.invite_staff(tx, staff=staff, held=values.ALL_PERMISSIONS)
        if has_joined:
            await service.set_password(tx, staff_id=link.staff_id, password_hash=PASSWORD_HASH)
    return link.staff_id


async def sign_in(
    db: Database,
    passwords: service.Passwords,
    at: Opened,
    email: str = "",
    *,
    password: str = PASSWORD,
    visitor: values.Visitor = VISITOR,
    replaced: str | None = None,
) -> values.SignedIn:
    """Sign somebody in who needs no code, the owner if nobody is named."""
    signed_in = await service.sign_in(
        db, passwords, tenant=at.tenant, email=email or at.owner_email, password=password, visitor=visitor,
        sealer=SEALER, replaced=replaced,
    )  # fmt: skip
    assert isinstance(signed_in, values.SignedIn)
    return signed_in


async def accept(
    db: Database, passwords: service.Passwords, at: Opened, secret: str, *, password: str = PASSWORD
) -> values.SignedIn:
    """Use a one-time link, for somebody who needs no code."""
    entered = await service.accept_link(
        db, passwords, tenant=at.tenant, secret=secret, password=password, visitor=VISITOR
    )
    assert entered is not None
    return entered


def event_kinds(tenant: TenantId) -> sa.Select[str]:
    """Return the statement that reads the kinds of a merchant's events, oldest first."""
    log = base_tables.EventLog
    return sa.select(log.kind).where(log.tenant_id == tenant).order_by(log.event_id)


async def stored_sessions(tx: ReadTx) -> int:
    """Return how many rows of sessions there are, ended or not."""
    s = tables.StaffSession
    counted = await tx.execute(sa.select(sa.func.count()).select_from(s).where(s.tenant_id == tx.tenant))
    return int(counted.scalar_one())


@asynccontextmanager
async def application(db: Database, **settings: Any) -> AsyncIterator[web_client.Client]:
    """Open the application with accounts alone, real authenticators and cheap passwords; nobody is signed in."""
    async with web_client.open_client(
        routers=[api.ROUTER, pages.ENTRANCE, pages.ROUTER],
        authenticators=[service.ApiKeyAuthenticator(), service.SessionAuthenticator()],
        parts=[open_fast_passwords],
        database=db,
        at=NOON,
        **settings,
    ) as client:
        yield client


async def api_key(db: Database, at: Opened, *permissions: str) -> values.NewApiKey:
    """Make an API key of the owner's; without permissions named it may do everything."""
    async with db.begin(at.scope) as tx:
        return await service.create_api_key(
            tx, name="Shop", permissions=permissions or sorted(values.ALL_PERMISSIONS), held=values.ALL_PERMISSIONS
        )


async def enter(client: web_client.Client, at: Opened, email: str = "") -> None:
    """Sign in through the page."""
    fields = {"merchant": at.slug, "email": email or at.owner_email, "password": PASSWORD, "next": "/"}
    answer = await client.submit("/sign-in", fields)
    assert answer.status_code == 303, answer.text
