"""Drawings of the server: scales in round numbers that hold every point, and series of any length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.base.web import drawing

WIDTH, HEIGHT = 560, 200

NUMBERS = st.integers(0, 10**15)


@pytest.mark.parametrize(
    ("numbers", "ticks"),
    [
        ([], [0, 1]),
        ([0], [0, 1]),
        ([1], [0, 1]),
        ([3, 7], [0, 2, 4, 6, 8]),
        ([41, 33], [0, 10, 20, 30, 40, 50]),
        ([1012], [0, 500, 1000, 1500]),
    ],
)
def test_a_scale_is_counted_in_round_numbers(numbers: list[int], ticks: list[int]) -> None:
    made = drawing.course([""] * len(numbers), [numbers], WIDTH, HEIGHT)
    assert [number for _, number in made.ticks] == ticks


@given(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=40))
def test_every_point_stands_on_the_scale(pairs: list[tuple[int, int]]) -> None:
    series = [[first for first, _ in pairs], [second for _, second in pairs]]
    made = drawing.course([f"{i}" for i in range(len(pairs))], series, WIDTH, HEIGHT)
    top = made.ticks[-1][0]
    assert len(made.ticks) <= drawing.TICKS_MAX + 1
    assert made.ticks[0] == (made.floor, 0)
    for points in made.points:
        assert all(made.left < x < made.right and top <= y <= made.floor for x, y in points)
    assert [x for x, _ in made.labels] == [x for x, _ in made.points[0]]


def test_a_label_that_is_empty_is_not_written_and_an_area_ends_on_the_floor() -> None:
    made = drawing.course(["0:00", "", "2:00"], [[1, 2, 3]], WIDTH, HEIGHT)
    assert [label for _, label in made.labels] == ["0:00", "2:00"]
    first, *_, last = made.area(0).split()
    assert first.endswith(f",{made.floor}")
    assert last.endswith(f",{made.floor}")
    assert drawing.course([], [[]], WIDTH, HEIGHT).area(0) == ""
