"""The right list is chosen, and its tiers give the right price, in any order and whatever the currency."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.pricing import rules, values
from jiedan.pricing.rules import lists
from jiedan.pricing.values import Tier

AT = datetime(2026, 11, 11, 10, tzinfo=UTC)
NO_EXCHANGE = rules.compile_exchange("CNY", [], {})


def entry(code: str, *tiers: tuple[int, int], graduated: bool = False) -> values.ListEntry:
    return values.ListEntry(code, tuple(Tier(*tier) for tier in tiers), "graduated" if graduated else "volume")


def a_list(code: str, **more: object) -> values.PriceList:
    return values.PriceList(code, **{"currency": "CNY", **more})  # type: ignore[arg-type]  # test shorthand


def priced(
    every: Sequence[values.PriceList],
    entries: Sequence[values.ListEntry],
    quantity: int = 1,
    *,
    catalog: Sequence[tuple[int, int]] = ((1, 1000),),
    exchange: values.Exchange = NO_EXCHANGE,
    **buyer: object,
) -> values.ListPrice | int | None:
    asks = values.Buyer(**{"currency": "CNY", "at": AT, **buyer})  # type: ignore[arg-type]  # test shorthand
    own = {"CNY": tuple(Tier(*tier) for tier in catalog)} if catalog else {}
    served = lists.serving(rules.compile_lists(every), asks)
    return lists.list_price(values.SkuPrices(entries=tuple(entries), catalog=own), quantity, served, exchange, asks)


def chosen(*arguments: object, **more: object) -> tuple[int, str, str | None, str]:
    price = priced(*arguments, **more)  # type: ignore[arg-type]  # test shorthand
    assert isinstance(price, values.ListPrice)
    return price.unit_minor, price.trace.list_code, price.trace.next_list, price.trace.won_by


YESTERDAY, TOMORROW = AT - timedelta(days=1), AT + timedelta(days=1)
A, B = entry("A", (1, 900)), entry("B", (1, 800))


@pytest.mark.parametrize(
    ("every", "buyer", "expected"),
    [
        # No list serves: the catalog's own price, 1000.
        ([], {}, (1000, "", None, "")),
        # A list for everybody goes before the catalog: 900, though the catalog is there as the next.
        ([a_list("A")], {}, (900, "A", "", "list")),
        # Two lists alike: the lower price, 800 < 900.
        ([a_list("A"), a_list("B")], {}, (800, "B", "A", "price")),
        # Priority 5 > 0 wins with 900, though 800 is lower.
        ([a_list("A", priority=5), a_list("B")], {}, (900, "A", "B", "priority")),
        # A contract goes before any priority.
        (
            [a_list("A", kind="contract", customers=("c1",)), a_list("B", priority=1)],
            {"customer": "c1"},
            (900, "A", "B", "contract"),
        ),
        # Another customer's contract does not serve: 800 of the list for everybody.
        ([a_list("A", kind="contract", customers=("c1",)), a_list("B")], {"customer": "c2"}, (800, "B", "", "list")),
        # Named customers are more particular than a group: 900 before 800.
        (
            [a_list("A", customers=("c1",)), a_list("B", groups=("vip",))],
            {"customer": "c1", "groups": frozenset({"vip"})},
            (900, "A", "B", "particular"),
        ),
        # A group is more particular than a channel.
        (
            [a_list("A", groups=("vip",)), a_list("B", channels=("web",))],
            {"channel": "web", "groups": frozenset({"vip"})},
            (900, "A", "B", "particular"),
        ),
        # A channel is more particular than nothing.
        ([a_list("A", channels=("web",)), a_list("B")], {"channel": "web"}, (900, "A", "B", "particular")),
        # A group in a channel is more particular than the group alone, and less than a customer.
        (
            [a_list("A", groups=("vip",), channels=("web",)), a_list("B", groups=("vip",))],
            {"channel": "web", "groups": frozenset({"vip"})},
            (900, "A", "B", "particular"),
        ),
        # Each condition must hold: the group does, the channel does not.
        (
            [a_list("A", groups=("vip",), channels=("web",))],
            {"channel": "phone", "groups": frozenset({"vip"})},
            (1000, "", None, ""),
        ),
        # Not yet, no longer, switched off; the end is not included any more.
        ([a_list("A", from_at=TOMORROW)], {}, (1000, "", None, "")),
        ([a_list("A", from_at=YESTERDAY, until_at=AT)], {}, (1000, "", None, "")),
        ([a_list("A", is_active=False)], {}, (1000, "", None, "")),
        ([a_list("A", from_at=AT, until_at=TOMORROW)], {}, (900, "A", "", "list")),
        # A list in another currency says nothing here.
        ([a_list("A", currency="JPY")], {}, (1000, "", None, "")),
        # Alike in everything and the same price: the code decides.
        ([a_list("A"), a_list("C")], {}, (900, "A", "C", "code")),
    ],
)
def test_the_list_that_should_win_wins_and_the_trace_says_why(
    every: list[values.PriceList], buyer: dict[str, object], expected: tuple[int, str, str | None, str]
) -> None:
    entries = [A, B, entry("C", (1, 900))]
    assert chosen(every, entries, **buyer) == expected
    assert chosen(every[::-1], entries[::-1], **buyer) == expected, "the order of lists decides nothing"


VOLUME = entry("A", (1, 1000), (10, 900), (100, 850))
BANDS = entry("A", (1, 1000), (10, 900), (100, 850), graduated=True)


@pytest.mark.parametrize(
    ("of", "quantity", "unit", "off"),
    [
        # Volume: the tier reached prices every unit.
        (VOLUME, 9, 1000, 0),
        (VOLUME, 10, 900, 0),
        (VOLUME, 99, 900, 0),
        (VOLUME, 1_000_000, 850, 0),
        # Graduated: units 1-9 at 1000; the 10th is the first at 900. 9 × 1000 = 9 × 1000, nothing off.
        (BANDS, 9, 1000, 0),
        # 9 × 1000 + 1 × 900 = 9900 = 10 × 1000 − 100.
        (BANDS, 10, 1000, 100),
        # 9 × 1000 + 90 × 900 = 90000 = 99 × 1000 − 9000.
        (BANDS, 99, 1000, 9_000),
        # 9 × 1000 + 90 × 900 + 1 × 850 = 90850 = 100 × 1000 − 9150.
        (BANDS, 100, 1000, 9_150),
        # 9 × 1000 + 90 × 900 + 901 × 850 = 855850; 1000 × 1000 = 1000000; off 144150 … of 1000 units: 9 + 90 + 901.
        (BANDS, 1_000, 1000, 144_150),
        # 999901 units at 850: 9000 + 81000 + 849915850 = 850005850 = 1000000000 − 149994150.
        (BANDS, 1_000_000, 1000, 149_994_150),
        # JPY, without decimals: 4 × 333 + 3 × 300 = 2232 = 7 × 333 − 99.
        (entry("A", (1, 333), (5, 300), graduated=True), 7, 333, 99),
        # A first band that begins at 5: units 1-9 at 12.345 KWD, the 10th at 11.111: off 1234.
        (entry("A", (5, 12_345), (10, 11_111), graduated=True), 10, 12_345, 1_234),
        # Down to nothing: units 3 and 4 are free, 2 × 500 off.
        (entry("A", (1, 500), (3, 0), graduated=True), 4, 500, 1_000),
    ],
)
def test_tiers_price_a_quantity(of: values.ListEntry, quantity: int, unit: int, off: int) -> None:
    price = priced([a_list("A")], [of], quantity)
    assert isinstance(price, values.ListPrice)
    assert (price.unit_minor, price.tier_off_minor) == (unit, off)
    assert price.trace.mode == of.mode


def test_a_list_below_its_first_tier_leaves_the_price_to_the_next_one() -> None:
    wholesale = a_list("A", kind="contract", groups=("trade",))
    vip: dict[str, Any] = {"groups": frozenset({"trade"})}
    price = priced([wholesale], [entry("A", (10, 700))], 4, **vip)
    assert isinstance(price, values.ListPrice)
    assert (price.unit_minor, price.trace.list_code) == (1000, "")
    assert price.trace.next_tier == values.NextTier(6, 700, "A"), "6 more would reach the contract's first tier"
    reached = priced([wholesale], [entry("A", (10, 700))], 10, **vip)
    assert isinstance(reached, values.ListPrice)
    assert (reached.unit_minor, reached.trace.is_contract, reached.trace.tier_from) == (700, True, 10)


def test_below_every_first_tier_the_least_quantity_is_told() -> None:
    assert priced([a_list("A")], [entry("A", (10, 700))], 4, catalog=((6, 900),)) == 6
    assert priced([a_list("A")], [entry("A", (10, 700))], 4, catalog=()) == 10
    assert priced([], [entry("A", (10, 700))], 4, catalog=()) is None


def test_only_a_lower_price_is_a_near_miss() -> None:
    rising = priced([], [], 1, catalog=((1, 500), (2, 600)))
    falling = priced([], [], 1, catalog=((1, 500), (3, 400), (9, 300)))
    lower_ranked = priced([a_list("A")], [entry("A", (1, 450))], 1, catalog=((1, 500), (2, 100)))
    assert isinstance(rising, values.ListPrice)
    assert isinstance(falling, values.ListPrice)
    assert isinstance(lower_ranked, values.ListPrice)
    assert rising.trace.next_tier is None
    assert falling.trace.next_tier == values.NextTier(2, 400)
    assert lower_ranked.trace.next_tier is None, "the catalog never goes before a list"


EUR = rules.compile_exchange(
    "CNY", [values.ExchangeRate("EUR", "CNY", YESTERDAY, "7.8125")], {"EUR": values.Rounding(100, 1)}
)


def test_a_price_that_is_not_there_is_converted_tier_by_tier() -> None:
    # 1 EUR = 7.8125 CNY. 100.00 CNY = 12.80 EUR → 12.99; 90.00 = 11.52 → 11.99; 80.00 = 10.24 → 9.99.
    tiers = entry("A", (1, 10_000), (10, 9_000), (100, 8_000), graduated=True)
    price = priced([a_list("A")], [tiers], 12, exchange=EUR, currency="EUR")
    assert isinstance(price, values.ListPrice)
    # 9 × 12.99 + 3 × 11.99 = 152.88 = 12 × 12.99 − 3.00
    assert (price.unit_minor, price.tier_off_minor) == (1_299, 300)
    assert price.converted == values.Converted("CNY", 10_000, "7.8125", YESTERDAY, is_inverse=True)
    assert price.trace.next_tier == values.NextTier(88, 999, "A")


def test_a_price_in_the_currency_of_the_cart_goes_before_a_contract_in_another() -> None:
    contract = a_list("A", kind="contract", customers=("c1",))
    own = a_list("E", currency="EUR")
    price = priced([contract, own], [A, entry("E", (1, 77))], exchange=EUR, currency="EUR", customer="c1")
    assert isinstance(price, values.ListPrice)
    assert (price.unit_minor, price.trace.list_code, price.converted) == (77, "E", None)


def test_without_a_rate_there_is_no_price() -> None:
    assert priced([], [], exchange=EUR, currency="JPY") is None
    assert priced([], [], exchange=EUR, currency="EUR", at=YESTERDAY - timedelta(seconds=1)) is None


def test_a_lower_tier_that_rounding_makes_equal_is_no_near_miss() -> None:
    # 100.00 CNY = 12.80 → 12.99; 99.00 CNY = 12.672 → 12.99 as well.
    price = priced([], [], 1, catalog=((1, 10_000), (2, 9_900)), exchange=EUR, currency="EUR")
    assert isinstance(price, values.ListPrice)
    assert (price.unit_minor, price.trace.next_tier) == (1_299, None)


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (a_list("", currency="CNY"), [("price_code_invalid", "code")]),
        (a_list(" A"), [("price_code_invalid", "code")]),
        (a_list("A", currency="YEN"), [("price_currency_unknown", "currency")]),
        (a_list("A", from_at=AT, until_at=AT), [("price_period_invalid", "until_at")]),
        (a_list("A", groups=("g", "g")), [("price_scope_invalid", "groups")]),
        (a_list("A", kind="contract", channels=("web",)), [("contract_without_party", "customers")]),
        (a_list("A", customers=("c",), from_at=AT), []),
    ],
)
def test_a_list_that_cannot_work_is_refused_by_field(bad: values.PriceList, expected: list[tuple[str, str]]) -> None:
    assert [(r.code, r.field) for r in rules.problems_of_price_list(bad)] == expected


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (entry("A"), [("tiers_invalid", "tiers")]),
        (entry("A", (0, 5)), [("tier_quantity_invalid", "tiers[0].min_quantity")]),
        (entry("A", (1, 5), (1, 4)), [("tier_quantity_invalid", "tiers[1].min_quantity")]),
        (entry("A", (1, -5)), [("amount_out_of_range", "tiers[0].unit_minor")]),
        (entry("A", (1, 5), (2, 5), graduated=True), [("tier_must_fall", "tiers[1].unit_minor")]),
        (entry("A", (1, 5), (2, 6)), []),
        (entry("A", (1, 5), (2, 4), graduated=True), []),
    ],
)
def test_tiers_that_cannot_work_are_refused_by_field(bad: values.ListEntry, expected: list[tuple[str, str]]) -> None:
    assert [(r.code, r.field) for r in rules.problems_of_entry(bad)] == expected


@st.composite
def falling_tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    quantities = sorted(draw(st.sets(st.integers(2, 500), max_size=6)))
    prices = sorted(draw(st.sets(st.integers(0, 10**6), min_size=7, max_size=7)), reverse=True)
    return tuple(Tier(quantity, price) for quantity, price in zip([1, *quantities], prices, strict=False))


@given(falling_tiers(), st.integers(1, 600))
def test_graduated_tiers_are_the_sum_of_their_bands(tiers: tuple[Tier, ...], quantity: int) -> None:
    def unit(n: int) -> int:
        return next(tier.unit_minor for tier in reversed(tiers) if n >= tier.min_quantity)

    total = tiers[0].unit_minor * quantity - lists.graduated_off(tiers, quantity)
    assert total == sum(unit(n) for n in range(1, quantity + 1))
    more = tiers[0].unit_minor * (quantity + 1) - lists.graduated_off(tiers, quantity + 1)
    assert more >= total, "one unit more never costs less"
