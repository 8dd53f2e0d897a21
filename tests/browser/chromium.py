"""The stage of browser tests: the whole application behind a port and one Chromium, both for the whole run.

A test asks for a fixture of `conftest.py`: `desk` (1440 px, signed in with every permission), `phone` (390 px, touch,
signed in) or `visitor` (1440 px, nobody). Each is a `Screen`: a browser context of its own, with the merchant of the
test's `scope`. `screen.open("/orders")` opens a page of the console, `screen.shop("/")` one of the storefront,
`screen.visit("/sign-in")` any. Other sizes, themes, languages, permissions, or no scripts:

    async with stage.screen(scope, width=390, theme="dark", locale="zh-TW", scripts=False) as screen: ...

A main journey runs on both screens: it asks for `either`, or for a `width` by `@chromium.on_desk_and_phone`.

What a page complains of on its console fails the test at the end: an error, a warning, a breach of the content security
policy, an answer that is no success. A test that means to provoke one says `screen.expect("409")`.
"""

import asyncio
import contextlib
import dataclasses
import re
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar, cast
from uuid import UUID

import pytest
from granian.server.embed import Server
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from jiedan import wiring
from jiedan.accounts import service as accounts
from jiedan.accounts.values import ALL_PERMISSIONS, SELF
from jiedan.base import events
from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.base.runtime import Runtime
from jiedan.base.web.assets import OF_OTHERS, Assets
from jiedan.base.web.principals import SESSION, Principal
from jiedan.base.web.site import SESSION_COOKIE
from jiedan.base.web.templates import Templates
from tests.accounts.factories import open_fast_passwords
from tests.base import web_client
from tests.patience import LOOK_S, PATIENCE_S

EXECUTABLE = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

needs_chromium = pytest.mark.skipif(EXECUTABLE is None, reason="NO CHROMIUM HERE: pages were not driven by a browser")
"""Skips, and says so in the summary, where no browser is installed."""

PATIENCE_MS = PATIENCE_S * 1000
"""How long a page is waited for that does what it should: the machine of a test may be slow."""

expect.set_options(timeout=PATIENCE_MS)

DESK_WIDTH, PHONE_WIDTH = 1440, 390

SECRET = "secret"

Journey = TypeVar("Journey", bound=Callable[..., Any])


def on_desk_and_phone(journey: Journey) -> Journey:
    """Walk a journey on both screens by the same steps: on one of them in `make test`, by turns; both in the proof."""
    by_width = pytest.mark.parametrize("width", [DESK_WIDTH, PHONE_WIDTH])
    return cast("Journey", by_width(pytest.mark.screens(journey)))


NO_WORKER = re.compile("Service Worker registration blocked by Playwright")
"""Said where a test does not want the service worker between pages and server."""


class Callers:
    """Know the callers that tests made up; ask the product's own authenticator about everybody else."""

    scheme = SESSION

    def __init__(self) -> None:
        self._known: dict[tuple[TenantId, str], Principal] = {}
        (self._real,) = (each for each in wiring.AUTHENTICATORS if each.scheme == SESSION)

    def add(self, principal: Principal) -> str:
        """Know `principal`; return the value of their cookie."""
        secret = f"{SECRET}-{len(self._known)}"
        self._known[principal.tenant, secret] = principal
        return f"{principal.tenant}.{secret}"

    async def authenticate(self, runtime: Runtime, tenant: TenantId, secret: str) -> Principal | None:
        """Return who holds the secret."""
        made_up = self._known.get((tenant, secret))
        return made_up or await self._real.authenticate(runtime, tenant, secret)


@dataclasses.dataclass(frozen=True)
class Screen:
    """One browser context and the merchant it looks at; `pages` keep what they complained of in `complaints`."""

    address: str
    slug: str
    context: BrowserContext
    complaints: list[str]
    expected: list[re.Pattern[str]]

    async def open(self, path: str) -> Page:
        """Open a page of the console."""
        return await self.visit(f"/c/{self.slug}{path}")

    async def shop(self, path: str) -> Page:
        """Open a page of the storefront."""
        return await self.visit(f"/s/{self.slug}{path}")

    async def visit(self, path: str) -> Page:
        """Open any page."""
        page = await self.context.new_page()
        await page.goto(self.address + path)
        return page

    def expect(self, complaint: str) -> None:
        """Take complaints that match a regular expression for what the test is about."""
        self.expected.append(re.compile(complaint))

    def listen(self, page: Page) -> None:
        """Hear what a page complains of."""
        page.on("console", lambda message: self._note(message))  # noqa: PLW0108 - Playwright marks bound methods, and this one is frozen
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(each.search(message.text) for each in self.expected):
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")


