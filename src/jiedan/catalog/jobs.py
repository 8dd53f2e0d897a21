"""What follows from changes of the catalog: search terms."""

from collections.abc import Sequence

from jiedan.base.db import Tx
from jiedan.base.drain import Handler
from jiedan.base.events import StoredEvent
from jiedan.catalog import events, service
from jiedan.catalog.rules import wording


async def index_products(tx: Tx, happened: Sequence[StoredEvent]) -> None:
    """Write the search terms of products that were created or whose wording changed; doing it twice changes nothing."""
    product_ids = {
        event.subject_id
        for event in happened
        if event.kind == events.ProductCreated.kind or wording.changes_terms(event.data["fields"])
    }
    await service.index_products(tx, product_ids=product_ids)


INDEX_PRODUCTS = Handler("catalog.index_products", index_products, history=True)
