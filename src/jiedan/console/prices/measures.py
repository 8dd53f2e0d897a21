"""Weights, lengths and volumes as people type them and as they are written back: `1.5 kg`, `60 cm`. Pure."""

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, NamedTuple

from jiedan.console.errors import MeasureUnreadable, NumberUnreadable

MeasureKind = Literal["weight", "length", "volume"]


class Units(NamedTuple):
    """How one kind of measure is typed: sizes of units in what is kept, and the unit of a number without one."""

    sizes: Mapping[str, int]
    usual: str
    small: str


UNITS: Mapping[MeasureKind, Units] = MappingProxyType(
    {
        "weight": Units({"g": 1, "kg": 1_000, "t": 1_000_000}, "kg", "g"),
        "length": Units({"mm": 1, "cm": 10, "m": 1_000}, "cm", "mm"),
        "volume": Units({"mm³": 1, "cm³": 1_000, "l": 1_000_000, "m³": 1_000_000_000}, "cm³", "mm³"),
    }
)
"""Kept are grams, millimeters and cubic millimeters."""

_MEASURE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)\s*([a-z]{0,2}[3³]?)", re.IGNORECASE)
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?")


def read(text: str, kind: MeasureKind, field: str) -> int | None:
    """Return a measure in what is kept; None for nothing. Raises MeasureUnreadable."""
    if not text:
        return None
    units = UNITS[kind]
    match = _MEASURE.fullmatch(text)
    size = units.sizes.get(match[2].lower().replace("3", "³") or units.usual) if match else None
    kept = None if match is None or size is None else Decimal(match[1]) * size
    if kept is None or kept != kept.to_integral_value():
        raise MeasureUnreadable(text, ", ".join(units.sizes), units.usual, field=field)
    return int(kept)


def written(measure: int | None, kind: MeasureKind) -> str:
    """Return a measure as it is typed, in the usual unit where that is short."""
    if measure is None:
        return ""
    units = UNITS[kind]
    number = Decimal(measure) / units.sizes[units.usual]
    return f"{number:f} {units.usual}" if number >= 1 else f"{measure} {units.small}"


def number(text: str, field: str) -> Decimal | None:
    """Return a plain decimal; None for nothing. Raises NumberUnreadable."""
    if not text:
        return None
    if not _NUMBER.fullmatch(text) or not text.isascii():
        raise NumberUnreadable(text, field=field)
    return Decimal(text)


def is_number(text: str) -> bool:
    """Tell whether a text is a plain decimal."""
    return text.isascii() and _NUMBER.fullmatch(text) is not None
