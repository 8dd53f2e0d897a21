"""Prices are right to the minor unit, whatever the discount, the tax and the number of lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.pricing import errors, rules, values

TIERS = {"MUG": [values.Tier(1, 1000), values.Tier(10, 900)], "BOX": [values.Tier(5, 333)]}


def rule_set(
    *, included: bool = False, rate: int = 130_000, shipping: dict[str, values.FlatShipping] | None = None
) -> values.PriceRules:
    return values.PriceRules(7, included, {("CN", "standard"): rate, ("*", "books"): 50_000}, shipping or {})


def line(number: int, code: str, quantity: int, **more: object) -> values.CartLine:
    return values.CartLine(number, code, quantity, "standard", **more)  # type: ignore[arg-type]  # test shorthand


def cart(*lines: values.CartLine, **more: object) -> values.Cart:
    return values.Cart("CNY", "CN", lines, **more)  # type: ignore[arg-type]  # test shorthand


def test_a_tier_is_reached_and_the_next_one_is_a_near_miss() -> None:
    quote, trace = rules.price(cart(line(1, "MUG", 9), line(2, "MUG", 10)), rule_set(rate=0), TIERS)
    assert [x.unit_minor for x in quote.lines] == [1000, 900]
    assert quote.total_minor == 9 * 1000 + 10 * 900
    assert trace.lines[0].next_tier == (1, 900)
    assert trace.lines[1].tier_from == 10


def test_exclusive_tax_is_added_and_inclusive_tax_is_contained() -> None:
    added, _ = rules.price(cart(line(1, "MUG", 1)), rule_set(), TIERS)
    contained, _ = rules.price(cart(line(1, "MUG", 1)), rule_set(included=True), TIERS)
    assert (added.tax_minor, added.total_minor) == (130, 1130)
    assert (contained.tax_minor, contained.total_minor) == (115, 1000)


def test_a_country_without_its_own_rate_pays_the_rate_of_the_others() -> None:
    book = values.CartLine(1, "MUG", 1, "books")
    quote, trace = rules.price(cart(book), rule_set(), TIERS)
    assert quote.tax_minor == 50
    assert trace.lines[0].tax == "books:50000"


def test_the_shipping_fee_is_taxed_and_waived_from_its_threshold_on() -> None:
    shipping = {"CNY": values.FlatShipping(800, 2000, "standard")}
    small, _ = rules.price(cart(line(1, "MUG", 1)), rule_set(shipping=shipping), TIERS)
    large, why = rules.price(cart(line(1, "MUG", 2)), rule_set(shipping=shipping), TIERS)
    assert [(f.code, f.unit_minor, f.tax_minor, f.total_minor) for f in small.fees] == [("shipping", 800, 104, 904)]
    assert (large.fees, why.shipping) == ((), "free_from")


def test_a_manual_price_needs_a_reason_and_all_problems_are_named_at_once() -> None:
    bad = cart(line(1, "MUG", 1, manual_minor=5), line(2, "BOX", 4), line(3, "NONE", 1))
    with pytest.raises(errors.CannotPrice) as refused:
        rules.price(bad, rule_set(), TIERS)
    assert [(r.code, r.field) for r in refused.value.reasons] == [
        ("reason_missing", "lines[0].price_reason"),
        ("tier_not_reached", "lines[1].quantity"),
        ("price_missing", "lines[2].sku"),
    ]


@pytest.mark.parametrize(
    "discount",
    [
        values.OrderDiscount(reason="why not"),
        values.OrderDiscount(reason="too much", amount_minor=1001),
        values.OrderDiscount(reason="negative", amount_minor=-1),
        values.OrderDiscount(reason="both", amount_minor=1, rate_ppm=1),
        values.OrderDiscount(reason="beyond all", rate_ppm=1_000_001),
    ],
)
def test_a_discount_that_makes_no_sense_is_refused(discount: values.OrderDiscount) -> None:
    with pytest.raises(errors.CannotPrice) as refused:
        rules.price(cart(line(1, "MUG", 1), discount=discount), rule_set(), TIERS)
    assert [r.code for r in refused.value.reasons] == ["discount_invalid"]


def test_as_sold_is_kept_to_the_minor_unit() -> None:
    sold = values.AsSold(unit_minor=777, discount_minor=13, tax_minor=55)
    quote, trace = rules.price(
        cart(line(1, "GONE", 2, as_sold=sold), shipping_minor=120, shipping_tax_minor=0), rule_set(), {}
    )
    assert quote.lines[0].total_minor == 2 * 777 - 13 + 55
    assert quote.total_minor == 2 * 777 - 13 + 55 + 120
    assert trace.lines[0].source == "as_sold"


def test_a_discount_that_makes_no_sense_is_named_beside_other_reasons() -> None:
    bad = cart(line(1, "NONE", 1), discount=values.OrderDiscount(reason="both", amount_minor=1, rate_ppm=1))
    with pytest.raises(errors.CannotPrice) as refused:
        rules.price(bad, rule_set(), TIERS)
    assert [r.code for r in refused.value.reasons] == ["price_missing", "discount_invalid"]


def test_a_discount_is_not_too_much_for_lines_that_have_no_price_yet() -> None:
    bad = cart(line(1, "NONE", 1), discount=values.OrderDiscount(reason="friend", amount_minor=500))
    with pytest.raises(errors.CannotPrice) as refused:
        rules.price(bad, rule_set(), TIERS)
    assert [r.code for r in refused.value.reasons] == ["price_missing"]


def test_what_was_sold_for_less_is_not_discounted_below_nothing() -> None:
    given, sold = values.AsSold(unit_minor=100, discount_minor=100), values.AsSold(unit_minor=50)
    lines = (line(1, "A", 1, as_sold=given), line(2, "B", 1, as_sold=sold))
    quote, _ = rules.price(
        cart(*lines, discount=values.OrderDiscount(reason="friend", amount_minor=50)), rule_set(), {}
    )
    assert [x.total_minor for x in quote.lines] == [0, 0]
    with pytest.raises(errors.CannotPrice):
        rules.price(cart(*lines, discount=values.OrderDiscount(reason="friend", amount_minor=51)), rule_set(), {})


@given(
    quantities=st.lists(st.integers(1, 50), min_size=1, max_size=12),
    prices=st.lists(st.integers(0, 99_999), min_size=12, max_size=12),
    rate=st.integers(0, 400_000),
    off=st.integers(0, 1_000_000),
    included=st.booleans(),
)
def test_the_total_is_the_sum_of_its_lines_and_nothing_is_lost_in_spreading(
    quantities: list[int], prices: list[int], rate: int, off: int, *, included: bool
) -> None:
    tiers = {f"S{i}": [values.Tier(1, prices[i])] for i in range(len(quantities))}
    lines = [line(i + 1, f"S{i}", quantity) for i, quantity in enumerate(quantities)]
    discount = values.OrderDiscount(reason="friend", rate_ppm=off)
    shipping = {"CNY": values.FlatShipping(800, None, "standard")}
    quote, _ = rules.price(
        cart(*lines, discount=discount), rule_set(included=included, rate=rate, shipping=shipping), tiers
    )
    goods = sum(q * p for q, p in zip(quantities, prices, strict=False))
    assert quote.subtotal_minor == goods
    assert quote.discount_minor == sum(x.discount_minor for x in quote.lines) <= goods
    assert quote.total_minor == sum(x.total_minor for x in quote.lines) + sum(f.total_minor for f in quote.fees)
    net = goods - quote.discount_minor
    assert sum(x.tax_minor for x in quote.lines) == rules.tax_of(net, rate, included=included)
    assert all(x.total_minor >= 0 and x.discount_minor <= x.quantity * x.unit_minor for x in quote.lines)
