"""Check an expression and make it ready: each part becomes a function of what one order says.

Kinds (number, text, truth) are settled here, so that evaluating meets no part of another kind. Numbers are fractions:
nothing is rounded but where the expression says so, and once at the end.
"""

import math
import operator
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, cast

from jiedan.base.i18n import Phrase
from jiedan.pricing import errors
from jiedan.pricing.rules.formulas import parsing
from jiedan.pricing.values import formulas as values

PLACES_MAX = 6
"""Decimals that `round` keeps at most."""

DECIMALS_MAX = 9
"""Decimals of a number that is given, and of one that is told."""

USAGE: Mapping[str, str] = {
    "abs": "abs(x)",
    "ceil": "ceil(x)",
    "empty": "empty(text)",
    "floor": "floor(x)",
    "length": "length(text)",
    "lookup": "lookup(table, x)",
    "max": "max(x, y, …)",
    "min": "min(x, y, …)",
    "round": "round(x), round(x, 2)",
    "roundup": "roundup(x, 0.5)",
}
"""The functions of formulas, and how each is written."""

OF_WRITINGS = frozenset({"empty", "length"})
"""Functions of what customers write."""

RESERVED = USAGE.keys() - OF_WRITINGS
"""What nothing else may be called; goods had a `length` before there was a function of that name."""

_WANTED: Mapping[values.Kind, Phrase] = {
    "number": Phrase("a numeric value"),
    "text": Phrase("a choice in quotes"),
    "truth": Phrase("a condition"),
    "writing": Phrase("a text that customers write"),
}
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


class Part(NamedTuple):
    """A part of an expression, ready: its kind, and of which attributes it is made."""

    kind: values.Kind
    evaluate: values.Evaluate
    attributes: frozenset[str]
    source: str


class Known(NamedTuple):
    """What an expression may name: attributes, constants and steps with their kind, and tables with theirs.

    `made_of` tells of which attributes a name is made; `choices` what a named attribute may be.
    """

    kinds: dict[str, values.Kind]
    made_of: dict[str, frozenset[str]]
    tables: Mapping[str, values.TableKind]
    rows: Mapping[str, frozenset[str]]
    choices: Mapping[str, tuple[str, ...]]


def check(node: parsing.Node, known: Known) -> Part:
    """Return a node as a part of a known kind.

    Raises FormulaNameUnknown, FormulaMisfit, FormulaArguments, FormulaOffTable.
    """
    match node:
        case parsing.Number(source, value):
            return Part("number", lambda _: value, frozenset(), source)
        case parsing.Text(source, text):
            return Part("text", lambda _: text, frozenset(), source)
        case parsing.Name(source, name):
            return _named(source, name, known)
        case parsing.Sum(source, terms):
            return _sum(source, terms, known)
        case parsing.Product(source, factors):
            return _product(source, factors, known)
        case parsing.Compare():
            return _compare(node, known)
        case parsing.Every(source, is_and, nodes):
            return _every(source, nodes, known, is_and=is_and)
        case parsing.Denial(source, inner):
            part = check(inner, known)
            holds = truth(part)
            return Part("truth", lambda around: not holds(around), part.attributes, source)
        case parsing.Choose():
            return _choose(node, known)
        case parsing.Call():
            return _call(node, known)


def number(part: Part) -> Callable[[values.Surroundings], Fraction]:
    """Return how a part evaluates to a number. Raises FormulaMisfit where it does not."""
    return cast("Callable[[values.Surroundings], Fraction]", _of_kind(part, "number").evaluate)


def listed(attributes: frozenset[str]) -> str:
    """Return the names of attributes as a text; a part that is made of none can be changed in the formula alone."""
    return ", ".join(sorted(attributes)) or Phrase("the formula")


def written(value: Fraction) -> str:
    """Return a number as a plain decimal, rounded to nine places for reading."""
    scaled = int(half_up(value, DECIMALS_MAX) * 10**DECIMALS_MAX)
    whole, rest = divmod(abs(scaled), 10**DECIMALS_MAX)
    decimals = f".{rest:0{DECIMALS_MAX}}".rstrip("0").rstrip(".")
    return f"{'-' if scaled < 0 else ''}{whole}{decimals}"


