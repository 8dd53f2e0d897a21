"""Where the console's own pages are mounted."""

from jiedan.base.web import routing
from jiedan.console import (
    audit,
    books,
    cases,
    coupons,
    customer,
    dead_letters,
    drafts,
    gift_cards,
    home,
    loyalty,
    new_order,
    order,
    order_actions,
    order_by_hand,
    order_edit,
    order_payments,
    order_pulse,
    order_why,
    orders,
    orders_views,
    payments,
    products,
    search,
    stock,
    waiting,
    wallets,
)
from jiedan.console.prices import calendar as price_calendar
from jiedan.console.prices import list_prices as price_lists
from jiedan.console.prices import promotions as price_promotions
from jiedan.console.prices import publishing as price_publishing
from jiedan.console.prices import replays as price_replays
from jiedan.console.prices import rules as price_rules
from jiedan.console.prices import trying as price_trying

ROUTER = routing.console(
    [
        *home.HANDLERS,
        *orders.HANDLERS,
        *orders_views.HANDLERS,
        *new_order.HANDLERS,
        *drafts.HANDLERS,
        *order.HANDLERS,
        *order_pulse.HANDLERS,
        *order_why.HANDLERS,
        *order_edit.HANDLERS,
        *order_by_hand.HANDLERS,
        *order_actions.HANDLERS,
        *order_payments.HANDLERS,
        *payments.HANDLERS,
        *cases.HANDLERS,
        *products.HANDLERS,
        *coupons.HANDLERS,
        *price_promotions.HANDLERS,
        *price_publishing.HANDLERS,
        *price_calendar.HANDLERS,
        *price_lists.HANDLERS,
        *price_trying.HANDLERS,
        *price_replays.HANDLERS,
        *price_rules.HANDLERS,
        *customer.HANDLERS,
        *wallets.HANDLERS,
        *gift_cards.HANDLERS,
        *loyalty.HANDLERS,
        *stock.HANDLERS,
        *search.HANDLERS,
        *waiting.HANDLERS,
        *audit.HANDLERS,
        *books.HANDLERS,
        *dead_letters.HANDLERS,
    ]
)
