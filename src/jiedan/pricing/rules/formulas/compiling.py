"""Make a formula ready: its names, its tables in each currency, its steps; or say everything that is wrong with it."""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from jiedan.base import money
from jiedan.base.errors import Refusal, one_of, reasons_of
from jiedan.pricing import errors
from jiedan.pricing.rules.formulas import checking, parsing, writings
from jiedan.pricing.values import formulas as values

UNITS: Mapping[str, tuple[str, Fraction]] = {
    **{unit: ("length", Fraction(size)) for unit, size in (("mm", "0.001"), ("cm", "0.01"), ("dm", "0.1"), ("m", 1))},
    **{unit: ("length", Fraction(size)) for unit, size in (("in", "0.0254"), ("ft", "0.3048"), ("yd", "0.9144"))},
    **{unit: ("area", Fraction(size)) for unit, size in (("mm2", "0.000001"), ("cm2", "0.0001"), ("m2", 1))},
    **{unit: ("volume", Fraction(size)) for unit, size in (("ml", "0.001"), ("l", 1), ("m3", 1_000))},
    **{unit: ("mass", Fraction(size)) for unit, size in (("g", "0.001"), ("kg", 1), ("t", 1_000))},
    **{unit: ("mass", Fraction(size)) for unit, size in (("oz", "0.028349523125"), ("lb", "0.45359237"))},
    **{unit: ("time", Fraction(size)) for unit, size in (("s", 1), ("min", 60), ("h", 3_600), ("d", 86_400))},
}
"""The units that can be turned into others, with their kind and size; any other word is a unit of its own."""

DECIMAL = re.compile(rf"-?[0-9]{{1,15}}(?:\.[0-9]{{1,{checking.DECIMALS_MAX}}})?")
"""A number as merchants and customers write it."""


class _Tables(NamedTuple):
    bands: dict[str, dict[str, values.Bands]]
    choices: dict[str, dict[str, dict[str, Fraction]]]


def compile_formula(formula: values.Formula) -> values.CompiledFormula:
    """Return a formula ready to reckon with; parsed expressions are kept by their text.

    Raises what `definition_problems` returns, as one refusal.
    """
    problems = [*_definition_problems(formula)]
    if problems:
        raise one_of(problems)
    return _compiled(formula)


def definition_problems(formula: values.Formula) -> tuple[Refusal, ...]:
    """Return everything that is wrong with a formula as it is written, before any order is reckoned with it."""
    problems = tuple(_definition_problems(formula))
    if problems:
        return problems
    try:
        _compiled(formula)
    except Refusal as refusal:
        return reasons_of(refusal)
    return ()


def unit_factor(attribute: values.FormulaAttribute) -> Fraction:
    """Return by what a number of an attribute is multiplied to be counted in the unit of the expression."""
    if not attribute.counted_in or attribute.counted_in == attribute.unit:
        return Fraction(1)
    return UNITS[attribute.unit][1] / UNITS[attribute.counted_in][1]


def unit_of(attribute: values.FormulaAttribute, unit: str) -> Fraction | None:
    """Return by what a number in `unit` is multiplied to be one in the attribute's own; None where it cannot be."""
    if unit in {"", attribute.unit}:
        return Fraction(1)
    kind, size = UNITS.get(unit, ("", Fraction(1)))
    own_kind, own_size = UNITS.get(attribute.unit, ("", Fraction(1)))
    return size / own_size if kind and kind == own_kind else None


def units_of(attribute: values.FormulaAttribute) -> tuple[str, ...]:
    """Return the units in which a number of an attribute may be given, its own first; none where it has none."""
    kind, _ = UNITS.get(attribute.unit, ("", Fraction(1)))
    others = [unit for unit, (of, _) in UNITS.items() if kind and of == kind and unit != attribute.unit]
    return (attribute.unit, *others) if attribute.unit else ()


def _compiled(formula: values.Formula) -> values.CompiledFormula:
    currencies = _currencies(formula)
    if not currencies:
        raise errors.FormulaCurrencyMissing(field="currency")
    known = _known(formula)
    ready = []
    for step in parsing.parse(formula.expression):
        part = checking.check(step.node, known)
        if step.name:
            _need_free_name(step.name, known)
            known.kinds[step.name], known.made_of[step.name] = part.kind, part.attributes
        else:
            checking.number(part)
        ready.append((step.name, part.evaluate))
    tables = _tables(formula, currencies)
    return values.CompiledFormula(
        formula=formula,
        currencies=currencies,
        steps=tuple(ready[:-1]),
        result=ready[-1][1],
        names={currency: dict(_constants(formula, currency)) for currency in currencies},
        bands=tables.bands,
        choices=tables.choices,
    )


