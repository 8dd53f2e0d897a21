"""Fixtures of several tests of `base`."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from jiedan.base import server
from jiedan.base.db import Database
from tests.base.happenings import Reader
from tests.base.wishes import Counter, TestDesk, make
from tests.conftest import Urls, urls_of


@pytest.fixture
def empty(server_urls: dict[str, str], worker_id_or_main: str) -> Iterator[Urls]:
    """Return the URLs of an empty database."""
    name = f"jiedan_empty_{worker_id_or_main}"
    admin = urls_of(server_urls, "postgres").superuser
    asyncio.run(server.drop_database(admin, name))
    asyncio.run(server.create_database(admin, name))
    yield urls_of(server_urls, name)
    asyncio.run(server.drop_database(admin, name))


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(db: Database, counter: Counter) -> AsyncIterator[TestDesk]:
    made = make(db, counter)
    yield made
    counter.gate.set()
    await made.close()


@pytest.fixture
def reader() -> Reader:
    return Reader()
