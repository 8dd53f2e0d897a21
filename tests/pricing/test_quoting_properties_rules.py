"""What holds for every basket: nothing is lost, nothing is negative, and lines are only a way of writing goods down."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from jiedan.pricing import rules
from jiedan.pricing.rules import quoting
from jiedan.pricing.rules.books import compile_book
from jiedan.pricing.values import (
    books,
    carts,
    conversion,
    lists,
    lots,
    promoted,
    promotions,
    quotes,
    shipping,
    taxes,
    units,
)

NOON = dt.datetime(2026, 11, 11, 4, tzinfo=dt.UTC)
CODES = ("A", "B", "C", "D")
CLASSES = {"A": "standard", "B": "standard", "C": "books", "D": "none"}


def _offers() -> st.SearchStrategy[promotions.Offer]:
    rate = st.integers(1, carts.PPM)
    amounts = st.integers(1, 5_000).map(lambda minor: {"CNY": minor})
    return st.one_of(
        st.builds(promotions.PercentOff, rate, per=st.sampled_from(["goods", "order"])),
        st.builds(promotions.AmountOff, amounts, per=st.sampled_from(["unit", "line", "order"])),
        st.builds(promotions.FixedPrice, amounts),
        st.builds(promotions.BuyGet, st.integers(1, 3), st.integers(1, 2), rate, among=st.sampled_from(["set", "sku"])),
        st.builds(promotions.ShippingOff, rate),
        amounts.map(lambda spent: promotions.Steps((promotions.Step(spent, amounts={"CNY": 100}),), repeats=True)),
    )


@st.composite
def _promotions(draw: st.DrawFn) -> tuple[promotions.Promotion, ...]:
    goods = st.sets(st.sampled_from(CODES), max_size=2).map(
        lambda codes: promotions.Goods(tuple(sorted(f"sku:{code}" for code in codes)))
    )
    return tuple(
        promotions.Promotion(
            f"p{i}",
            f"p{i}",
            draw(_offers()),
            goods=draw(goods),
            priority=draw(st.integers(1, 3)),
            group=draw(st.sampled_from(["", "one"])),
            stacking=draw(st.sampled_from(["stack", "stack", "alone"])),
        )
        for i in range(draw(st.integers(0, 4)))
    )


@st.composite
def _book(draw: st.DrawFn) -> books.RuleBook:
    zone = shipping.ShippingZone(
        "all",
        (shipping.ShippingArea(),),
        (shipping.ShippingRate("CNY", shipping.FlatTariff(draw(st.integers(0, 900)))),),
    )
    return books.RuleBook(
        promotions=draw(_promotions()),
        shipping_methods=(shipping.ShippingMethod("post", "Post", (zone,)),),
        tax=taxes.TaxSettings(fees=draw(st.sampled_from(["own", "goods"]))),
        tax_rates=(taxes.TaxRate("standard", 130_000, "CN"), taxes.TaxRate("books", draw(st.integers(0, 99_999)))),
    )


WANTED = st.lists(st.tuples(st.sampled_from(CODES), st.integers(1, 7)), min_size=1, max_size=6)
UNIT_PRICES = st.fixed_dictionaries({code: st.integers(0, 9_999) for code in CODES})


def _priced(
    wanted: list[tuple[str, int]], prices: dict[str, int], book: books.RuleBook, *, included: bool
) -> quotes.Priced:
    lines = tuple(
        quotes.BasketLine(units.Wanted(i, code, n), CLASSES[code], shipping.Piece(code, n, weight_g=1))
        for i, (code, n) in enumerate(wanted, start=1)
    )
    facts = promoted.Facts("CNY", NOON, NOON, place=lots.Place("CN"))
    skus = {
        code: units.SkuPrices(frozenset({f"sku:{code}"}), catalog={"CNY": (carts.Tier(1, minor),)})
        for code, minor in prices.items()
    }
    rules = compile_book(book, version=1, prices_include_tax=included)
    return quoting.quote(quotes.Basket(facts, lines), skus, rules)[0]


@settings(max_examples=150)
@given(wanted=WANTED, prices=UNIT_PRICES, book=_book(), included=st.booleans())
def test_parts_make_up_the_whole_and_nothing_is_negative(
    wanted: list[tuple[str, int]], prices: dict[str, int], book: books.RuleBook, *, included: bool
) -> None:
    found = _priced(wanted, prices, book, included=included)
    for line in found.lines:
        on_top = 0 if included else line.tax_minor
        assert line.total_minor == line.quantity * line.unit_minor - line.discount_minor + on_top
        assert 0 <= line.discount_minor <= line.quantity * line.unit_minor
        assert 0 <= line.tax_minor <= line.total_minor
    assert found.total_minor == sum(x.total_minor for x in found.lines) + sum(x.total_minor for x in found.fees)
    parts = [*[x.taxes for x in found.lines], *[x.taxes for x in found.fees]]
    assert found.tax_minor == sum(part.minor for taxes in parts for part in taxes)


@settings(max_examples=150)
@given(wanted=WANTED, prices=UNIT_PRICES, book=_book(), included=st.booleans(), data=st.data())
def test_lines_may_stand_in_any_order_and_be_split_anyhow(
    wanted: list[tuple[str, int]],
    prices: dict[str, int],
    book: books.RuleBook,
    *,
    included: bool,
    data: st.DataObject,
) -> None:
    apart = [(code, 1) for code, n in wanted for _ in range(n)]
    shuffled = data.draw(st.permutations(apart))
    one = _priced(wanted, prices, book, included=included)
    other = _priced(shuffled, prices, book, included=included)
    assert other.total_minor == one.total_minor
    assert (other.tax_minor, other.discount_minor) == (one.tax_minor, one.discount_minor)
    for code in CODES:
        assert _of(one, code) == _of(other, code)


def _of(found: quotes.Priced, code: str) -> int:
    return sum(line.quantity * line.unit_minor - line.discount_minor for line in found.lines if line.code == code)


def test_a_book_says_what_is_wrong_with_it_where_it_is_wrong() -> None:
    zone = shipping.ShippingZone(
        "z", (shipping.ShippingArea(),), (shipping.ShippingRate("CNY", shipping.FormulaTariff("gone")),)
    )
    book = books.RuleBook(
        price_lists=(lists.PriceList("a", "CNY"), lists.PriceList("a", "XXX")),
        roundings={"EUR": conversion.Rounding(0)},
        promotions=(promotions.Promotion("p", "p", promotions.PercentOff(0)),),
        shipping_methods=(shipping.ShippingMethod("m", "M", (zone,)),),
        tax_rates=(taxes.TaxRate("standard", -1),),
    )
    fields = {problem.field for problem in rules.problems_of_book(book)}
    assert {
        "price_lists[1].code",
        "price_lists[1].currency",
        "roundings.EUR.multiple_minor",
        "shipping_methods[0].zones[0].rates[0].tariff.formula",
        "tax_rates[0].rate_ppm",
    } <= fields
    assert any((field or "").startswith("promotions[0].offer") for field in fields)
