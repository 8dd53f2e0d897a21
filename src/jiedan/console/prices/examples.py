"""Examples beside a rule, as people fill them in: each a cart, and what it must come to. Pure.

Inputs of one example stand at one place of their lists; its lines name that place in `example_of`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple, TypeVar, cast

import msgspec

from jiedan.base.web import bodies
from jiedan.base.web.forms import Filled, Form
from jiedan.console import amounts
from jiedan.console.prices import carts, typed
from jiedan.console.prices.carts import FACTS, Line
from jiedan.console.prices.reading import Reading
from jiedan.console.prices.typed import Typing
from jiedan.pricing.values.examples import (
    EXAMPLE_LINES_MAX,
    EXAMPLE_NAME_CHARACTERS_MAX,
    EXAMPLES_PER_RULE_MAX,
    Example,
)

LINES_MORE = 3
ROWS_MORE_MAX = 10
"""Empty rows beside those that are filled in."""

Text = Annotated[str, msgspec.Meta(max_length=typed.LIST_CHARACTERS_MAX)]
Texts = Annotated[list[Text], msgspec.Meta(max_length=EXAMPLES_PER_RULE_MAX + ROWS_MORE_MAX)]
Lines = Annotated[
    list[Text], msgspec.Meta(max_length=EXAMPLES_PER_RULE_MAX * (EXAMPLE_LINES_MAX + LINES_MORE) + ROWS_MORE_MAX)
]

FIELD = "examples"


HEAD = ("example_name", "example_total", "example_discount", "example_fee", "example_given")
COLUMNS = (*HEAD, *(f"example_{fact}" for fact in FACTS))
LINE_COLUMNS = ("example_of", "example_sku", "example_quantity", "example_price", "example_said")


class RuleForm(Form):
    """A rule; its own inputs and those of its examples are told by `rule_form`."""

    action: str = "save"
    version: bodies.Version | None = None


F = TypeVar("F", bound=RuleForm)


def rule_form(
    name: str,
    *,
    texts: Iterable[str] = (),
    flags: Iterable[str] = (),
    columns: Iterable[str] = (),
    rows_max: int = 0,
    base: type[F],
) -> type[F]:
    """Return a form of rules: its texts, ticks, and columns of rows, and beside them those of its examples."""
    of_rows = Annotated[list[Text], msgspec.Meta(max_length=rows_max)]
    kinds: tuple[tuple[Iterable[str], Any], ...] = ((COLUMNS, Texts), (LINE_COLUMNS, Lines), (columns, of_rows))
    fields: list[Any] = [(field, kind, msgspec.field(default_factory=list)) for names, kind in kinds for field in names]
    fields += [(field, Text, "") for field in texts]
    fields += [(field, bool, False) for field in flags]
    return cast("type[F]", msgspec.defstruct(name, fields, bases=(base,), kw_only=True))


class Typed(NamedTuple):
    """An example as it was typed; its place is that of its inputs, `was` where they stood when they were sent."""

    place: int
    was: int
    name: str
    total: str
    discount: str
    fee: str
    given: str
    facts: Mapping[str, str]
    lines: Sequence[Line]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was typed; how many of nothing does not count."""
        said = (self.name, self.total, self.discount, self.fee, self.given, *self.facts.values())
        return not (any(said) or any(self.goods))

    @property
    def goods(self) -> Sequence[Line]:
        """Return the lines in which goods were typed."""
        return [line for line in self.lines if line.sku or line.price]


def _typed(place: int, was: int, head: Sequence[str], facts: Mapping[str, str], lines: Sequence[Line]) -> Typed:
    name, total, discount, fee, given = head
    return Typed(place, was, name, total, discount, fee, given, facts, lines)


def typed_in(raw: Mapping[str, Sequence[str]]) -> list[Typed]:
    """Return the examples of a form, empty ones too."""
    lines: dict[str, list[Line]] = {}
    for of, *line in typed.columns(*[raw.get(name, ()) for name in LINE_COLUMNS]):
        lines.setdefault(of, []).append(Line(*line))
    heads = typed.columns(*[raw.get(name, ()) for name in COLUMNS])
    count = max(len(heads), *[int(of) + 1 for of in lines if of.isdigit() and len(of) <= len("999")], 0)
    heads += [("",) * len(COLUMNS)] * (min(count, EXAMPLES_PER_RULE_MAX + ROWS_MORE_MAX) - len(heads))
    return [
        _typed(i, i, row[: len(HEAD)], dict(zip(FACTS, row[len(HEAD) :], strict=True)), lines.get(str(i), []))
        for i, row in enumerate(heads)
    ]


def examples_of(reading: Reading) -> tuple[Example, ...]:
    """Return the examples that were filled in; what is wrong with one is remembered at its place, `example-0`."""
    found = []
    for one in typed_in(reading.raw):
        if one.is_empty:
            continue
        field, wrong = f"example-{one.was}", len(reading.reasons)
        cart = carts.cart_of(reading, one.lines, one.facts, field)
        total, off, fee = [reading.amount(text, cart["currency"], field) for text in (one.total, one.discount, one.fee)]
        given = carts.given_read(reading, one.given, field)
        if len(reading.reasons) == wrong:
            example = Example(
                name=one.name, total_minor=total, discount_minor=off, shipping_minor=fee, gifts=given, **cart
            )
            found.append(example if one.name else msgspec.structs.replace(example, name=_called(example)))
    return tuple(found)


def _called(example: Example) -> str:
    """Return what an example is called that was given no name: its goods."""
    return carts.called(carts.lines_typed(example))[:EXAMPLE_NAME_CHARACTERS_MAX]


def raw_of(examples: Sequence[Example], how: Typing) -> dict[str, list[str]]:
    """Return what the form says of examples."""
    heads = []
    lines: list[tuple[str, ...]] = []
    for i, example in enumerate(examples):
        goods, facts = carts.lines_typed(example), carts.facts_typed(example, how)
        heads.append((
            "" if example.name == _called(example) else example.name,
            amounts.written(example.total_minor, example.currency),
            amounts.written(example.discount_minor, example.currency),
            amounts.written(example.shipping_minor, example.currency),
            carts.given_typed(example.gifts),
            *[facts[fact] for fact in FACTS],
        ))  # fmt: skip
        lines += [(str(i), *line) for line in goods]
    columns = [(COLUMNS, heads), (LINE_COLUMNS, lines)]
    return {name: [row[i] for row in rows] for names, rows in columns for i, name in enumerate(names)}


def shown(form: Filled[Any], *, more: bool) -> list[Typed]:
    """Return the examples as the page draws them: those filled in, and an empty one; each with lines to go on with."""
    found = [one for one in typed_in(form.raw) if not one.is_empty]
    if len(found) < EXAMPLES_PER_RULE_MAX:
        found.append(_typed(0, -1, [""] * len(HEAD), dict.fromkeys(FACTS, ""), []))
    empty = [Line("", "", "")] * (LINES_MORE if more else 1)
    return [one._replace(place=i, lines=[*one.goods, *empty]) for i, one in enumerate(found)]
