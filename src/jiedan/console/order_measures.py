"""Measures of the pieces of a placed order in its form: shown, read, merged, refused beside their inputs. Pure.

Each input sends along what the page showed in it. Only what was typed differently is a change, so what somebody else
measured otherwise meanwhile is never taken back by a form that did not touch it.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from jiedan.base.errors import Refusal, reasons_of
from jiedan.base.web.forms import Filled
from jiedan.orders.rules import bespoke
from jiedan.orders.values import Line, LineMeasures
from jiedan.pricing.values import Formula

COLUMNS = ("said_line", "said_name", "said_value", "said_was")
"""The inputs of one measure, in their order: the last is what the page showed."""

_FIELD = "measures["


class Piece(NamedTuple):
    """A line that is made to measure, what is asked of it, and what the page showed of that, by name."""

    line: Line
    asked: Sequence[bespoke.Asked]
    was: Mapping[str, str]


class _Input(NamedTuple):
    """An input as it was sent; `was` is absent where the page did not tell it."""

    line: int
    name: str
    text: str
    was: str | None


def _inputs(form: Filled[Any] | None) -> list[_Input]:
    if form is None:
        return []
    lines, names, texts, was = [form.raw.get(x, ()) for x in COLUMNS]
    return [
        _Input(int(line), name, text, was[i] if i < len(was) else None)
        for i, (line, name, text) in enumerate(zip(lines, names, texts, strict=False))
        if line.isascii() and line.isdigit() and name
    ]


def wanted(form: Filled[Any], lines: Sequence[Line]) -> tuple[LineMeasures, ...]:
    """Return the measures that were typed otherwise than the page showed them, and than lines say."""
    said = {(x.line, one.name): one.measure for x in lines for one in x.attributes}
    differ: dict[int, dict[str, Any]] = {}
    for one in _inputs(form):
        if one.text not in {one.was, said.get((one.line, one.name))}:
            differ.setdefault(one.line, {})[one.name] = one.text
    return tuple([LineMeasures(line=line, attributes=texts) for line, texts in differ.items()])


def pieces(
    form: Filled[Any] | None, lines: Sequence[Line], asked: Mapping[int, Formula], *, locale: str
) -> list[Piece]:  # fmt: skip
    """Return the lines that may be measured otherwise, as the form shows them in a language."""
    sent = {(one.line, one.name): one for one in _inputs(form)}
    found = []
    for line in lines:
        if line.line in asked:
            formula = asked[line.line]
            was = _shown(line, formula)
            texts = dict(was)
            for name in was:
                one = sent.get((line.line, name))
                if one is not None:
                    texts[name] = one.text
                    was[name] = was[name] if one.was is None else one.was
            problems = {} if form is None else {name: form.error(_id(line.line, name)) for name in was}
            found.append(Piece(line, bespoke.inputs(formula, texts, problems, locale=locale), was))
    return found


def _shown(line: Line, formula: Formula) -> dict[str, str]:
    """Return what the page shows of a line that nobody typed anything of, by name."""
    said = {one.name: one.measure for one in line.attributes}
    return {one.name: said.get(one.name, one.default or "") for one in formula.attributes}


def stored(lines: Sequence[Line], asked: Mapping[int, Formula]) -> dict[str, str]:
    """Return what lines say, by input."""
    found: dict[str, str] = {}
    for x in lines:
        if x.line in asked:
            found |= {_id(x.line, name): text for name, text in _shown(x, asked[x.line]).items()}
    return found


def labels(lines: Sequence[Line], asked: Mapping[int, Formula], *, locale: str) -> dict[str, str]:
    """Return what inputs are called where they stand among others: the goods, and the measure."""
    return {
        _id(x.line, one.name): f"{x.line} · {x.name} · {one.label_in(locale)}"
        for x in lines
        if x.line in asked
        for one in asked[x.line].attributes
    }


def sent(form: Filled[Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the page showed, as far as it told, and what was typed, by input."""
    inputs = _inputs(form)
    was = {_id(one.line, one.name): one.was for one in inputs if one.was is not None}
    return was, {_id(one.line, one.name): one.text for one in inputs}


def with_texts(
    lines: Sequence[Line], asked: Mapping[int, Formula], texts: Mapping[str, str]
) -> dict[str, list[str]]:  # fmt: skip
    """Return the columns of a form with these texts in its inputs, which shows what lines say now."""
    rows = [
        (str(x.line), name, texts.get(_id(x.line, name), text), text)
        for x in lines
        if x.line in asked
        for name, text in _shown(x, asked[x.line]).items()
    ]
    return {column: [row[i] for row in rows] for i, column in enumerate(COLUMNS)}


def taken(form: Filled[Any], names: Collection[str]) -> dict[str, list[str]]:
    """Return the columns of a form, those inputs back at what the page showed that are named."""
    rows = [
        (str(x.line), x.name, x.was if x.was is not None and _id(x.line, x.name) in names else x.text, x.was or "")
        for x in _inputs(form)
    ]
    return {column: [row[i] for row in rows] for i, column in enumerate(COLUMNS)}


def fields_of(form: Filled[Any]) -> dict[str, list[str]]:
    """Return the inputs of a form beside which something may be told."""
    return {_id(one.line, one.name): [one.text] for one in _inputs(form)}


def beside(refusal: Refusal, form: Filled[Any], lines: Sequence[Line]) -> Refusal:
    """Return a refusal, what is wrong with a measure beside its input."""
    numbers = [one.line for one in wanted(form, lines)]
    for reason in reasons_of(refusal):
        field = reason.field or ""
        place, _, name = field.removeprefix(_FIELD).partition("].attributes.")
        if field.startswith(_FIELD) and name and place.isdigit() and int(place) < len(numbers):
            reason.field = _id(numbers[int(place)], name)
    return refusal


def _id(line: int, name: str) -> str:
    return f"said-{line}-{name}"
