"""Pure decisions: what a setting, a password, a role may be; who may give what to whom; what has expired."""

import dataclasses
import functools
import re
import unicodedata
import zoneinfo
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import babel

from jiedan.accounts import errors, values
from jiedan.accounts.values import MerchantSettings, Role, Staff, StaffId, Storefront
from jiedan.base import money
from jiedan.base.errors import Refusal
from jiedan.base.i18n import Series, Word

NAME_CHARACTERS_MAX = 200
EMAIL_CHARACTERS_MAX = 254
CURRENCIES_MAX = 20
EXPIRY_MINUTES_MAX = 60 * 24 * 90
HUE_MAX = 359
PASSWORD_CHARACTERS_MIN = 10
PASSWORD_CHARACTERS_MAX = 128
PERSONAL_CHARACTERS_MIN = 3
"""A shorter part of a name may well stand inside a good password."""

HOST_CHARACTERS_MAX = 253
TAGLINE_CHARACTERS_MAX = 300
TERMS_CHARACTERS_MAX = 50_000
INSTRUCTIONS_CHARACTERS_MAX = 2_000
LINK_DAYS_MAX = 3_650

SESSION_IDLE = timedelta(hours=12)
SESSION_ABSOLUTE = timedelta(days=7)
SESSION_SEEN_EVERY = timedelta(minutes=5)
"""How often, at most, a session's last use is written down."""

API_KEY_USED_EVERY = timedelta(hours=1)
INVITATION_LIFE = timedelta(days=7)
PASSWORD_RESET_LIFE = timedelta(hours=24)

THROTTLE_WINDOW = timedelta(minutes=15)
ATTEMPTS_PER_ACCOUNT_MAX = 10
ATTEMPTS_PER_NETWORK_MAX = 60
"""More than an account's, as an office shares one network."""

RESETS_PER_ACCOUNT_MAX = 3
RESETS_PER_NETWORK_MAX = 20
"""Requests for a reset link within the same window."""

CODES_PER_CALLER_MAX = 30
CODES_PER_NETWORK_MAX = 60
CODES_PER_KEY_MAX = 3_000
"""Codes of gift cards, and as many of coupons, that nothing has, within the same window."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SLUG_CHARACTERS = range(2, 41)
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_ROLE_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s.\x00-\x1f]+(?:\.[^@\s.\x00-\x1f]+)+")
_COUNTRY = re.compile(r"[A-Z]{2}")
_NO_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})
"""Two-letter codes of CLDR that are groups, islands without a code of ISO 3166, or no places at all."""

COMMON_PASSWORDS = frozenset(
    """
    0123456789 01234567890 012345678910 0987654321 1111111111 11111111111 111111111111 1122334455 112233445566
    1212121212 1231231231 123123123123 1234512345 1234567890 12345678900 12345678901 123456789012 12345678910
    1234567891011 123456789a 123456789q 1234567899 1234567890a 1234567890q 1234qwerasdf 123qweasdzxc 1472583690
    1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc 3.1415926535 5201314520 5211314521
    6666666666 7777777777 8888888888 888888888888 9876543210 9999999999 a123456789 a1234567890 aa12345678
    aa123456789 abc123456789 abcd123456 abcd12345678 abcde12345 abcdefghij administrator admin12345 admin123456
    administrator1 asdfghjkl1 asdfghjkl; basketball blink182blink changeme12 changeme123 chocolate1 football12
    football123 iloveyou12 iloveyou123 letmein123 letmein1234 letmeinplease michelle12 mypassword mypassword1
    p@ssw0rd12 p@ssw0rd123 p@ssword123 password00 password01 password10 password11 password12 password123
    password1234 password12345 passw0rd12 passw0rd123 passwordpassword princess12 princess123 q123456789 q1w2e3r4t5
    q1w2e3r4t5y6 qazwsxedc1 qazwsxedc123 qazwsxedcrfv qq123456789 qwer123456 qwer1234asdf qwerty1234 qwerty12345
    qwerty123456 qwertyuiop qwertyuiop1 qwertyuiop123 qwertyuiop[] qwertyuiopasdf superman12 welcome123 welcome1234
    woaini1314 woaini1314520 woaini5201314 zaq12wsxcde3 zxcvbnm123 zxcvbnm1234 zxcvbnm,./
