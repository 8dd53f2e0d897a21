"""Rules one by one, and as a book: taken apart, put together, compared, and what is wrong with one. Pure."""

from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any, cast

import msgspec

from jiedan.base import money
from jiedan.base.errors import Refusal
from jiedan.pricing import errors, values
from jiedan.pricing.errors import drafts as draft_errors
from jiedan.pricing.rules import conversion, formulas, lists, manual, promotions, shipping, surcharges, taxes
from jiedan.pricing.values import drafts
from jiedan.pricing.values.books import RuleBook
from jiedan.pricing.values.conversion import ExchangeRate, Rounding
from jiedan.pricing.values.drafts import RuleKey, RuleKind, WrittenRule
from jiedan.pricing.values.examples import Example
from jiedan.pricing.values.promotions import Promotion
from jiedan.pricing.values.units import ManualLimit, Surcharge

FIELDS: Mapping[RuleKind, str] = MappingProxyType(
    {
        "exchange_rate": "exchange_rates",
        "formula": "formulas",
        "manual_limit": "manual_limits",
        "price_list": "price_lists",
        "promotion": "promotions",
        "shipping_method": "shipping_methods",
        "surcharge": "surcharges",
        "tax_rate": "tax_rates",
    }
)
"""Where a book holds the rules of which it may have many."""

KEYED_BY_FIELDS: frozenset[RuleKind] = frozenset({"exchange_rate", "tax_rate"})
"""Rules that nothing names: what tells them apart are their own fields, and those may change."""

SETTINGS: Mapping[RuleKind, str] = MappingProxyType({"shipping_settings": "shipping", "tax_settings": "tax"})
"""Where a book holds what it has once."""

DEFAULTS: tuple[drafts.Rule, ...] = (drafts.CurrencySettings(), values.ShippingSettings(), values.TaxSettings())


def code_of(kind: RuleKind, body: drafts.Rule, code: str = "") -> str:
    """Return the code of a rule: its own, what tells it apart where it has none, or else `code`."""
    if isinstance(body, Promotion):
        return body.id
    if isinstance(body, ManualLimit):
        return body.role
    if isinstance(body, ExchangeRate):
        return f"{body.base}|{body.quote}|{body.from_at.isoformat()}"
    if isinstance(body, values.TaxRate):
        parts = (body.country, body.region, body.postal, body.tax_class, body.component)
        return "|".join([*parts, body.from_at.isoformat()] if body.from_at is not None else parts)
    if isinstance(body, values.PriceList | values.Formula | Surcharge | values.ShippingMethod):
        return body.code
    return code if kind == "rounding" else drafts.SETTINGS_CODE


def parts_of(book: RuleBook, examples: Mapping[RuleKey, tuple[Example, ...]] = MappingProxyType({})) -> drafts.Written:
    """Return the rules of a book one by one, with their examples; settings that are as at first are left out."""
    found: dict[RuleKey, WrittenRule] = {}

    def add(kind: RuleKind, body: drafts.Rule, code: str = "") -> None:
        key = RuleKey(kind, code_of(kind, body, code))
        found[key] = WrittenRule(body, examples.get(key, ()))

    for kind, field in FIELDS.items():
        for body in getattr(book, field):
            add(kind, body)
    for currency, rounding in book.roundings.items():
        add("rounding", rounding, currency)
    for kind, field in SETTINGS.items():
        add(kind, getattr(book, field))
    add("currency_settings", drafts.CurrencySettings(book.base_currency))
    return without_defaults(found)


def without_defaults(written: drafts.Written) -> drafts.Written:
    """Return rules without the settings that are as they were at first: a book says the same with and without them."""
    return {key: rule for key, rule in written.items() if rule.examples or rule.body not in DEFAULTS}


