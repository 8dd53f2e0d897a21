"""What a unit costs by quantity is told as it is charged: whichever list holds, in whichever currency."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.pricing import rules, values
from jiedan.pricing.rules import lists
from jiedan.pricing.values import ExchangeRate, PriceList, SkuPrices, Surcharge, Tier
from jiedan.pricing.values.lists import ListEntry, PriceStep

AT = datetime(2026, 11, 11, 10, tzinfo=UTC)
ALONE = rules.compile_exchange("CNY", [], {})
QUANTITY_MAX = 60

Told = list[tuple[int, int, str, str]]


def entry(code: str, *tiers: tuple[int, int], graduated: bool = False) -> ListEntry:
    return ListEntry(code, tuple(Tier(*tier) for tier in tiers), "graduated" if graduated else "volume")


def unit_rules(every: Sequence[PriceList], *more: Surcharge, exchange: values.Exchange = ALONE) -> rules.UnitRules:
    return rules.UnitRules(rules.compile_lists(every), exchange, rules.compile_surcharges(more), {})


def goods(*entries: ListEntry, catalog: Sequence[tuple[int, int]] = ((1, 1_000),)) -> SkuPrices:
    own = {"CNY": tuple(Tier(*tier) for tier in catalog)} if catalog else {}
    return SkuPrices(frozenset({"sku:TEA"}), entries, own, (("Size", "L"),))


def steps(sku: SkuPrices, by: rules.UnitRules, *, currency: str = "CNY", channel: str = "") -> tuple[PriceStep, ...]:
    return rules.price_steps({"TEA": sku}, by, values.Buyer(currency, AT, channel)).get("TEA", ())


def told(found: Sequence[PriceStep]) -> Told:
    return [(step.min_quantity, step.unit_minor, step.mode, step.price_list) for step in found]


A, B = PriceList("A", "CNY", priority=1), PriceList("B", "CNY", priority=2)


@pytest.mark.parametrize(
    ("every", "sku", "expected"),
    [
        pytest.param([], goods(), [(1, 1_000, "volume", "")], id="one price"),
        pytest.param([], goods(catalog=()), [], id="no price"),
        pytest.param(
            [],
            goods(catalog=((1, 1_000), (10, 890))),
            [(1, 1_000, "volume", ""), (10, 890, "volume", "")],
            id="catalog",
        ),
        pytest.param(
            [A],
            goods(entry("A", (1, 900), (10, 800)), catalog=((1, 1_000), (5, 700))),
            [(1, 900, "volume", "A"), (10, 800, "volume", "A")],
            id="a list goes before the catalog, which is not told",
        ),
        pytest.param(
            [A],
            goods(entry("A", (10, 800), (20, 700))),
            [(1, 1_000, "volume", ""), (10, 800, "volume", "A"), (20, 700, "volume", "A")],
            id="below its first tier the catalog holds",
        ),
        pytest.param(
            [A],
            goods(entry("A", (1, 1_000), (10, 800), (20, 700), graduated=True)),
            [(1, 1_000, "volume", "A"), (10, 800, "graduated", "A"), (20, 700, "graduated", "A")],
            id="graduated tiers price the units from theirs on",
        ),
        pytest.param(
            [A],
            goods(entry("A", (10, 800), (20, 700), graduated=True)),
            [(1, 1_000, "volume", ""), (10, 800, "volume", "A"), (20, 700, "graduated", "A")],
            id="the first of graduated tiers prices all units",
        ),
        pytest.param(
            [A],
            goods(entry("A", (10, 1_000), (20, 900), graduated=True)),
            [(1, 1_000, "volume", ""), (20, 900, "graduated", "A")],
            id="what costs the same is told once, and what follows it as well",
        ),
        pytest.param(
            [A, B],
            goods(entry("B", (1, 900), (5, 850)), entry("A", (5, 870))),
            [(1, 900, "volume", "B"), (5, 870, "volume", "A")],
            id="the list that goes before takes over, dearer or not",
        ),
        pytest.param([A], goods(entry("A", (10, 800)), catalog=()), [(10, 800, "volume", "A")], id="not one by one"),
        pytest.param(
            [PriceList("A", "CNY", channels=("shop",))],
            goods(entry("A", (1, 1))),
            [(1, 1_000, "volume", "")],
            id="a list for others",
        ),
    ],
)  # fmt: skip
def test_the_steps_are_those_of_the_lists_that_hold(every: list[PriceList], sku: SkuPrices, expected: Told) -> None:
    assert told(steps(sku, unit_rules(every))) == expected


def test_a_list_serves_its_channel() -> None:
    shop = PriceList("A", "CNY", channels=("shop",))
    sku = goods(entry("A", (1, 900), (10, 800)))
    assert told(steps(sku, unit_rules([shop]), channel="shop")) == [(1, 900, "volume", "A"), (10, 800, "volume", "A")]


def test_options_are_added_to_each_step() -> None:
    large = Surcharge("large", option="Size", value="L", rate_ppm=100_000)
    sku = goods(entry("A", (1, 1_000), (10, 800), graduated=True))
    # A tenth of the first price is added to every unit: 11.00, and 2.00 less from the tenth unit on.
    assert told(steps(sku, unit_rules([A], large))) == [(1, 1_100, "volume", "A"), (10, 900, "graduated", "A")]
    unknown = Surcharge("large", option="Size", value="L", amounts={"EUR": 100})
    assert steps(sku, unit_rules([A], unknown)) == ()


def test_each_step_is_converted_by_itself() -> None:
    rate = ExchangeRate("CNY", "EUR", AT, "0.125")
    exchange = rules.compile_exchange("CNY", [rate], {})
    sku = goods(entry("A", (1, 1_000), (10, 805), graduated=True))
    # 10.00 × 0.125 = 1.25 and 8.05 × 0.125 = 1.00625, rounded 1.01.
    assert told(steps(sku, unit_rules([A], exchange=exchange), currency="EUR")) == [
        (1, 125, "volume", "A"),
        (10, 101, "graduated", "A"),
    ]
    assert steps(sku, unit_rules([A]), currency="EUR") == ()


def test_formulas_have_no_steps() -> None:
    plank = rules.compile_formula(values.Formula("plank", "3", currency="CNY"))
    assert steps(goods(), unit_rules([])._replace(formulas={"plank": plank}, bespoke={"sku:TEA": "plank"})) == ()


@st.composite
def tiers(draw: st.DrawFn, *, falling: bool) -> tuple[Tier, ...]:
    starts = sorted(draw(st.sets(st.integers(1, QUANTITY_MAX), min_size=1, max_size=4)))
    minors = draw(st.lists(st.integers(1, 99), min_size=len(starts), max_size=len(starts), unique=falling))
    return tuple(map(Tier, starts, sorted(minors, reverse=True) if falling else minors))


@st.composite
def shelves(draw: st.DrawFn, *, are_ranked: bool = True) -> tuple[list[PriceList], SkuPrices]:
    """Draw lists, of different ranks or all of one, and what they and the catalog ask for a SKU."""
    count = draw(st.integers(0, 3))
    graduated = [draw(st.booleans()) for _ in range(count)]
    entries = [
        ListEntry(f"L{i}", draw(tiers(falling=is_graduated)), "graduated" if is_graduated else "volume")
        for i, is_graduated in enumerate(graduated)
    ]
    own = {"CNY": draw(tiers(falling=False))} if draw(st.booleans()) else {}
    every = [PriceList(f"L{i}", "CNY", priority=i + 1 if are_ranked else 1) for i in range(count)]
    return every, SkuPrices(entries=tuple(entries), catalog=own)


@given(shelves(), st.integers(1, QUANTITY_MAX + 5))
def test_what_is_told_is_what_is_charged(shelf: tuple[list[PriceList], SkuPrices], quantity: int) -> None:
    every, sku = shelf
    assert amount(steps(sku, unit_rules(every)), quantity) == charged(every, sku, quantity)


@given(shelves(are_ranked=False), st.integers(1, QUANTITY_MAX + 5))
def test_where_lists_cross_no_more_is_charged_than_is_told(
    shelf: tuple[list[PriceList], SkuPrices], quantity: int
) -> None:
    every, sku = shelf
    told, taken = amount(steps(sku, unit_rules(every)), quantity), charged(every, sku, quantity)
    assert (told is None) == (taken is None)
    assert taken is None or told is None or taken <= told


def charged(every: Sequence[PriceList], sku: SkuPrices, quantity: int) -> int | None:
    buyer = values.Buyer("CNY", AT)
    price = lists.list_price(sku, quantity, lists.serving(rules.compile_lists(every), buyer), ALONE, buyer)
    return price.unit_minor * quantity - price.tier_off_minor if isinstance(price, values.ListPrice) else None


def amount(found: Sequence[PriceStep], quantity: int) -> int | None:
    """Return what so many units cost by the steps, as a customer reads them."""
    reached = [step for step in found if step.min_quantity <= quantity]
    if not reached:
        return None
    base = max(i for i, step in enumerate(reached) if step.mode == "volume")
    total, bands = 0, reached[base:]
    for n in range(1, quantity + 1):
        total += next(x for x in reversed(bands) if x is bands[0] or x.min_quantity <= n).unit_minor
    return total


def test_lists_of_one_rank_never_tell_less_than_is_charged() -> None:
    # Until 9 units B is lower, from 10 on A: 9 × 10.00 + 1 × 5.00 = 95.00 against 10 × 9.90.
    every = [PriceList("A", "CNY"), PriceList("B", "CNY")]
    sku = SkuPrices(entries=(entry("A", (1, 1_000), (10, 500), graduated=True), entry("B", (1, 990))))
    assert told(steps(sku, unit_rules(every))) == [(1, 990, "volume", "B")]


def test_where_a_dearer_tier_gives_way_to_a_further_band_the_units_are_told_on_average() -> None:
    # Of 2 units B takes 2 × 2.00; A takes 2.00 + 1.00 = 3.00, which no unit of 1.00 may be told for.
    every = [PriceList("A", "CNY"), PriceList("B", "CNY")]
    sku = SkuPrices(entries=(entry("A", (1, 200), (2, 100), graduated=True), entry("B", (1, 100), (2, 200))))
    assert told(steps(sku, unit_rules(every))) == [(1, 100, "volume", "B"), (2, 150, "volume", "A")]
    assert [charged(every, sku, n) for n in (1, 2, 3)] == [100, 300, 400]
