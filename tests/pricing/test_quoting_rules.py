"""Whole baskets: lists, promotions, discounts by hand, shipping and tax together, to the minor unit."""

import datetime as dt
from typing import Any, NamedTuple

import pytest
from msgspec import structs

from jiedan.pricing import errors
from jiedan.pricing.rules import quoting
from jiedan.pricing.rules.books import compile_book
from jiedan.pricing.values import books, carts, lots, promoted, promotions, quotes, shipping, taxes, units

NOON = dt.datetime(2026, 11, 11, 4, tzinfo=dt.UTC)
CHINA = lots.Place("CN", "SH", "200000")

PRICES: dict[str, dict[str, int]] = {
    "SHIRT": {"CNY": 9900, "JPY": 2000, "KWD": 10_000, "EUR": 1999},
    "CUP": {"CNY": 3333, "JPY": 333, "KWD": 3_333, "EUR": 333},
    "BOOK": {"CNY": 5000, "JPY": 1000, "KWD": 5_005, "EUR": 1050},
    "MUG": {"CNY": 1},
}


def sku(code: str) -> units.SkuPrices:
    catalog = {currency: (carts.Tier(1, minor),) for currency, minor in PRICES[code].items()}
    return units.SkuPrices(frozenset({f"sku:{code}", "category:all"}), catalog=catalog)


SKUS = {code: sku(code) for code in PRICES}


def basket(currency: str, *wanted: tuple[str, int], place: lots.Place = CHINA, **more: Any) -> quotes.Basket:
    lines = tuple(
        quotes.BasketLine(
            units.Wanted(i, code, quantity),
            "books" if code == "BOOK" else "standard",
            shipping.Piece(code, quantity, weight_g=500),
        )
        for i, (code, quantity) in enumerate(wanted, start=1)
    )
    facts = promoted.Facts(currency, NOON, NOON + dt.timedelta(hours=8), place=place, **more.pop("facts", {}))
    gifts = {"CUP": quotes.GiftGoods("standard", shipping.Piece("CUP", 1, weight_g=500))}
    return quotes.Basket(facts, lines, gifts=gifts, **more)


def rates(*rows: tuple[str, int]) -> tuple[taxes.TaxRate, ...]:
    return tuple(taxes.TaxRate(tax_class, ppm, "CN") for tax_class, ppm in rows)


def flat(currency: str, fee: int, free_from: int | None = None) -> tuple[shipping.ShippingMethod, ...]:
    rate = shipping.ShippingRate(currency, shipping.FlatTariff(fee), free_from)
    zone = shipping.ShippingZone("cn", (shipping.ShippingArea("CN"),), (rate,))
    return (shipping.ShippingMethod("post", "Post", (zone,)),)


def offer(name: str, what: promotions.Offer, **more: Any) -> promotions.Promotion:
    return promotions.Promotion(name, name, what, **more)


THREE_FOR_TWO = offer("3-for-2", promotions.BuyGet(buy=2, get=1, rate_ppm=carts.PPM))
TEN_OFF = offer("ten", promotions.PercentOff(100_000))
FREE_SHIPPING = offer("free-shipping", promotions.ShippingOff(rate_ppm=carts.PPM))
GIFT = offer("gift", promotions.Gift(("CUP",)), when=promotions.When(min_spend={"CNY": 10_000}))
CUPS = {"gifts": {"CUP": promoted.GiftStock(5, 3333)}}


class Case(NamedTuple):
    """A basket, the book it meets, and the answer reckoned by hand: lines, fees, tax, total."""

    basket: quotes.Basket
    book: books.RuleBook
    lines: list[int]
    fees: list[int]
    tax: int
    total: int
    included: bool = False


