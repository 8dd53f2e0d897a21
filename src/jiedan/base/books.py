"""Checks of the books as work of their own: asked for by a person or by the clock, done by the worker, kept.

`verify` knows the questions; here stands when they were asked and what was found.
"""

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

import msgspec
import sqlalchemy as sa

from jiedan.base import errors, ids, jobs, once, paging, verify
from jiedan.base.db import Database, ReadTx, Scope, Tx
from jiedan.base.events import Actor, Event
from jiedan.base.i18n import N_
from jiedan.base.jobs import Periodic, Task
from jiedan.base.tables import BooksCheck as Table
from jiedan.base.tables import Tenant
from jiedan.base.verify import Finding

LIST_NAME = "books-checks"
OPERATION = "base.ask_books_check"
KEPT = timedelta(days=90)
WAITS = timedelta(hours=1)
"""A check that was asked for within this time and has not ended is under way; an older one was lost."""

KEYSET = paging.Keyset(columns=(Table.check_id,))


class BooksCheck(NamedTuple):
    """When a check was asked for and by whom, when it ended, how many questions it asked and what diverged."""

    check_id: UUID
    asked_at: datetime
    asked_by: Actor
    ended_at: datetime | None
    questions: int
    findings: list[Finding]


class BooksChecked(Event, frozen=True, kw_only=True):
    """Every check of the books was asked; `diverging` of them found something."""

    kind: ClassVar[str] = "base.books_checked"
    subject_kind: ClassVar[str] = "books_check"
    subject: ClassVar[str] = "check_id"

    check_id: UUID
    questions: int
    diverging: int


@dataclasses.dataclass(eq=False)
class CheckNotFound(errors.NotFound):
    """There is no such check of the books; they are kept for a while only."""

    code: ClassVar[str] = "books_check_not_found"
    message: ClassVar[str] = N_("There is no check of the books {check_id}.")
    remedy: ClassVar[str] = N_("List the checks; they are kept for 90 days.")

    check_id: str


async def ask(tx: Tx, *, key: str | None = None) -> BooksCheck:
    """Let the worker check the books; return the check that waits, or is under way, if there is one.

    The same `key` again answers with the same check, ended or not. Raises KeyReused.
    """

    async def make() -> UUID:
        return await _asked(tx)

    return await check(tx, check_id=await once.created(tx, operation=OPERATION, key=key, body=None, make=make))


async def _asked(tx: Tx) -> UUID:
    own = sa.select(Tenant.tenant_id).where(Tenant.tenant_id == tx.tenant).order_by(Tenant.tenant_id)
    await tx.execute(own.with_for_update(key_share=True))  # of two who ask at once, the second finds the first's
    waiting = await _waiting(tx)
    if waiting is not None:
        return waiting.check_id
    check_id = tx.new_id()
    await _insert(tx, check_id)
    await jobs.enqueue(tx, CHECK, check_id=check_id)
    return check_id


async def check(tx: ReadTx, *, check_id: UUID) -> BooksCheck:
    """Return one check. Raises CheckNotFound."""
    found = await _last(tx, Table.check_id == check_id)
    if found is None:
        raise CheckNotFound(str(check_id))
    return found


async def last(tx: ReadTx) -> BooksCheck | None:
    """Return the check that ended last, or None."""
    return await _last(tx, Table.ended_at.is_not(None))


async def checks(tx: ReadTx, *, request: paging.Request) -> paging.Page[BooksCheck]:
    """Return a page of checks, latest first."""
    rows = (await tx.execute(KEYSET.apply(_all(tx), request))).all()
    return KEYSET.page(rows, request, make=_made, position=lambda row: (row.check_id,))


async def forget_old(tx: Tx) -> int:
    """Drop checks that nobody needs any more; their events stay."""
    old = sa.delete(Table).where(Table.tenant_id == tx.tenant, Table.asked_at < tx.now - KEPT)
    await tx.execute(old)
    return 0


async def _perform(database: Database, tenant: ids.TenantId, given: Mapping[str, str]) -> None:
    """Ask every question and keep the answers; a check that has ended is left alone."""
    check_id = UUID(given["check_id"])
    async with database.read(Scope(tenant)) as tx:
        asked = await _last(tx, Table.check_id == check_id)
        if asked is None or asked.ended_at is not None:
            return
    questions = verify.checks()
    async with database.read(Scope(tenant)) as tx:
        findings = await verify.run(tx, questions)
    await database.write(Scope(tenant), lambda tx: _end(tx, check_id, len(questions), findings))


async def _check_all(database: Database) -> None:
    """Check the books of every merchant; one that fails does not keep the others waiting."""

    async def check(tenant: ids.TenantId) -> None:
        asked = await database.write(Scope(tenant), _begin)
        await _perform(database, tenant, {"check_id": str(asked)})

    await jobs.for_every_tenant(database, check, failure="books.check_failed")


async def _begin(tx: Tx) -> UUID:
    """Begin a check, or take up the one that waits: whoever was to do it may have died."""
    waiting = await _waiting(tx)
    if waiting is not None:
        return waiting.check_id
    check_id = tx.new_id()
    await _insert(tx, check_id)
    return check_id


async def _insert(tx: Tx, check_id: UUID) -> None:
    await tx.execute(
        sa.insert(Table).values(
            tenant_id=tx.tenant,
            check_id=check_id,
            asked_at=tx.now,
            actor_kind=tx.actor.kind,
            actor_id=tx.actor.id,
            ended_at=None,
            questions=0,
            findings=[],
        )
    )


async def _end(tx: Tx, check_id: UUID, questions: int, findings: list[Finding]) -> None:
    """Keep what was found, once: a job may run twice."""
    kept = (
        sa.update(Table)
        .where(Table.tenant_id == tx.tenant, Table.check_id == check_id, Table.ended_at.is_(None))
        .values(ended_at=tx.now, questions=questions, findings=msgspec.to_builtins(findings, str_keys=True))
    )
    if (await tx.execute(kept)).rowcount:
        tx.emit(BooksChecked(check_id=check_id, questions=questions, diverging=len(findings)))


async def _waiting(tx: ReadTx) -> BooksCheck | None:
    return await _last(tx, Table.ended_at.is_(None), Table.asked_at > tx.now - WAITS)


async def _last(tx: ReadTx, *conditions: Any) -> BooksCheck | None:
    statement = _all(tx).where(*conditions).order_by(Table.check_id.desc()).limit(1)
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else _made(row)


def _all(tx: ReadTx) -> Any:
    return sa.select(Table).where(Table.tenant_id == tx.tenant)


def _made(row: Any) -> BooksCheck:
    asked_by = Actor(row.actor_kind, row.actor_id)
    findings = msgspec.convert(row.findings, list[Finding])
    return BooksCheck(row.check_id, row.asked_at, asked_by, row.ended_at, row.questions, findings)


CHECK = Task("base.check_books", _perform)

PERIODIC: tuple[Periodic, ...] = (
    Periodic("base.check_all_books", "23 4 * * *", _check_all),
    Periodic("base.forget_books_checks", "53 4 * * *", jobs.per_tenant(forget_old)),
)
"""The books are checked every night."""
