"""Clocks that disagree: small differences are told, large ones stop a worker and make a server not ready."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from jiedan import worker
from jiedan.base import timekeeping
from jiedan.base.db import Database
from jiedan.base.settings import Settings
from jiedan.base.timekeeping import ClockWrong
from jiedan.base.web import health
from tests.base import web_client
from tests.conftest import Urls
from tests.patience import PATIENCE_S

TEN_MINUTES_S = 600.0


class OffClock:
    """The machine's clock, off by so many seconds."""

    def __init__(self, off_s: float) -> None:
        self.off = timedelta(seconds=off_s)

    def now(self) -> datetime:
        """Return a moment that is wrong."""
        return datetime.now(UTC) + self.off


async def test_the_difference_is_measured_to_the_second(urls: Urls) -> None:
    for off_s in (0.0, TEN_MINUTES_S, -TEN_MINUTES_S):
        database = Database(urls.app, clock=OffClock(off_s), pool_size=1)
        assert await timekeeping.off_s(database) == pytest.approx(off_s, abs=timekeeping.ROUND_TRIP_S_MAX)
        await database.close()


async def test_a_clock_that_is_minutes_off_is_refused_and_a_little_is_not(urls: Urls) -> None:
    clock = OffClock(TEN_MINUTES_S)
    database = Database(urls.app, clock=clock, pool_size=1)
    for off_s in (TEN_MINUTES_S, -TEN_MINUTES_S):
        clock.off = timedelta(seconds=off_s)
        with pytest.raises(ClockWrong) as refused:
            await timekeeping.check(database)
        assert f"{off_s / 100:.0f}" in str(refused.value)
    for off_s in (120.0, -120.0):
        clock.off = timedelta(seconds=off_s)
        assert await timekeeping.check(database) is True
    await database.close()


async def test_a_worker_goes_by_the_clock_of_the_database(urls: Urls) -> None:
    """Or what it takes back would be taken before its time, by as much as its own clock is ahead."""
    own = OffClock(120.0)
    agreed = timekeeping.AgreedClock(own)
    database = Database(urls.app, clock=agreed, pool_size=1)
    for off_s in (120.0, -120.0, 0.0):
        own.off = timedelta(seconds=off_s)
        assert await timekeeping.check(database) is True
        assert (agreed.now() - datetime.now(UTC)).total_seconds() == pytest.approx(0, abs=timekeeping.ROUND_TRIP_S_MAX)
    for off_s in (TEN_MINUTES_S, -TEN_MINUTES_S):
        own.off = timedelta(seconds=off_s)
        for _ in range(2):  # what was corrected is still wrong
            with pytest.raises(ClockWrong):
                await timekeeping.check(database)
    await database.close()


async def test_a_database_that_is_away_says_nothing_about_the_clock() -> None:
    database = Database("postgresql://127.0.0.1:1/none", clock=OffClock(TEN_MINUTES_S), pool_size=1)
    assert await timekeeping.check(database) is False
    await database.close()


@pytest.mark.parametrize("off_s", [TEN_MINUTES_S, -TEN_MINUTES_S])
async def test_a_worker_whose_clock_is_ten_minutes_off_does_not_begin(
    off_s: float, fresh_urls: Urls, tmp_path: Path
) -> None:
    """It would let orders and carts expire before their time, or wait for leases and retries that are long over."""
    settings = Settings(
        home=tmp_path, database_url=SecretStr(fresh_urls.app), database_dispatch_url=SecretStr(fresh_urls.dispatch)
    )
    with pytest.raises(ClockWrong):
        await asyncio.wait_for(worker.work(settings, using=OffClock(off_s)), PATIENCE_S)


async def test_a_worker_whose_clock_goes_wrong_is_told(urls: Urls) -> None:
    clock = OffClock(0.0)
    database = Database(urls.app, clock=clock, pool_size=1)
    watching = asyncio.create_task(timekeeping.watch(database, every_s=0.01))
    await asyncio.sleep(0.1)
    assert not watching.done()
    clock.off = timedelta(seconds=TEN_MINUTES_S)
    with pytest.raises(ClockWrong):
        await asyncio.wait_for(watching, PATIENCE_S)
    await database.close()


@pytest.mark.parametrize(
    ("off_s", "ok", "said"),
    [(120.0, True, "ahead of the database's"), (-TEN_MINUTES_S, False, "behind the database's")],
)
async def test_readiness_tells_of_the_clock(
    off_s: float, ok: bool, said: str, urls: Urls, tmp_path: Path, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PROBE_TIMEOUT_S", PATIENCE_S)
    database = Database(urls.app, clock=OffClock(off_s), pool_size=2)
    async with web_client.open_client(database=database, home=tmp_path) as client:
        check = (await client.get("/readyz")).json()["checks"]["clock"]
    await database.close()
    assert check["ok"] is ok
    assert check["detail"].endswith(said)
