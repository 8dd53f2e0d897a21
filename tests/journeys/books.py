"""The books of a merchant after what a test did: every check that `jiedan verify` runs must find nothing."""

from jiedan.base import verify
from jiedan.base.db import Database, Scope

CHECKS = verify.checks()
WITHOUT_STAFF = [check for check in CHECKS if check.module != "accounts"]
"""For merchants of tests that nobody owns."""


async def assert_balance(db: Database, scope: Scope) -> None:
    """Fail with what diverges; all checks go in one pipeline, prepared, because models run them after every step."""
    async with db.read(scope) as tx:
        tx.wait_for_answers(seconds=verify.PATIENCE_S)
        now = {"now": tx.now}
        rows = await tx.sql_many([(check.statement, now) for check in WITHOUT_STAFF])
        found = await verify.run(tx, WITHOUT_STAFF) if any(rows) else []
    assert not found, found
    assert not any(rows)
