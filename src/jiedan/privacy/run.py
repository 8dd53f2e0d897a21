"""Do an erasure from where it is, piece by piece."""

from uuid import UUID

from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.privacy import queries, service
from jiedan.privacy.values import Erasure, Status


async def run(database: Database, tenant: TenantId, erasure_id: UUID) -> Erasure:
    """Do what is left of an erasure as far as it goes now, and return it; one that is done is left alone.

    Killed at any moment it goes on with the next piece when it is called again; two that run at once share the pieces.
    """
    scope = Scope(tenant)
    async with database.read(scope) as tx:
        erasure = await queries.erasure(tx, erasure_id)
    while erasure.status != Status.done:
        before = erasure
        erasure = await database.write(scope, lambda tx: service.do_next(tx, erasure_id=erasure_id))
        if erasure == before:
            break
    return erasure
