"""What the address of the list of orders asks for: a view, filters, an order, columns; and what is wrong with it."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, get_args
from urllib.parse import urlencode

import msgspec

from jiedan.base import i18n, money
from jiedan.base.i18n import N_
from jiedan.base.web.unit import Unit
from jiedan.console import words
from jiedan.orders.rules import ranges
from jiedan.orders.values import lists
from jiedan.orders.values.lists import (
    AS_EVERYWHERE,
    ME,
    NOBODY,
    Column,
    Density,
    Layout,
    OrderFilter,
    Sort,
    given,
)

DEFAULT_VIEW = "all"
COLUMNS_COOKIE = "jd_orders_columns"

AMOUNTS = frozenset({"total_min", "total_max"})
SEVERAL = frozenset({"lifecycle", "payment", "fulfillment"})
FIELDS = frozenset(OrderFilter.__struct_fields__)

COLUMNS: Mapping[Column, str] = MappingProxyType(
    {
        "placed": N_("Placed"),
        "customer": N_("Customer"),
        "phone": N_("Phone"),
        "channel": N_("Channel"),
        "external_id": N_("External id"),
        "payment": N_("Payment"),
        "fulfillment": N_("Fulfillment"),
        "deadline": N_("Deadline"),
        "shipping": N_("Shipping method"),
        "assignee": N_("Assigned to"),
        "tags": N_("Tags"),
        "units": N_("Units"),
        "total": N_("Total"),
    }
)
"""Columns of the list beside the order's number, as they stand at first; `label` a message id."""

COLUMNS_AT_FIRST: tuple[Column, ...] = tuple(
    [column for column in lists.COLUMNS if column not in {"phone", "external_id", "shipping", "assignee"}]
)

DENSITIES: Mapping[Density, str] = MappingProxyType({"comfortable": N_("Comfortable"), "compact": N_("Compact")})


class Asked(NamedTuple):
    """What the address asks for: a view, filters of one's own as typed and as JSON, and what was wrong with them."""

    view: str
    own: dict[str, Any]
    typed: Mapping[str, Sequence[str]]
    problems: dict[str, str]
    sort: Sort | None = None
    columns: tuple[Column, ...] = ()
    density: Density | None = None
    layout: Layout = AS_EVERYWHERE
    """How the view shows its orders; what the address says goes before it."""

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
    def oldest_first(self) -> bool:
        """Whether the oldest orders come first."""
        return (self.sort or self.layout.sort) == "oldest"

    @property
    def shown_closely(self) -> Density | None:
        """How close rows stand, where the address or the view says so."""
        return self.density or self.layout.density

    @property
    def apart(self) -> list[tuple[str, str]]:
        """What the address says beside filters; the order of the rows also where the view says it."""
        pairs = [("view", self.view)] if self.view != DEFAULT_VIEW else []
        if self.oldest_first:
            pairs.append(("sort", "oldest"))
        elif self.layout.sort == "oldest":
            pairs.append(("sort", "newest"))
        pairs += [("columns", ".".join(self.columns))] if self.columns else []
        return pairs + ([("density", self.density)] if self.density else [])

    @property
    def sorted_otherwise(self) -> str:
        """The query of this list the other way round."""
        return self._replace(sort="newest" if self.oldest_first else "oldest").listing

    @property
    def listing(self) -> str:
        """The query that leads to this list again, without its place."""
        pairs = self.apart
        return urlencode([*pairs, *((name, x) for name, several in self.typed.items() for x in several)])

    def without(self, name: str) -> str:
        """Return the query of this list without one filter."""
        kept = {key: several for key, several in self.typed.items() if key != name}
        return self._replace(typed=kept).listing


class Chip(NamedTuple):
    """A filter that holds: its parameter, label and value in words, and the query without it."""

    name: str
    label: str
    value: str
    without: str


def of(unit: Unit) -> Asked:
    """Read the address; what is wrong with it is told above the list, and not filtered by."""
    return read(unit, unit.request.query_params.multi_items())


def read(unit: Unit, pairs: Iterable[tuple[str, str]]) -> Asked:
    """Read the parameters of a list's address."""
    asked = list(pairs)
    once = dict(asked)
    typed: dict[str, list[str]] = {}
    own: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, value in asked:
        text = value.strip()
        if not text or name not in FIELDS:
            continue
        try:
            found = _field(name, text, unit.principal.currency)
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
    sort: Sort | None = next((x for x in get_args(Sort) if x == once.get("sort")), None)
    density: Density | None = next((x for x in DENSITIES if x == once.get("density")), None)
    return Asked(
        once.get("view") or DEFAULT_VIEW, own, typed, problems, sort, in_order(once.get("columns", "")), density
    )


