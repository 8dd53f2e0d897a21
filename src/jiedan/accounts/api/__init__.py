"""REST of accounts."""

from jiedan.accounts.api import api_keys, me, roles, settings, staff, storefront
from jiedan.base.web import routing

ROUTER = routing.api(
    "Accounts",
    [*settings.HANDLERS, *storefront.HANDLERS, *staff.HANDLERS, *roles.HANDLERS, *api_keys.HANDLERS, *me.HANDLERS],
)