@dataclasses.dataclass(frozen=True)
class Stage:
    """The application at `address`, and the browser in front of it."""

    address: str
    client: web_client.Client
    browser: Browser
    callers: Callers

    @contextlib.asynccontextmanager
    async def screen(
        self,
        scope: Scope,
        *,
        width: int = DESK_WIDTH,
        theme: str = "light",
        locale: str = "en-US",
        scripts: bool = True,
        permissions: Iterable[str] | None = ALL_PERMISSIONS,
        staff: UUID | None = None,
        cookie: str | None = None,
        worker: bool = False,
    ) -> AsyncIterator[Screen]:
        """Open a browser context at the merchant of `scope`; without `permissions` nobody is signed in.

        `staff` is the id of a member of staff that exists, for pages that look the person up; `cookie` is a session
        that exists, instead of a made-up one. `worker` lets the service worker run.
        """
        slug = f"m-{scope.tenant}"
        context = await self.browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            locale=locale,
            java_script_enabled=scripts,
            has_touch=width < DESK_WIDTH,
            is_mobile=width < DESK_WIDTH,
            service_workers="allow" if worker else "block",
        )
        context.set_default_timeout(PATIENCE_MS)
        screen = Screen(self.address, slug, context, [], [NO_WORKER])
        context.on("page", lambda page: screen.listen(page))  # noqa: PLW0108 - as above
        if permissions is not None and cookie is None:
            actor = web_client.STAFF if staff is None else events.Actor("staff", str(staff))
            caller = web_client.principal(
                permissions={*permissions, SELF}, tenant=scope.tenant, slug=slug, scheme=SESSION, actor=actor
            )
            cookie = self.callers.add(caller)
        if cookie is not None:
            await context.add_cookies([{"name": SESSION_COOKIE, "value": cookie, "url": self.address}])
        try:
            yield screen
        finally:
            await context.close()
        assert not screen.complaints, "\n".join(screen.complaints)


@contextlib.asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Start a browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=["--no-sandbox"])
        yield browser
        await browser.close()


@contextlib.asynccontextmanager
async def open_stage(database: Database, browser: Browser, home: Path, *, bare: bool = False) -> AsyncIterator[Stage]:
    """Serve the whole application from `database`; a `bare` one is without the scripts of others."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address, callers = f"http://localhost:{port}", Callers()
    async with web_client.open_client(
        routers=wiring.ROUTERS,
        navigation=wiring.NAVIGATION,
        actions=wiring.ACTIONS,
        counters=wiring.COUNTERS,
        enter_shop=wiring.ENTER_SHOP,
        permissions=wiring.PERMISSIONS,
        authenticators=[*(each for each in wiring.AUTHENTICATORS if each.scheme != SESSION), callers],
        database=database,
        parts=[open_fast_passwords if part is accounts.open_passwords else part for part in wiring.PARTS],
        home=home,
        public_url=address,
        templates=_bare() if bare else None,
    ) as client:
        server = Server(client.frame, address="127.0.0.1", port=port, interface="asginl", log_enabled=False)  # type: ignore[arg-type]  # granian's name of an ASGI application without lifespan
        running = asyncio.create_task(server.serve())
        try:
            await _wait_for(port)
            yield Stage(address, client, browser, callers)
        finally:
            server.stop()  # type: ignore[no-untyped-call]  # granian ships this without annotations
            await running


def _bare() -> Templates:
    """Return templates of pages that do without the scripts of others."""
    assets = Assets()
    for name in OF_OTHERS:
        assets._by_name.pop(name, None)
    return Templates(assets)


async def _wait_for(port: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(LOOK_S)
            else:
                writer.close()
                return
