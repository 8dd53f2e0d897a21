"""One server and one browser for all browser tests of a run; `chromium.py` says how to use them."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from jiedan.base.db import Database, Scope
from tests.api import worlds
from tests.api.worlds import World
from tests.browser import chromium
from tests.browser.chromium import Screen, Stage


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Return the browser."""
    async with chromium.open_browser() as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage(
    session_db: Database, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """Return the application behind a port and the browser in front of it."""
    async with chromium.open_stage(session_db, browser, tmp_path_factory.mktemp("home")) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def bare_stage(
    session_db: Database, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """Return the application as it is where nothing could be had from npm, and the same browser."""
    async with chromium.open_stage(session_db, browser, tmp_path_factory.mktemp("home"), bare=True) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(stage: Stage, session_db: Database) -> World:
    """Return a merchant with one of everything, for walks that only look."""
    return await worlds.build(stage.client, session_db)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(stage: Stage, db: Database, scope: Scope) -> AsyncIterator[Screen]:
    """Return a wide screen, signed in, with every permission."""
    async with stage.screen(scope) as screen:
        yield screen


@pytest_asyncio.fixture(loop_scope="session")
async def phone(stage: Stage, db: Database, scope: Scope) -> AsyncIterator[Screen]:
    """Return a phone, signed in, with every permission."""
    async with stage.screen(scope, width=chromium.PHONE_WIDTH) as screen:
        yield screen


@pytest_asyncio.fixture(loop_scope="session", params=[chromium.DESK_WIDTH, chromium.PHONE_WIDTH])
async def either(stage: Stage, db: Database, scope: Scope, request: pytest.FixtureRequest) -> AsyncIterator[Screen]:
    """Return a wide screen and then a phone, signed in, with every permission: the test runs on both."""
    async with stage.screen(scope, width=request.param) as screen:
        yield screen


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(stage: Stage, db: Database, scope: Scope) -> AsyncIterator[Screen]:
    """Return a wide screen of somebody who is not signed in."""
    async with stage.screen(scope, permissions=None) as screen:
        yield screen
