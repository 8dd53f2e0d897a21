"""Plays two operations on a copy of the stage, and says what came of it."""

import dataclasses
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import httpx2
import psycopg
from psycopg import sql

from jiedan import schema
from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal
from jiedan.base.ids import TenantId
from jiedan.base.web import csrf
from jiedan.base.web.site import SESSION_COOKIE
from tests.base import web_client
from tests.interleavings.gates import GatedDatabase
from tests.interleavings.operation import Operation
from tests.interleavings.operations import Pair
from tests.interleavings.schedules import Branch, Run, Scheduler, Tree
from tests.interleavings.stages import Copier, Stage
from tests.journeys import books

_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(\+00(:00)?|Z)?")
_OWN = re.compile(r"\\\\x[0-9a-f]+(?:\",[0-9A-Z]{4}(?=,))?|key-[01]-|,Shop,[\w-]+|(?<=,)[0-9A-Z]{12}(?=,)")
"""Digests and how what they are of ends, the key of a side, how a secret begins, the code of a coupon."""

_NUMBER = re.compile(r"\b(?:SO-\d{8}-\d{6}|JD\d{11})\b")
"""Numbers of orders and of waybills: taken before what they are for, so whoever comes later may have the smaller."""

NOT_COMPARED = frozenset({"directory", "drain_lease", "number_series", "waybill_series"})
"""What says when or by whom, not what; and how far series are: a number that was taken for nothing is a gap."""


@dataclasses.dataclass(frozen=True)
class Played:
    """What came of one schedule: what both were answered, what is stored, and what the books say against it."""

    answers: tuple[str, str]
    stored: Counter[str]
    findings: Mapping[str, int]
    run: Run

    @property
    def result(self) -> tuple[tuple[str, str], frozenset[tuple[str, int]]]:
        """Answers and rows, to be compared."""
        return self.answers, frozenset(self.stored.items())


@dataclasses.dataclass
class Theater:
    """Two applications on one database, the stage, and those who watch."""

    clients: Sequence[web_client.Client]
    databases: Sequence[GatedDatabase]
    auditor: Database
    superuser: psycopg.AsyncConnection[Any]
    stage: Stage
    copier: Copier
    etags: Mapping[str, str]
    known: dict[str, int] = dataclasses.field(default_factory=dict)
    """What the books say against the stage itself, where something is amiss on purpose."""

    untouched: Counter[str] = dataclasses.field(default_factory=Counter)
    """The rows of the stage itself."""

    _known_numbers: set[str] = dataclasses.field(default_factory=set)
    _reading: sql.Composed | None = None
    _verified: dict[tuple[str, ...], dict[str, int]] = dataclasses.field(default_factory=dict)

    async def play(self, pair: Pair, tree: Tree, branch: Branch) -> Played | None:
        """Play one schedule on a fresh copy; None when it turns out to equal another."""
        tenant = await self.copier.copy()
        scheduler = Scheduler(self.databases, self.superuser)
        works = [self._work(pair, side, tenant) for side in (0, 1)]
        for database, operation in zip(self.databases, pair[:2], strict=True):
            database.gate.only_looks_after = bool(operation.method) and not operation.is_of_parts
            database.gate.has_written = False
        run = await scheduler.run(tree, branch, works)
        if run.is_redundant:
            return None
        one, other = map(said, run.outcomes)
        rows = await self.rows(tenant)
        books = _relabeled(rows)
        if books not in self._verified:
            self._verified[books] = await self.findings(tenant)
        return Played((one, other), Counter(masked for masked, _ in rows), self._verified[books], run)

    def forget(self) -> None:
        """Forget which books were verified: the next pair makes others."""
        self._verified.clear()

    def _work(self, pair: Pair, side: int, tenant: TenantId) -> Any:
        operation = (pair.one, pair.other)[side]
        words = {**self.stage.ids, "side": str(side), "key": "same" if pair.how == "same key" else f"key-{side}-"}
        if pair.how == "same key":
            words["side"] = "same"

        async def work() -> Any:
            return await self.perform(side, operation, words, tenant, seen=pair.how == "same version")

        return work

    async def perform(
        self, side: int, operation: Operation, words: Mapping[str, str], tenant: TenantId, *, seen: bool = False
    ) -> Any:
        """Do one operation from one side, by a version that was `seen` where there is one; return what came of it."""
        if operation.work is not None:
            use_case = operation.work
            return await self.databases[side].write(Scope(tenant), lambda tx: use_case(tx, words))
        if operation.task is not None:
            return await operation.task(self.databases[side], tenant, words)
        return await self._send(side, operation, words, tenant, seen=seen)

    async def _send(
        self, side: int, operation: Operation, words: Mapping[str, str], tenant: TenantId, *, seen: bool
    ) -> httpx2.Response:
        path = f"/api/v1{filled(operation.path, words)}"
        client = self.clients[side]
        headers = {"idempotency-key": words["key"]}
        if operation.is_by_person:
            session = self.stage.session(tenant)
            headers |= {"cookie": f"{SESSION_COOKIE}={session}", csrf.HEADER: client.frame.site.csrf.token(session)}
        else:
            headers["authorization"] = f"Bearer {self.stage.credential(tenant)}"
        if seen:
            headers["if-match"] = self.etags[f"{operation.method} {operation.path}"]
        body = filled(operation.body, words)
        sent = {} if body is None else {"content" if isinstance(body, bytes) else "json": body}
        return await client.request(operation.method, path, headers=headers, **sent)

    async def findings(self, tenant: TenantId) -> dict[str, int]:
        """Return how many rows each check of the books finds."""
        async with self.auditor.read(Scope(tenant)) as tx:
            now = {"now": tx.now}
            rows = await tx.sql_many([(check.statement, now) for check in books.CHECKS])
        return {check.name: len(found) for check, found in zip(books.CHECKS, rows, strict=True) if found}

    async def rows(self, tenant: TenantId) -> list[tuple[str, str]]:
        """Return the rows that came (+) and went (-), sorted by what does not differ from run to run.

        Each first without that: fresh ids, moments, digests.
        """
        there = await self.stored(tenant)
        changed = [*(f"+ {row}" for row in (there - self.untouched).elements())]
        changed += [f"- {row}" for row in (self.untouched - there).elements()]
        known = {value for value in self.stage.ids.values() if value} | self._numbers()
        return sorted((_masked(text, known), text) for text in changed)

    def _numbers(self) -> set[str]:
        """Return the numbers that the stage has: others were taken in the run."""
        self._known_numbers = self._known_numbers or {x for row in self.untouched for x in _NUMBER.findall(row)}
        return self._known_numbers

    async def stored(self, tenant: TenantId) -> Counter[str]:
        """Return every row of a merchant, without what is the copy's own."""
        self._reading = self._reading or _reading()
        cursor = await self.superuser.execute(self._reading, {"tenant": tenant}, prepare=True)
        mine, slug = str(tenant), tenant.hex[-30:]
        return Counter(
            f"{table}: {text.replace(mine, 'tenant').replace(slug, 'slug')}" for table, text in await cursor.fetchall()
        )


