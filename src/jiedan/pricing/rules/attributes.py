"""Attributes of orders as people type them, and as they are written back: `source=app; age=18`. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from jiedan.pricing.values.promotions import ATTRIBUTE_CHARACTERS_MAX, ATTRIBUTE_NAME, AttributeValue

T = TypeVar("T")

_PART = re.compile(r'[^,，;；\n=＝]*(?:[=＝](?:"(?:[^"]|"")*"|[^,，;；\n])*)?')
"""A name, and behind its sign a value: only there a quote begins what may have separators in it."""

_NOT_PLAIN = re.compile(r'[,，;；\n"]|^\s|\s$')
_EQUALS = re.compile(r"[=＝]")
_NAME = re.compile(ATTRIBUTE_NAME)
_WHOLE = re.compile(r"-?[0-9]{1,16}")
_WHOLE_MAX = 10**15


def is_name(name: str) -> bool:
    """Tell whether an attribute can be called so."""
    return _NAME.fullmatch(name) is not None


def value_of(typed: str) -> AttributeValue:
    """Return the value of an attribute: `true` and `false`, whole numbers, and texts; `"12"` is a text.

    A text between quotes may have anything in it, a quote written twice. What is too long for a number is a text.
    """
    if typed in {"true", "false"}:
        return typed == "true"
    if _is_whole(typed):
        return int(typed)
    return typed[1:-1].replace('""', '"') if len(typed) > 1 and typed[0] == typed[-1] == '"' else typed


def said_of(typed: str) -> int | str:
    """Return what is said of a piece: a whole number as such, anything else as it was typed, so `007` and `true` stay.

    Between quotes stands a text, as with `value_of`.
    """
    value = value_of(typed)
    is_kept = isinstance(value, str) or (type(value) is int and str(value) == typed)
    return value if is_kept else typed


def text_of(value: AttributeValue) -> str:
    """Return the value of an attribute as it is typed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    is_plain = value and value not in {"true", "false"} and not _is_whole(value) and not _NOT_PLAIN.search(value)
    return value if is_plain else '"' + value.replace('"', '""') + '"'


def read(typed: str) -> tuple[dict[str, AttributeValue], str]:
    """Return attributes by name, and the first part that is none; an empty text where there is no such part."""
    return _read(typed, value_of)


def read_said(typed: str) -> tuple[dict[str, int | str], str]:
    """Return what is said of a piece by name, `said_of` each, and the first part that is none of it."""
    return _read(typed, said_of)


def _read(typed: str, reading: Callable[[str], T]) -> tuple[dict[str, T], str]:
    found: dict[str, T] = {}
    for part in filter(None, map(str.strip, _PART.findall(typed))):
        name, *rest = (text.strip() for text in _EQUALS.split(part, maxsplit=1))
        is_value = rest and rest[0] and len(str(reading(rest[0]))) <= ATTRIBUTE_CHARACTERS_MAX
        if not is_value or not is_name(name) or name in found:
            return found, part
        found[name] = reading(rest[0])
    return found, ""


def written(attributes: Mapping[str, AttributeValue]) -> str:
    """Return attributes in one text."""
    return "; ".join(f"{name}={text_of(value)}" for name, value in attributes.items())


def _is_whole(typed: str) -> bool:
    return _WHOLE.fullmatch(typed) is not None and typed.isascii() and abs(int(typed)) <= _WHOLE_MAX
