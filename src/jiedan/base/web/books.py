"""REST of the books' checks: at once, or by the worker, which keeps what it found."""

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base import books, paging, verify
from jiedan.base.books import BooksCheck
from jiedan.base.verify import Finding
from jiedan.base.web import answers, bodies, routing
from jiedan.base.web.unit import Unit


class BooksView(msgspec.Struct, frozen=True):
    """How many checks ran, and what diverges; nothing: the books balance."""

    checks: int
    balance: bool
    findings: list[Finding]


class BooksCheckView(msgspec.Struct, frozen=True):
    """One run of every check: null as long as it has not ended; `balance` says that nothing diverges."""

    check_id: UUID
    asked_at: datetime
    asked_by_kind: str
    asked_by_id: str
    ended_at: datetime | None
    checks: int
    balance: bool | None
    findings: list[Finding]


@get("/verify", permission="verify:read", summary="Check the books")
async def check_books(unit: Unit) -> BooksView:
    """Run every check on the merchant's books at one moment; reads only."""
    checks = verify.checks()
    async with unit.read() as tx:
        findings = await verify.run(tx, checks)
    return BooksView(len(checks), not findings, findings)


@post("/books-checks", permission="verify:read", status_code=202, idempotent=True, summary="Ask for a check")
async def ask_for_check(unit: Unit) -> BooksCheckView:
    """Let the worker check the books; one that waits already is told instead of a second."""
    key = unit.idempotency_key
    return _view(await unit.write(lambda tx: books.ask(tx, key=key)))


@get("/books-checks", permission="verify:read", summary="List checks of the books")
async def list_checks(
    unit: Unit, limit: bodies.Limit = 50, cursor: str | None = None
) -> Response[paging.Listing[BooksCheckView]]:
    """Return checks, latest first."""
    request = unit.page(books.LIST_NAME, filters={}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        page = await books.checks(tx, request=request)
    return answers.listing(unit, page.each(_view))


@get("/books-checks/{check_id:uuid}", permission="verify:read", summary="Get a check of the books")
async def get_check(unit: Unit, check_id: UUID) -> BooksCheckView:
    """Return what a check found."""
    async with unit.read() as tx:
        return _view(await books.check(tx, check_id=check_id))


def _view(found: BooksCheck) -> BooksCheckView:
    return BooksCheckView(
        check_id=found.check_id,
        asked_at=found.asked_at,
        asked_by_kind=found.asked_by.kind,
        asked_by_id=found.asked_by.id,
        ended_at=found.ended_at,
        checks=found.questions,
        balance=None if found.ended_at is None else not found.findings,
        findings=found.findings,
    )


ROUTER = routing.api("Books", [check_books, ask_for_check, list_checks, get_check])
