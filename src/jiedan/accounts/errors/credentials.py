"""Refusals about API keys, sessions, one-time links, second steps and passkeys."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_
from jiedan.base.web.errors import Unauthenticated


@dataclasses.dataclass(eq=False)
class ApiKeyNotFound(errors.NotFound):
    """This merchant has no such API key."""

    code: ClassVar[str] = "api_key_not_found"
    message: ClassVar[str] = N_("There is no such API key.")


@dataclasses.dataclass(eq=False)
class SessionNotFound(errors.NotFound):
    """The caller has no such session."""

    code: ClassVar[str] = "session_not_found"
    message: ClassVar[str] = N_("There is no such session.")


@dataclasses.dataclass(eq=False)
class CodeWrong(errors.Invalid):
    """A one-time or recovery code is not right, or was used before; which of these is not said."""

    code: ClassVar[str] = "code_wrong"
    message: ClassVar[str] = N_("This code is not right, or was used before.")
    remedy: ClassVar[str] = N_("Wait for the next code of your app, or use a recovery code.")


@dataclasses.dataclass(eq=False)
class SignInExpired(errors.Invalid):
    """Between password and code too much time passed, or something changed."""

    code: ClassVar[str] = "sign_in_expired"
    message: ClassVar[str] = N_("This took too long.")
    remedy: ClassVar[str] = N_("Sign in again from the beginning.")


@dataclasses.dataclass(eq=False)
class FactorExists(errors.Conflict):
    """There is an app for one-time codes already."""

    code: ClassVar[str] = "second_factor_exists"
    message: ClassVar[str] = N_("Your sign-in has a second step already.")
    remedy: ClassVar[str] = N_("Remove it first to set up another app.")


@dataclasses.dataclass(eq=False)
class FactorNotFound(errors.NotFound):
    """There is no app for one-time codes to confirm or remove."""

    code: ClassVar[str] = "second_factor_not_found"
    message: ClassVar[str] = N_("This sign-in has no second step.")
    remedy: ClassVar[str] = N_("Begin to set it up first.")


@dataclasses.dataclass(eq=False)
class PasskeyRefused(Unauthenticated):
    """What a device answered does not sign anybody in; whether the passkey is known here is not said."""

    code: ClassVar[str] = "passkey_refused"
    message: ClassVar[str] = N_("This passkey does not sign you in here.")
    remedy: ClassVar[str] = N_("Try another one, or sign in by your e-mail address and password.")


@dataclasses.dataclass(eq=False)
class PasskeyUnusable(errors.Invalid):
    """What a device answered makes no passkey: it is for another address, or nobody was asked for a finger or a PIN."""

    code: ClassVar[str] = "passkey_unusable"
    message: ClassVar[str] = N_("Your device's answer makes no passkey.")
    remedy: ClassVar[str] = N_("Try again, and let the device ask for your finger, your face or its PIN.")


@dataclasses.dataclass(eq=False)
class PasskeyExpired(errors.Invalid):
    """A device took too long to answer, or answered before."""

    code: ClassVar[str] = "passkey_expired"
    message: ClassVar[str] = N_("This took too long, or was sent before.")
    remedy: ClassVar[str] = N_("Press the button again.")


@dataclasses.dataclass(eq=False)
class PasskeyExists(errors.Conflict):
    """The device's passkey is known already."""

    code: ClassVar[str] = "passkey_exists"
    message: ClassVar[str] = N_("This passkey is known already.")
    remedy: ClassVar[str] = N_("Use another device, or remove the passkey first.")


@dataclasses.dataclass(eq=False)
class PasskeyNotFound(errors.NotFound):
    """The caller has no such passkey."""

    code: ClassVar[str] = "passkey_not_found"
    message: ClassVar[str] = N_("There is no such passkey.")


@dataclasses.dataclass(eq=False)
class LinkNotValid(errors.NotFound):
    """A one-time link is unknown, used, replaced or expired; which of these is not said."""

    code: ClassVar[str] = "link_not_valid"
    message: ClassVar[str] = N_("This link is not valid any more.")
    remedy: ClassVar[str] = N_("Ask for a new one.")


@dataclasses.dataclass(eq=False)
class ScopeEmpty(errors.Invalid):
    """A key or role without any permission could do nothing."""

    code: ClassVar[str] = "scope_empty"
    message: ClassVar[str] = N_("At least one permission is needed.")
    remedy: ClassVar[str] = N_("Choose what it may do.")


@dataclasses.dataclass(eq=False)
class SecretShown(errors.Conflict):
    """An API key was made before with the same idempotency key; its secret cannot be read again."""

    code: ClassVar[str] = "secret_shown"
    message: ClassVar[str] = N_("The API key {api_key} was made by this request before; its secret is shown once.")
    remedy: ClassVar[str] = N_("If the secret was lost, revoke that key and make another with a new idempotency key.")

    api_key: str


@dataclasses.dataclass(eq=False)
class LinkShown(errors.Conflict):
    """A one-time link was made before with the same idempotency key; it cannot be read again."""

    code: ClassVar[str] = "link_shown"
    message: ClassVar[str] = N_("This request made the link before; a link is shown once.")
    remedy: ClassVar[str] = N_("If it was lost, make another with a new idempotency key: the first one ends then.")


@dataclasses.dataclass(eq=False)
class ExpiryPast(errors.Invalid):
    """A key would expire before it is used."""

    code: ClassVar[str] = "expiry_past"
    message: ClassVar[str] = N_("The moment of expiry is not in the future.")
    remedy: ClassVar[str] = N_("Choose a later one, or none.")


@dataclasses.dataclass(eq=False)
class TooMany(errors.Conflict):
    """A merchant has as many of a thing as one may have."""

    code: ClassVar[str] = "too_many"
    message: ClassVar[str] = N_("There are {limit} already, which is the most there can be.")
    remedy: ClassVar[str] = N_("Remove one that is not used.")

    limit: int
