"""Reckon a price with a formula from what an order says, or refuse, naming the attribute."""

import dataclasses
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple, cast

from jiedan.base import money
from jiedan.base.errors import Refusal, one_of
from jiedan.base.i18n import Called, Phrase, Series
from jiedan.pricing import errors
from jiedan.pricing.rules.formulas import checking, compiling, writings
from jiedan.pricing.values import formulas as values

_MEASURED = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)\s*(?![eE][0-9])([^\W\d_]+[23]?)")
"""A number and the unit behind it."""


class Given(NamedTuple):
    """What an order says of the attributes of a formula, checked: as the expression sees it, and as it is kept.

    Of a text that a customer wrote, the expression sees how many letters it has.
    """

    names: Mapping[str, values.Value]
    texts: Mapping[str, str]


def read_attributes(
    compiled: values.CompiledFormula, given: Mapping[str, values.AttributeValue], *, field: str = "attributes"
) -> Given:
    """Return what an order says, defaults filled in.

    Raises every refusal at once, each at `<field>.<attribute>`: AttributeMissing, AttributeUnknown,
    AttributeUnitWrong, AttributeOutOfRange, AttributeOffStep, AttributeNotAChoice, AttributeTextTooLong,
    AttributeTextInvalid.
    """
    reasons: list[Refusal] = []
    names, texts = _read(compiled.formula, given, field, reasons)
    if reasons:
        raise one_of(reasons)
    return Given(names, texts)


def problems_of_names(names: Iterable[str], *, field: str = "attributes") -> list[Refusal]:
    """Return which attributes no formula can ask for: without a name, or with one that is too long."""
    most = values.NAME_CHARACTERS_MAX
    return [errors.AttributeUnknown(name[:most], field=field) for name in names if not _is_name(name)]


def _is_name(name: str) -> bool:
    return 1 <= len(name) <= values.NAME_CHARACTERS_MAX


def said(formula: values.Formula, given: Given) -> tuple[values.Said, ...]:
    """Return what an order says, in the order in which it is asked and in the units in which it is."""
    label_max, unit_max = values.LABEL_CHARACTERS_MAX, values.UNIT_CHARACTERS_MAX
    return tuple([
        values.Said(
            each.name,
            text,
            each.label[:label_max],
            "" if each.choices else each.unit[:unit_max],  # a choice is read again as it is; texts have none
            _kept(each.labels),
            _kept(each.choice_labels.get(text, values.NO_WORDS)),
            None if each.text is None else writings.letters(text),
        )
        for each in formula.attributes
        for text in (given.texts[each.name],)
    ])  # fmt: skip


def _kept(words: values.Words) -> values.Words:
    """Return words as they are kept; none are left out only as the one that means none."""
    return words if words != values.NO_WORDS else values.NO_WORDS


def reckon(
    compiled: values.CompiledFormula, given: Given, currency: str, *, quantity: int = 1, field: str = "attributes"
) -> values.FormulaPrice:
    """Return what one unit costs in `currency`, which must be one of the formula's, rounded half up once at the end.

    `quantity` is the number of units with these attributes. Raises FormulaDividesByZero, FormulaOverflow,
    FormulaBelowZero and FormulaOffTable, at the attribute concerned where it is one alone.
    """
    names = {**given.names, values.QUANTITY_NAME: Fraction(quantity), **compiled.names[currency]}
    around = values.Surroundings(names, compiled.bands[currency], compiled.choices[currency])
    steps = {}
    try:
        for name, evaluate in compiled.steps:
            value = names[name] = evaluate(around)
            steps[name] = checking.written(value) if isinstance(value, Fraction) else str(value).lower()
        minor = _minor(cast("Fraction", compiled.result(around)), compiled.formula, currency)
    except Refusal as refusal:
        raise _called(refusal, compiled.formula, _concerned(refusal, field)) from refusal
    return values.FormulaPrice(minor, values.FormulaTrace(compiled.formula.code, _traced(compiled, given), steps))


