"""The carts that the guides for merchants reckon: `docs/howto/prices.md` and `docs/howto/promotions.md`."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from jiedan.pricing.rules import quoting
from jiedan.pricing.rules.books import compile_book
from jiedan.pricing.values import books, carts, promoted, promotions, quotes, shipping, units
from jiedan.pricing.values.lists import ListEntry, PriceList, TierMode

HOWTO = Path(__file__).resolve().parents[2] / "docs/howto"
NOON = dt.datetime(2026, 11, 11, 4, tzinfo=dt.UTC)
TEA = promotions.Goods(any_of=("category:tea",))
OFF_TEA = promotions.Promotion("tea", "20% off tea", promotions.PercentOff(200_000), TEA)
OFF_200 = promotions.Promotion(
    "200", "30 off", promotions.Steps((promotions.Step({"CNY": 20_000}, 0, {"CNY": 3_000}),))
)


def offer(what: promotions.Offer, **more: object) -> promotions.Promotion:
    return promotions.Promotion("one", "One", what, **more)  # type: ignore[arg-type]  # test shorthand


def yuan(amount: int) -> promotions.Amounts:
    return {"CNY": amount * 100}


class Case(NamedTuple):
    """Goods as (category, price in minor units, quantity), what is offered, and what they cost as the page says."""

    goods: tuple[tuple[str, int, int], ...]
    offered: tuple[promotions.Promotion, ...]
    total: int
    written: str


STEPS = promotions.Steps((promotions.Step(yuan(200), 0, yuan(30)), promotions.Step(yuan(300), 0, yuan(50))))
EACH = promotions.Steps((promotions.Step(yuan(200), 0, yuan(30)),), repeats=True)
SET = promotions.Bundle(
    (promotions.Slot(TEA), promotions.Slot(promotions.Goods(any_of=("category:cups",)))), yuan(88)
)  # fmt: skip
CASES: Mapping[str, Case] = {
    "20% off tea": Case((("tea", 4_950, 2), ("pots", 20_000, 1)), (OFF_TEA,), 27_920, "**279.20**"),
    "steps": Case((("pots", 32_000, 1),), (offer(STEPS),), 27_000, "= 270.00: the best step"),
    "each": Case((("pots", 45_000, 1),), (offer(EACH),), 39_000, "= 390.00"),
    "second at half": Case((("pots", 990, 2),), (offer(promotions.BuyGet(1, 1, 500_000)),), 1_485, "= 14.85"),
    "one of four free": Case(
        tuple(("pots", minor, 1) for minor in (10_000, 9_000, 8_000, 7_000)),
        (offer(promotions.BuyGet(3, 1, carts.PPM)),), 27_000, "the one at 70 is free, 270.00",
    ),
    "flash sale": Case((("pots", 9_900, 3),), (offer(promotions.FixedPrice(yuan(79))),), 23_700, "= 237.00"),
    "a set": Case((("tea", 6_000, 1), ("cups", 4_000, 2)), (offer(SET),), 12_800, "= 128.00"),
    "both": Case((("tea", 30_000, 1),), (OFF_TEA, OFF_200), 21_000, "**210.00**"),
    "only the rate": Case((("tea", 24_000, 1),), (OFF_TEA, OFF_200), 19_200, "**192.00**"),
    "too little for the other": Case((("tea", 14_500, 1),), (OFF_TEA, OFF_200), 11_600, "**116.00**"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_promotions_give_what_the_guide_says(name: str) -> None:
    case = CASES[name]
    skus = {
        f"S{i}": units.SkuPrices(frozenset({f"sku:S{i}", f"category:{of}"}), catalog={"CNY": (carts.Tier(1, minor),)})
        for i, (of, minor, _) in enumerate(case.goods)
    }
    lines = [
        quotes.BasketLine(units.Wanted(i + 1, f"S{i}", quantity), "standard", shipping.Piece(f"S{i}", quantity))
        for i, (*_, quantity) in enumerate(case.goods)
    ]
    rules = compile_book(books.RuleBook(promotions=case.offered), version=1, prices_include_tax=True)
    basket = quotes.Basket(promoted.Facts("CNY", NOON, NOON), tuple(lines))
    assert quoting.quote(basket, skus, rules)[0].total_minor == case.total
    assert case.written in (HOWTO / "promotions.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("mode", "quantity", "total", "written"),
    [
        ("volume", 12, 138_000, "12 × 115.00 = 1,380.00"),
        ("graduated", 12, 142_500, "9 × 120.00 + 3 × 115.00 = 1,425.00"),
        ("volume", 50, 495_000, "50 × 99.00 = 4,950.00"),
        ("volume", 49, 563_500, "49 × 115.00 = 5,635.00"),
    ],
)
def test_tiers_cost_what_the_guide_says(mode: TierMode, quantity: int, total: int, written: str) -> None:
    tiers = tuple(carts.Tier(*tier) for tier in ((1, 12_000), (10, 11_500), (50, 9_900)))
    own = {"CNY": (carts.Tier(1, 12_800),)}
    skus = {"TEA": units.SkuPrices(frozenset({"sku:TEA"}), (ListEntry("trade", tiers, mode),), own)}
    trade = PriceList("trade", "CNY", groups=("trade",))
    rules = compile_book(books.RuleBook(price_lists=(trade,)), version=1, prices_include_tax=True)
    line = quotes.BasketLine(units.Wanted(1, "TEA", quantity), "standard")
    basket = quotes.Basket(promoted.Facts("CNY", NOON, NOON, groups=frozenset({"trade"})), (line,))
    assert quoting.quote(basket, skus, rules)[0].total_minor == total
    assert written in (HOWTO / "prices.md").read_text(encoding="utf-8")
