"""More never costs less, unless a rule says so: the property, and the rules that do say so, each with its arithmetic.

Adding a unit to a cart adds its price, and takes off at most that price again: so goods never become cheaper in all,
but for a minor unit of rounding for each promotion. What may make them cheaper is named here, one case for each:

- volume tiers: the tier that is reached prices every unit (graduated ones never do that);
- thresholds: a minimum spend or quantity, and steps of either, take off a sum that was not there below;
- sets at one price, and buy some get others: the unit that completes a set reduces what was in the cart before;
- a fee that is waived from so much on;
- offers that exclude each other, of which one is a gift or cheaper shipping: those are weighed with what is taken off.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedan.pricing.rules import promotions as rules
from jiedan.pricing.rules import quoting
from jiedan.pricing.rules.books import compile_book
from jiedan.pricing.values import books, carts, lists, promoted, promotions, quotes, shipping, taxes, units
from jiedan.pricing.values.lots import Lot, Place
from tests.pricing.promotion_factories import (
    ALL,
    HALF,
    bundle,
    buy_get,
    facts,
    goods,
    lot,
    off,
    percent,
    promotion,
    steps,
)

NOON = dt.datetime(2026, 11, 11, 4, tzinfo=dt.UTC)
CATEGORIES = ("x", "y")
minors = st.integers(1, 3000)
rates = st.sampled_from([1, 50_000, 333_333, HALF, ALL])
offers = st.one_of(
    st.builds(lambda rate, per: promotions.PercentOff(rate, per=per), rates, st.sampled_from(["goods", "order"])),
    st.builds(lambda rate, cap: promotions.PercentOff(rate, at_most={"CNY": cap}), rates, minors),
    st.builds(off, minors, st.sampled_from(["unit", "line", "order"])),
    st.builds(lambda minor: promotions.FixedPrice({"CNY": minor}), minors),
    st.builds(
        lambda buy, get, rate, among: buy_get(buy, get, rate, among=among),
        st.integers(1, 3),
        st.integers(1, 2),
        rates,
        st.sampled_from(["set", "sku"]),
    ),
)
"""What takes off without asking how much is bought, or how much is spent."""


@st.composite
def never_less(draw: st.DrawFn) -> list[promotions.Promotion]:
    """Draw promotions of which none says that more costs less."""
    return [
        promotion(
            draw(offers),
            *sorted(draw(st.sets(st.sampled_from(CATEGORIES), max_size=1))),
            id=f"P{number}",
            priority=draw(st.integers(0, 2)),
            group=draw(st.sampled_from(["", "", "g"])),
            stacking=draw(st.sampled_from(["stack", "stack", "alone"])),
        )
        for number in range(draw(st.integers(1, 3)))
    ]


SKUS = {"A": (1999, ("x",)), "B": (700, ("y",)), "C": (50, ()), "D": (1200, ("x", "y"))}
contents = st.fixed_dictionaries({code: st.integers(0, 6) for code in SKUS})


def shelf(held: dict[str, int]) -> list[Lot]:
    """Return lots of these SKUs."""
    return [lot(code, count, SKUS[code][0], *SKUS[code][1]) for code, count in held.items() if count]


def cost(cart: Sequence[Lot], made: Sequence[promotions.Promotion], **more: Any) -> int:
    """Return what goods cost in all."""
    told = rules.promote(cart, facts(**more), rules.compile_promotions(made))
    return sum(one.worth_minor for one in cart) - sum(told.discounts)


@given(held=contents, code=st.sampled_from(sorted(SKUS)), more=st.integers(1, 3), made=never_less())
@settings(max_examples=400, deadline=None)
def test_more_goods_never_cost_less_unless_a_rule_says_so(
    held: dict[str, int], code: str, more: int, made: list[promotions.Promotion]
) -> None:
    before = cost(shelf(held), made)
    after = cost(shelf({**held, code: held[code] + more}), made)
    assert after >= before - len(made)  # each promotion rounds once


def total(counts: dict[str, int], entries: dict[str, lists.ListEntry], book: books.RuleBook, *, included: bool) -> int:
    """Return what a cart costs with its fee and its tax."""
    lines = tuple(
        quotes.BasketLine(units.Wanted(i, code, count), "standard", shipping.Piece(code, count, weight_g=400))
        for i, (code, count) in enumerate(counts.items(), start=1)
    )
    skus = {
        code: units.SkuPrices(
            frozenset({f"sku:{code}"}),
            entries=(entries[code],) if code in entries else (),
            catalog={"CNY": (carts.Tier(1, SKUS[code][0]),)},
        )
        for code in counts
    }
    compiled = compile_book(book, version=1, prices_include_tax=included)
    known = promoted.Facts("CNY", NOON, NOON, place=Place("CN"))
    return quoting.quote(quotes.Basket(known, lines), skus, compiled)[0].total_minor


def sent(tariff: shipping.Tariff, free_from_minor: int | None = None) -> tuple[shipping.ShippingMethod, ...]:
    """Return a way to ship everywhere."""
    rate = shipping.ShippingRate("CNY", tariff, free_from_minor=free_from_minor)
    return (
        shipping.ShippingMethod("post", "Post", (shipping.ShippingZone("all", (shipping.ShippingArea(),), (rate,)),)),
    )


falling = st.lists(st.integers(1, 2_000), min_size=1, max_size=4, unique=True).map(lambda some: sorted(some)[::-1])


@given(
    prices=falling,
    count=st.integers(1, 30),
    more=st.integers(1, 9),
    first=st.integers(0, 900),
    further=st.integers(0, 300),
    rate=st.sampled_from([0, 60_000, 130_000]),
    included=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_graduated_tiers_fees_by_weight_and_taxes_never_fall(
    *, prices: list[int], count: int, more: int, first: int, further: int, rate: int, included: bool
) -> None:
    tiers = tuple(carts.Tier(1 + 5 * i, minor) for i, minor in enumerate(prices))
    entries = {"A": lists.ListEntry("trade", tiers, "graduated")}
    book = books.RuleBook(
        price_lists=(lists.PriceList("trade", "CNY"),),
        shipping_methods=sent(shipping.StepTariff("weight", 1_000, first, 1_000, further)),
        tax_rates=(taxes.TaxRate("standard", rate, "CN"),),
    )
    before = total({"A": count, "B": 2}, entries, book, included=included)
    after = total({"A": count + more, "B": 2}, entries, book, included=included)
    assert after >= before


@pytest.mark.parametrize(
    ("made", "held", "code", "costs"),
    [
        # 50 off from 100.00 on: 5 × 19.99 = 99.95; 6 × 19.99 = 119.94, less 50.00
        ([promotion(off(5_000), when=promotions.When(min_spend={"CNY": 10_000}))], {"A": 5}, "A", (9_995, 6_994)),
        # from three on half: 2 × 7.00; 3 × 3.50
        ([promotion(percent(HALF), when=promotions.When(min_quantity=3))], {"B": 2}, "B", (1_400, 1_050)),
        # 满 100 减 50
        ([promotion(steps((10_000, 5_000)))], {"A": 5}, "A", (9_995, 6_994)),
        # a D and a B for 10.00 together: 12.00 alone
        ([promotion(bundle(1_000, (goods("D"), 1), (goods("B"), 1)), goods=goods())], {"D": 1}, "B", (1_200, 1_000)),
        # buy a C and get an A at half price: 19.99; 19.99 and 0.50, less 10.00
        ([promotion(buy_get(1, 1, HALF, among="other", other=goods("A")), "C")], {"A": 1}, "C", (1_999, 1_049)),
    ],
    ids=["minimum spend", "minimum quantity", "steps", "bundle", "buy some get others"],
)
def test_promotions_that_say_that_more_costs_less(
    made: list[promotions.Promotion], held: dict[str, int], code: str, costs: tuple[int, int]
) -> None:
    more = {**held, code: held.get(code, 0) + 1}
    assert (cost(shelf(held), made), cost(shelf(more), made)) == costs


def test_volume_tiers_and_free_shipping_say_that_more_costs_less() -> None:
    entries = {"A": lists.ListEntry("trade", (carts.Tier(1, 1_000), carts.Tier(5, 700)))}
    volume = books.RuleBook(price_lists=(lists.PriceList("trade", "CNY"),))
    # 4 × 10.00; 5 × 7.00
    assert [total({"A": n}, entries, volume, included=True) for n in (4, 5)] == [4_000, 3_500]
    waived = books.RuleBook(shipping_methods=sent(shipping.FlatTariff(1_000), free_from_minor=1_400))
    # 7.00 and 10.00 of shipping; 14.00 and nothing
    assert [total({"B": n}, {}, waived, included=True) for n in (1, 2)] == [1_700, 1_400]


def test_a_gift_and_a_discount_of_which_one_is_given_may_take_turns() -> None:
    gift = promotion(promotions.Gift(("MUG",)), id="G", group="one")
    tenth = promotion(percent(100_000), id="T", group="one")
    there = {"MUG": promoted.GiftStock(9, 700)}
    # Below 70.00 the mug is worth more: 3 × 19.99 = 59.97 and a mug, then 4 × 19.99 = 79.96 less 8.00. More costs more
    # here; where the units that tip the scale are cheap, it does not: 69.47 and a mug, then 70.47 less 7.05.
    assert [cost(shelf({"A": n}), [gift, tenth], gifts=there) for n in (3, 4)] == [5_997, 7_196]
    held = {"A": 3, "C": 19}
    assert cost(shelf(held), [gift, tenth], gifts=there) == 6_947
    assert cost(shelf({**held, "C": 21}), [gift, tenth], gifts=there) == 6_342
