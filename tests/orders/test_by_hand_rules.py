"""What was taken off by hand, when it needs approval, and orders whose prices are changed: arithmetic alone."""

from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.orders.rules import by_hand
from jiedan.orders.values import Line, LinePrice, OrderWithLines, PriceEdit
from jiedan.pricing.values import ManualLimit, OrderDiscount
from tests.orders.made import line, order

LIMITS = (ManualLimit("sales", 100_000), ManualLimit("trainee", 0))


def found(*lines: Line) -> OrderWithLines:
    return OrderWithLines(order(), lines)


def by_price(number: int, ordered: int, ruled_minor: int, unit_minor: int) -> Line:
    return line(
        line=number,
        ordered=ordered,
        unit_minor=unit_minor,
        total_minor=unit_minor * ordered,
        price_source="manual",
        price_reason="A dent.",
        ruled_minor=ruled_minor,
    )


@pytest.mark.parametrize(
    ("lines", "role", "expected"),
    [
        ([line(unit_minor=1_000)], "trainee", None),
        ([by_price(1, 2, 2_000, 900)], "sales", None),
        ([by_price(1, 2, 2_000, 899)], "sales", (202, 101_000, 100_000)),
        ([by_price(1, 2, 2_000, 899)], "manager", None),
        ([by_price(1, 2, 2_000, 1_200)], "trainee", None),
        # a tenth off the whole: 100 of 995 is the tenth, rounded to the minor unit
        ([line(unit_minor=995, discount_minor=100, total_minor=895, by_hand_minor=100)], "sales", None),
        (
            [line(unit_minor=995, discount_minor=102, total_minor=893, by_hand_minor=102)],
            "sales",
            (102, 101_508, 100_000),
        ),
    ],
)  # fmt: skip
def test_more_than_a_role_may_take_off_is_to_be_approved(
    lines: list[Line], role: str, expected: tuple[int, int, int] | None
) -> None:
    approval = by_hand.beyond(lines, LIMITS, role)
    assert (approval if approval is None else tuple(approval)) == expected


def test_a_price_and_a_discount_add_up() -> None:
    # 10 % by the price, and 10 % of the rest by the discount: 19 % of the whole.
    both = by_price(1, 1, 1_000, 900)
    both = msgspec.structs.replace(both, discount_minor=90, total_minor=810, by_hand_minor=90)
    assert by_hand.taken_off([both])[:2] == (190, 1_000)
    assert by_hand.beyond([both], LIMITS, "sales") is not None


def test_fees_gifts_and_parts_of_kits_have_no_price_by_hand() -> None:
    lines = [
        line(line=1, kind="kit", unit_minor=500, total_minor=500),
        line(line=2, kind="component", parent_line=1, unit_minor=0, total_minor=0, price_source="included"),
        line(line=3, unit_minor=0, total_minor=0, price_source="gift", price_reason="Mug"),
        line(line=4, kind="fee", sku_id=None, unit_minor=700, total_minor=700, price_source="rule"),
    ]
    wishes = [LinePrice(line=n, unit_price_minor=1, price_reason="x") for n in (2, 3, 4, 9)]
    _, reasons = by_hand.edited(found(*lines), PriceEdit(lines=tuple(wishes)))
    assert [(x.code, x.field) for x in reasons] == [
        ("line_not_priced", "lines[0].line"),
        ("line_not_priced", "lines[1].line"),
        ("line_not_priced", "lines[2].line"),
        ("line_not_found", "lines[3].line"),
    ]