def truth(part: Part) -> Callable[[values.Surroundings], bool]:
    """Return how a part evaluates to a condition. Raises FormulaMisfit where it does not."""
    return cast("Callable[[values.Surroundings], bool]", _of_kind(part, "truth").evaluate)


def _of_kind(part: Part, kind: values.Kind) -> Part:
    if part.kind != kind:
        raise errors.FormulaMisfit(part.source, _WANTED[kind], field=parsing.FIELD)
    return part


def _named(source: str, name: str, known: Known) -> Part:
    kind = known.kinds.get(name)
    if kind is None:
        raise errors.FormulaNameUnknown(name, ", ".join(sorted([*known.kinds, *USAGE])), field=parsing.FIELD)
    return Part(kind, lambda around: around.names[name], known.made_of[name], source)


def _bounded(value: Fraction, part: str, attributes: frozenset[str]) -> Fraction:
    if value.numerator.bit_length() + value.denominator.bit_length() > values.VALUE_BITS_MAX:
        raise errors.FormulaOverflow(part, listed(attributes), field=parsing.FIELD)
    return value


def _all_numbers(
    row: Sequence[tuple[bool, parsing.Node]], known: Known
) -> tuple[list[tuple[bool, Part]], frozenset[str]]:
    parts = [(flag, _of_kind(check(node, known), "number")) for flag, node in row]
    return parts, frozenset().union(*(part.attributes for _, part in parts))


def _sum(source: str, terms: Sequence[tuple[bool, parsing.Node]], known: Known) -> Part:
    parts, attributes = _all_numbers(terms, known)
    reads = [(is_off, number(part)) for is_off, part in parts]

    def evaluate(around: values.Surroundings) -> Fraction:
        total = Fraction(0)
        for is_off, read in reads:
            total = _bounded(total - read(around) if is_off else total + read(around), source, attributes)
        return total

    return Part("number", evaluate, attributes, source)


def _product(source: str, factors: Sequence[tuple[bool, parsing.Node]], known: Known) -> Part:
    parts, attributes = _all_numbers(factors, known)
    reads = [(is_divisor, number(part), part) for is_divisor, part in parts]

    def evaluate(around: values.Surroundings) -> Fraction:
        total = Fraction(1)
        for is_divisor, read, part in reads:
            value = read(around)
            if is_divisor and not value:
                raise errors.FormulaDividesByZero(part.source, listed(part.attributes), field=parsing.FIELD)
            total = _bounded(total / value if is_divisor else total * value, source, attributes)
        return total

    return Part("number", evaluate, attributes, source)


def _compare(node: parsing.Compare, known: Known) -> Part:
    left, right = check(node.left, known), check(node.right, known)
    if node.sign not in {"==", "!="} or left.kind == "writing":
        _of_kind(left, "number")
    _of_kind(right, left.kind)
    compare, one, other = _COMPARE[node.sign], left.evaluate, right.evaluate
    return Part(
        "truth", lambda around: compare(one(around), other(around)), left.attributes | right.attributes, node.source
    )


def _every(source: str, nodes: Sequence[parsing.Node], known: Known, *, is_and: bool) -> Part:
    parts = [check(node, known) for node in nodes]
    holds = [truth(part) for part in parts]
    attributes = frozenset().union(*(part.attributes for part in parts))
    join = all if is_and else any
    return Part("truth", lambda around: join(hold(around) for hold in holds), attributes, source)


def _choose(node: parsing.Choose, known: Known) -> Part:
    condition, then, otherwise = check(node.condition, known), check(node.then, known), check(node.otherwise, known)
    holds, one, other = truth(condition), then.evaluate, _of_kind(otherwise, then.kind).evaluate
    attributes = condition.attributes | then.attributes | otherwise.attributes
    return Part(then.kind, lambda around: one(around) if holds(around) else other(around), attributes, node.source)


def _call(node: parsing.Call, known: Known) -> Part:
    usage = USAGE.get(node.function)
    if usage is None:
        raise errors.FormulaNameUnknown(node.function, ", ".join(sorted(USAGE)), field=parsing.FIELD)
    if node.function == "lookup":
        return _lookup(node, known)
    if node.function in OF_WRITINGS:
        return _of_writing(node, usage, known)
    parts = [check(argument, known) for argument in node.arguments]
    reads = [number(part) for part in parts]
    attributes = frozenset().union(*(part.attributes for part in parts))
    apply = _applied(node, parts)
    if apply is None:
        raise errors.FormulaArguments(node.function, usage, field=parsing.FIELD)
    chosen = apply

    def evaluate(around: values.Surroundings) -> Fraction:
        return _bounded(chosen([read(around) for read in reads]), node.source, attributes)

    return Part("number", evaluate, attributes, node.source)


