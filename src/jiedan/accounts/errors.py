"""The ways accounts refuses.

::

    NotFound     MerchantNotFound, StaffNotFound, RoleNotFound, ApiKeyNotFound, SessionNotFound, LinkNotValid
    Conflict     SlugTaken, EmailTaken, RoleCodeTaken, RoleInUse, OwnerRoleFixed, LastOwner, AlreadyJoined
    Forbidden    PermissionNotHeld
    Invalid      SlugInvalid … (settings), EmailInvalid, Password…, UnknownPermission, ScopeEmpty, ExpiryPast
    Unavailable  PasswordsBusy; SignInThrottled is a base.web TooManyRequests, SignInRefused an Unauthenticated
"""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_
from jiedan.base.web.errors import TooManyRequests, Unauthenticated


@dataclasses.dataclass(eq=False)
class MerchantNotFound(errors.NotFound):
    """No merchant of this installation has that slug or id."""

    code: ClassVar[str] = "merchant_not_found"
    message: ClassVar[str] = N_("There is no such merchant.")


@dataclasses.dataclass(eq=False)
class StaffNotFound(errors.NotFound):
    """Nobody of this merchant has that id or e-mail."""

    code: ClassVar[str] = "staff_not_found"
    message: ClassVar[str] = N_("There is no such person among the staff.")


@dataclasses.dataclass(eq=False)
class RoleNotFound(errors.NotFound):
    """This merchant has no such role."""

    code: ClassVar[str] = "role_not_found"
    message: ClassVar[str] = N_("There is no such role.")


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
class LinkNotValid(errors.NotFound):
    """A one-time link is unknown, used, replaced or expired; which of these is not said."""

    code: ClassVar[str] = "link_not_valid"
    message: ClassVar[str] = N_("This link is not valid any more.")
    remedy: ClassVar[str] = N_("Ask for a new one.")


@dataclasses.dataclass(eq=False)
class SlugTaken(errors.Conflict):
    """Another merchant of this installation has the slug."""

    code: ClassVar[str] = "slug_taken"
    message: ClassVar[str] = N_("The slug {slug} is taken.")
    remedy: ClassVar[str] = N_("Choose another one.")

    slug: str


@dataclasses.dataclass(eq=False)
class EmailTaken(errors.Conflict):
    """Somebody of this merchant has the e-mail address."""

    code: ClassVar[str] = "email_taken"
    message: ClassVar[str] = N_("Somebody with this e-mail address is among the staff already.")
    remedy: ClassVar[str] = N_("Find the person in the list of staff, or give another address.")


@dataclasses.dataclass(eq=False)
class RoleCodeTaken(errors.Conflict):
    """Another role has the code."""

    code: ClassVar[str] = "role_code_taken"
    message: ClassVar[str] = N_("There is a role with the code {role} already.")
    remedy: ClassVar[str] = N_("Choose another one.")

    role: str


@dataclasses.dataclass(eq=False)
class RoleInUse(errors.Conflict):
    """Somebody has the role, so it cannot be removed."""

    code: ClassVar[str] = "role_in_use"
    message: ClassVar[str] = N_("{count} people have this role.")
    remedy: ClassVar[str] = N_("Give them another role first.")

    count: int


@dataclasses.dataclass(eq=False)
class OwnerRoleFixed(errors.Conflict):
    """The owner's role may do everything, always."""

    code: ClassVar[str] = "owner_role_fixed"
    message: ClassVar[str] = N_("The owner's role may do everything; it cannot be changed or removed.")
    remedy: ClassVar[str] = N_("Make a role of your own for people who may do less.")


@dataclasses.dataclass(eq=False)
class LastOwner(errors.Conflict):
    """Without this person nobody could manage the merchant."""

    code: ClassVar[str] = "last_owner"
    message: ClassVar[str] = N_("This is the last owner who can sign in.")
    remedy: ClassVar[str] = N_("Make somebody else an owner first.")


@dataclasses.dataclass(eq=False)
class AlreadyJoined(errors.Conflict):
    """The person has come in, so there is no invitation to revoke."""

    code: ClassVar[str] = "already_joined"
    message: ClassVar[str] = N_("This person has accepted the invitation already.")
    remedy: ClassVar[str] = N_("Deactivate the account instead.")


