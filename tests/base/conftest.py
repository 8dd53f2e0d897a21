"""Fixtures of several tests of `base`."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from jiedan.base.db import Database
from tests.base.happenings import Reader
from tests.base.wishes import Counter, TestDesk, make


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
