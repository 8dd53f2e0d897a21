"""REST of accounts."""

from jiedan.accounts.api import api_keys, me, roles, settings, staff
from jiedan.base.web import routing

ROUTER = routing.api(
    "Accounts", [*settings.HANDLERS, *staff.HANDLERS, *roles.HANDLERS, *api_keys.HANDLERS, *me.HANDLERS]
)