""".split()  # noqa: SIM905 - a page of words reads better than a list of literals
)
"""Passwords long enough to pass that stand on every attacker's first page."""


@functools.cache
def countries() -> frozenset[str]:
    """Return the two-letter codes of ISO 3166 (and XK)."""
    codes = (str(code) for code in babel.Locale("en").territories)
    return frozenset(code for code in codes if _COUNTRY.fullmatch(code)) - _NO_COUNTRIES


@functools.cache
def time_zones() -> frozenset[str]:
    """Return the names of the time zones that this machine or `tzdata` knows."""
    return frozenset(zoneinfo.available_timezones())


def check_settings(settings: MerchantSettings) -> list[Refusal]:
    """Return everything that is wrong with `settings`, each reason with its field; the number pattern apart."""
    return [refusal for check in _CHECKS for refusal in check(settings)]


def _check_names(s: MerchantSettings) -> Iterator[Refusal]:
    if len(s.slug) not in _SLUG_CHARACTERS or not _SLUG.fullmatch(s.slug):
        yield errors.SlugInvalid(slug=s.slug, field="slug")
    yield from check_name(s.name, field="name")


def _check_place(s: MerchantSettings) -> Iterator[Refusal]:
    if s.country not in countries():
        yield errors.CountryUnknown(country=s.country, field="country")
    if s.time_zone not in time_zones():
        yield errors.TimeZoneUnknown(time_zone=s.time_zone, field="time_zone")


def _check_currencies(s: MerchantSettings) -> Iterator[Refusal]:
    for index, code in enumerate(s.currencies):
        if not money.is_currency(code):
            yield errors.CurrencyUnknown(currency=code, field=f"currencies[{index}]")
    yield from _check_repeats(s.currencies, "currencies")
    if len(s.currencies) > CURRENCIES_MAX:
        yield errors.CurrenciesTooMany(limit=CURRENCIES_MAX, field="currencies")
    if not money.is_currency(s.currency):
        yield errors.CurrencyUnknown(currency=s.currency, field="currency")
    elif s.currency not in s.currencies:
        yield errors.DefaultNotAmong(value=s.currency, accepted=Series(s.currencies), field="currency")


def _check_languages(s: MerchantSettings) -> Iterator[Refusal]:
    for index, locale in enumerate(s.locales):
        yield from _check_choice(locale, values.LOCALES, f"locales[{index}]")
    yield from _check_repeats(s.locales, "locales")
    if s.locale not in s.locales:
        yield errors.DefaultNotAmong(value=s.locale, accepted=Series(s.locales), field="locale")


def _check_look(s: MerchantSettings) -> Iterator[Refusal]:
    if s.accent_hue is not None and not 0 <= s.accent_hue <= HUE_MAX:
        yield errors.HueOutOfRange(hue=s.accent_hue, hue_max=HUE_MAX, field="accent_hue")


def _check_policies(s: MerchantSettings) -> Iterator[Refusal]:
    yield from _check_choice(s.payment_terms, values.PAYMENT_TERMS, "payment_terms")
    yield from _check_choice(s.split, values.SPLITS, "split")
    yield from _check_choice(s.late_money, values.LATE_MONEY, "late_money")
    if not 1 <= s.expiry_minutes <= EXPIRY_MINUTES_MAX:
        yield errors.ExpiryOutOfRange(minutes_min=1, minutes_max=EXPIRY_MINUTES_MAX, field="expiry_minutes")


def _check_choice(value: str, choices: tuple[str, ...], field: str) -> Iterator[Refusal]:
    if value not in choices:
        yield errors.ChoiceUnknown(value=value, choices=Series(choices), field=field)