@dataclasses.dataclass(eq=False)
class PermissionNotHeld(errors.Forbidden):
    """The caller cannot give, or act upon somebody who has, what the caller does not have."""

    code: ClassVar[str] = "permission_not_held"
    message: ClassVar[str] = N_("This needs permissions that you do not have: {permissions}.")
    remedy: ClassVar[str] = N_("Ask an owner of the merchant to do it.")

    permissions: str


@dataclasses.dataclass(eq=False)
class SignInRefused(Unauthenticated):
    """E-mail and password do not go together; the answer is the same whether the account exists or not."""

    code: ClassVar[str] = "sign_in_refused"
    message: ClassVar[str] = N_("The e-mail address or the password is wrong.")
    remedy: ClassVar[str] = N_("Check both, or ask for a reset link.")


@dataclasses.dataclass(eq=False)
class SignInThrottled(TooManyRequests):
    """Too many attempts for this account or from this network."""

    code: ClassVar[str] = "sign_in_throttled"
    message: ClassVar[str] = N_("There were too many attempts to sign in.")
    remedy: ClassVar[str] = N_("Wait a few minutes and try again.")


@dataclasses.dataclass(eq=False)
class PasswordsBusy(errors.Unavailable):
    """More passwords are waiting to be checked than this process takes on."""

    code: ClassVar[str] = "passwords_busy"
    message: ClassVar[str] = N_("Too many people are signing in at this moment.")


@dataclasses.dataclass(eq=False)
class EmailInvalid(errors.Invalid):
    """The text is no e-mail address."""

    code: ClassVar[str] = "email_invalid"
    message: ClassVar[str] = N_("This is not an e-mail address.")
    remedy: ClassVar[str] = N_("Write it like name@example.com.")


@dataclasses.dataclass(eq=False)
class NameInvalid(errors.Invalid):
    """A name is empty or too long."""

    code: ClassVar[str] = "name_invalid"
    message: ClassVar[str] = N_("A name has 1 to {characters_max} characters.")
    remedy: ClassVar[str] = N_("Write one of that length.")

    characters_max: int


@dataclasses.dataclass(eq=False)
class PasswordTooShort(errors.Invalid):
    """The password has too few characters."""

    code: ClassVar[str] = "password_too_short"
    message: ClassVar[str] = N_("The password has fewer than {characters_min} characters.")
    remedy: ClassVar[str] = N_("Use a longer one; several words are easy to remember.")

    characters_min: int


@dataclasses.dataclass(eq=False)
class PasswordTooLong(errors.Invalid):
    """The password has more characters than are checked."""

    code: ClassVar[str] = "password_too_long"
    message: ClassVar[str] = N_("The password has more than {characters_max} characters.")
    remedy: ClassVar[str] = N_("Use a shorter one.")

    characters_max: int


@dataclasses.dataclass(eq=False)
class PasswordTooCommon(errors.Invalid):
    """The password is among the first that anybody would try."""

    code: ClassVar[str] = "password_too_common"
    message: ClassVar[str] = N_("This password is among the first that anybody would try.")
    remedy: ClassVar[str] = N_("Use several words that do not belong together.")


@dataclasses.dataclass(eq=False)
class PasswordTooPersonal(errors.Invalid):
    """The password is made of the person's or the merchant's own name."""

    code: ClassVar[str] = "password_too_personal"
    message: ClassVar[str] = N_("This password repeats your name, your e-mail address or the merchant's name.")
    remedy: ClassVar[str] = N_("Use something that others cannot know.")


@dataclasses.dataclass(eq=False)
class PasswordWrong(errors.Invalid):
    """A person who changes the password did not give the present one."""

    code: ClassVar[str] = "password_wrong"
    message: ClassVar[str] = N_("This is not your present password.")
    remedy: ClassVar[str] = N_("Write the password you signed in with, or sign out and ask for a reset link.")


@dataclasses.dataclass(eq=False)
class SlugInvalid(errors.Invalid):
    """A slug has characters or a length it cannot have."""

    code: ClassVar[str] = "slug_invalid"
    message: ClassVar[str] = N_("The slug {slug} cannot be part of an address.")
    remedy: ClassVar[str] = N_("Use 2 to 40 lower-case letters, digits and single hyphens between them.")

    slug: str


