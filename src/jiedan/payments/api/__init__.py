"""REST of payments, one file per subject; `INCOMING` is for providers and returning customers."""

from jiedan.base.web import routing
from jiedan.payments.api import corrections, incoming, lists, out_of_wallets, payments, providers, refunds

ROUTER = routing.api(
    "Payments",
    [
        *lists.HANDLERS,
        *payments.HANDLERS,
        *out_of_wallets.HANDLERS,
        *refunds.HANDLERS,
        *corrections.HANDLERS,
        *providers.HANDLERS,
    ],
)
INCOMING = incoming.ROUTER
