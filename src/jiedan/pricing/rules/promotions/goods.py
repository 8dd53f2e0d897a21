"""What is left of the goods while promotions act on them.

The units of a lot are kept as runs, never one by one: so many units, what is left to pay for all of them, and whether
a set offer has them already. What a run is worth is spread over its units as evenly as whole minor units allow, so the
units of a run have at most two prices, one minor unit apart.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

Run = tuple[int, int, bool]
"""Units, minor units left to pay for all of them, whether a set offer has them: a bare tuple, made by the thousand."""

Left = list[tuple[Run, ...]]
"""The runs of each lot. Never changed in place: a search goes back to what it was."""

Units = tuple[int, int, int, int]
"""What one unit costs now (negated, so that sorting puts the dearest first), lot, run, count."""


class Taking(NamedTuple):
    """Units taken out of a run: what they cost together, and what is taken off that."""

    lot: int
    run: int
    units: int
    worth: int
    off: int


def worth_of(left: Left, lots: Iterable[int]) -> int:
    """Return what is left to pay for the lots."""
    total = 0
    for lot in lots:
        for run in left[lot]:
            total += run[1]
    return total


def worths_of(left: Left, lots: Iterable[int]) -> list[int]:
    """Return what is left to pay for each of the lots."""
    return [runs[0][1] if len(runs) == 1 else sum([run[1] for run in runs]) for runs in [left[lot] for lot in lots]]


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """Split `amount`, at most the sum of `weights`, by largest remainder: as `money.share_out` does, in half the time.

    Weights are not negative; equal remainders go to the earlier part.
    """
    total = sum(weights)
    if amount == total:
        return list(weights)
    scaled = [divmod(amount * weight, total) for weight in weights]
    shares = [share for share, _ in scaled]
    short = amount - sum(shares)
    if short:
        over = sorted([(-remainder, i) for i, (_, remainder) in enumerate(scaled) if remainder])
        for _, i in over[:short]:
            shares[i] += 1
    return shares


def reduced(left: Left, lots: Sequence[int], offs: Sequence[int]) -> tuple[Left, list[tuple[int, int]]]:
    """Return what is left when each of the lots costs so much less, and how much less those do that do."""
    after = left.copy()
    parts = []
    for lot, off in zip(lots, offs, strict=True):
        if not off:
            continue
        parts.append((lot, off))
        runs = left[lot]
        if len(runs) == 1:
            count, worth, is_taken = runs[0]
            after[lot] = ((count, worth - off, is_taken),)
        else:
            shares = spread(off, [run[1] for run in runs])
            after[lot] = tuple([(n, w - share, t) for (n, w, t), share in zip(runs, shares, strict=True)])
    return after, parts


def units_of(left: Left, lots: Iterable[int], *, untaken: bool) -> list[Units]:
    """Return the units of the lots, dearest first; only those that no set offer has, where `untaken`."""
    units: list[Units] = []
    for lot in lots:
        for number, (count, worth, is_taken) in enumerate(left[lot]):
            if untaken and is_taken:
                continue
            each, dearer = divmod(worth, count)
            if dearer:
                units.append((-each - 1, lot, number, dearer))
            units.append((-each, lot, number, count - dearer))
    units.sort()
    return units


def without(left: Left, takings: Iterable[Taking], *, into_set: bool) -> Left:
    """Return what is left when the units taken cost less, as runs of their own; `into_set` no other set has them."""
    after = left.copy()
    by_lot: dict[int, list[Taking]] = {}
    for taking in takings:
        by_lot.setdefault(taking.lot, []).append(taking)
    for lot, taken in by_lot.items():
        rest = list(left[lot])
        apart: list[Run] = []
        for taking in taken:
            count, worth, is_taken = rest[taking.run]
            rest[taking.run] = (count - taking.units, worth - taking.worth, is_taken)
            apart.append((taking.units, taking.worth - taking.off, is_taken or into_set))
        after[lot] = tuple([run for run in rest if run[0]] + apart)
    return after


def by_lot(takings: Iterable[Taking]) -> list[tuple[int, int]]:
    """Return what is taken off each lot."""
    offs: dict[int, int] = {}
    for taking in takings:
        if taking.off:
            offs[taking.lot] = offs.get(taking.lot, 0) + taking.off
    return list(offs.items())
