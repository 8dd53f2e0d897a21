"""The ways accounts refuses.

::

    NotFound     MerchantNotFound, MerchantUnknown, StaffNotFound, RoleNotFound, ApiKeyNotFound, SessionNotFound,
                 LinkNotValid, FactorNotFound, PasskeyNotFound
    Conflict     SlugTaken, EmailTaken, RoleCodeTaken, RoleInUse, OwnerRoleFixed, LastOwner, AlreadyJoined,
                 FactorExists, PasskeyExists
    Forbidden    PermissionNotHeld
    Invalid      SlugInvalid … (settings), EmailInvalid, Password…, UnknownPermission, ScopeEmpty, ExpiryPast,
                 CodeWrong, SignInExpired, PasskeyUnusable, PasskeyExpired
    Unavailable  PasswordsBusy; SignInThrottled is a base.web TooManyRequests, SignInRefused and
                 PasskeyRefused are Unauthenticated
"""

from jiedan.accounts.errors.credentials import (
    ApiKeyNotFound,
    CodeWrong,
    ExpiryPast,
    FactorExists,
    FactorNotFound,
    LinkNotValid,
    LinkShown,
    PasskeyExists,
    PasskeyExpired,
    PasskeyNotFound,
    PasskeyRefused,
    PasskeyUnusable,
    ScopeEmpty,
    SecretShown,
    SessionNotFound,
    SignInExpired,
    TooMany,
)
from jiedan.accounts.errors.merchants import MerchantNotFound, MerchantUnknown, SlugInvalid, SlugTaken
from jiedan.accounts.errors.passwords import (
    PasswordsBusy,
    PasswordsDiffer,
    PasswordTooCommon,
    PasswordTooLong,
    PasswordTooPersonal,
    PasswordTooShort,
    PasswordWrong,
    ResetsThrottled,
    SignInRefused,
    SignInThrottled,
)
from jiedan.accounts.errors.roles import (
    OwnerRoleFixed,
    PermissionNotHeld,
    PermissionUnknown,
    RoleCodeInvalid,
    RoleCodeTaken,
    RoleInUse,
    RoleNotFound,
)
from jiedan.accounts.errors.settings import (
    ChoiceUnknown,
    CountryUnknown,
    CurrenciesTooMany,
    CurrencyUnknown,
    DefaultNotAmong,
    ExpiryOutOfRange,
    HueOutOfRange,
    TimeZoneUnknown,
    ValueRepeated,
)
from jiedan.accounts.errors.staff import AlreadyJoined, EmailInvalid, EmailTaken, LastOwner, NameInvalid, StaffNotFound
from jiedan.accounts.errors.storefront import (
    HostInvalid,
    HostTaken,
    LinkDaysOutOfRange,
    LogoTooLarge,
    StorefrontTextTooLong,
)

__all__ = [
    "AlreadyJoined",
    "ApiKeyNotFound",
    "ChoiceUnknown",
    "CodeWrong",
    "CountryUnknown",
    "CurrenciesTooMany",
    "CurrencyUnknown",
    "DefaultNotAmong",
    "EmailInvalid",
    "EmailTaken",
    "ExpiryOutOfRange",
    "ExpiryPast",
    "FactorExists",
    "FactorNotFound",
    "HostInvalid",
    "HostTaken",
    "HueOutOfRange",
    "LastOwner",
    "LinkDaysOutOfRange",
    "LinkNotValid",
    "LinkShown",
    "LogoTooLarge",
    "MerchantNotFound",
    "MerchantUnknown",
    "NameInvalid",
    "OwnerRoleFixed",
    "PasskeyExists",
    "PasskeyExpired",
    "PasskeyNotFound",
    "PasskeyRefused",
    "PasskeyUnusable",
    "PasswordTooCommon",
    "PasswordTooLong",
    "PasswordTooPersonal",
    "PasswordTooShort",
    "PasswordWrong",
    "PasswordsBusy",
    "PasswordsDiffer",
    "PermissionNotHeld",
    "PermissionUnknown",
    "ResetsThrottled",
    "RoleCodeInvalid",
    "RoleCodeTaken",
    "RoleInUse",
    "RoleNotFound",
    "ScopeEmpty",
    "SecretShown",
    "SessionNotFound",
    "SignInExpired",
    "SignInRefused",
    "SignInThrottled",
    "SlugInvalid",
    "SlugTaken",
    "StaffNotFound",
    "StorefrontTextTooLong",
    "TimeZoneUnknown",
    "TooMany",
    "ValueRepeated",
]