def in_order(text: str) -> tuple[Column, ...]:
    """Return the columns that a text names between dots, each once; others that there are not are left out."""
    known = {str(column): column for column in COLUMNS}
    return tuple(dict.fromkeys(known[name] for name in text.split(".") if name in known))


def _field(name: str, text: str, currency: str) -> Any:
    """Return one filter as JSON has it. Raises ValidationError or ValueError."""
    value: Any = money.parse_amount(text, currency) if name in AMOUNTS else text
    made = msgspec.convert({name: [value] if name in SEVERAL else value}, OrderFilter, strict=False)
    return msgspec.to_builtins(getattr(made, name))


def filters_of(unit: Unit, view: OrderFilter, asked: Asked) -> OrderFilter:
    """Return what is filtered by: ranges of one's own that nothing fits are told at their field, and taken away."""
    filters = msgspec.convert({**given(view), **asked.own}, OrderFilter)
    refused = {refusal.field: refusal for refusal in ranges.refusals(filters)}
    for begins, ends in ranges.PAIRS:
        refusal = refused.get(begins)
        if refusal is None:
            continue
        if begins in AMOUNTS:
            refusal.first, refusal.last = (
                money.format_money(int(minor), unit.principal.currency, unit.locale)
                for minor in (refusal.first, refusal.last)
            )
        asked.problems[begins] = i18n.say(unit.locale, refusal)
        for name in (begins, ends):
            asked.own.pop(name, None)
    return msgspec.convert({**given(view), **asked.own}, OrderFilter)


def columns_of(unit: Unit, asked: Asked) -> tuple[Column, ...]:
    """Return the columns to show, in their order: the address's, the view's, or those that this person chose."""
    chosen = unit.exchange.cookies.get(COLUMNS_COOKIE, "")
    return asked.columns or asked.layout.columns or in_order(chosen) or COLUMNS_AT_FIRST


def layout_of(unit: Unit, asked: Asked) -> Layout:
    """Return how the list is shown right now, for a view to keep."""
    sort: Sort = "oldest" if asked.oldest_first else "newest"
    return Layout(columns=columns_of(unit, asked), sort=sort, density=asked.shown_closely)


CHIPS: Mapping[str, str] = MappingProxyType(
    {
        "q": N_("Search"),
        "lifecycle": N_("State"),
        "payment": N_("Payment"),
        "fulfillment": N_("Fulfillment"),
        "status": N_("Status"),
        "customer_status": N_("Customer sees"),
        "channel": N_("Channel"),
        "customer_id": N_("Customer"),
        "sku": N_("SKU"),
        "tag": N_("Tag"),
        "hold": N_("Hold"),
        "held": N_("On hold"),
        "waiting": N_("Waiting"),
        "late": N_("Late"),
        "assignee": N_("Assigned to"),
        "location": N_("Location"),
        "shipping_method": N_("Shipping method"),
        "period": N_("Placed"),
        "placed_from": N_("From"),
        "placed_to": N_("To"),
        "currency": N_("Currency"),
        "total_min": N_("At least"),
        "total_max": N_("At most"),
    }
)
_SIGNS: Mapping[str, Mapping[str, words.Sign]] = MappingProxyType(
    {
        "lifecycle": words.LIFECYCLES,
        "payment": words.PAYMENTS,
        "fulfillment": words.FULFILLMENTS,
        "status": words.SHOWN,
    }
)
WHOSE: Mapping[str, str] = MappingProxyType({ME: N_("Me"), NOBODY: N_("Nobody")})
"""Whose orders may be asked for beside those of each colleague."""

YES_NO: Mapping[str, str] = MappingProxyType({"true": N_("yes"), "false": N_("no")})
_LABELS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "period": words.PERIODS,
        "channel": words.CHANNELS,
        "hold": words.HOLDS,
        "held": YES_NO,
        "waiting": YES_NO,
        "late": YES_NO,
        "assignee": WHOSE,
    }
)


def chips_of(unit: Unit, asked: Asked, people: Mapping[str, str]) -> list[Chip]:
    """Return what is filtered by, in words, each to be changed or taken away; `people` are names of staff by id."""
    chips = []
    for name in asked.own:
        if name not in CHIPS:
            continue
        signs, labels = _SIGNS.get(name, {}), _LABELS.get(name, {})
        if name == "assignee" and asked.text(name) in people:
            labels = {asked.text(name): people[asked.text(name)]}
        shown = [signs[x].label if x in signs else labels.get(x, x) for x in asked.typed[name]]
        value = i18n.listed(unit.locale, [i18n.gettext(unit.locale, x) for x in shown])
        chips.append(Chip(name, i18n.gettext(unit.locale, CHIPS[name]), value, asked.without(name)))
    return chips
