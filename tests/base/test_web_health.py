from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from jiedan.base import ids, runtime
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


async def test_metrics_count_answers_by_route() -> None:
    async with web_client.open_client() as client:
        await client.get("/livez")
        text = (await client.get("/metrics")).text
    assert 'jiedan_http_request_seconds_count{method="GET",route="/livez",status="2xx"}' in text
