"""A client of the real application, in process: with a caller of the test's choice, or with real accounts."""

import contextlib
import functools
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

import httpx2
from litestar import Litestar, Router

from jiedan.base import clock, events
from jiedan.base.db import Database
from jiedan.base.ids import TenantId
from jiedan.base.runtime import Part, Runtime, opened
from jiedan.base.settings import Settings
from jiedan.base.web import application, csrf
from jiedan.base.web.assets import Assets
from jiedan.base.web.auth import Authenticator
from jiedan.base.web.failing import EnterShop
from jiedan.base.web.frame import Frame
from jiedan.base.web.principals import BEARER, SESSION, Principal
from jiedan.base.web.site import SESSION_COOKIE, NavigationEntry
from jiedan.base.web.templates import Templates
from jiedan.base.web.waiting import Counter

TENANT = TenantId(UUID("0193a000-0000-7000-8000-000000000001"))
SECRET = "a secret for tests, long enough to sign with"
STAFF = events.Actor("staff", "0193a000-0000-7000-8000-00000000000a")
NO_DATABASE_URL = "postgresql://127.0.0.1:1/none"
BASE_URL = "http://localhost:8000"


def principal(
    *,
    permissions: Iterable[str] = (),
    tenant: TenantId = TENANT,
    slug: str = "acme",
    locale: str | None = None,
    scheme: str = BEARER,
    actor: events.Actor = STAFF,
    hue: int | None = None,
) -> Principal:
    """Return a caller with `permissions`."""
    return Principal(
        tenant=tenant,
        actor=actor,
        permissions=frozenset(permissions),
        caller=f"{actor.kind}:{actor.id}",
        name="王敏",
        slug=slug,
        merchant="Acme",
        scheme=scheme,
        locale=locale,
        time_zone="Asia/Shanghai",
        currency="CNY",
        hue=hue,
    )


class OneCaller:
    """Know one caller, whose secret is `secret`, by key or by session."""

    def __init__(self, scheme: str, known: Principal, secret: str = "secret") -> None:
        self.scheme = scheme
        self.known = known
        self.secret = secret
        self.asked = 0

    async def authenticate(self, runtime: Runtime, tenant: TenantId, secret: str) -> Principal | None:  # noqa: ARG002 - the protocol's signature
        """Return the caller when tenant and secret are right."""
        self.asked += 1
        return self.known if (tenant, secret) == (self.known.tenant, self.secret) else None


class Client(httpx2.AsyncClient):
    """An HTTP client that can also send the forms of pages; `frame` is the application behind it."""

    def __init__(self, frame: Frame) -> None:
        transport = httpx2.ASGITransport(app=frame, raise_app_exceptions=True)  # type: ignore[arg-type]  # httpx2 and Litestar type ASGI messages differently
        super().__init__(transport=transport, base_url=BASE_URL)
        self.frame = frame

    async def submit(self, address: str, fields: Mapping[str, Any], *, page: str | None = None) -> httpx2.Response:
        """Post a form to `address` with the token that the page (default `address`, else `/sign-in`) shows."""
        shown = await self.get(page or address, headers={"accept": "text/html"})
        token = re.search(rf'name="{csrf.FIELD}" value="([0-9a-f]+)"', shown.text)
        assert token is not None, f"{page or address} shows no form: {shown.status_code}"
        return await self.post(
            address, data={**fields, csrf.FIELD: token[1]}, headers={"accept": "text/html"}, follow_redirects=False
        )


@contextlib.asynccontextmanager
async def open_client(
    *,
    routers: Sequence[Router] = (),
    principal: Principal | None = None,
    database: Database | None = None,
    authenticators: Sequence[Authenticator] = (),
    parts: Sequence[Part] = (),
    navigation: Sequence[NavigationEntry] = (),
    actions: Sequence[NavigationEntry] = (),
    counters: Sequence[Counter] = (),
    permissions: Mapping[str, str] = MappingProxyType({}),
    templates: Templates | None = None,
    enter_shop: EnterShop | None = None,
    session: bool = False,
    at: datetime | None = None,
    **settings: Any,
) -> AsyncIterator[Client]:
    """Open a client of the application with `routers`, called by `principal`: by API key, or by `session` cookie.

    Without a principal nobody is signed in. `at` stops the clock; `settings` change the defaults.
    """
    standing: clock.Clock = clock.SystemClock() if database is None else database.clock
    ticking = standing if at is None else StoppedClock(at)
    made = Settings(**{"home": Path("/nonexistent"), "secret": SECRET, "testing": True, **settings})
    runtime = Runtime(made, database or Database(NO_DATABASE_URL, clock=ticking), ticking)
    known = list(authenticators)
    if principal is not None:
        known += [OneCaller(BEARER, principal), OneCaller(SESSION, _by_session(principal))]
    app = application.framed(
        _routed(tuple(routers), made.body_bytes_max, enter_shop),
        runtime,
        templates=templates or _templates(),
        authenticators=known,
        navigation=navigation,
        actions=actions,
        counters=counters,
        permissions=permissions,
    )
    async with opened(runtime, parts), Client(app) as client:
        if principal is not None and session:
            client.cookies.set(SESSION_COOKIE, f"{principal.tenant}.secret")
        elif principal is not None:
            client.headers["authorization"] = f"Bearer jd_{principal.tenant.hex}_secret"
        yield client
    if database is None:
        await runtime.database.close()


@functools.lru_cache(maxsize=32)
def _routed(routers: tuple[Router, ...], body_bytes_max: int, enter_shop: EnterShop | None) -> Litestar:
    """Lead to these routes: to lead to all of them takes half a second, which not every test must wait for."""
    return application.routed(routers, body_bytes_max=body_bytes_max, enter_shop=enter_shop)


@functools.cache
def _templates() -> Templates:
    """Compile each template once, not once a test."""
    return Templates(Assets())


def _by_session(known: Principal) -> Principal:
    values = {name: getattr(known, name) for name in Principal.__slots__}
    return Principal(**{**values, "scheme": SESSION})


class StoppedClock:
    """Tell the same time until told another."""

    def __init__(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Return the time set."""
        return self.at
