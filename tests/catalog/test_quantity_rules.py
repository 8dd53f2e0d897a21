"""In which quantities a SKU is ordered: limits that leave none are refused, the others are told in words."""

import pytest

from jiedan.catalog.rules import quantities
from jiedan.catalog.values import OrderQuantity, SkuDraft
from tests.catalog.factories import goods, sku
from tests.catalog.test_rules import World


@pytest.mark.parametrize(
    ("limits", "field"),
    [
        (OrderQuantity(step=0), "step"),
        (OrderQuantity(pack=0), "pack"),
        (OrderQuantity(minimum=-1), "minimum"),
        (OrderQuantity(minimum=5, maximum=4), "maximum"),
        (OrderQuantity(maximum=5, pack=6), "maximum"),
        # 5, 9, 13 … are all odd: no pack of 2 among them.
        (OrderQuantity(minimum=5, step=4, pack=2), "minimum"),
        (OrderQuantity(), None),
        (OrderQuantity(minimum=12, pack=6), None),
    ],
)
def test_limits_that_nothing_meets_are_found(limits: OrderQuantity, field: str | None) -> None:
    assert quantities.field_at_fault(limits) == field


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (None, ""),
        (OrderQuantity(), ""),
        (OrderQuantity(pack=6), "Sold in packs of 6."),
        (OrderQuantity(minimum=12, pack=6), "Sold in packs of 6. Sold from 12 pieces on."),
        (OrderQuantity(minimum=10), "Sold from 10 pieces on."),
        (OrderQuantity(step=5), "Sold in steps of 5."),
        (OrderQuantity(minimum=10, step=4), "Sold from 10 pieces on. Sold in steps of 4."),
        # 10, 14, 18, 22 …, and whole packs of 6: 18, 30, 42 …
        (OrderQuantity(10, 0, 4, 6), "Sold in packs of 6. Sold from 18 pieces on. Sold in steps of 12."),
        (OrderQuantity(maximum=20, pack=6), "Sold in packs of 6. At most 18 in one order."),
    ],
)
def test_quantities_are_told_in_words(limits: OrderQuantity | None, told: str) -> None:
    assert quantities.in_words(limits, "en") == told


def test_every_quantity_is_as_good_as_any_where_nothing_is_said() -> None:
    grid = quantities.allowed(None)
    assert (grid.least, grid.pace, grid.at_most(7), grid.at_least(7), grid.at_most(0)) == (1, 1, 7, 7, 0)


def test_a_step_beyond_the_last_quantity_is_none() -> None:
    grid = quantities.allowed(OrderQuantity(maximum=20, pack=6))
    assert (grid.at_least(13), grid.at_least(19), grid.at_most(99)) == (18, None, 18)


def test_quantities_that_are_not_given_stay_and_are_judged_together() -> None:
    world = World()
    world.save(goods("A", skus=(sku("A", order_minimum=12, order_pack=6),)))
    world.save(goods("A", skus=(SkuDraft(code="A", order_maximum=60),)))
    assert world.products["A"].skus[0].quantities == OrderQuantity(12, 60, 1, 6)
    (changed,) = world.save(goods("A", skus=(SkuDraft(code="A", order_minimum=0),)))
    assert changed.changed == ("skus[A].order_minimum",)  # type: ignore[union-attr]  # it was saved
    wrong = goods("A", skus=(SkuDraft(code="A", order_pack=61),))
    assert [(x.code, x.field) for x in world.reasons(wrong)] == [("order_quantity_invalid", "skus[0].order_maximum")]
    far = goods("A", skus=(SkuDraft(code="A", order_step=0, order_minimum=-1),))
    assert [(x.code, x.field) for x in world.reasons(far)] == [
        ("out_of_range", "skus[0].order_minimum"),
        ("out_of_range", "skus[0].order_step"),
    ]