def _known(formula: values.Formula) -> checking.Known:
    kinds: dict[str, values.Kind] = {values.QUANTITY_NAME: "number"}
    kinds |= {a.name: _kind(a) for a in formula.attributes}
    made_of = {name: frozenset({name}) for name in kinds}
    kinds |= {constant.name: "number" for constant in formula.constants}
    made_of |= {constant.name: frozenset() for constant in formula.constants}
    return checking.Known(
        kinds=kinds,
        made_of=made_of,
        tables={table.name: table.kind for table in formula.tables},
        rows={table.name: frozenset(row.key for row in table.rows) for table in formula.tables},
        choices={a.name: a.choices for a in formula.attributes if a.choices},
    )


def _kind(attribute: values.FormulaAttribute) -> values.Kind:
    if attribute.text is not None:
        return "writing"
    return "text" if attribute.choices else "number"


def _need_free_name(name: str, known: checking.Known) -> None:
    if name in known.kinds or name in known.tables or not _is_usable(name):
        raise errors.FormulaNameInvalid(name, field=parsing.FIELD)


def _is_usable(name: str) -> bool:
    return parsing.is_name(name) and name not in checking.RESERVED and name != values.QUANTITY_NAME


def _amounts(formula: values.Formula) -> list[dict[str, int]]:
    every = [constant.amounts for constant in formula.constants]
    every += [row.amounts for table in formula.tables for row in table.rows]
    return [amounts for amounts in every if amounts]


def _currencies(formula: values.Formula) -> frozenset[str]:
    """Return the currencies in which all money of a formula is said."""
    common = [frozenset(amounts) for amounts in _amounts(formula)]
    if formula.currency:
        common.append(frozenset({formula.currency}))
    return frozenset.intersection(*common) if common else frozenset()


def _worth(each: values.FormulaConstant | values.FormulaRow, currency: str) -> Fraction:
    if each.amounts:
        return Fraction(each.amounts[currency], 10 ** money.exponent(currency))
    return Fraction(each.value or 0)


def _constants(formula: values.Formula, currency: str) -> Iterator[tuple[str, values.Value]]:
    for constant in formula.constants:
        yield constant.name, _worth(constant, currency)


def _tables(formula: values.Formula, currencies: Iterable[str]) -> _Tables:
    tables = _Tables({}, {})
    for currency in currencies:
        bands = tables.bands.setdefault(currency, {})
        choices = tables.choices.setdefault(currency, {})
        for table in formula.tables:
            worths = [_worth(row, currency) for row in table.rows]
            if table.kind == "bands":
                bands[table.name] = values.Bands(tuple(Fraction(row.key) for row in table.rows), tuple(worths))
            else:
                choices[table.name] = {row.key: worth for row, worth in zip(table.rows, worths, strict=True)}
    return tables


def _definition_problems(formula: values.Formula) -> Iterator[Refusal]:
    yield from _length_problems(formula)
    yield from _name_problems(formula)
    if formula.currency and not money.is_currency(formula.currency):
        yield errors.FormulaCurrencyMissing(field="currency")
    for i, trait in enumerate(formula.goods):
        if not any(trait.startswith(kind) and trait.removeprefix(kind).strip() for kind in values.GOODS_KINDS):
            yield errors.FormulaGoodsInvalid(trait, field=f"goods[{i}]")
    for i, attribute in enumerate(formula.attributes):
        yield from _attribute_problems(attribute, f"attributes[{i}]")
    for i, constant in enumerate(formula.constants):
        yield from _worth_problems(constant, constant.name, f"constants[{i}]")
    for i, table in enumerate(formula.tables):
        yield from _table_problems(table, f"tables[{i}]")


def _length_problems(formula: values.Formula) -> Iterator[Refusal]:
    lists: list[tuple[str, Sequence[object], int]] = [
        ("attributes", formula.attributes, values.ATTRIBUTES_MAX),
        ("constants", formula.constants, values.CONSTANTS_MAX),
        ("goods", formula.goods, values.GOODS_MAX),
        ("tables", formula.tables, values.TABLES_MAX),
        *((f"attributes[{i}].choices", a.choices, values.CHOICES_MAX) for i, a in enumerate(formula.attributes)),
        *((f"tables[{i}].rows", t.rows, values.ROWS_MAX) for i, t in enumerate(formula.tables)),
    ]
    for field, rows, most in lists:
        if len(rows) > most:
            yield errors.FormulaListTooLong(len(rows), most, field=field)


def _name_problems(formula: values.Formula) -> Iterator[Refusal]:
    seen: set[str] = set()
    named = [
        *((f"attributes[{i}].name", each.name) for i, each in enumerate(formula.attributes)),
        *((f"constants[{i}].name", each.name) for i, each in enumerate(formula.constants)),
        *((f"tables[{i}].name", each.name) for i, each in enumerate(formula.tables)),
    ]
    for field, name in named:
        if name in seen or not _is_usable(name):
            yield errors.FormulaNameInvalid(name, field=field)
        seen.add(name)


