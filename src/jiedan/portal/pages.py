"""The routes of the shop."""

from jiedan.base.web import routing
from jiedan.portal import browse, cart, checkout, goods, placed, product, settings

SHOP = routing.shop(
    [
        *browse.HANDLERS,
        *product.HANDLERS,
        *goods.HANDLERS,
        *cart.HANDLERS,
        *checkout.HANDLERS,
        *placed.HANDLERS,
    ]
)

CONSOLE = routing.console([*settings.HANDLERS])
"""What staff say about the shop."""
