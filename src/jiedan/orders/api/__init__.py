"""REST of orders, one file per subject."""

from jiedan.base.web import routing
from jiedan.orders.api import (
    assigning,
    by_hand,
    comments,
    drafts,
    explaining,
    lifecycle,
    lists,
    placement,
    quotes,
    requests,
)

ROUTER = routing.api(
    "Orders",
    [
        *placement.HANDLERS,
        *quotes.HANDLERS,
        *explaining.HANDLERS,
        *lists.HANDLERS,
        *drafts.HANDLERS,
        *lifecycle.HANDLERS,
        *by_hand.HANDLERS,
        *assigning.HANDLERS,
        *comments.HANDLERS,
        *requests.HANDLERS,
    ],
)
