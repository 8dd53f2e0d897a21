"""The books of a merchant after what a test did: every check that `jiedan verify` runs must find nothing."""

from jiedan.base import verify
from jiedan.base.db import Database, Scope

CHECKS = verify.checks()
WITHOUT_STAFF = [check for check in CHECKS if check.module != "accounts"]
"""For merchants of tests that nobody owns."""


async def assert_balance(db: Database, scope: Scope) -> None:
    """Fail with what diverges."""
    async with db.read(scope) as tx:
        found = await verify.run(tx, WITHOUT_STAFF)
    assert found == []
