"""What the address of the lists of payments and of refunds asks for: filters; and what is wrong with them."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec

from jiedan.base import i18n, money
from jiedan.base.i18n import N_
from jiedan.base.web.unit import Unit
from jiedan.console import words
from jiedan.console.signs import Sign
from jiedan.payments.rules import finding
from jiedan.payments.rules.finding import MoneyFilter, PaymentFilter, RefundFilter, What

AMOUNTS = frozenset({"amount_min", "amount_max"})
SEVERAL = frozenset({"state", "method"})
FIELDS = tuple(PaymentFilter.__struct_fields__)
KINDS: Mapping[What, type[MoneyFilter]] = MappingProxyType({"payments": PaymentFilter, "refunds": RefundFilter})

OPERATIONS: Mapping[str, Sign] = MappingProxyType(
    {
        "pending": Sign(N_("Under way"), "info", "quarter"),
        "action_needed": Sign(N_("The customer is paying"), "info", "quarter"),
        "unknown": Sign(N_("Outcome unknown"), "warn", "quarter"),
        "succeeded": Sign(N_("Done"), "ok", "full"),
        "failed": Sign(N_("Failed"), "bad", "empty"),
    }
)
"""How far is what was asked of a provider."""

STATES: Mapping[What, Mapping[str, Sign]] = MappingProxyType(
    {
        "payments": words.TENDERS,
        "refunds": MappingProxyType({**OPERATIONS, "succeeded": Sign(N_("Given back"), "ok", "full")}),
    }
)
"""How states are shown."""

PROVIDERS: Mapping[str, str] = MappingProxyType(
    {
        "sandbox": N_("Sandbox, for trying"),
        "transfer": N_("Confirmed by hand"),
        "external": N_("Taken elsewhere"),
        "wallet": N_("Gift cards, credit and points"),
    }
)
"""Providers with words of their own; any other is shown by its code."""

CHIPS: Mapping[str, str] = MappingProxyType(
    {
        "q": N_("Search"),
        "state": N_("State"),
        "method": N_("Payment method"),
        "provider": N_("Provider"),
        "currency": N_("Currency"),
        "created_from": N_("From"),
        "created_to": N_("To"),
        "amount_min": N_("At least"),
        "amount_max": N_("At most"),
    }
)


class Asked(NamedTuple):
    """Filters as typed and as a list takes them, and what was wrong with what was typed."""

    what: What
    filters: MoneyFilter
    typed: Mapping[str, Sequence[str]]
    problems: Mapping[str, str]

    def error(self, name: str) -> str:
        """Return what is wrong with `name`, or an empty text."""
        return self.problems.get(name, "")

    def text(self, name: str) -> str:
        """Return what was typed for `name`, or an empty text."""
        return next(iter(self.typed.get(name, ())), "")

    def has(self, name: str, value: str) -> bool:
        """Tell whether `value` is one of those asked for."""
        return value in self.typed.get(name, ())

    @property
    def listing(self) -> str:
        """The query that leads to this list again, without its place."""
        return urlencode([(name, x) for name, several in self.typed.items() for x in several])

    def without(self, name: str) -> str:
        """Return the query of this list without one filter."""
        return self._replace(typed={key: several for key, several in self.typed.items() if key != name}).listing


class Chip(NamedTuple):
    """A filter that holds: its parameter, label and value in words, and the query without it."""

    name: str
    label: str
    value: str
    without: str


def of(unit: Unit, what: What) -> Asked:
    """Read the address; what is wrong with it is told above the list, and not filtered by."""
    given = [(name, value.strip()) for name, value in unit.request.query_params.multi_items() if name in FIELDS]
    asked = sorted(given, key=lambda pair: FIELDS.index(pair[0]))
    currency = next((value for name, value in asked if name == "currency" and money.is_currency(value)), "")
    own: dict[str, Any] = {}
    typed: dict[str, list[str]] = {}
    problems: dict[str, str] = {}
    for name, text in asked:
        if not text:
            continue
        try:
            found = _field(what, name, text, currency or unit.principal.currency)
        except (msgspec.ValidationError, ValueError):
            problems[name] = i18n.translate(unit.locale, N_("“{text}” cannot be looked for."), text=text)
            typed.setdefault(name, [text])
            continue
        if name in SEVERAL:
            own[name] = [*own.get(name, []), *found]
            typed.setdefault(name, []).append(text)
        else:
            own[name] = found
            typed[name] = [text]
    filters = _in_order(unit, msgspec.convert(own, KINDS[what]), problems)
    return Asked(what, filters, typed, problems)


def _field(what: What, name: str, text: str, currency: str) -> Any:
    """Return one filter as JSON has it. Raises ValidationError or ValueError."""
    value: Any = money.parse_amount(text, currency) if name in AMOUNTS else text
    made = msgspec.convert({name: [value] if name in SEVERAL else value}, KINDS[what], strict=False)
    return msgspec.to_builtins(getattr(made, name))


def _in_order(unit: Unit, filters: MoneyFilter, problems: dict[str, str]) -> MoneyFilter:
    """Return filters without the ranges that nothing fits; those are told at their field."""
    for refusal in finding.range_refusals(filters):
        begins = refusal.field or ""
        if begins in AMOUNTS:
            currency = filters.currency or unit.principal.currency
            refusal.first, refusal.last = (
                money.format_money(int(minor), currency, unit.locale) for minor in (refusal.first, refusal.last)
            )
        problems[begins] = i18n.say(unit.locale, refusal)
        ends = dict(finding.PAIRS)[begins]
        filters = msgspec.structs.replace(filters, **{begins: None, ends: None})
    return filters


def chips_of(unit: Unit, asked: Asked) -> list[Chip]:
    """Return what is filtered by, in words, each to be changed or taken away."""
    labels = {
        "state": {key: sign.label for key, sign in STATES[asked.what].items()},
        "method": words.METHODS,
        "provider": PROVIDERS,
    }
    chips = []
    for name in finding.given(asked.filters):
        shown = [labels.get(name, {}).get(x, x) for x in asked.typed[name]]
        value = i18n.listed(unit.locale, [i18n.gettext(unit.locale, x) for x in shown])
        chips.append(Chip(name, i18n.gettext(unit.locale, CHIPS[name]), value, asked.without(name)))
    return chips