CASES = {
    # 2 × 99.00 = 198.00
    "nothing but prices": Case(basket("CNY", ("SHIRT", 2)), books.RuleBook(), [19800], [], 0, 19800),
    # 3 shirts at 99 + 1 free of four: 297.00
    "3 shirts at 99 and 1 free": Case(
        basket("CNY", ("SHIRT", 4)),
        books.RuleBook(promotions=(offer("b3g1", promotions.BuyGet(buy=3, get=1, rate_ppm=carts.PPM)),)),
        [29700], [], 0, 29700,
    ),
    # 99.00 + 33.33 = 132.33, 10 % = 13.233 → 13.23; parts 9.90 and 3.33: 89.10 + 30.00 = 119.10
    "ten percent off two lines": Case(
        basket("CNY", ("SHIRT", 1), ("CUP", 1)), books.RuleBook(promotions=(TEN_OFF,)), [8910, 3000], [], 0, 11910
    ),
    # 99.00 × 3 with one free = 198.00; 13 % = 25.74 on top; shipping 8.00 + 1.04
    "free shirt, tax on top, shipping": Case(
        basket("CNY", ("SHIRT", 3)),
        books.RuleBook(
            promotions=(THREE_FOR_TWO,), tax_rates=rates(("standard", 130_000)), shipping_methods=flat("CNY", 800)
        ),
        [22374], [904], 2678, 23278,
    ),
    # the same, prices include tax: 198.00 contains 198 × 13/113 = 22.7788 → with 8.00 together 206 × 13/113 = 23.6991
    "free shirt, tax contained": Case(
        basket("CNY", ("SHIRT", 3)),
        books.RuleBook(
            promotions=(THREE_FOR_TWO,), tax_rates=rates(("standard", 130_000)), shipping_methods=flat("CNY", 800)
        ),
        [19800], [800], 2370, 20600, included=True,
    ),
    # 2 × 99.00 = 198.00 less 10 % = 178.20: below 180.00, so the fee is asked although 198.00 would have been free
    "free shipping looks at what is left": Case(
        basket("CNY", ("SHIRT", 2)),
        books.RuleBook(promotions=(TEN_OFF,), shipping_methods=flat("CNY", 1200, 18_000)),
        [17820], [1200], 0, 19020,
    ),
    # 99.00, fee 12.00 waived by the promotion: no fee line, no tax of it
    "free shipping by promotion": Case(
        basket("CNY", ("SHIRT", 1)),
        books.RuleBook(
            promotions=(FREE_SHIPPING,), tax_rates=rates(("standard", 130_000)), shipping_methods=flat("CNY", 1200)
        ),
        [11187], [0], 1287, 11187,
    ),
    # 198.00 less 10 % = 178.20, less 5 % by hand = 8.91 → 169.29
    "by hand after promotions": Case(
        basket("CNY", ("SHIRT", 2), discount=carts.OrderDiscount("regular customer", rate_ppm=50_000)),
        books.RuleBook(promotions=(TEN_OFF,)), [16929], [], 0, 16929,
    ),
    # 0.01 × 3, 10 % = 0.003 → 0.00; nothing comes off
    "a cent cannot be tenthed": Case(
        basket("CNY", ("MUG", 3)), books.RuleBook(promotions=(TEN_OFF,)), [3], [], 0, 3
    ),
    # 0.01 × 5, 10 % = 0.005 → half up 0.01 off: 0.04
    "half a cent is rounded up": Case(
        basket("CNY", ("MUG", 5)), books.RuleBook(promotions=(TEN_OFF,)), [4], [], 0, 4
    ),
    # ¥333 × 3 = 999, 10 % = 99.9 → 100: 899; 10 % tax = 89.9 → 90
    "yen have no decimals": Case(
        basket("JPY", ("CUP", 3)),
        books.RuleBook(promotions=(TEN_OFF,), tax_rates=rates(("standard", 100_000))), [989], [], 90, 989,
    ),
    # 10.000 + 3.333 = 13.333 KWD, a third off by 333,333 ppm = 4.444329 → 4.444; parts 3.333 and 1.111
    "dinars have three": Case(
        basket("KWD", ("SHIRT", 1), ("CUP", 1)),
        books.RuleBook(promotions=(offer("third", promotions.PercentOff(333_333)),)), [6_667, 2_222], [], 0, 8_889,
    ),
    # 99.00 + 50.00; 13 % of 99 = 12.87, 9 % of 50 = 4.50
    "two tax classes": Case(
        basket("CNY", ("SHIRT", 1), ("BOOK", 1)),
        books.RuleBook(tax_rates=rates(("standard", 130_000), ("books", 90_000))), [11187, 5450], [], 1737, 16637,
    ),
    # 198.00 reaches 100.00: one cup for nothing; it weighs 0.5 kg: 1.5 kg in all, first kg 10.00 and 0.5 kg more 2.00
    "a gift is shipped as well": Case(
        basket("CNY", ("SHIRT", 2), facts=CUPS),
        books.RuleBook(
            promotions=(GIFT,),
            shipping_methods=(
                shipping.ShippingMethod("kg", "By weight", (
                    shipping.ShippingZone("cn", (shipping.ShippingArea("CN"),), (
                        shipping.ShippingRate("CNY", shipping.StepTariff("weight", 1000, 1000, 500, 200)),
                    )),
                )),
            ),
        ),
        [19800], [1200], 0, 21000,
    ),
    # 19.99 + 10.50 = 30.49, step 30.00 → 5.00 off: parts 5 × 19.99/30.49 = 3.278 and 1.721 → 3.28 and 1.72
    "a threshold that is just reached": Case(
        basket("EUR", ("SHIRT", 1), ("BOOK", 1)),
        books.RuleBook(promotions=(
            offer("step", promotions.Steps((promotions.Step({"EUR": 3000}, amounts={"EUR": 500}),))),
        )),
        [1671, 878], [], 0, 2549,
    ),
    # a fee by hand of 5.00 instead of 8.00, taxed as standard: 99.00 + 12.87 and 5.00 + 0.65
    "a fee by hand": Case(
        basket("CNY", ("SHIRT", 1), shipping_minor=500),
        books.RuleBook(tax_rates=rates(("standard", 130_000)), shipping_methods=flat("CNY", 800)),
        [11187], [565], 1352, 11752,
    ),
}  # fmt: skip


