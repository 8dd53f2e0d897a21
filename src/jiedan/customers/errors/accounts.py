"""Accounts in the shop: who does not get in, and links that lead nowhere."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_
from jiedan.base.web.errors import TooManyRequests, Unauthenticated


@dataclasses.dataclass(eq=False)
class AccountNotFound(errors.NotFound):
    """The customer has no account in the shop."""

    code: ClassVar[str] = "customer_account_not_found"
    message: ClassVar[str] = N_("This customer has no account in the shop.")
    remedy: ClassVar[str] = N_("Send them a link first.")


@dataclasses.dataclass(eq=False)
class AccountDisabled(errors.Conflict):
    """Nothing is mailed to an account that was closed by staff."""

    code: ClassVar[str] = "customer_account_disabled"
    message: ClassVar[str] = N_("This account is disabled.")
    remedy: ClassVar[str] = N_("Enable it first.")


@dataclasses.dataclass(eq=False)
class NoAddressToWriteTo(errors.Conflict):
    """A customer without an e-mail address cannot be sent a link."""

    code: ClassVar[str] = "no_address_to_write_to"
    message: ClassVar[str] = N_("This customer has no e-mail address.")
    remedy: ClassVar[str] = N_("Write it down first.")


@dataclasses.dataclass(eq=False)
class ShopClosed(errors.Conflict):
    """A link into the shop leads nowhere while nobody can get in."""

    code: ClassVar[str] = "shop_closed"
    message: ClassVar[str] = N_("The shop is closed, so a link into it would lead nowhere.")
    remedy: ClassVar[str] = N_("Open the shop in its settings first.")


@dataclasses.dataclass(eq=False)
class EntryRefused(Unauthenticated):
    """Address and password do not go together; the answer is the same whether the account exists or not."""

    code: ClassVar[str] = "entry_refused"
    message: ClassVar[str] = N_("The e-mail address or the password is wrong.")
    remedy: ClassVar[str] = N_("Check both, or have a link mailed to you.")


@dataclasses.dataclass(eq=False)
class EntryThrottled(TooManyRequests):
    """Too many attempts for this address or from this network."""

    code: ClassVar[str] = "entry_throttled"
    message: ClassVar[str] = N_("There were too many attempts to sign in.")
    remedy: ClassVar[str] = N_("Wait a few minutes and try again.")


@dataclasses.dataclass(eq=False)
class LinksThrottled(TooManyRequests):
    """Too many links were asked for, for this address or from this network."""

    code: ClassVar[str] = "links_throttled"
    message: ClassVar[str] = N_("There were too many requests for a link.")
    remedy: ClassVar[str] = N_("Wait a few minutes and try again; look into your mail meanwhile.")


@dataclasses.dataclass(eq=False)
class LinkNotValid(errors.NotFound):
    """A one-time link is unknown, used, replaced or expired; which of these is not said."""

    code: ClassVar[str] = "customer_link_not_valid"
    message: ClassVar[str] = N_("This link is not valid any more.")
    remedy: ClassVar[str] = N_("Ask for a new one.")


@dataclasses.dataclass(eq=False)
class PresentPasswordWrong(errors.Invalid):
    """A customer who changes how they sign in did not give the present password."""

    code: ClassVar[str] = "present_password_wrong"
    message: ClassVar[str] = N_("This is not your present password.")
    remedy: ClassVar[str] = N_("Write the password you signed in with, or have a link mailed to you.")
