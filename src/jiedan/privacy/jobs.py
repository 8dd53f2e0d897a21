"""Erasures in the worker: begun by their event, gone on with every minute until nothing is left."""

from collections.abc import Mapping
from uuid import UUID

from jiedan.base import jobs
from jiedan.base.db import Database, Scope
from jiedan.base.drain import Handler
from jiedan.base.ids import TenantId
from jiedan.base.jobs import Periodic, Task
from jiedan.customers import events
from jiedan.privacy import queries, run


async def erase_customer(database: Database, tenant: TenantId, ids: Mapping[str, str]) -> None:
    """Do what is left of one erasure."""
    await run.run(database, tenant, UUID(ids["erasure_id"]))


ERASE = Task("privacy.erase_customer", erase_customer)


START_ERASURES = Handler("privacy.start_erasures", jobs.starting(ERASE, events.ErasureBegun, "erasure_id"))


async def continue_erasures(database: Database) -> None:
    """Go on with every erasure that had to wait, or whose worker died. Raises SomeTenantsFailed at the end."""

    async def of_one(tenant: TenantId) -> None:
        async with database.read(Scope(tenant)) as tx:
            waiting = await queries.under_way(tx)
        for erasure_id in waiting:
            await run.run(database, tenant, erasure_id)

    await jobs.for_every_tenant(database, of_one, failure="privacy.erasure_failed")


PERIODIC: tuple[Periodic, ...] = (Periodic("privacy.continue_erasures", "* * * * *", continue_erasures),)
"""Once a minute what waited is looked at again."""