def is_plain(number: Decimal) -> bool:
    """Tell whether a number is finite and has no more digits than formulas take."""
    _, _, exponent = number.as_tuple()
    if (
        not isinstance(exponent, int)
        or exponent < -checking.DECIMALS_MAX
        or number.adjusted() > values.NUMBER_DIGITS_MAX
    ):
        return False  # before it is written out: 1E+999999999 is a short text of a long number
    return DECIMAL.fullmatch(f"{number:f}") is not None


def _attribute_problems(attribute: values.FormulaAttribute, field: str) -> Iterator[Refusal]:
    pair = (attribute.unit, attribute.counted_in)
    if attribute.counted_in and len(set(pair)) > 1 and len({UNITS.get(unit, (unit,))[0] for unit in pair}) > 1:
        yield errors.FormulaUnitUnknown(*pair, ", ".join(UNITS), field=f"{field}.counted_in")
    yield from writings.problems(attribute, field)
    if attribute.text is None and not (_is_choice(attribute) if attribute.choices else _is_range(attribute)):
        yield errors.FormulaRangeInvalid(attribute.name, field=field)
    choices = attribute.choice_labels
    if not _are_shown(attribute.labels, values.LABEL_CHARACTERS_MAX):
        yield words_invalid(attribute.name, field=f"{field}.labels")
    if choices.keys() - attribute.choices or not all(
        _are_shown(words, values.TEXT_CHARACTERS_MAX) for words in choices.values()
    ):
        yield words_invalid(attribute.name, field=f"{field}.choice_labels")


def words_invalid(attribute: str, *, field: str) -> errors.FormulaWordsInvalid:
    """Return why words of an attribute in other languages are refused."""
    return errors.FormulaWordsInvalid(
        attribute[: values.NAME_CHARACTERS_MAX], values.LABEL_CHARACTERS_MAX, values.TEXT_CHARACTERS_MAX, field=field
    )


def _are_shown(words: values.Words, characters_max: int) -> bool:
    every = (words.en, words.zh_hans, words.zh_hant)
    return all(len(word) <= characters_max and word.isprintable() and word.strip() == word for word in every)


def _is_choice(attribute: values.FormulaAttribute) -> bool:
    choices = attribute.choices
    is_bare = attribute.minimum is None and attribute.maximum is None and attribute.step is None
    are_texts = all(0 < len(choice) <= values.TEXT_CHARACTERS_MAX and choice.strip() == choice for choice in choices)
    return is_bare and are_texts and len(set(choices)) == len(choices) and attribute.default in {None, *choices}


def _is_range(attribute: values.FormulaAttribute) -> bool:
    low, high, step = attribute.minimum, attribute.maximum, attribute.step
    if low is None or high is None or not all(is_plain(n) for n in (low, high, step) if n is not None):
        return False
    if low > high or (step is not None and step <= 0):
        return False
    if attribute.default is None:
        return True
    default = Decimal(attribute.default) if DECIMAL.fullmatch(attribute.default) else None
    return default is not None and low <= default <= high and (step is None or _is_on(default, low, step))


def _is_on(value: Decimal, low: Decimal, step: Decimal) -> bool:
    return ((Fraction(value) - Fraction(low)) / Fraction(step)).denominator == 1


def _worth_problems(
    each: values.FormulaConstant | values.FormulaRow, name: str, field: str
) -> Iterator[errors.FormulaMoneyInvalid]:
    is_number = each.value is not None and is_plain(each.value)
    is_money = bool(each.amounts) and all(
        money.is_currency(currency) and abs(minor) <= money.AMOUNT_MINOR_MAX for currency, minor in each.amounts.items()
    )
    if (each.value is not None) == bool(each.amounts) or not (is_number or is_money):
        yield errors.FormulaMoneyInvalid(name, field=field)


def _table_problems(table: values.FormulaTable, field: str) -> Iterator[Refusal]:
    keys = [row.key for row in table.rows]
    if table.kind == "bands":
        are_numbers = all(DECIMAL.fullmatch(key) for key in keys)
        starts = [Fraction(key) for key in keys] if are_numbers else []
        is_table = are_numbers and all(a < b for a, b in itertools.pairwise(starts))
    else:
        is_table = len(set(keys)) == len(keys) and all(0 < len(key) <= values.TEXT_CHARACTERS_MAX for key in keys)
    if not keys or not is_table:
        yield errors.FormulaTableInvalid(table.name, field=f"{field}.rows")
    for i, row in enumerate(table.rows):
        yield from _worth_problems(row, row.key, f"{field}.rows[{i}]")