def book_of(written: drafts.Written) -> RuleBook:
    """Return the book of all these rules, each kind by code."""
    of_kind: dict[RuleKind, list[tuple[str, drafts.Rule]]] = {}
    for key in sorted(written):
        of_kind.setdefault(key.kind, []).append((key.code, written[key].body))
    parts: dict[str, Any] = {field: tuple(body for _, body in of_kind.get(kind, ())) for kind, field in FIELDS.items()}
    parts["roundings"] = {code: cast("Rounding", body) for code, body in of_kind.get("rounding", ())}
    for kind, field in SETTINGS.items():
        for _, body in of_kind.get(kind, ()):
            parts[field] = body
    for _, body in of_kind.get("currency_settings", ()):
        parts["base_currency"] = cast("drafts.CurrencySettings", body).base_currency
    return RuleBook(**parts)


def changes(before: drafts.Written, after: drafts.Written) -> tuple[drafts.RuleChange, ...]:
    """Return what differs between two books, by kind and code."""
    found = []
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        if old is None or new is None:
            found.append(drafts.RuleChange(key, "added" if old is None else "removed", (), old, new))
        else:
            found.append(drafts.RuleChange(key, "changed", fields_changed(old, new), old, new))
    return tuple(found)


def chosen(before: drafts.Written, after: drafts.Written, only: Collection[RuleKey]) -> drafts.Written:
    """Return a book in which only these rules say what another says: written as there, or gone as they are there."""
    kept = {key: rule for key, rule in before.items() if key not in only or key in after}
    return without_defaults({**kept, **{key: after[key] for key in only if key in after}})


def fields_changed(old: WrittenRule, new: WrittenRule) -> tuple[str, ...]:
    """Return the names of the fields in which two states of a rule differ."""
    names = [name for name in type(old.body).__struct_fields__ if getattr(old.body, name) != getattr(new.body, name)]
    return (*names, *(("examples",) if old.examples != new.examples else ()))


_PROBLEMS: Mapping[RuleKind, Callable[[Any], Iterable[Refusal]]] = MappingProxyType(
    {
        "exchange_rate": conversion.problems_of_exchange_rate,
        "formula": formulas.problems_of_formula,
        "manual_limit": manual.problems_of_manual_limit,
        "price_list": lists.problems_of_price_list,
        "promotion": promotions.problems_of_promotion,
        "rounding": conversion.problems_of_rounding,
        "shipping_method": shipping.problems_of_shipping_method,
        "shipping_settings": shipping.problems_of_shipping_settings,
        "surcharge": surcharges.problems_of_surcharge,
        "tax_rate": taxes.problems_of_tax_rate,
        "tax_settings": taxes.problems_of_tax_settings,
    }
)


def problems_of_rule(kind: RuleKind, body: drafts.Rule, code: str = "") -> tuple[Refusal, ...]:
    """Return what is wrong with one rule by itself, each at its field; what it is beside others shows in the book."""
    found = list(_PROBLEMS[kind](body)) if kind in _PROBLEMS else []
    if isinstance(body, drafts.CurrencySettings) and body.base_currency:
        found += _of_currency(body.base_currency, "base_currency")
    if kind == "rounding":
        found += _of_currency(code, "code")
    own = code_of(kind, body, code)
    if not 0 < len(own) <= drafts.RULE_CODE_CHARACTERS_MAX and not found:
        found.append(draft_errors.RuleCodeInvalid(drafts.RULE_CODE_CHARACTERS_MAX, field="code"))
    return tuple(found)


def _of_currency(currency: str, field: str) -> list[Refusal]:
    return [] if money.is_currency(currency) else [errors.PriceCurrencyUnknown(currency, field=field)]


def plain(body: drafts.Rule) -> dict[str, Any]:
    """Return a rule as it is stored."""
    return cast("dict[str, Any]", msgspec.to_builtins(body))


def read(kind: RuleKind, body: object) -> drafts.Rule:
    """Return a rule from what is stored, or was sent. Raises msgspec.ValidationError."""
    return msgspec.convert(body, drafts.RULE_TYPES[kind])