@dataclasses.dataclass(eq=False)
class CountryUnknown(errors.Invalid):
    """No country has the code."""

    code: ClassVar[str] = "country_unknown"
    message: ClassVar[str] = N_("There is no country {country}.")
    remedy: ClassVar[str] = N_("Use the two-letter code of ISO 3166, like CN.")

    country: str


@dataclasses.dataclass(eq=False)
class TimeZoneUnknown(errors.Invalid):
    """No time zone has the name."""

    code: ClassVar[str] = "time_zone_unknown"
    message: ClassVar[str] = N_("There is no time zone {time_zone}.")
    remedy: ClassVar[str] = N_("Use a name like Asia/Shanghai.")

    time_zone: str


@dataclasses.dataclass(eq=False)
class CurrencyUnknown(errors.Invalid):
    """No currency has the code."""

    code: ClassVar[str] = "currency_unknown"
    message: ClassVar[str] = N_("There is no currency {currency}.")
    remedy: ClassVar[str] = N_("Use the three-letter code of ISO 4217, like CNY.")

    currency: str


@dataclasses.dataclass(eq=False)
class DefaultNotAmong(errors.Invalid):
    """A default is not one of the accepted values."""

    code: ClassVar[str] = "default_not_among"
    message: ClassVar[str] = N_("The default {value} is not among the accepted ones: {accepted}.")
    remedy: ClassVar[str] = N_("Accept it too, or choose another default.")

    value: str
    accepted: str


@dataclasses.dataclass(eq=False)
class ValueRepeated(errors.Invalid):
    """A list holds a value twice."""

    code: ClassVar[str] = "value_repeated"
    message: ClassVar[str] = N_("{value} is in the list twice.")
    remedy: ClassVar[str] = N_("Name it once.")

    value: str


@dataclasses.dataclass(eq=False)
class ChoiceUnknown(errors.Invalid):
    """A value is not one of the few that are possible."""

    code: ClassVar[str] = "choice_unknown"
    message: ClassVar[str] = N_("{value} is not possible here.")
    remedy: ClassVar[str] = N_("Choose one of: {choices}.")

    value: str
    choices: str


@dataclasses.dataclass(eq=False)
class ExpiryOutOfRange(errors.Invalid):
    """The time an unpaid order lives is too short or too long."""

    code: ClassVar[str] = "expiry_out_of_range"
    message: ClassVar[str] = N_("Unpaid orders live from {minutes_min} to {minutes_max} minutes.")
    remedy: ClassVar[str] = N_("Choose a time within these bounds.")

    minutes_min: int
    minutes_max: int


@dataclasses.dataclass(eq=False)
class RoleCodeInvalid(errors.Invalid):
    """A role's code has characters it cannot have."""

    code: ClassVar[str] = "role_code_invalid"
    message: ClassVar[str] = N_("The code {role} is not valid.")
    remedy: ClassVar[str] = N_("Use 2 to 40 lower-case letters, digits and underscores, beginning with a letter.")

    role: str


@dataclasses.dataclass(eq=False)
class PermissionUnknown(errors.Invalid):
    """There is no such permission."""

    code: ClassVar[str] = "permission_unknown"
    message: ClassVar[str] = N_("There is no permission {permission}.")
    remedy: ClassVar[str] = N_("GET /api/v1/permissions lists them.")

    permission: str


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
class CurrenciesTooMany(errors.Invalid):
    """A merchant accepts more currencies than anybody could keep prices in."""

    code: ClassVar[str] = "currencies_too_many"
    message: ClassVar[str] = N_("A merchant accepts at most {limit} currencies.")
    remedy: ClassVar[str] = N_("Leave some out.")

    limit: int


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


@dataclasses.dataclass(eq=False)
class PasswordsDiffer(errors.Invalid):
    """The password was not repeated as it was first written."""

    code: ClassVar[str] = "passwords_differ"
    message: ClassVar[str] = N_("The two passwords differ.")
    remedy: ClassVar[str] = N_("Write the same one twice.")