def priced(case: Case) -> tuple[quotes.Priced, quotes.PricedTrace]:
    rules = compile_book(case.book, version=3, prices_include_tax=case.included)
    return quoting.quote(case.basket, SKUS, rules)


@pytest.mark.parametrize("name", CASES)
def test_a_basket_costs_what_was_reckoned_by_hand(name: str) -> None:
    case = CASES[name]
    found, trace = priced(case)
    assert [line.total_minor for line in found.lines] == case.lines
    assert [fee.total_minor for fee in found.fees] == case.fees
    assert (found.tax_minor, found.total_minor) == (case.tax, case.total)
    assert trace.rules_version == 3


@pytest.mark.parametrize("name", CASES)
def test_parts_make_up_the_whole(name: str) -> None:
    found, _ = priced(CASES[name])
    assert found.total_minor == sum(x.total_minor for x in found.lines) + sum(x.total_minor for x in found.fees)
    assert found.tax_minor == sum(x.tax_minor for x in found.lines) + sum(x.tax_minor for x in found.fees)
    parts = [*[x.taxes for x in found.lines], *[x.taxes for x in found.fees]]
    assert found.tax_minor == sum(part.minor for taxes in parts for part in taxes)
    for line in found.lines:
        on_top = 0 if found.tax_included else line.tax_minor
        assert line.total_minor == line.quantity * line.unit_minor - line.discount_minor + on_top
        off = line.tier_off_minor + line.relief_minor + sum(r.minor for r in line.reductions)
        assert line.discount_minor == off
        assert line.tax_minor == sum(part.minor for part in line.taxes)


def test_a_line_tells_what_each_promotion_took_off_it() -> None:
    found, trace = priced(CASES["by hand after promotions"])
    assert found.lines[0].reductions == (quotes.Reduction("ten", 1980), quotes.Reduction(quoting.BY_HAND, 891))
    assert [(x.promotion, x.amount_minor) for x in trace.applied] == [("ten", 1980)]
    assert trace.discount == "regular customer"


def test_a_gift_is_told_and_a_missed_one_says_what_is_missing() -> None:
    found, _ = priced(CASES["a gift is shipped as well"])
    assert found.gifts == (quotes.PricedGift("gift", "CUP", 1, "standard"),)
    small = CASES["a gift is shipped as well"]._replace(basket=basket("CNY", ("SHIRT", 1), facts=CUPS))
    missed, trace = priced(small)
    assert missed.gifts == ()
    assert [(x.code, x.amount_minor) for x in trace.near_misses] == [("needs_spend", 100)]


@pytest.mark.parametrize(
    ("quantity", "promotion", "tier_from", "more", "total"),
    [
        # 2 × 33.33: the cup that is given is none that is bought, and brings no tier.
        pytest.param(2, offer("cup", promotions.Gift(("CUP",))), 1, 1, 6666, id="a gift"),
        # 3 × 30.00 less one: the one that is free is in the cart, and counts; the tier it brings holds for all.
        pytest.param(3, THREE_FOR_TWO, 3, None, 6000, id="three for two"),
        # 2 × 33.33 less nothing: the third would be free, but is not there.
        pytest.param(2, THREE_FOR_TWO, 1, 1, 6666, id="nearly three for two"),
    ],
)
def test_tiers_count_what_is_bought_and_the_trace_tells_which_held(
    quantity: int, promotion: promotions.Promotion, tier_from: int, more: int | None, total: int
) -> None:
    tiers = {"CNY": (carts.Tier(1, 3333), carts.Tier(3, 3000))}
    rules = compile_book(books.RuleBook(promotions=(promotion,)), version=3, prices_include_tax=False)
    cart = basket("CNY", ("CUP", quantity), facts=CUPS)
    found, trace = quoting.quote(cart, SKUS | {"CUP": SKUS["CUP"]._replace(catalog=tiers)}, rules)
    (unit,) = trace.units
    assert unit.listed is not None
    assert (unit.counted, unit.listed.tier_from, found.total_minor) == (quantity, tier_from, total)
    assert (unit.listed.next_tier.more if unit.listed.next_tier is not None else None) == more


