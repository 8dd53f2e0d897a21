"""The form of a formula: what customers are asked, constants, tables, and the expression over them. Pure.

Rows of tables say by `row_of` to which table they belong. A number is plain, money has its currency beside it.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from jiedan.base.errors import Refusal
from jiedan.base.web.forms import Filled
from jiedan.console import amounts
from jiedan.console.prices import measures, typed
from jiedan.console.prices.examples import RuleForm, rule_form
from jiedan.console.prices.kinds import RuleType
from jiedan.console.prices.reading import Reading
from jiedan.console.prices.typed import Typing
from jiedan.pricing.errors import FormulaUnreadable
from jiedan.pricing.rules import formulas as rules
from jiedan.pricing.values import drafts, formulas
from jiedan.pricing.values.promotions import Amounts

MORE = 3
ROWS_MAX = formulas.TABLES_MAX * (formulas.ROWS_MAX + MORE)

ATTRIBUTE_COLUMNS = (
    "attribute_name", "attribute_label", "attribute_unit", "attribute_counted", "attribute_min", "attribute_max",
    "attribute_step", "attribute_choices", "attribute_default", "attribute_text", "attribute_characters",
)  # fmt: skip
TEXTS = ("optional", "required")
"""What a text may be; empty where a number or a choice is asked for."""

WORD_COLUMNS = ("word_of", "word_choice", "word_en", "word_zh_hans", "word_zh_hant")
"""An attribute, one of its choices where it is that which is called so, and the words of each language."""

CONSTANT_COLUMNS = ("constant_name", "constant_value")
TABLE_COLUMNS = ("table_name", "table_kind")
ROW_COLUMNS = ("row_of", "row_key", "row_value")


FormulaForm = rule_form(
    "FormulaForm",
    texts=("code", "currency", "expression", "goods"),
    columns=(*ATTRIBUTE_COLUMNS, *WORD_COLUMNS, *CONSTANT_COLUMNS, *TABLE_COLUMNS, *ROW_COLUMNS),
    rows_max=ROWS_MAX,
    base=RuleForm,
)
"""A formula to be kept; its rows are read by their columns."""


class TableShown(NamedTuple):
    """A table on the page, with empty rows to go on with."""

    number: int
    name: str
    kind: str
    rows: Sequence[tuple[str, str]]


def formula_of(_: RuleType, __: RuleForm, reading: Reading, ___: drafts.Rule | None) -> drafts.Rule:
    """Return the formula that the form means. Raises Rejections naming every part that is wrong."""
    tables = _tables(reading)
    words = _words(reading)
    formula = formulas.Formula(
        code=reading.text("code"),
        expression=reading.text("expression"),
        currency=reading.text("currency").upper(),
        attributes=tuple(_attribute(reading, row, words) for row in _rows(reading.raw, ATTRIBUTE_COLUMNS) if any(row)),
        constants=tuple(
            formulas.FormulaConstant(name, *_worth(reading, value, "constants"))
            for name, value in _rows(reading.raw, CONSTANT_COLUMNS)
            if name or value
        ),
        tables=tuple(tables.values()),
        goods=typed.traits(reading.text("goods")),
    )
    if not reading.reasons:
        reading.note(rules.problems_of_formula(formula), lambda field: place_of(field, list(tables)))
    reading.finish()
    return formula


def place_of(field: str, tables: Sequence[str]) -> str:
    """Return where a problem of a formula is shown; `tables` are the cards of its tables in the form."""
    if field.endswith(("].labels", "].choice_labels")):
        return "words"
    part, _, rest = field.partition("[")
    number = rest.partition("]")[0]
    return tables[int(number)] if part == "tables" and number.isdigit() else part


def _rows(raw: Mapping[str, Sequence[str]], columns: Sequence[str]) -> list[tuple[str, ...]]:
    return typed.columns(*[raw.get(name, ()) for name in columns])


def _words(reading: Reading) -> dict[str, dict[str, formulas.Words]]:
    """Return words in other languages by attribute and choice, those of the attribute itself at an empty choice.

    What no attribute of the form is called, or is said twice, is noted.
    """
    names = {row[0] for row in _rows(reading.raw, ATTRIBUTE_COLUMNS) if row[0]}
    found: dict[str, dict[str, formulas.Words]] = {}
    for of, choice, *texts in _rows(reading.raw, WORD_COLUMNS):
        if of or choice or any(texts):
            mine = found.setdefault(of, {})
            if of not in names or choice in mine:
                reading.reasons.append(rules.words_invalid(of or choice or next(filter(None, texts)), field="words"))
            if any(texts):
                mine[choice] = formulas.Words(*texts)
    return found


def _attribute(
    reading: Reading, row: tuple[str, ...], words: Mapping[str, Mapping[str, formulas.Words]]
) -> formulas.FormulaAttribute:  # fmt: skip
    name, label, unit, counted, low, high, step, choices, default, text, characters = row
    return formulas.FormulaAttribute(
        name=name,
        label=label,
        unit=unit,
        counted_in=counted,
        minimum=reading.number(low, "attributes"),
        maximum=reading.number(high, "attributes"),
        step=reading.number(step, "attributes"),
        default=default or None,
        choices=typed.texts(choices),
        labels=words.get(name, {}).get("", formulas.NO_WORDS),
        choice_labels={choice: said for choice, said in words.get(name, {}).items() if choice},
        text=_text(reading, text, characters),
    )


def _text(reading: Reading, text: str, characters: str) -> formulas.FormulaText | None:
    """Return the text that is asked for, with the usual room where nobody said how much; None of what is none."""
    if not (text or characters):
        return None
    room = reading.whole(characters, "attributes") if characters else formulas.WRITING_CHARACTERS
    return formulas.FormulaText(room, text == "required")


def _worth(reading: Reading, text: str, field: str) -> tuple[Decimal | None, Amounts]:
    """Return a plain number, or money by currency."""
    if not text or measures.is_number(text):
        return reading.number(text, field), {}
    return None, reading.amounts(text, field)


def _tables(reading: Reading) -> dict[str, formulas.FormulaTable]:
    """Return the tables by their cards; those in which nothing was typed are left out."""
    mine: dict[str, list[formulas.FormulaRow]] = {}
    for of, key, value in _rows(reading.raw, ROW_COLUMNS):
        if key or value:
            worth = _worth(reading, value, f"table-{of}")
            mine.setdefault(of, []).append(formulas.FormulaRow(key, *worth))
    return {
        f"table-{i}": formulas.FormulaTable(name, "choices" if kind == "choices" else "bands", tuple(mine[str(i)]))
        if str(i) in mine
        else formulas.FormulaTable(name, "bands", ())
        for i, (name, kind) in enumerate(_rows(reading.raw, TABLE_COLUMNS))
        if name or str(i) in mine
    }


def raw_of(_: RuleType, rule: drafts.DraftRule, __: Typing) -> dict[str, list[str]]:
    """Return what the form says of a formula."""
    formula = rule.body
    if not isinstance(formula, formulas.Formula):
        return {}
    one = {"code": formula.code, "currency": formula.currency, "expression": formula.expression}
    one["goods"] = typed.traits_typed(formula.goods)
    columns: list[tuple[Sequence[str], Sequence[tuple[str, ...]]]] = [
        (ATTRIBUTE_COLUMNS, [_attribute_typed(attribute) for attribute in formula.attributes]),
        (WORD_COLUMNS, [row for attribute in formula.attributes for row in _words_typed(attribute)]),
        (CONSTANT_COLUMNS, [(constant.name, _worth_typed(constant)) for constant in formula.constants]),
        (TABLE_COLUMNS, [(table.name, table.kind) for table in formula.tables]),
        (
            ROW_COLUMNS,
            [(str(i), row.key, _worth_typed(row)) for i, table in enumerate(formula.tables) for row in table.rows],
        ),
    ]
    told = {name: [row[i] for row in rows] for names, rows in columns for i, name in enumerate(names) if rows}
    return {**{name: [text] for name, text in one.items() if text}, **told}


def _attribute_typed(told: formulas.FormulaAttribute) -> tuple[str, ...]:
    limits = ["" if number is None else f"{number:f}" for number in (told.minimum, told.maximum, told.step)]
    choices = typed.listed(told.choices)
    own = told.name, told.label, told.unit, told.counted_in, *limits, choices, told.default or ""
    if told.text is None:
        return (*own, "", "")
    return (*own, TEXTS[told.text.is_required], str(told.text.characters_max))


def _words_typed(told: formulas.FormulaAttribute) -> list[tuple[str, ...]]:
    own = [] if told.labels == formulas.NO_WORDS else [("", told.labels)]
    return [(told.name, choice, x.en, x.zh_hans, x.zh_hant) for choice, x in (*own, *told.choice_labels.items())]


def _worth_typed(told: formulas.FormulaConstant | formulas.FormulaRow) -> str:
    """Return a plain number, or money with its currency."""
    if told.value is not None:
        return f"{told.value:f}"
    return typed.listed(f"{amounts.written(minor, currency)} {currency}" for currency, minor in told.amounts.items())


def shown(form: Filled[Any], action: str) -> Mapping[str, Any]:
    """Return what the page draws: what was typed, and empty rows to go on with; where the expression breaks off."""
    more = MORE if action == "rows" else 1
    mine: dict[str, list[tuple[str, str]]] = {}
    for of, key, value in _rows(form.raw, ROW_COLUMNS):
        if key or value:
            mine.setdefault(of, []).append((key, value))
    tables = _rows(form.raw, TABLE_COLUMNS)
    if action == "tables" or not tables:
        tables.append(("", "bands"))
    return {
        "attributes": _with_more(form, ATTRIBUTE_COLUMNS, more),
        "words": _with_more(form, WORD_COLUMNS, more),
        "constants": _with_more(form, CONSTANT_COLUMNS, more),
        "tables": [
            TableShown(
                i, name, kind, [*mine.get(str(i), []), *[("", "")] * max(more, MORE if str(i) not in mine else 1)]
            )
            for i, (name, kind) in enumerate(tables)
        ],
        "broken": broken_at(form.text("expression")),
        "functions": [*rules.USAGE.values()],
        "units": [*rules.UNITS],
        "is_too_large": False,
    }


def _with_more(form: Filled[Any], columns: Sequence[str], more: int) -> list[tuple[str, ...]]:
    return [*filter(any, _rows(form.raw, columns)), *[("",) * len(columns)] * more]


def broken_at(expression: str) -> tuple[str, str] | None:
    """Return what can be read of an expression and what cannot, where something cannot be read."""
    try:
        rules.parse(expression)
    except FormulaUnreadable as refusal:
        text = rules.plain(expression)
        return text[: refusal.position - 1], text[refusal.position - 1 :]
    except Refusal:
        return None
    return None