def _check_repeats(listed: tuple[str, ...], field: str) -> Iterator[Refusal]:
    for index, value in enumerate(listed):
        if value in listed[:index]:
            yield errors.ValueRepeated(value=value, field=f"{field}[{index}]")


_CHECKS: tuple[Callable[[MerchantSettings], Iterator[Refusal]], ...] = (
    _check_names,
    _check_place,
    _check_currencies,
    _check_languages,
    _check_look,
    _check_policies,
)


def changed(before: Any, after: Any) -> Mapping[str, tuple[Any, Any]]:
    """Return the fields in which two values of one dataclass differ, `version` apart, with both values."""
    return {
        f.name: (getattr(before, f.name), getattr(after, f.name))
        for f in dataclasses.fields(before)
        if f.name != "version" and getattr(before, f.name) != getattr(after, f.name)
    }


def check_name(name: str, *, field: str) -> list[Refusal]:
    """Return what is wrong with a name: nothing, or that it is blank or too long."""
    if name.strip() and len(name) <= NAME_CHARACTERS_MAX:
        return []
    return [errors.NameInvalid(characters_max=NAME_CHARACTERS_MAX, field=field)]


def email_key(email: str) -> str:
    """Return the e-mail address folded for comparison."""
    return unicodedata.normalize("NFKC", email.strip()).casefold()


def check_email(email: str, *, field: str = "email") -> list[Refusal]:
    """Return what is wrong with an e-mail address; whether it exists is found out by writing to it."""
    if len(email) <= EMAIL_CHARACTERS_MAX and _EMAIL.fullmatch(email.strip()) and email.isprintable():
        return []
    return [errors.EmailInvalid(field=field)]


def normalized_password(password: str) -> str:
    """Return the password in the form that is hashed, so that every keyboard's way of writing it is the same."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, *, personal: Iterable[str], field: str = "password") -> list[Refusal]:
    """Return what is wrong with a new password; `personal` are the names and addresses it may not be made of.

    Length counts, composition does not (NIST SP 800-63B, 5.1.1.2).
    """
    text = normalized_password(password)
    if len(text) < PASSWORD_CHARACTERS_MIN:
        return [errors.PasswordTooShort(characters_min=PASSWORD_CHARACTERS_MIN, field=field)]
    if len(text) > PASSWORD_CHARACTERS_MAX:
        return [errors.PasswordTooLong(characters_max=PASSWORD_CHARACTERS_MAX, field=field)]
    folded = text.casefold()
    if folded in COMMON_PASSWORDS or len(set(folded)) <= 2:  # noqa: PLR2004 - "abababababab"
        return [errors.PasswordTooCommon(field=field)]
    if _is_personal(folded, personal):
        return [errors.PasswordTooPersonal(field=field)]
    return []


def _is_personal(folded: str, personal: Iterable[str]) -> bool:
    """Tell whether, without the words others know, too little of the password is left."""
    words = {word for text in personal for word in re.split(r"[\W_]+", email_key(text))}
    rest = folded
    for word in sorted(words, key=len, reverse=True):
        if len(word) >= PERSONAL_CHARACTERS_MIN:
            rest = rest.replace(word, "")
    return rest != folded and len(rest) < PASSWORD_CHARACTERS_MIN - 2


def check_storefront(storefront: Storefront, *, own_host: str) -> list[Refusal]:
    """Return what is wrong with how a shop shows itself; `own_host` is where Jiedan itself answers."""
    found: list[Refusal] = []
    host = storefront.host
    if host is not None and not (len(host) <= HOST_CHARACTERS_MAX and _HOST.fullmatch(host)):
        found.append(errors.HostInvalid(host=host, field="host"))
    elif host is not None and host == own_host:
        found.append(errors.HostTaken(host=host, field="host"))
    if storefront.contact_email:
        found += check_email(storefront.contact_email, field="contact_email")
    limits = {
        "tagline": TAGLINE_CHARACTERS_MAX,
        "contact_phone": NAME_CHARACTERS_MAX,
        "terms": TERMS_CHARACTERS_MAX,
        "transfer_instructions": INSTRUCTIONS_CHARACTERS_MAX,
    }
    found += [
        errors.StorefrontTextTooLong(characters_max=limit, field=name)
        for name, limit in limits.items()
        if len(getattr(storefront, name)) > limit
    ]
    found += _check_choice(storefront.cancel_until, values.CANCEL_UNTIL, "cancel_until")
    found += _check_choice(storefront.edit_until, values.EDIT_UNTIL, "edit_until")
    if not 1 <= storefront.link_days <= LINK_DAYS_MAX:
        found.append(errors.LinkDaysOutOfRange(days_max=LINK_DAYS_MAX, field="link_days"))
    return found


def check_locale(locale: str, *, field: str = "locale") -> list[Refusal]:
    """Return what is wrong with a person's language."""
    return list(_check_choice(locale, values.LOCALES, field))


