"""The routes of the shop."""

from jiedan.base.web import routing
from jiedan.portal import (
    account,
    account_data,
    address_book,
    browse,
    cart,
    checkout,
    goods,
    order_acts,
    order_cancel,
    order_edit,
    order_page,
    orders,
    placed,
    points,
    product,
    settings,
    sign_in,
    sign_links,
    track,
    wallets,
)

SHOP = routing.shop(
    [
        *browse.HANDLERS,
        *product.HANDLERS,
        *goods.HANDLERS,
        *cart.HANDLERS,
        *checkout.HANDLERS,
        *placed.HANDLERS,
        *sign_in.HANDLERS,
        *sign_links.HANDLERS,
        *account.HANDLERS,
        *account_data.HANDLERS,
        *address_book.HANDLERS,
        *wallets.HANDLERS,
        *points.HANDLERS,
        *track.HANDLERS,
        *orders.HANDLERS,
        *order_page.HANDLERS,
        *order_cancel.HANDLERS,
        *order_edit.HANDLERS,
        *order_acts.HANDLERS,
    ]
)

CONSOLE = routing.console([*settings.HANDLERS])
"""What staff say about the shop."""
