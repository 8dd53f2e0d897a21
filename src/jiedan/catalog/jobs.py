"""What follows from changes of the catalog and the clock: search terms, copies of pictures, bytes that nobody names."""

from collections.abc import Sequence

import structlog

from jiedan.base import jobs
from jiedan.base.db import Database, Tx
from jiedan.base.drain import Handler
from jiedan.base.events import StoredEvent
from jiedan.base.ids import TenantId
from jiedan.base.jobs import Periodic
from jiedan.catalog import events, service
from jiedan.catalog.rules import wording
from jiedan.catalog.storage import folder

log = structlog.get_logger()


async def index_products(tx: Tx, happened: Sequence[StoredEvent]) -> None:
    """Write the search terms of products that were created or whose wording changed; doing it twice changes nothing."""
    product_ids = {
        event.subject_id
        for event in happened
        if event.kind == events.ProductCreated.kind or wording.changes_terms(event.data["fields"])
    }
    await service.index_products(tx, product_ids=product_ids)


INDEX_PRODUCTS = Handler("catalog.index_products", index_products, history=True)


async def sweep_images(database: Database) -> None:
    """Remove stored pictures that no row has named for a day, of every merchant.

    A merchant whose sweep fails is logged and does not keep the others waiting. Raises SomeTenantsFailed at the end.
    """
    storage = folder.of(database)

    async def sweep(tenant: TenantId) -> None:
        removed = await service.sweep_images(database, storage, tenant=tenant)
        log.info("catalog.images_swept", tenant=str(tenant), removed=removed)

    await jobs.for_every_tenant(database, sweep, failure="catalog.image_sweep_failed")


async def render_images(database: Database) -> None:
    """Make the smaller copies of pictures that have none, of every merchant; what one run leaves the next goes on with.

    A merchant whose run fails is logged and does not keep the others waiting. Raises SomeTenantsFailed at the end.
    """
    storage = folder.of(database)

    async def render(tenant: TenantId) -> None:
        if made := await service.render_images(database, storage, tenant=tenant):
            log.info("catalog.images_rendered", tenant=str(tenant), made=made)

    await jobs.for_every_tenant(database, render, failure="catalog.image_rendering_failed")


PERIODIC: tuple[Periodic, ...] = (
    Periodic("catalog.render_images", "*/5 * * * *", render_images),
    Periodic("catalog.sweep_images", "23 3 * * *", sweep_images),
)
"""Copies are looked for every five minutes; stored bytes once a day, at night in UTC."""