@pytest.mark.parametrize(("rate_ppm", "off", "left"), [(carts.PPM, 1200, 0), (250_000, 300, 1017)])
def test_a_fee_that_is_waived_stays_with_what_was_saved(rate_ppm: int, off: int, left: int) -> None:
    # 12.00 a quarter off = 9.00 and 13 % on top = 10.17; all of it off leaves nothing to tax
    case = CASES["free shipping by promotion"]
    less = offer("less", promotions.ShippingOff(rate_ppm=rate_ppm))
    found, trace = priced(case._replace(book=structs.replace(case.book, promotions=(less,))))
    (fee,) = found.fees
    assert (fee.unit_minor, fee.discount_minor, fee.total_minor) == (1200, off, left)
    assert fee.reductions == (quotes.Reduction("less", off),)
    assert [(x.promotion, x.amount_minor) for x in trace.applied] == [("less", off)]
    assert [(x.code, x.amount_minor) for x in trace.outcomes] == [("applied", off)]


def test_who_is_exempt_pays_prices_without_the_tax_they_include() -> None:
    # 113.00 contains 13.00 at home; with the certificate 100.00 is left to pay
    wanted = units.Wanted(1, "SHIRT", 1, given_minor=11_300, reason="agreed")
    exempt = taxes.TaxStatus((taxes.Certificate("A-1"),))
    one = basket("CNY")._replace(lines=(quotes.BasketLine(wanted, "standard"),), tax_status=exempt)
    settings = taxes.TaxSettings(home_country="CN")
    book = books.RuleBook(tax=settings, tax_rates=rates(("standard", 130_000)))
    found, trace = quoting.quote(one, SKUS, compile_book(book, version=1, prices_include_tax=True))
    assert (found.lines[0].relief_minor, found.tax_minor, found.total_minor) == (1300, 0, 10_000)
    assert [note.code for note in trace.tax_notes] == ["certificate"]


def test_the_merchants_country_is_home_where_the_settings_name_none() -> None:
    wanted = units.Wanted(1, "SHIRT", 1, given_minor=11_300, reason="agreed")
    exempt = taxes.TaxStatus((taxes.Certificate("A-1"),))
    one = basket("CNY")._replace(lines=(quotes.BasketLine(wanted, "standard"),), tax_status=exempt)
    table = rates(("standard", 130_000))
    silent, elsewhere = (
        compile_book(
            books.RuleBook(tax=taxes.TaxSettings(home_country=home), tax_rates=table),
            version=1,
            prices_include_tax=True,
        )
        for home in ("", "JP")
    )
    totals = [quoting.quote(one, SKUS, x)[0].total_minor for x in (silent, silent.at_home("CN"), silent.at_home("JP"))]
    # 113.00 contain 13.00 in China, and nothing where no rate is known.
    assert totals == [11_300, 10_000, 11_300]
    assert elsewhere.at_home("CN") is elsewhere, "what the settings name counts"


def test_what_another_system_sold_keeps_its_prices_discount_and_tax() -> None:
    sold = quotes.BasketLine(
        units.Wanted(1, "SHIRT", 2, given_minor=5000, given_as="as_sold"), "standard",
        as_sold=carts.AsSold(5000, 100, 77),
    )  # fmt: skip
    book = books.RuleBook(promotions=(TEN_OFF,), tax_rates=rates(("standard", 130_000)))
    mixed = basket("CNY", ("CUP", 1))
    mixed = mixed._replace(lines=(sold, mixed.lines[0]._replace(wanted=units.Wanted(2, "CUP", 1))))
    found, _ = quoting.quote(mixed, SKUS, compile_book(book, version=1, prices_include_tax=False))
    # 2 × 50.00 − 1.00 + 0.77; the cup 33.33 − 3.33 = 30.00 + 3.90
    assert [line.total_minor for line in found.lines] == [9977, 3390]


