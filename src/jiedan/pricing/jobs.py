"""The worker's part of prices: codes not made with their batch follow in sets; what was taken out is forgotten."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from jiedan.base import jobs
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.drain import Handler
from jiedan.base.events import StoredEvent
from jiedan.base.ids import TenantId
from jiedan.base.jobs import Periodic, Task, enqueue
from jiedan.pricing import events
from jiedan.pricing.service import coupons as service
from jiedan.pricing.service import removals
from jiedan.pricing.values.coupons import COUPONS_AT_ONCE_MAX


async def make_coupons(database: Database, tenant: TenantId, ids: Mapping[str, str]) -> None:
    """Make what is missing of one batch, each set in a transaction of its own."""
    batch_id = UUID(ids["batch_id"])
    left = 1
    while left:
        batch = await database.write(Scope(tenant), lambda tx: service.make_more(tx, batch_id=batch_id))
        left = batch.size - batch.made


MAKE_COUPONS = Task("pricing.make_coupons", make_coupons)


async def start_coupons(tx: Tx, happened: Sequence[StoredEvent]) -> None:
    """Ask for the codes of large batches; asking twice makes them once."""
    for event in happened:
        created = events.CouponBatchCreated.of(event)
        if created.origin == "made" and created.size > COUPONS_AT_ONCE_MAX:
            await enqueue(tx, MAKE_COUPONS, batch_id=created.batch_id)


START_COUPONS = Handler("pricing.start_coupons", start_coupons)

PERIODIC: tuple[Periodic, ...] = (
    Periodic("pricing.forget_removals", "43 3 * * *", jobs.per_tenant(removals.forget_removals)),
)
"""At night in UTC, rules that were taken out of the draft are forgotten."""
