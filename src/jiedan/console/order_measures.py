"""Measures of the pieces of a placed order in its form: shown, read, refused beside their inputs. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from jiedan.base.errors import Refusal, reasons_of
from jiedan.base.web.forms import Filled
from jiedan.orders.rules import bespoke
from jiedan.orders.values import Line, LineMeasures
from jiedan.pricing.values import Formula

COLUMNS = ("said_line", "said_name", "said_value")
"""The inputs of one measure, in their order."""

_FIELD = "measures["


class Piece(NamedTuple):
    """A line that is made to measure, and what is asked of it."""

    line: Line
    asked: Sequence[bespoke.Asked]


def typed(form: Filled[Any] | None) -> dict[int, dict[str, str]]:
    """Return what was typed of each line, by its number and the name of the measure."""
    found: dict[int, dict[str, str]] = {}
    for line, name, text in zip(*[form.raw.get(x, ()) if form is not None else () for x in COLUMNS], strict=False):
        if line.isascii() and line.isdigit() and name:
            found.setdefault(int(line), {})[name] = text
    return found


def wanted(form: Filled[Any], lines: Sequence[Line]) -> tuple[LineMeasures, ...]:
    """Return the measures that a form says otherwise than lines do."""
    said = {x.line: {one.name: one.measure for one in x.attributes} for x in lines}
    differ = {
        line: {name: text for name, text in texts.items() if text != said.get(line, {}).get(name)}
        for line, texts in typed(form).items()
    }
    return tuple([LineMeasures(line=line, attributes=dict(texts)) for line, texts in differ.items() if texts])


def pieces(form: Filled[Any] | None, lines: Sequence[Line], asked: Mapping[int, Formula]) -> list[Piece]:
    """Return the lines that may be measured otherwise, as the form shows them."""
    texts = typed(form)
    found = []
    for line in lines:
        if line.line in asked:
            formula = asked[line.line]
            said = {one.name: one.measure for one in line.attributes} | texts.get(line.line, {})
            problems = {} if form is None else {x.name: form.error(_id(line.line, x.name)) for x in formula.attributes}
            found.append(Piece(line, bespoke.inputs(formula, said, problems)))
    return found


def fields_of(form: Filled[Any]) -> dict[str, list[str]]:
    """Return the inputs of a form beside which something may be told."""
    return {_id(line, name): [text] for line, texts in typed(form).items() for name, text in texts.items()}


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
