"""Pages of accounts: signing in and out, one's own account, settings, staff, roles, API keys."""

from jiedan.accounts.pages import account, api_keys, forgotten, passkeys, roles, settings, sign_in, staff
from jiedan.base.web import routing

ENTRANCE = routing.root([*sign_in.HANDLERS, *passkeys.HANDLERS, *forgotten.HANDLERS])
"""What stands outside the console, as nobody is known yet."""

ROUTER = routing.console(
    [
        *sign_in.CONSOLE_HANDLERS,
        *account.HANDLERS,
        *passkeys.CONSOLE_HANDLERS,
        *settings.HANDLERS,
        *staff.HANDLERS,
        *roles.HANDLERS,
        *api_keys.HANDLERS,
    ]
)
