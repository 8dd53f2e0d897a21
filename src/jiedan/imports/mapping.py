"""Mappings: which column of a file is which field, or what a field says in every row. Pure.

A mapping leads from a field to a column, or to `=text`: then the field says `text` in every row.
"""

from collections.abc import Mapping, Sequence

from jiedan.base import cards, spreadsheets, terms
from jiedan.base.errors import Refusal
from jiedan.base.i18n import Series
from jiedan.imports import errors
from jiedan.imports.values import Field

CONSTANT = "="

PROSE = frozenset({
    "name", "region", "city", "district", "line1", "line2", "tags", "note", "description", "category", "brand",
    "attributes", "measures",
})  # fmt: skip
"""Fields in which people write what they like: card numbers are masked there before anything else reads them."""


def suggest(columns: Sequence[str], fields: Sequence[Field]) -> dict[str, str]:
    """Return the column of each field that can be told from its name or an alias; a column serves one field."""
    by_word = {_word(column): column for column in reversed(columns)}
    found: dict[str, str] = {}
    for field in fields:
        for alias in (field.name, *field.aliases):
            column = by_word.get(_word(alias))
            if column is not None and column not in found.values():
                found[field.name] = column
                break
    return found


def refusals(mapping: Mapping[str, str], columns: Sequence[str], fields: Sequence[Field]) -> list[Refusal]:
    """Return what is wrong with a mapping of field to column for this file and target."""
    known = {field.name for field in fields}
    shown = Series(columns)
    found: list[Refusal] = [
        errors.FieldUnknown(name, Series(sorted(known)), field=f"mapping.{name}")
        for name in mapping
        if name not in known
    ]
    found += [
        errors.ColumnUnknown(column, shown, field=f"mapping.{name}")
        for name, column in mapping.items()
        if name in known and column not in columns and not is_constant(column)
    ]
    found += [
        errors.FieldNotMapped(field.name, shown, field=f"mapping.{field.name}")
        for field in fields
        if field.is_required and field.name not in mapping
    ]
    return found


def values(cells: Sequence[str], columns: Sequence[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of a row by field, without card numbers in prose; empty cells are left out."""
    by_column = dict(zip(columns, map(spreadsheets.bare, cells), strict=False))
    texts = {
        name: column.removeprefix(CONSTANT)
        if column not in by_column and is_constant(column)
        else by_column.get(column, "")
        for name, column in mapping.items()
    }
    texts = {name: cards.masked(text) if name in PROSE else text for name, text in texts.items()}
    return {name: text.strip() for name, text in texts.items() if text.strip()}


def is_constant(column: str) -> bool:
    """Tell whether a mapping's right side is a text for every row."""
    return column.startswith(CONSTANT)


def _word(text: str) -> str:
    return "".join(terms.tokens(text))
