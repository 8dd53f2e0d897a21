"""Examples beside a rule, as people type them: `3 × TEA @ 99` and `channel=web; coupon=p1`. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any

import msgspec

from jiedan.base import money
from jiedan.base.errors import Refusal
from jiedan.base.web import bodies
from jiedan.base.web.forms import Form
from jiedan.console.errors import AmountUnreadable, ExampleLinesUnreadable, ExampleWithUnreadable
from jiedan.console.prices import typed
from jiedan.console.prices.reading import Reading
from jiedan.console.prices.typed import Typing
from jiedan.pricing.values.examples import EXAMPLES_PER_RULE_MAX, Example, ExampleLine

ROWS_MORE_MAX = 10
"""Empty rows beside those that are filled in."""


Texts = Annotated[
    list[Annotated[str, msgspec.Meta(max_length=typed.LIST_CHARACTERS_MAX)]],
    msgspec.Meta(max_length=EXAMPLES_PER_RULE_MAX + ROWS_MORE_MAX),
]

FIELD = "examples"


class RuleForm(Form):
    """A rule with its examples; cells of one row stand at one place of their lists."""

    action: str = "save"
    version: bodies.Version | None = None
    example_name: Texts = msgspec.field(default_factory=list)
    example_lines: Texts = msgspec.field(default_factory=list)
    example_with: Texts = msgspec.field(default_factory=list)
    example_total: Texts = msgspec.field(default_factory=list)
    example_discount: Texts = msgspec.field(default_factory=list)


COLUMNS = ("example_name", "example_lines", "example_with", "example_total", "example_discount")

_LINE = re.compile(r"(?:([0-9]{1,7})\s*(?:[×*]\s*|x\s+))?(\S.*?)(?:\s*@\s*([0-9.]+))?")
_COUNT_DIGITS_MAX = 9

WITH: Mapping[str, str] = MappingProxyType(
    {
        "at": "at",
        "channel": "channel",
        "country": "country",
        "region": "region",
        "postal": "postal_code",
        "group": "groups",
        "coupon": "coupons",
        "payment": "payment_method",
        "orders": "earlier_orders",
        "method": "shipping_method",
        "currency": "currency",
    }
)
"""What an example may say beside its goods, and the field of the example that holds it."""

SEVERAL = frozenset({"groups", "coupons"})


def examples_of(reading: Reading) -> tuple[Example, ...]:
    """Return the examples of the rows that have goods; what is wrong with them is remembered at `examples`."""
    found = []
    for row in typed.rows(*[reading.raw.get(name, ()) for name in COLUMNS]):
        try:
            found.append(_example(row, reading.how))
        except Refusal as refusal:
            reading.reasons.append(refusal)
    return tuple(found)


def _example(row: tuple[str, ...], how: Typing) -> Example:
    """Return the example of a row. Raises ExampleLinesUnreadable, ExampleWithUnreadable, AmountUnreadable."""
    name, lines, given, total, discount = row
    facts = _facts(given, how)
    currency = facts.setdefault("currency", how.currency)
    return Example(
        name=name or lines,
        lines=_lines(lines, currency),
        total_minor=typed.amount(total, currency, FIELD),
        discount_minor=typed.amount(discount, currency, FIELD),
        **facts,
    )


def _lines(text: str, currency: str) -> tuple[ExampleLine, ...]:
    """Return goods: `3 × TEA`, `TEA @ 99.00`, set apart by commas."""
    found = []
    for part in typed.texts(text):
        match = _LINE.fullmatch(part)
        if match is None:
            raise ExampleLinesUnreadable(part, field=FIELD)
        unit = typed.amount(match[3] or "", currency, FIELD)
        found.append(ExampleLine(match[2], int(match[1] or "1"), unit))
    if not found:
        raise ExampleLinesUnreadable(text, field=FIELD)
    return tuple(found)


def _facts(text: str, how: Typing) -> dict[str, Any]:
    """Return what an example says beside its goods; `group` and `coupon` may stand several times."""
    facts: dict[str, Any] = {}
    for part in typed.texts(text):
        key, sign, value = (piece.strip() for piece in part.partition("="))
        field = WITH.get(key)
        if field is None or not sign or not value or (field in facts and field not in SEVERAL):
            raise ExampleWithUnreadable(part, ", ".join(WITH), field=FIELD)
        if field in SEVERAL:
            facts[field] = (*facts.get(field, ()), value)
        else:
            facts[field] = _READERS[field](value, how) if field in _READERS else value
    return facts


def _currency(text: str, how: Typing) -> str:
    if not money.is_currency(text.upper()):
        raise AmountUnreadable(text, how.currency, field=FIELD)
    return text.upper()


_READERS: Mapping[str, Callable[[str, Typing], Any]] = MappingProxyType(
    {
        "at": lambda text, how: typed.moment(text, how, FIELD),
        "earlier_orders": lambda text, _: typed.count(text[:_COUNT_DIGITS_MAX], FIELD),
        "country": lambda text, _: text.upper(),
        "currency": _currency,
    }
)


def raw_of(examples: Sequence[Example], how: Typing) -> dict[str, list[str]]:
    """Return what the form says of examples."""
    rows = [
        (
            "" if example.name == goods else example.name,
            goods,
            _with_typed(example, how),
            typed.amount_typed(example.total_minor, example.currency),
            typed.amount_typed(example.discount_minor, example.currency),
        )
        for example in examples
        for goods in [lines_typed(example)]
    ]
    return {name: [row[i] for row in rows] for i, name in enumerate(COLUMNS)}


def lines_typed(example: Example) -> str:
    """Return the goods of an example as they are typed."""
    return typed.listed(
        f"{line.quantity} × {line.sku}"
        + ("" if line.unit_minor is None else f" @ {typed.amount_typed(line.unit_minor, example.currency)}")
        for line in example.lines
    )


def _with_typed(example: Example, how: Typing) -> str:
    parts = []
    for key, field in WITH.items():
        value = getattr(example, field)
        if field in SEVERAL:
            parts += [f"{key}={text}" for text in value]
        elif field == "at":
            parts += [f"{key}={typed.moment_typed(value, how)}"] if value is not None else []
        elif value not in {None, ""} and (field, value) != ("currency", how.currency):
            parts.append(f"{key}={value}")
    return "; ".join(parts)
