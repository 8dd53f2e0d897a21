"""Mails wait for events that pile up, and no slots of the worker are slept in."""

import asyncio

import pytest

from jiedan.base.backlog import EVENTS
from jiedan.base.db import Database
from jiedan.base.ids import TenantId
from jiedan.notifications import jobs, service
from jiedan.notifications.post import office


async def test_one_merchant_waits_for_events_and_others_send_at_once(
    db: Database, tenant: TenantId, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = TenantId(db.uuids.new(db.clock.now()))
    waits, melted = asyncio.Event(), asyncio.Event()
    sent: list[TenantId] = []

    async def until_melted() -> None:
        waits.set()
        await melted.wait()

    async def send(_db: Database, of: TenantId, _office: object) -> int:
        sent.append(of)
        return 0

    monkeypatch.setattr(EVENTS, "melted", until_melted)
    monkeypatch.setattr(service, "send_due", send)
    monkeypatch.setattr(office, "of", lambda _db: None)
    first = asyncio.create_task(jobs.send_due(db, tenant, {}))
    await waits.wait()
    await jobs.send_due(db, tenant, {})  # left to the one that waits
    assert sent == []
    await jobs.send_due(db, other, {})
    assert sent == [other]
    melted.set()
    await first
    assert sent == [other, tenant]
    await jobs.send_due(db, tenant, {})
    assert sent == [other, tenant, tenant]
