import contextlib
import threading
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from jiedan.base import draining, ids, runtime
from jiedan.base.clock import SystemClock
from jiedan.base.db import Database, Scope
from jiedan.base.settings import Settings
from jiedan.base.sql import Statement
from jiedan.base.web import health
from tests.base import web_client
from tests.conftest import Urls
from tests.patience import PATIENCE_S

NOBODY = ids.TenantId(UUID(int=0))


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let probes take as long as a machine that stands still needs for them."""
    monkeypatch.setattr(health, "PROBE_TIMEOUT_S", PATIENCE_S)


async def test_a_process_that_serves_is_alive_whatever_the_database_does() -> None:
    async with web_client.open_client() as client:
        assert (await client.get("/livez")).status_code == 200
        response = await client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["ready"] is False
    assert response.json()["checks"]["database"]["ok"] is False
    assert response.json()["checks"]["disk"]["ok"] is True


async def test_a_process_is_ready_when_the_database_writes_and_is_migrated(fresh_urls: Urls, tmp_path: Path) -> None:
    dispatch = SecretStr(fresh_urls.dispatch)
    database = Database(fresh_urls.app, clock=SystemClock(), pool_size=2)
    async with web_client.open_client(database=database, home=tmp_path, database_dispatch_url=dispatch) as client:
        response = await client.get("/readyz")
    await database.close()
    assert response.json()["checks"].keys() == {"database", "migrations", "clock", "outbox", "disk"}
    assert {name: check["ok"] for name, check in response.json()["checks"].items()} == dict.fromkeys(
        response.json()["checks"], True
    ), response.json()
    assert response.status_code == 200


async def test_the_probe_throws_away_nothing_that_a_connection_has_prepared(urls: Urls, tmp_path: Path) -> None:
    database = Database(urls.app, clock=SystemClock(), pool_size=1)
    process = runtime.Runtime(Settings(home=tmp_path), database, database.clock)
    statement = Statement("one", b"SELECT %(x)s::int")
    for _ in range(3):
        async with database.read(Scope(NOBODY)) as tx:
            assert await tx.sql(statement, x=1) == [(1,)]
            for _ in range(3):  # as often as the driver needs to prepare a statement of its own
                await tx.execute(sa.text("SELECT 1"))
        assert (await health.look(process))["database"].ok
    await database.close()


async def test_connections_that_died_in_the_pool_make_nobody_unready(
    urls: Urls, owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    size = 4
    database = Database(urls.app, clock=SystemClock(), pool_size=size)
    process = runtime.Runtime(Settings(home=tmp_path, pool_size=size), database, database.clock)
    async with contextlib.AsyncExitStack() as stack:
        taken = [await stack.enter_async_context(database.connect()) for _ in range(size)]
        pids = [driver.info.backend_pid for _, driver in taken]
    for pid in pids:
        owner.execute("SELECT pg_terminate_backend(%s, 2000)", [pid])
    found = await health.look(process)
    await database.close()
    assert {name: check.detail for name, check in found.items() if not check.ok} == {}


async def test_who_is_asked_to_end_says_so_and_each_answer_is_the_last_on_its_connection(
    urls: Urls, tmp_path: Path, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "_asked", threading.Event())
    database = Database(urls.app, clock=SystemClock(), pool_size=2)
    async with web_client.open_client(database=database, home=tmp_path) as client:
        assert "connection" not in (await client.get("/readyz")).headers
        draining.begin()
        response = await client.get("/readyz")
        assert (await client.get("/livez")).headers["connection"] == "close"
    await database.close()
    assert response.status_code == 503
    assert response.json()["checks"]["process"] == {"ok": False, "detail": "asked to end"}
    assert response.headers["connection"] == "close"


async def test_metrics_count_answers_by_route() -> None:
    async with web_client.open_client() as client:
        await client.get("/livez")
        text = (await client.get("/metrics")).text
    assert 'jiedan_http_request_seconds_count{method="GET",route="/livez",status="2xx"}' in text
