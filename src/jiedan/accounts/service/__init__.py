"""Use cases of accounts: one function each."""

from jiedan.accounts.service.api_keys import create_api_key, revoke_api_key
from jiedan.accounts.service.authenticators import ApiKeyAuthenticator, SessionAuthenticator
from jiedan.accounts.service.ceremonies import Asked, Party, ask_to_prove
from jiedan.accounts.service.ceremonies import party as passkey_party
from jiedan.accounts.service.credentials import new_password, new_secret, secret_hash, session_credential
from jiedan.accounts.service.factors import Enrolment, Factor
from jiedan.accounts.service.factors import begin as begin_second_factor
from jiedan.accounts.service.factors import check as check_second_factor
from jiedan.accounts.service.factors import confirm as confirm_second_factor
from jiedan.accounts.service.factors import enrolment as second_factor_enrolment
from jiedan.accounts.service.factors import factor as second_factor
from jiedan.accounts.service.factors import remove as remove_second_factor
from jiedan.accounts.service.history import check_version
from jiedan.accounts.service.links import address as link_address
from jiedan.accounts.service.merchants import change_settings, create_merchant, open_merchant
from jiedan.accounts.service.passkeys import add as add_passkey
from jiedan.accounts.service.passkeys import begin as begin_passkey
from jiedan.accounts.service.passkeys import enter as sign_in_by_passkey
from jiedan.accounts.service.passkeys import remove as remove_passkey
from jiedan.accounts.service.passkeys import rename as rename_passkey
from jiedan.accounts.service.passwords import Passwords, open_passwords
from jiedan.accounts.service.resets import begin_resets, mail_links, request_reset
from jiedan.accounts.service.roles import RoleRefused, change_role, create_role, remove_role, set_permissions
from jiedan.accounts.service.sessions import revoke_session, sign_out
from jiedan.accounts.service.sign_in import accept_link, change_password, sign_in, sign_in_by_code
from jiedan.accounts.service.staff import (
    change_staff,
    invite_staff,
    reset_password,
    revoke_invitation,
    set_password,
)
from jiedan.accounts.service.storefront import change_storefront, set_logo
from jiedan.accounts.service.throttle import count_within, forgive, limits_of_codes, wait_within

__all__ = [
    "ApiKeyAuthenticator",
    "Asked",
    "Enrolment",
    "Factor",
    "Party",
    "Passwords",
    "RoleRefused",
    "SessionAuthenticator",
    "accept_link",
    "add_passkey",
    "ask_to_prove",
    "begin_passkey",
    "begin_resets",
    "begin_second_factor",
    "change_password",
    "change_role",
    "change_settings",
    "change_staff",
    "change_storefront",
    "check_second_factor",
    "check_version",
    "confirm_second_factor",
    "count_within",
    "create_api_key",
    "create_merchant",
    "create_role",
    "forgive",
    "invite_staff",
    "limits_of_codes",
    "link_address",
    "mail_links",
    "new_password",
    "new_secret",
    "open_merchant",
    "open_passwords",
    "passkey_party",
    "remove_passkey",
    "remove_role",
    "remove_second_factor",
    "rename_passkey",
    "request_reset",
    "reset_password",
    "revoke_api_key",
    "revoke_invitation",
    "revoke_session",
    "second_factor",
    "second_factor_enrolment",
    "secret_hash",
    "session_credential",
    "set_logo",
    "set_password",
    "set_permissions",
    "sign_in",
    "sign_in_by_code",
    "sign_in_by_passkey",
    "sign_out",
    "wait_within",
]