def check_owner_left(before: Staff, after: Staff, *, owners: frozenset[StaffId]) -> list[Refusal]:
    """Return the refusal of an edit after which none of the `owners` (who can sign in) would be left."""
    stays = after.is_active and after.role.code == values.OWNER
    return [errors.LastOwner()] if not stays and owners == {before.staff_id} else []


def check_role_code(code: str) -> list[Refusal]:
    """Return what is wrong with a new role's code."""
    return [] if _ROLE_CODE.fullmatch(code) else [errors.RoleCodeInvalid(role=code, field="code")]


def check_permissions(permissions: Iterable[str], *, held: frozenset[str]) -> list[Refusal]:
    """Return what is wrong with permissions that somebody who holds `held` wants to give."""
    wanted = list(permissions)
    if not wanted:
        return [errors.ScopeEmpty(field="permissions")]
    unknown: list[Refusal] = [
        errors.PermissionUnknown(permission=p, field=f"permissions[{i}]")
        for i, p in enumerate(wanted)
        if p not in values.PERMISSIONS
    ]
    return unknown or missing(frozenset(wanted), held=held, field="permissions")


def missing(wanted: frozenset[str], *, held: frozenset[str], field: str | None = None) -> list[Refusal]:
    """Return the refusal of giving, or acting upon, `wanted` by somebody who holds only `held`."""
    lacking = wanted - held
    return [errors.PermissionNotHeld(permissions=_said(lacking), field=field)] if lacking else []


def _said(permissions: Iterable[str]) -> Series:
    return Series(Word(permission, values.PERMISSIONS) for permission in sorted(permissions))


def effective_permissions(role_code: str, stored: Iterable[str]) -> frozenset[str]:
    """Return what a role may do now: an owner everything, also what came with a later release."""
    return values.ALL_PERMISSIONS if role_code == values.OWNER else frozenset(stored) & values.ALL_PERMISSIONS


def key_permissions(stored: Iterable[str], *, maker: frozenset[str]) -> frozenset[str]:
    """Return what an API key may do now: its scope, never more than its maker may do now."""
    return frozenset(stored) & maker


def check_owner_role(role: Role) -> list[Refusal]:
    """Return the refusal to change the owner's role."""
    return [errors.OwnerRoleFixed()] if role.code == values.OWNER else []


def is_counted_on(before: int, now: int) -> bool:
    """Tell whether a device's count of its answers has risen, as it does unless there are two of it.

    Devices that do not count say 0 (WebAuthn level 2, 6.1.1).
    """
    return before == now == 0 or now > before


def session_ends(*, last_seen_at: datetime, expires_at: datetime) -> datetime:
    """Return when a session ends unless it is used before: the sooner of idle and absolute expiry."""
    return min(last_seen_at + SESSION_IDLE, expires_at)


def retry_after_s(attempts: int, *, limit: int, window_started_at: datetime, now: datetime) -> int:
    """Return how long to wait before the next attempt: 0 when this one, counted in `attempts`, may go on."""
    if attempts <= limit:
        return 0
    return max(1, int((window_started_at + THROTTLE_WINDOW - now).total_seconds()))
