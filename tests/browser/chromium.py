"""The real application behind a port, and Chromium in front of it, signed in."""

import asyncio
import contextlib
import dataclasses
import shutil
import socket
from collections.abc import AsyncIterator

import pytest
from granian.server.embed import Server
from playwright.async_api import BrowserContext, ConsoleMessage, Page, async_playwright

from jiedan import wiring
from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database, Scope
from jiedan.base.web.site import SESSION_COOKIE
from tests.base import web_client

EXECUTABLE = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

needs_chromium = pytest.mark.skipif(EXECUTABLE is None, reason="NO CHROMIUM HERE: pages were not driven by a browser")
"""Skips, and says so in the summary, where no browser is installed."""


@dataclasses.dataclass(frozen=True)
class Console:
    """The console of one merchant at `address`, and what the browser complained about."""

    address: str
    context: BrowserContext
    complaints: list[str]

    async def open(self, path: str) -> Page:
        """Open a page of the console."""
        page = await self.context.new_page()
        page.on("console", lambda message: self._note(message))  # noqa: PLW0108 - Playwright marks bound methods, and this one is frozen
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        await page.goto(f"{self.address}/c/acme{path}")
        return page

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)


@contextlib.asynccontextmanager
async def serve(database: Database, scope: Scope) -> AsyncIterator[str]:
    """Serve the whole application to one caller who may do everything; yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    caller = web_client.principal(permissions=ALL_PERMISSIONS, tenant=scope.tenant)
    async with web_client.open_client(
        routers=wiring.ROUTERS,
        navigation=wiring.NAVIGATION,
        principal=caller,
        session=True,
        database=database,
        parts=[part for part in wiring.PARTS if part.__name__ in {"open_order_desk", "open_gateways"}],
    ) as client:
        server = Server(client.frame, address="127.0.0.1", port=port, interface="asginl", log_enabled=False)  # type: ignore[arg-type]  # granian's name of an ASGI application without lifespan
        running = asyncio.create_task(server.serve())
        try:
            await _wait_for(port)
            yield f"http://localhost:{port}"
        finally:
            server.stop()  # type: ignore[no-untyped-call]  # granian ships this without annotations
            await running


async def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    message = "the server did not come up"
    raise RuntimeError(message)


@contextlib.asynccontextmanager
async def open_console(
    database: Database,
    scope: Scope,
    *,
    width: int = 1440,
    theme: str = "light",
    locale: str = "en-US",
    scripts: bool = True,
) -> AsyncIterator[Console]:
    """Open a browser that is signed in."""
    async with serve(database, scope) as address, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=["--no-sandbox"])
        context = await browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            locale=locale,
            java_script_enabled=scripts,
        )
        cookie = f"{scope.tenant}.secret"
        await context.add_cookies([{"name": SESSION_COOKIE, "value": cookie, "url": address}])
        try:
            yield Console(address, context, [])
        finally:
            await browser.close()