def _traced(compiled: values.CompiledFormula, given: Given) -> dict[str, str]:
    """Return what an expression was given, as traces tell it: of texts how long they are, never what they say."""
    return dict(_seen(one, given.texts[one.name]) for one in compiled.formula.attributes)


def _seen(attribute: values.FormulaAttribute, text: str) -> tuple[str, str]:
    """Return by which name an expression sees what was said, and what it sees: of a text how long it is."""
    if attribute.text is not None:
        return f"length({attribute.name})", str(writings.letters(text))
    return attribute.name, text


def problems_of_formula(formula: values.Formula) -> tuple[Refusal, ...]:
    """Return what is wrong with a formula: as it is written, or else an order allowed by it that has no price.

    The orders tried are those at the ends of all limits, each choice and every default: all of them up to 256, or 256
    evenly among them.
    """
    problems = compiling.definition_problems(formula)
    if problems:
        return problems
    compiled = compiling.compile_formula(formula)
    for order in _extremes(formula):
        for currency in sorted(compiled.currencies):
            try:
                reckon(compiled, read_attributes(compiled, order), currency)
            except Refusal as refusal:
                seen = (_seen(one, str(order[one.name])) for one in formula.attributes)
                told = ", ".join(f"{name} {value}" for name, value in seen) or "-"
                return (errors.FormulaFails(told, currency, _said(refusal), field="expression"),)
    return ()


def _concerned(refusal: Refusal, field: str) -> str:
    """Return the field of the attribute that a refusal is about, where it is about one alone."""
    attributes = getattr(refusal, "attributes", "")
    is_one = attributes and not isinstance(attributes, Phrase) and ", " not in attributes
    return f"{field}.{attributes}" if is_one and attributes != values.QUANTITY_NAME else field


def _called(refusal: Refusal, formula: values.Formula, field: str) -> Refusal:
    """Return a refusal at its field, that calls attributes what its reader calls them; as data they stay names."""
    called = {one.name: Called(one.name, one.label_in) for one in formula.attributes}
    told: dict[str, Any] = {"field": field}
    if (name := getattr(refusal, "attribute", "")) in called:
        told["attribute"] = called[name]
    several = getattr(refusal, "attributes", "")
    if several and not isinstance(several, Phrase):
        told["attributes"] = Series(called.get(name, name) for name in several.split(", "))
    return dataclasses.replace(refusal, **told)


def _said(refusal: Refusal) -> Phrase:
    return Phrase(refusal.message, **{f.name: getattr(refusal, f.name) for f in dataclasses.fields(refusal)})


def _minor(result: Fraction, formula: values.Formula, currency: str) -> int:
    scaled = result * 10 ** money.exponent(currency)
    minor = money.round_half_up(scaled.numerator, scaled.denominator)
    attributes = checking.listed(frozenset(a.name for a in formula.attributes))
    if minor < 0:
        raise errors.FormulaBelowZero(f"{checking.written(result)} {currency}", attributes)
    if minor > money.AMOUNT_MINOR_MAX:
        raise errors.FormulaOverflow(formula.code, attributes)
    return minor


def _read(
    formula: values.Formula, given: Mapping[str, values.AttributeValue], field: str, reasons: list[Refusal]
) -> tuple[dict[str, values.Value], dict[str, str]]:
    """Return the attributes of an order as the expression sees them and as texts, or note what is wrong with them."""
    names: dict[str, values.Value] = {}
    texts: dict[str, str] = {}
    asked = {attribute.name for attribute in formula.attributes}
    unknown = sorted(given.keys() - asked)
    reasons += problems_of_names(unknown, field=field)
    reasons += [errors.AttributeUnknown(n, field=f"{field}.{n}") for n in unknown if _is_name(n)]
    for attribute in formula.attributes:
        value = given.get(attribute.name, attribute.default if attribute.text is None else "")
        try:
            if value is None:
                raise errors.AttributeMissing(attribute.name)
            if attribute.text is not None:
                texts[attribute.name] = writings.read(attribute, attribute.text, value)
                names[attribute.name] = Fraction(writings.letters(texts[attribute.name]))
            elif attribute.choices:
                names[attribute.name] = texts[attribute.name] = _choice(attribute, value)
            else:
                number = _number(attribute, value)
                names[attribute.name] = number * compiling.unit_factor(attribute)
                texts[attribute.name] = checking.written(number)
        except Refusal as refusal:
            reasons.append(_called(refusal, formula, f"{field}.{attribute.name}"))
    return names, texts


