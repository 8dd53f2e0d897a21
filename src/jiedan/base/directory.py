"""The directory: which tenant a slug or a host belongs to, before a tenant is known.

It stands outside row-level security and holds no personal data. `register` also makes the row in `tenant` that every
set-based insert joins.
"""

from collections.abc import Sequence
from typing import NamedTuple

from jiedan.base import sql
from jiedan.base.db import Database, ReadTx, Tx
from jiedan.base.ids import TenantId

SQL = sql.load("jiedan.base", "directory.sql")

ENTRIES_MAX = 1_000
"""Most tenants returned at once."""


class Entry(NamedTuple):
    """One tenant and its place in addresses."""

    tenant: TenantId
    slug: str


async def register(tx: Tx, *, slug: str) -> bool:
    """Make the tenant of this transaction known under `slug`; False when another tenant has the slug."""
    if not await tx.sql(SQL["insert_directory"], slug=slug):
        return False
    await tx.sql_count(SQL["insert_tenant"], created_at=tx.now)
    return True


async def rename(tx: Tx, *, slug: str) -> bool:
    """Give the tenant of this transaction another slug; False when another tenant has it.

    After False the caller raises: the row is out of the directory until the transaction rolls back. An insert settles
    who is first even when two take the same slug at once; an update could only break on the unique key.
    """
    [(host, cell)] = await tx.sql(SQL["take_out"])
    return bool(await tx.sql(SQL["put_back"], slug=slug, host=host, cell=cell))


async def set_host(tx: Tx, *, host: str | None) -> bool:
    """Let the tenant of this transaction answer at `host` too, or at none; False when another tenant has the host."""
    if host is None:
        await tx.sql_count(SQL["forget_host"])
        return True
    return bool(await tx.sql(SQL["set_host"], host=host))


async def host(tx: ReadTx) -> str | None:
    """Return the host of this transaction's tenant, or None."""
    rows = await tx.sql(SQL["host"])
    return rows[0][0] if rows else None


async def slug_by_host(database: Database, host: str) -> str | None:
    """Return the slug of the tenant that answers at `host`, or None."""
    rows = await database.ask(SQL["by_host"], host=host)
    return str(rows[0][0]) if rows else None


async def tenant_by_slug(database: Database, slug: str) -> TenantId | None:
    """Return the tenant that has `slug`, or None."""
    rows = await database.ask(SQL["by_slug"], slug=slug)
    return TenantId(rows[0][0]) if rows else None


async def entries(database: Database, *, after: str = "", limit: int = ENTRIES_MAX) -> Sequence[Entry]:
    """Return tenants in the order of their slugs, those after the slug `after`; at most `limit`."""
    rows = await database.ask(SQL["entries"], after=after, limit=min(limit, ENTRIES_MAX))
    return [Entry(TenantId(tenant), slug) for tenant, slug in rows]
