"""What the tests of the desk bring to it: wishes, whose `run` claims keys and records events in real transactions."""

import asyncio
import collections
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from jiedan.base import desk as desks
from jiedan.base import events, idempotency, ids
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.desk import Desk
from jiedan.base.idempotency import Claim, Fresh
from jiedan.base.queueing import Item
from jiedan.base.sql import Statement

OPERATION = "desk.test"


class Wished(events.Event, frozen=True, kw_only=True):
    kind: ClassVar[str] = "desk.wished"
    subject_kind: ClassVar[str] = "wish"
    subject: ClassVar[str] = "wish_id"

    wish_id: UUID
    text: str


class Boom(Exception):
    """What a poisonous wish raises."""


class Answer(msgspec.Struct, frozen=True):
    text: str
    first: bool
    wish_id: UUID


class Counter:
    """A desk's `run` with its memory: which batches came, and a gate that keeps a batch from ending."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()
        self.in_flight: collections.Counter[ids.TenantId] = collections.Counter()
        self.in_flight_max: collections.Counter[ids.TenantId] = collections.Counter()
        self.together_max = 0
        self.before: Callable[[Tx, Sequence[Item[str]]], Awaitable[None]] | None = None

    async def run(self, tx: Tx, _prepared: None, items: Sequence[Item[str]]) -> list[Answer]:
        self.batches.append([item.work for item in items])
        self.in_flight[tx.tenant] += 1
        self.in_flight_max |= self.in_flight
        self.together_max = max(self.together_max, self.in_flight.total())
        self.entered.set()
        try:
            await self.gate.wait()
            if self.before is not None:
                await self.before(tx, items)
            return await self._grant(tx, items)
        finally:
            self.in_flight[tx.tenant] -= 1

    async def _grant(self, tx: Tx, items: Sequence[Item[str]]) -> list[Answer]:
        claims = [Claim(i.caller, i.key, idempotency.fingerprint(i.work), tx.new_id()) for i in items]
        verdicts = await idempotency.claim_many(tx, operation=OPERATION, claims=claims)
        answers = []
        for item, verdict in zip(items, verdicts, strict=True):
            if item.work == "boom":
                raise Boom
            assert not isinstance(verdict, idempotency.Reused)
            fresh = isinstance(verdict, Fresh)
            if fresh:
                wished = Wished(wish_id=verdict.subject_id, text=item.work)
                tx.emit(wished, actor=item.scope.actor, request_id=item.scope.request_id)
            answers.append(Answer(item.work, fresh, verdict.subject_id))
        return answers


TestDesk = Desk[str, None, Answer]


def make(db: Database, counter: Counter, **options: Any) -> TestDesk:
    return Desk("test", database=db, prepare=desks.nothing_to_prepare, run=counter.run, **options)


async def wishes(db: Database, scope: Scope) -> list[str]:
    async with db.read(scope) as tx:
        statement = Statement("t", b"SELECT data FROM event_log WHERE tenant_id = %(tenant_id)s ORDER BY event_id")
        return [row[0]["text"] for row in await tx.sql(statement)]
