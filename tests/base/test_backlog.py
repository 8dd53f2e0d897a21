"""Mails give way to events that pile up, for some seconds and no longer."""

import asyncio
import itertools

import pytest

from jiedan.base import backlog
from jiedan.base.backlog import Backlog


class Seconds:
    """A clock that advances by what is slept."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 100.0
        monkeypatch.setattr(asyncio, "sleep", self._sleep)

    def __call__(self) -> float:
        return self.now_s

    async def _sleep(self, seconds: float) -> None:
        self.now_s += seconds


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Seconds:
    return Seconds(monkeypatch)


async def test_where_nothing_piles_up_nobody_waits(seconds: Seconds) -> None:
    events = Backlog(now_s=seconds)
    assert not events.is_there
    await events.melted()
    assert seconds.now_s == 100.0


async def test_a_full_set_is_believed_for_a_while(seconds: Seconds) -> None:
    events = Backlog(now_s=seconds)
    events.mark()
    await events.melted()
    assert seconds.now_s == pytest.approx(100.0 + backlog.MARKED_S, abs=0.1)


async def test_nobody_waits_longer_than_some_seconds(seconds: Seconds, monkeypatch: pytest.MonkeyPatch) -> None:
    events = Backlog(now_s=seconds)
    slept = itertools.count()

    async def sleep(pause_s: float) -> None:
        next(slept)
        seconds.now_s += pause_s
        events.mark()

    monkeypatch.setattr(asyncio, "sleep", sleep)
    events.mark()
    await events.melted()
    assert seconds.now_s == pytest.approx(100.0 + backlog.WAIT_S_MAX, abs=0.1)
    assert next(slept) > 1
