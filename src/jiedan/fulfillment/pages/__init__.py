"""Pages of fulfillment: the queue, picking, the pack station, shipments, the collection desk, papers, settings."""

from jiedan.base.web import routing
from jiedan.fulfillment.pages import (
    bench,
    collecting,
    papers,
    picking,
    prints,
    queue,
    rest,
    shipments,
    shipping,
    waiting,
    work,
)

ROUTER = routing.console(
    [
        *queue.HANDLERS,
        *waiting.HANDLERS,
        *picking.HANDLERS,
        *bench.HANDLERS,
        *shipments.HANDLERS,
        *collecting.HANDLERS,
        *work.HANDLERS,
        *prints.HANDLERS,
        *papers.HANDLERS,
        *shipping.HANDLERS,
    ]
)

REST = routing.api("Fulfillment", rest.HANDLERS)
"""Papers are rendered by pages, whoever asks for them."""
