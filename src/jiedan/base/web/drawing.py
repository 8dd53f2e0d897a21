"""Drawings made by the server: where the points of a sparkline, and the bars and lines of a chart stand."""

from collections.abc import Sequence
from typing import NamedTuple

MARGIN = 2
LABELS_HEIGHT = 16
BAR_SHARE = 0.78
"""How much of its place a bar takes; the rest is the gap."""

SCALE_WIDTH = 48
"""What the numbers of a scale take at the left."""

TICKS_MAX = 5
STEPS: tuple[int, ...] = tuple(step * 10**power for power in range(19) for step in (1, 2, 5))
"""The round numbers that a scale is counted in."""


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


class Course(NamedTuple):
    """Series of numbers over time on one scale, in units of the drawing.

    `ticks` are heights with the number they stand for, `labels` middles with their text, `points` those of each series.
    """

    left: float
    right: float
    floor: float
    place: float
    ticks: list[tuple[float, int]]
    labels: list[tuple[float, str]]
    points: list[list[tuple[float, float]]]

    def line(self, number: int) -> str:
        """Return the points of a series as SVG wants them."""
        return " ".join(f"{x},{y}" for x, y in self.points[number])

    def area(self, number: int) -> str:
        """Return the points of what lies below a series."""
        points = self.points[number]
        return f"{points[0][0]},{self.floor} {self.line(number)} {points[-1][0]},{self.floor}" if points else ""


def course(labels: Sequence[str], series: Sequence[Sequence[int]], width: int, height: int) -> Course:
    """Return where series stand that have a number for each label, none of them below zero."""
    top = max((number for numbers in series for number in numbers), default=0)
    step = next(step for step in STEPS if step * TICKS_MAX >= top)
    count = max(1, -(-top // step))
    floor = height - LABELS_HEIGHT - MARGIN
    left, right = SCALE_WIDTH, width - MARGIN
    reach = floor - LABELS_HEIGHT / 2
    place = round((right - left) / max(len(labels), 1), 1)

    def down(number: int) -> float:
        return round(floor - reach * number / (step * count), 1)

    middles = [round(left + place * (i + 0.5), 1) for i in range(len(labels))]
    return Course(
        left,
        right,
        floor,
        place,
        [(down(i * step), i * step) for i in range(count + 1)],
        [(x, label) for x, label in zip(middles, labels, strict=True) if label],
        [[(x, down(number)) for x, number in zip(middles, numbers, strict=True)] for numbers in series],
    )


def heap_up(series: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return series whose numbers stand on those of the series before them, as the parts of columns do."""
    heaps: list[list[int]] = []
    for numbers in series:
        below = heaps[-1] if heaps else [0] * len(numbers)
        heaps.append([x + y for x, y in zip(below, numbers, strict=True)])
    return heaps