@pytest.mark.parametrize(
    ("discount", "field", "code"),
    [
        (carts.OrderDiscount("", rate_ppm=1), "discount.reason", "reason_missing"),
        (carts.OrderDiscount("why", amount_minor=9901), "discount", "discount_invalid"),
        (carts.OrderDiscount("why", amount_minor=1, rate_ppm=1), "discount", "discount_invalid"),
        (carts.OrderDiscount("why"), "discount", "discount_invalid"),
    ],
)
def test_a_discount_by_hand_that_cannot_be_is_refused(discount: carts.OrderDiscount, field: str, code: str) -> None:
    rules = compile_book(books.RuleBook(), version=1, prices_include_tax=False)
    with pytest.raises(errors.CannotPrice) as refused:
        quoting.quote(basket("CNY", ("SHIRT", 1), discount=discount), SKUS, rules)
    assert [(r.field, r.code) for r in refused.value.reasons] == [(field, code)]


def test_where_nobody_ships_to_a_basket_is_refused_by_name() -> None:
    rules = compile_book(books.RuleBook(shipping_methods=flat("CNY", 800)), version=1, prices_include_tax=False)
    with pytest.raises(errors.CannotPrice) as refused:
        quoting.quote(basket("CNY", ("SHIRT", 1), place=lots.Place("FR")), SKUS, rules)
    assert [r.field for r in refused.value.reasons] == ["shipping_method"]


POST_AND_AIR = (
    *flat("CNY", 800, free_from=20_000),
    structs.replace(flat("CNY", 2_500)[0], code="air", name="By air", tax_class="air"),
)


def test_a_method_is_taken_whether_or_not_it_asks_anything() -> None:
    rules = compile_book(books.RuleBook(shipping_methods=POST_AND_AIR), version=1, prices_include_tax=False)
    cheap, told = quoting.quote(basket("CNY", ("SHIRT", 1)), SKUS, rules)
    free, _ = quoting.quote(basket("CNY", ("SHIRT", 3)), SKUS, rules)
    named, _ = quoting.quote(basket("CNY", ("SHIRT", 3), shipping_method="air"), SKUS, rules)
    assert (cheap.method, free.method) == (quotes.TakenMethod("post", "Post"), quotes.TakenMethod("post", "Post"))
    assert [fee.unit_minor for fee in cheap.fees + free.fees] == [800]
    assert named.method == quotes.TakenMethod("air", "By air", is_chosen=True)
    assert [(fee.method, fee.unit_minor) for fee in named.fees] == [("air", 2_500)]
    assert [(x.method, x.asked_minor, x.free_from_minor) for x in told.shipping] == [
        ("post", 800, 20_000), ("air", 2_500, None),
    ]  # fmt: skip


def test_offers_tell_what_promotions_leave_of_them() -> None:
    half = offer("half", promotions.ShippingOff(rate_ppm=500_000))
    book = books.RuleBook(shipping_methods=POST_AND_AIR, promotions=(half,))
    found, told = quoting.quote(
        basket("CNY", ("SHIRT", 1), shipping_method="air"),
        SKUS,
        compile_book(book, version=1, prices_include_tax=False),
    )
    assert [(x.method, x.fee_minor, x.asked_minor) for x in told.shipping] == [
        ("post", 800, 400),
        ("air", 2_500, 1_250),
    ]
    assert [fee.total_minor for fee in found.fees] == [1_250]


def test_a_fee_by_hand_is_of_the_method_that_is_named() -> None:
    book = books.RuleBook(shipping_methods=POST_AND_AIR)
    rules = compile_book(book, version=1, prices_include_tax=False)
    silent, _ = quoting.quote(basket("CNY", ("SHIRT", 1), shipping_minor=100), SKUS, rules)
    abroad = basket("CNY", ("SHIRT", 1), shipping_minor=100, shipping_method="air", place=lots.Place("FR"))
    named, told = quoting.quote(abroad, SKUS, rules)
    assert silent.method is None
    assert named.method == quotes.TakenMethod("air", "By air", is_chosen=True)
    assert [(fee.method, fee.unit_minor, fee.tax_class) for fee in named.fees] == [("", 100, "air")]
    assert told.shipping == ()


@pytest.mark.parametrize("minor", [None, 0])
def test_no_method_is_named_where_there_are_none(minor: int | None) -> None:
    rules = compile_book(books.RuleBook(), version=1, prices_include_tax=False)
    with pytest.raises(errors.CannotPrice) as refused:
        quoting.quote(basket("CNY", ("SHIRT", 1), shipping_method="air", shipping_minor=minor), SKUS, rules)
    assert [(r.field, r.code) for r in refused.value.reasons] == [("shipping_method", "shipping_not_chosen")]