def _of_writing(node: parsing.Call, usage: str, known: Known) -> Part:
    """Return how many letters a text has, which is all that expressions see of it, or whether it has none."""
    if len(node.arguments) != 1:
        raise errors.FormulaArguments(node.function, usage, field=parsing.FIELD)
    part = _of_kind(check(node.arguments[0], known), "writing")
    read = cast("Callable[[values.Surroundings], Fraction]", part.evaluate)
    if node.function == "empty":
        return Part("truth", lambda around: not read(around), part.attributes, node.source)
    return Part("number", read, part.attributes, node.source)


def _applied(node: parsing.Call, parts: Sequence[Part]) -> Callable[[Sequence[Fraction]], Fraction] | None:
    """Return the function with this name and number of parts, or None."""
    many = len(parts)
    match node.function:
        case "min" if many > 1:
            return min
        case "max" if many > 1:
            return max
        case "abs" if many == 1:
            return lambda given: abs(given[0])
        case "ceil" if many == 1:
            return lambda given: Fraction(math.ceil(given[0]))
        case "floor" if many == 1:
            return lambda given: Fraction(math.floor(given[0]))
        case "round" if many == 1:
            return lambda given: half_up(given[0], 0)
        case "round" | "roundup" if many == len("xy"):
            return _rounding(node)
    return None


def _rounding(node: parsing.Call) -> Callable[[Sequence[Fraction]], Fraction] | None:
    """Return `round` to a number of places, or `roundup` to a step; both are written as a number, not reckoned."""
    by = node.arguments[1]
    if not isinstance(by, parsing.Number):
        return None
    step = by.value
    if node.function == "roundup":
        return (lambda given: step * math.ceil(given[0] / step)) if step > 0 else None
    places = int(step)
    if step != places or not 0 <= places <= PLACES_MAX:
        return None
    return lambda given: half_up(given[0], places)


def half_up(value: Fraction, places: int) -> Fraction:
    """Return a number with so many decimals, halves away from zero."""
    scaled = abs(value) * 10**places + Fraction(1, 2)
    return Fraction(math.floor(scaled), 10**places) * (-1 if value < 0 else 1)


def _lookup(node: parsing.Call, known: Known) -> Part:
    table = node.arguments[0]
    if len(node.arguments) != len("tx") or not isinstance(table, parsing.Name):
        raise errors.FormulaArguments(node.function, USAGE[node.function], field=parsing.FIELD)
    kind = known.tables.get(table.name)
    if kind is None:
        raise errors.FormulaNameUnknown(table.name, ", ".join(sorted(known.tables)) or "-", field=parsing.FIELD)
    key, name = check(node.arguments[1], known), table.name
    if kind == "choices":
        return _by_choice(node, _of_kind(key, "text"), name, known)
    read = number(key)

    def evaluate(around: values.Surroundings) -> Fraction:
        bands, wanted = around.bands[name], read(around)
        place = bisect_right(bands.starts, wanted)
        if not place:
            raise errors.FormulaOffTable(name, written(wanted), listed(key.attributes), field=parsing.FIELD)
        return bands.worths[place - 1]

    return Part("number", evaluate, key.attributes, node.source)


def _by_choice(node: parsing.Call, key: Part, table: str, known: Known) -> Part:
    asked = node.arguments[1]
    if isinstance(asked, parsing.Name):
        for choice in known.choices.get(asked.name, ()):
            if choice not in known.rows[table]:
                raise errors.FormulaOffTable(table, choice, asked.name, field=parsing.FIELD)
    read = cast("Callable[[values.Surroundings], str]", key.evaluate)

    def evaluate(around: values.Surroundings) -> Fraction:
        wanted = read(around)
        found = around.choices[table].get(wanted)
        if found is None:
            raise errors.FormulaOffTable(table, wanted, listed(key.attributes), field=parsing.FIELD)
        return found

    return Part("number", evaluate, key.attributes, node.source)