@pytest.mark.parametrize(
    ("edit", "code", "field"),
    [
        (PriceEdit(lines=(LinePrice(line=1, unit_price_minor=5),)), "reason_missing", "lines[0].price_reason"),
        (PriceEdit(lines=(LinePrice(line=1, unit_price_minor=10**15, price_reason="x"),)), "price_too_high",
         "lines[0].unit_price_minor"),
        (PriceEdit(lines=(LinePrice(line=1, unit_price_minor=10, price_reason="x"),)), "price_below_discounts",
         "lines[0].unit_price_minor"),
        (PriceEdit(discount=OrderDiscount("x", amount_minor=1_901)), "discount_too_high", "discount"),
        (PriceEdit(discount=OrderDiscount("x", rate_ppm=1_000_001)), "discount_too_high", "discount"),
        (PriceEdit(discount=OrderDiscount("x")), "discount_too_high", "discount"),
        (PriceEdit(discount=OrderDiscount(" ", amount_minor=1)), "reason_missing", "discount.reason"),
        (PriceEdit(discount=OrderDiscount("x" * 201, amount_minor=1)), "reason_missing", "discount.reason"),
        (PriceEdit(lines=(LinePrice(line=1, unit_price_minor=5_000, price_reason="x" * 201),)), "reason_missing",
         "lines[0].price_reason"),
    ],
)  # fmt: skip
def test_an_edit_that_cannot_be_is_refused_by_field(edit: PriceEdit, code: str, field: str) -> None:
    promoted = line(ordered=2, unit_minor=1_000, discount_minor=100, total_minor=1_900)
    _, reasons = by_hand.edited(found(promoted), edit)
    assert [(x.code, x.field) for x in reasons] == [(code, field)]


def test_a_price_that_nobody_knows_is_not_put_back() -> None:
    unknown = line(unit_minor=5, total_minor=5, price_source="manual", price_reason="x")
    _, reasons = by_hand.edited(found(unknown), PriceEdit(lines=(LinePrice(line=1),)))
    assert [x.code for x in reasons] == ["no_price_by_rules"]
    assert by_hand.edited(found(unknown), by_hand.without(found(unknown)))[0] == (unknown,)


prices = st.lists(st.tuples(st.integers(1, 50), st.integers(0, 10_000), st.integers(0, 10_000)), min_size=1, max_size=5)


@given(prices, st.integers(0, 1_000_000))
def test_what_is_done_by_hand_can_be_taken_back(of: list[tuple[int, int, int]], rate_ppm: int) -> None:
    before = [
        line(line=i + 1, line_id=UUID(int=i + 1), ordered=n, unit_minor=unit, total_minor=unit * n)
        for i, (n, unit, _) in enumerate(of)
    ]
    wishes = tuple(LinePrice(line=i + 1, unit_price_minor=p, price_reason="x") for i, (_, _, p) in enumerate(of))
    edit = PriceEdit(lines=wishes, discount=OrderDiscount("x", rate_ppm=rate_ppm))
    after, reasons = by_hand.edited(found(*before), edit)
    assert not reasons
    assert all(0 <= x.by_hand_minor <= x.discount_minor <= x.unit_minor * x.ordered for x in after)
    off = by_hand.taken_off(after)
    paid = sum(x.unit_minor * x.ordered - x.discount_minor for x in after)
    assert off.without_minor - off.off_minor == paid
    back, _ = by_hand.edited(found(*after), by_hand.without(found(*after)))
    assert back == tuple(before)


@given(st.integers(1, 20), st.integers(0, 5_000), st.integers(0, 19))
def test_graduated_tiers_come_back_to_the_unit(ordered: int, unit_minor: int, off: int) -> None:
    off = min(off, unit_minor * ordered)
    ruled = unit_minor * ordered - off
    tiered = line(
        ordered=ordered,
        unit_minor=unit_minor,
        discount_minor=off,
        total_minor=ruled,
        ruled_minor=ruled if off else None,
    )
    wish = PriceEdit(lines=(LinePrice(line=1, unit_price_minor=7, price_reason="x"),))
    (sold,), _ = by_hand.edited(found(tiered), wish)
    assert (sold.discount_minor, sold.ruled_minor) == (0, ruled)
    (back,), _ = by_hand.edited(found(sold), by_hand.without(found(sold)))
    assert back.unit_minor * back.ordered - back.discount_minor == ruled