def _choice(attribute: values.FormulaAttribute, value: values.AttributeValue) -> str:
    if value not in attribute.choices:
        raise errors.AttributeNotAChoice(attribute.name, ", ".join(attribute.choices))
    return str(value)


def _number(attribute: values.FormulaAttribute, value: values.AttributeValue) -> Fraction:
    """Return a number within the limits of its attribute and on a step, in the unit it was given in."""
    low, high = Fraction(attribute.minimum or 0), Fraction(attribute.maximum or 0)
    number = _exact(_in_own_unit(attribute, value))
    if number is None or not low <= number <= high:
        raise errors.AttributeOutOfRange(attribute.name, checking.written(low), _measured(high, attribute))
    if attribute.step is None:
        return number
    step = Fraction(attribute.step)
    below = low + (number - low) // step * step
    if number != below:
        above = below + step if below + step <= high else below
        raise errors.AttributeOffStep(
            attribute.name,
            checking.written(low),
            _measured(step, attribute),
            checking.written(below),
            checking.written(above),
        )
    return number


def _in_own_unit(attribute: values.FormulaAttribute, value: values.AttributeValue) -> values.AttributeValue | Fraction:
    """Return a number that was given with its unit as one in the unit of its attribute; anything else as it is."""
    if not isinstance(value, str):
        return value
    found = _MEASURED.fullmatch(value.strip())
    plain = value.rstrip().removesuffix(attribute.unit)
    if found is None or _exact(plain) is not None:  # else 240 cm would be what ends with the unit m
        return plain
    factor = compiling.unit_of(attribute, found[2])
    if factor is None:
        units = compiling.units_of(attribute)
        shown = found[2][: values.NAME_CHARACTERS_MAX]
        raise errors.AttributeUnitWrong(attribute.name, shown, ", ".join(units) or Phrase("a number without a unit"))
    number = _exact(found[1])
    return value if number is None else number * factor


def _measured(number: Fraction, attribute: values.FormulaAttribute) -> str:
    return f"{checking.written(number)} {attribute.unit}".strip()


def _exact(value: values.AttributeValue | Fraction) -> Fraction | None:
    """Return a number as it was written, or None where it is not a plain one."""
    if isinstance(value, Fraction):
        return value
    if isinstance(value, Decimal):
        return Fraction(value) if compiling.is_plain(value) else None
    text = str(value).strip() if isinstance(value, str) or type(value) is int else ""
    return Fraction(text) if compiling.DECIMAL.fullmatch(text) else None


def _extremes(formula: values.Formula) -> Iterator[dict[str, values.AttributeValue]]:
    """Yield orders at the ends of every attribute: all, or so many evenly among them, the first and the last included.

    An order is a number whose digits choose an end for each attribute.
    """
    ends = [(attribute.name, _ends(attribute)) for attribute in formula.attributes]
    every = math.prod(len(of_one) for _, of_one in ends)
    tried = min(every, values.PROBES_MAX)
    for i in range(tried):
        place = i * (every - 1) // max(tried - 1, 1)
        order = {}
        for name, of_one in ends:
            place, digit = divmod(place, len(of_one))
            order[name] = of_one[digit]
        yield order


def _ends(attribute: values.FormulaAttribute) -> tuple[values.AttributeValue, ...]:
    if attribute.text is not None:
        return writings.ends(attribute.text)
    if attribute.choices:
        return attribute.choices
    low, high = Fraction(attribute.minimum or 0), Fraction(attribute.maximum or 0)
    if attribute.step is not None:
        step = Fraction(attribute.step)
        high = low + (high - low) // step * step
    own = () if attribute.default is None else (attribute.default,)
    ends = (*own, checking.written(low), checking.written(high))
    return tuple(dict.fromkeys(ends))
