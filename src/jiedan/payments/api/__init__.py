"""REST of payments, one file per subject; `INCOMING` is for providers and returning customers."""

from jiedan.base.web import routing
from jiedan.payments.api import incoming, payments, providers

ROUTER = routing.api("Payments", [*payments.HANDLERS, *providers.HANDLERS])
INCOMING = incoming.ROUTER
