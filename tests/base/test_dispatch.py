"""Who has due work, across merchants, and the bell that wakes the drain."""

import asyncio
from typing import Any

import psycopg
import pytest

from jiedan.base import dispatch as dispatches
from jiedan.base import drain, ids, settings
from jiedan.base.db import Database
from jiedan.base.dispatch import Dispatch
from jiedan.base.drain import Drain
from jiedan.base.runtime import Runtime
from tests.base.happenings import Reader, emit, subscribed
from tests.base.test_drain import until_empty
from tests.conftest import FakeClock, Urls
from tests.patience import PATIENCE_S, listening, until


async def test_the_dispatch_role_sees_who_is_due_and_nothing_else(
    db: Database, urls: Urls, tenant: ids.TenantId, other_tenant: ids.TenantId, clock: FakeClock
) -> None:
    dispatch = Dispatch(urls.dispatch, recorder=db.recorder)
    await emit(db, tenant, 2)
    due = dict(await dispatch.due(clock.now()))
    assert due[tenant] < clock.now()
    assert other_tenant not in due
    await dispatch.close()
    with psycopg.connect(urls.dispatch, autocommit=True) as connection:
        connection.execute(f"SET app.tenant_id = '{tenant}'".encode())
        for forbidden in (
            "SELECT event_id FROM outbox",
            "SELECT reason FROM outbox_retry",
            "SELECT * FROM event_log",
            "DELETE FROM outbox",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forbidden)


async def test_the_bell_wakes_the_worker_and_rings_seldom(
    db: Database,
    urls: Urls,
    tenant: ids.TenantId,
    reader: Reader,
    owner: psycopg.Connection[Any],
    *,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(drain, "POLL_S", 10 * PATIENCE_S)  # nobody looks by the clock
    monkeypatch.setattr(dispatches, "RING_GAP_S", 10 * PATIENCE_S)
    before = listening(owner)
    heard: list[None] = []
    dispatch = Dispatch(urls.dispatch)
    hearing = asyncio.create_task(dispatch.listen(lambda: heard.append(None)))
    worker = Drain(db, Dispatch(urls.dispatch), subscribed(reader.handler()))
    running = asyncio.create_task(worker.run())
    await until(lambda: len(listening(owner) - before) == 2)
    async with dispatches.bell(Runtime(settings.load(), db, db.clock)):
        await emit(db, tenant, 1)
        await until_empty(db, tenant)
        for number in range(1, 20):
            await emit(db, tenant, 1, first=number)
        await until(lambda: heard)
        owner.execute(f"NOTIFY {dispatches.CHANNEL}".encode())  # whatever was rung before is heard before
        await until(lambda: len(heard) > 1)
    worker.stop()
    await asyncio.wait_for(running, PATIENCE_S)
    hearing.cancel()
    assert len(heard) == 2, "once by the bell, once by hand"
