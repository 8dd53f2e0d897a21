"""The application and its merchant with one of everything, shared by the tests of a worker."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from jiedan.base.db import Database
from tests.api import worlds
from tests.base import web_client


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def api(session_db: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[web_client.Client]:
    """Open the whole application; nobody is signed in."""
    async with worlds.open_api(session_db, tmp_path_factory.mktemp("home")) as client:
        yield client


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(api: web_client.Client, session_db: Database) -> worlds.World:
    """Return a merchant that tests only read, or send things to that are refused."""
    return await worlds.build(api, session_db)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a folder for pictures."""
    return tmp_path
