"""What is to be shipped, measured once for all methods: in runs of equal units, with what is assumed of the unknown."""

import functools
from typing import NamedTuple

from jiedan.pricing import values


class Run(NamedTuple):
    """Units of one kind; None where neither the SKU nor the merchant says it."""

    quantity: int
    weight_g: int | None
    side_mm: int | None


class Measured(NamedTuple):
    """Everything together; None where it is unknown of any unit.

    `unweighed` and `unsized` are the SKUs that say nothing themselves, and the steps what was taken for granted.
    """

    runs: tuple[Run, ...]
    pieces: int
    weight_g: int | None
    volume_mm3: int | None
    unweighed: tuple[str, ...]
    unsized: tuple[str, ...]
    assumed_weight: values.ShippingStep | None
    assumed_size: values.ShippingStep | None

    @property
    def heaviest_g(self) -> int:
        """Return the weight of the heaviest unit, where all are known."""
        return max((run.weight_g or 0 for run in self.runs), default=0)

    @property
    def longest_mm(self) -> int:
        """Return the longest side of any unit, where all are known."""
        return max((run.side_mm or 0 for run in self.runs), default=0)


class Measuring:
    """What is to be shipped, measured when the first method asks: a flat fee asks for nothing."""

    def __init__(self, contents: values.Contents, settings: values.ShippingSettings) -> None:
        self.contents = contents
        self._settings = settings

    @functools.cached_property
    def measured(self) -> Measured:
        """Return the measures, taken once for all methods."""
        return measure(self.contents, self._settings)


def measure(contents: values.Contents, settings: values.ShippingSettings) -> Measured:
    """Return what the pieces weigh and measure, with the merchant's assumptions where a SKU says nothing."""
    assumed = _sides(settings.length_mm, settings.width_mm, settings.height_mm)
    runs: list[Run] = []
    weight_g: int | None = 0
    volume_mm3: int | None = 0
    unweighed: list[values.Piece] = []
    unsized: list[values.Piece] = []
    for piece in contents.pieces:
        weight, sides = piece.weight_g, _sides(piece.length_mm, piece.width_mm, piece.height_mm)
        if weight is None:
            unweighed.append(piece)
            weight = settings.weight_g
        if sides is None:
            unsized.append(piece)
            sides = assumed
        runs.append(Run(piece.quantity, weight, max(sides) if sides else None))
        weight_g = None if weight_g is None or weight is None else weight_g + weight * piece.quantity
        volume_mm3 = None if volume_mm3 is None or sides is None else volume_mm3 + _volume(sides) * piece.quantity
    longest = max(assumed) if assumed else 0
    return Measured(
        tuple(runs),
        sum(piece.quantity for piece in contents.pieces),
        weight_g,
        volume_mm3,
        _codes(unweighed),
        _codes(unsized),
        _assumed("assumed_weight", unweighed, settings.weight_g or 0),
        _assumed("assumed_size", unsized, longest),
    )


def _sides(length_mm: int | None, width_mm: int | None, height_mm: int | None) -> tuple[int, int, int] | None:
    if length_mm is None or width_mm is None or height_mm is None:
        return None
    return length_mm, width_mm, height_mm


def _volume(sides: tuple[int, int, int]) -> int:
    return sides[0] * sides[1] * sides[2]


def _codes(pieces: list[values.Piece]) -> tuple[str, ...]:
    return tuple(sorted({piece.code for piece in pieces}))


def _assumed(code: values.ShippingStepCode, pieces: list[values.Piece], of_one: int) -> values.ShippingStep | None:
    count = sum(piece.quantity for piece in pieces)
    return values.ShippingStep(code, count=count, measure=of_one) if count else None
