"""Where the console's own pages are mounted."""

from jiedan.base.web import routing
from jiedan.console import (
    audit,
    books,
    cases,
    customer,
    dead_letters,
    drafts,
    home,
    new_order,
    order,
    order_actions,
    order_edit,
    order_payments,
    order_pulse,
    orders,
    orders_views,
    products,
    search,
    stock,
    waiting,
)

ROUTER = routing.console(
    [
        *home.HANDLERS,
        *orders.HANDLERS,
        *orders_views.HANDLERS,
        *new_order.HANDLERS,
        *drafts.HANDLERS,
        *order.HANDLERS,
        *order_pulse.HANDLERS,
        *order_edit.HANDLERS,
        *order_actions.HANDLERS,
        *order_payments.HANDLERS,
        *cases.HANDLERS,
        *products.HANDLERS,
        *customer.HANDLERS,
        *stock.HANDLERS,
        *search.HANDLERS,
        *waiting.HANDLERS,
        *audit.HANDLERS,
        *books.HANDLERS,
        *dead_letters.HANDLERS,
    ]
)
