"""What a step must know about the inside of the installation it tortures."""

from jiedan.base import sql
from jiedan.base.db import ReadTx

SQL = sql.load("jiedan.torture", "queries.sql")


async def holds_events(tx: ReadTx) -> bool:
    """Tell whether a worker holds this merchant's events right now."""
    return bool(await tx.sql(SQL["held_lease"], now=tx.now))
