"""Quantities that may be ordered, the nearest to those that may not, and what was taken off by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.catalog.rules import quantities as catalog
from jiedan.catalog.values import OrderQuantity
from jiedan.pricing import rules, values
from jiedan.pricing.rules import quantities


@pytest.mark.parametrize(
    ("limits", "quantity", "code", "nearest"),
    [
        (OrderQuantity(), 7, None, ()),
        # From 10 on.
        (OrderQuantity(minimum=10), 9, "quantity_too_small", (10,)),
        (OrderQuantity(minimum=10), 10, None, ()),
        # Packs of 6: 4 is below the first pack; 10 lies between 6 and 12.
        (OrderQuantity(pack=6), 4, "quantity_too_small", (6,)),
        (OrderQuantity(pack=6), 10, "quantity_off_pack", (6, 12)),
        (OrderQuantity(pack=6), 12, None, ()),
        # Steps count from the minimum: 10, 14, 18 …
        (OrderQuantity(minimum=10, step=4), 13, "quantity_off_step", (10, 14)),
        (OrderQuantity(minimum=10, step=4), 18, None, ()),
        # From 0 where there is none: 4, 8 …
        (OrderQuantity(step=4), 10, "quantity_off_step", (8, 12)),
        # 10, 14, 18, 22 …, and packs of 6: 18, 30, 42 … (18 = 3 × 6, then every lcm(4, 6) = 12).
        (OrderQuantity(minimum=10, step=4, pack=6), 14, "quantity_too_small", (18,)),
        (OrderQuantity(minimum=10, step=4, pack=6), 22, "quantity_off_pack", (18, 30)),
        (OrderQuantity(minimum=10, step=4, pack=6), 24, "quantity_off_step", (18, 30)),
        # At most 20 in packs of 6 is 18.
        (OrderQuantity(maximum=20, pack=6), 20, "quantity_too_large", (18,)),
        (OrderQuantity(maximum=20, pack=6), 19, "quantity_too_large", (18,)),
        (OrderQuantity(maximum=3), 1_000_000_000, "quantity_too_large", (3,)),
    ],
)
def test_quantities_are_refused_with_the_nearest_that_fit(
    limits: OrderQuantity, quantity: int, code: str | None, nearest: tuple[int, ...]
) -> None:
    assert catalog.field_at_fault(limits) is None
    problem = quantities.quantity_problem("TEA", quantity, limits, field="lines[0].quantity")
    if code is None:
        assert problem is None
        return
    assert problem is not None
    assert (problem.code, problem.field) == (code, "lines[0].quantity")
    told = problem.data()
    assert tuple(told[name] for name in ("nearest", "below", "above") if name in told) == nearest
    for fits in nearest:
        assert quantities.quantity_problem("TEA", fits, limits) is None


small = st.integers(1, 24)


@given(st.integers(0, 60), st.integers(0, 200), small, small)
def test_the_grid_is_what_counting_finds(minimum: int, maximum: int, step: int, pack: int) -> None:
    limits = OrderQuantity(minimum, maximum, step, pack)
    first, top = minimum or step, maximum or 2_000
    fits = [n for n in range(first, top + 1, step) if n % pack == 0]
    grid = catalog.grid(limits)
    if grid is None:
        assert not fits
        return
    assert fits[:1] in ([grid.least], [])
    for n in range(1, 150):
        assert (quantities.quantity_problem("X", n, limits) is None) == (n in fits)
        assert grid.at_most(n) == max((x for x in fits if x <= n), default=0)
        assert grid.at_least(n) == next((x for x in fits if x >= n), None)


LIMITS = [values.ManualLimit("clerk", 100_000), values.ManualLimit("manager", 300_000)]


@pytest.mark.parametrize(
    ("list_minor", "manual_minor", "roles", "expected"),
    [
        # 10.00 → 9.00 is 10 % exactly: within the clerk's limit.
        (1_000, 900, {"clerk"}, (100_000, 100_000, False)),
        # 10.00 → 8.99 is 10.1 %: beyond it, within the manager's.
        (1_000, 899, {"clerk"}, (101_000, 100_000, True)),
        (1_000, 899, {"clerk", "manager"}, (101_000, 300_000, False)),
        # 1000001 of 10000001 is 100000.09 ppm: rounded up to 100001, and beyond.
        (10_000_001, 9_000_000, {"clerk"}, (100_001, 100_000, True)),
        # A higher price takes nothing off; a free one everything.
        (1_000, 1_500, {"clerk"}, (0, 100_000, False)),
        (1_000, 0, {"manager"}, (1_000_000, 300_000, True)),
        # Goods without a list price cannot be reduced. Roles without a limit are not limited.
        (0, 0, {"clerk"}, (0, 100_000, False)),
        (1_000, 1, {"owner"}, (999_000, None, False)),
        # JPY 333 → 300 is 33/333 = 9.9099… %: 99100 ppm.
        (333, 300, {"clerk"}, (99_100, 100_000, False)),
    ],
)
def test_what_is_taken_off_by_hand_is_measured_against_the_roles(
    list_minor: int, manual_minor: int, roles: set[str], expected: tuple[int, int | None, bool]
) -> None:
    assert rules.manual_off(list_minor, manual_minor, LIMITS, roles) == expected


@given(st.integers(1, 10**15), st.integers(0, 10**15), st.integers(0, 1_000_000))
def test_beyond_a_limit_means_beyond_it_by_however_little(list_minor: int, manual_minor: int, limit: int) -> None:
    off = rules.manual_off(list_minor, manual_minor, [values.ManualLimit("r", limit)], {"r"})
    assert off.is_beyond == ((list_minor - manual_minor) * 1_000_000 > list_minor * limit)


def test_a_limit_that_cannot_work_is_refused() -> None:
    assert [r.field for r in rules.problems_of_manual_limit(values.ManualLimit(" ", 1_000_001))] == ["role", "rate_ppm"]
    assert rules.problems_of_manual_limit(LIMITS[0]) == ()
