"""REST of the books' checks."""

import msgspec
from litestar import get

from jiedan.base import verify
from jiedan.base.verify import Finding
from jiedan.base.web import routing
from jiedan.base.web.unit import Unit


class BooksView(msgspec.Struct, frozen=True):
    """How many checks ran, and what diverges; nothing: the books balance."""

    checks: int
    balance: bool
    findings: list[Finding]


@get("/verify", permission="verify:read", summary="Check the books")
async def check_books(unit: Unit) -> BooksView:
    """Run every check on the merchant's books at one moment; reads only."""
    checks = verify.checks()
    async with unit.read() as tx:
        findings = await verify.run(tx, checks)
    return BooksView(len(checks), not findings, findings)


ROUTER = routing.api("Books", [check_books])
