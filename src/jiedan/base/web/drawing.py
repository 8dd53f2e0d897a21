"""Small drawings made by the server: where the points of a sparkline and the bars of a chart stand."""

from collections.abc import Sequence
from typing import NamedTuple

MARGIN = 2
LABELS_HEIGHT = 16
BAR_SHARE = 0.78
"""How much of its place a bar takes; the rest is the gap."""


class Bar(NamedTuple):
    """A bar with its label, in units of the drawing."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    label: str


def spark_line(values: Sequence[float], width: int, height: int) -> str:
    """Return the points of a line through `values`, from left to right; a single value is a level line."""
    points = list(values) * 2 if len(values) == 1 else list(values)
    low, high = min(points), max(points)
    step = width / (len(points) - 1)
    reach = height - 2 * MARGIN

    def down(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return MARGIN + reach * (1 - share)

    return " ".join(f"{index * step:.1f},{down(value):.1f}" for index, value in enumerate(points))


def spark_area(values: Sequence[float], width: int, height: int) -> str:
    """Return the points of what lies below `spark_line`."""
    return f"0,{height} {spark_line(values, width, height)} {width},{height}"


def bar_shapes(pairs: Sequence[tuple[str, float]], width: int, height: int) -> list[Bar]:
    """Return a bar for each label and number; numbers below zero have none."""
    if not pairs:
        return []
    place = width / len(pairs)
    top = max(number for _, number in pairs)
    reach = height - LABELS_HEIGHT - MARGIN
    found = []
    for index, (label, number) in enumerate(pairs):
        tall = round(reach * max(number, 0) / top, 1) if top > 0 else 0.0
        wide = round(place * BAR_SHARE, 1)
        x = round(index * place + (place - wide) / 2, 1)
        found.append(Bar(x, round(MARGIN + reach - tall, 1), wide, tall, round(x + wide / 2, 1), label))
    return found