def _reading() -> sql.Composed:
    parts = [
        sql.SQL("SELECT {name}, t::text FROM {table} t WHERE tenant_id = %(tenant)s").format(
            name=sql.Literal(name), table=sql.Identifier(name)
        )
        for name, table in schema.metadata.tables.items()
        if "tenant_id" in table.columns and name not in NOT_COMPARED
    ]
    return sql.SQL(" UNION ALL ").join(parts)


def _relabeled(rows: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return rows with their ids numbered as they come, so that equal books are equal whatever their ids.

    Rows that only their ids tell apart may be numbered in two ways; then equal books are verified twice.
    """
    numbers: dict[str, int] = {}
    return tuple(
        _UUID.sub(lambda found: f"#{numbers.setdefault(found[0], len(numbers))}", _OWN.sub("*", text))
        for text in (_MOMENT.sub("*", text) for _, text in rows)
    )


def _masked(text: str, known: set[str]) -> str:
    text = _OWN.sub("*", text)
    for own in (_UUID, _NUMBER):
        text = own.sub(lambda found: found[0] if found[0] in known else "*", text)
    return _MOMENT.sub("*", text)


def filled(value: Any, words: Mapping[str, str]) -> Any:
    """Return an address or a body with its words filled in."""
    if isinstance(value, str):
        return re.sub(r"\{([^{}]+)\}", lambda found: words[found[1]], value)
    if isinstance(value, list):
        return [filled(item, words) for item in value]
    if isinstance(value, dict):
        return {name: filled(item, words) for name, item in value.items() if item is not None}
    return value


def said(outcome: Any) -> str:
    """Return in short what an operation was answered: its status and the codes of its refusals; 500 where it raised."""
    if isinstance(outcome, Exception):
        return f"500 {type(outcome).__name__}: {outcome}"
    if isinstance(outcome, BaseException):
        raise outcome
    if isinstance(outcome, httpx2.Response):
        body = outcome.json() if outcome.content else None
        return f"{outcome.status_code} {' '.join(_codes(body, is_refusal=outcome.status_code >= 400))}"
    some = outcome if isinstance(outcome, list) else [outcome]
    return " ".join(each.code if isinstance(each, Refusal) else type(each).__name__ for each in some)


def _codes(body: Any, *, is_refusal: bool) -> list[str]:
    if is_refusal:
        return [body["code"]]
    rows = body if isinstance(body, list) else []
    return [json.dumps(_refused(row)) for row in rows if isinstance(row, dict) and _refused(row)]


def _refused(row: Mapping[str, Any]) -> list[str]:
    problems = [*(row.get("errors") or []), *(row[name] for name in ("problem", "error") if row.get(name))]
    return [problem["code"] for problem in problems]
