"""REST of pricing."""

from jiedan.base.web import routing
from jiedan.pricing.api import books, coupons, drafts, lists, rates, redemptions

ROUTER = routing.api(
    "Prices",
    [
        *coupons.HANDLERS,
        *redemptions.HANDLERS,
        *rates.HANDLERS,
        *drafts.HANDLERS,
        *books.HANDLERS,
        *lists.HANDLERS,
    ],
)
