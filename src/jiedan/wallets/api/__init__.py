"""REST of wallets."""

from jiedan.base.web import routing
from jiedan.wallets.api import balances, cards, loyalty

ROUTER = routing.api("Wallets", [*balances.HANDLERS, *cards.HANDLERS, *loyalty.HANDLERS])
