"""A call to the outside: one transaction before, one after, none during, and nobody can stop it halfway."""

import asyncio

import pytest

from jiedan.base import gateway
from jiedan.base.db import Database, Scope, Tx
from tests.patience import PATIENCE_S


async def before(tx: Tx) -> str:
    return f"asked at {tx.now:%H:%M}"


async def after(_: Tx, asked: str, answered: str) -> str:
    return f"{asked}, {answered}"


async def test_no_transaction_is_open_while_the_outside_is_called(db: Database, scope: Scope) -> None:
    async def outside(asked: str) -> str:
        checked_out = db._engine.pool.checkedout()  # type: ignore[attr-defined]  # what the pool counts
        return f"{checked_out} connections held"

    told = await gateway.call(db, scope, before=before, outside=outside, after=after)
    assert told == "asked at 12:00, 0 connections held"


async def test_a_caller_who_goes_away_changes_nothing(db: Database, scope: Scope) -> None:
    called, goes_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def outside(asked: str) -> str:
        called.set()
        await goes_on.wait()
        return "answered"

    async def store(tx: Tx, asked: str, answered: str) -> None:
        done.set()

    caller = asyncio.create_task(gateway.call(db, scope, before=before, outside=outside, after=store))
    await called.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    goes_on.set()
    await asyncio.wait_for(done.wait(), PATIENCE_S)


async def test_what_the_outside_raises_reaches_the_caller(db: Database, scope: Scope) -> None:
    async def outside(asked: str) -> str:
        raise ConnectionError(asked)

    with pytest.raises(ConnectionError):
        await gateway.call(db, scope, before=before, outside=outside, after=after)
