"""Splitting amounts, walked through whole ranges: nothing is lost, nobody is off by more than a unit."""

import itertools
from collections.abc import Iterator

import pytest

from jiedan.base import money
from tests import enumerations

AMOUNTS = range(-40, 41)
WEIGHTS = range(6)
PARTS_MAX = 4

UNITS_MAX = 9
UNIT_AMOUNTS = range(-30, 101)


def _splits() -> Iterator[tuple[int, tuple[int, ...]]]:
    for parts in range(1, PARTS_MAX + 1):
        yield from itertools.product(AMOUNTS, itertools.product(WEIGHTS, repeat=parts))


@pytest.mark.proof
def test_shares_add_up_and_stay_within_one_unit_of_proportion() -> None:
    for amount, weights in enumerations.cases("share_out: amount × weights", _splits()):
        shares = money.share_out(amount, weights)
        total = sum(weights)
        assert sum(shares) == amount
        assert money.share_out(-amount, weights) == [-share for share in shares]
        if total:
            exact = [
                abs(share * total - amount * weight) < total for share, weight in zip(shares, weights, strict=True)
            ]
            assert all(exact), (amount, weights, shares)


def _groupings(units: int) -> Iterator[tuple[int, ...]]:
    """Yield every way to take `units` one group after another."""
    for cuts in itertools.product((False, True), repeat=units - 1):
        groups, size = [], 1
        for cut in cuts:
            if cut:
                groups.append(size)
                size = 0
            size += 1
        yield (*groups, size)


def _takings() -> Iterator[tuple[int, tuple[int, ...]]]:
    for units in range(1, UNITS_MAX + 1):
        yield from itertools.product(UNIT_AMOUNTS, _groupings(units))


@pytest.mark.proof
def test_every_grouping_of_units_ends_at_the_amount() -> None:
    for amount, groups in enumerations.cases("unit_share: amount × grouping", _takings()):
        units, gone, given = sum(groups), 0, 0
        for group in groups:
            given += money.unit_share(amount, units, gone, group)
            gone += group
        assert given == amount, (amount, groups)
