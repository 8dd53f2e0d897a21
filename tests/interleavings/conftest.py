"""The stage and the two applications that play on it, one of each for a worker."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from jiedan.base.db import Database
from tests.api import worlds
from tests.conftest import NOON, FakeClock, Urls
from tests.interleavings import playing, stages
from tests.interleavings.gates import GatedDatabase
from tests.interleavings.operations import OPERATIONS
from tests.interleavings.playing import Theater


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def theater(urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Theater]:
    """Open both applications, build the stage, and see what the books say before anything is played."""
    clock = FakeClock(NOON + timedelta(minutes=30))  # while the stage is built the hour ends, and is counted
    one, other = (GatedDatabase(urls.app, clock=clock) for _ in range(2))
    auditor = Database(urls.app, clock=clock, pool_size=1)
    home = tmp_path_factory.mktemp("home")
    async with (
        worlds.open_api(one, home) as first,
        worlds.open_api(other, home) as second,
        await psycopg.AsyncConnection.connect(urls.superuser, autocommit=True) as superuser,
    ):
        await superuser.execute("SET enable_seqscan = off")
        stage = await stages.Builder(first, one, clock).build()
        copier = stages.Copier(superuser, stage.at.tenant, one)
        etags = await etags_of(first, stage)
        made = Theater((first, second), (one, other), auditor, superuser, stage, copier, etags)
        made.known.update(await made.findings(await copier.copy()))
        made.untouched = await made.stored(await copier.copy())
        yield made
    for database in (one, other, auditor):
        await database.close()


async def etags_of(client: Any, stage: stages.Stage) -> dict[str, str]:
    """Return the version of what each operation changes, by its address."""
    headers = {"authorization": f"Bearer {stage.credential(stage.at.tenant)}"}
    found = {}
    for operation in OPERATIONS:
        if operation.method in {"PATCH", "PUT", "DELETE"}:
            path = playing.filled(operation.path, {**stage.ids, "side": "0"})
            answer = await client.get(f"/api/v1{path}", headers=headers)
            found[f"{operation.method} {operation.path}"] = answer.headers.get("etag", "")
    return found
