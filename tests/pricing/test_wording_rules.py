"""What rules say in plain language; hand-written sentences."""

import datetime as dt
import re
from typing import Any, get_args

import pytest

from jiedan.base import i18n
from jiedan.pricing.rules import wording
from jiedan.pricing.rules.wording import outcomes, rules, shipping, taxes, units
from jiedan.pricing.values import (
    Converted,
    ExchangeRate,
    FlatTariff,
    Formula,
    ListTrace,
    ManualLimit,
    NextTier,
    PriceList,
    Rounding,
    ShippingArea,
    ShippingBand,
    ShippingLimits,
    ShippingMethod,
    ShippingRate,
    ShippingReason,
    ShippingSettings,
    ShippingStep,
    ShippingZone,
    StepTariff,
    Surcharge,
    SurchargeTrace,
    TableTariff,
    TaxNote,
    TaxRate,
    TaxSettings,
    UnitTrace,
)
from jiedan.pricing.values.drafts import RULE_TYPES, CurrencySettings, Rule, RuleKey
from jiedan.pricing.values.promoted import CouponOutcome, Outcome, OutcomeCode
from jiedan.pricing.values.promotions import (
    AmountOff,
    AttributeTest,
    Bundle,
    BuyGet,
    Caps,
    FixedPrice,
    Gift,
    Goods,
    Hours,
    Offer,
    PercentOff,
    Promotion,
    ShippingOff,
    Slot,
    Step,
    Steps,
    When,
)
from jiedan.pricing.values.shipping import ShippingReasonCode, ShippingStepCode
from jiedan.pricing.values.taxes import TaxNoteCode

UTC = dt.UTC
TEA = Goods(("sku:TEA",))
NAMES = {"sku:TEA": "Tea", "channel:web": "Web shop", "promotion:p2": "Double Eleven", "category:drinks": "Drinks"}
BUSINESSES = "businesses (companies with a tax number, and whoever has a VAT number)"
ENGLISH = wording.Reader("en", "Asia/Shanghai", NAMES)
LOCALES = i18n.LOCALES


def said(offer: Offer, goods: Goods = TEA, when: When | None = None, **more: Any) -> str:
    """Return what a promotion says."""
    promotion = Promotion("p1", "P", offer, goods, when or When(), **more)
    return wording.promotion(promotion, ENGLISH)


@pytest.mark.parametrize(
    ("offer", "goods", "sentence"),
    [
        (PercentOff(200_000), TEA, "20% off Tea"),
        (PercentOff(125_000, {"CNY": 5_000}), Goods(), "12.5% off all goods; at most CN¥50.00 off"),
        (PercentOff(100_000, per="order"), Goods(), "10% off the order"),
        (AmountOff({"CNY": 500}, "unit"), TEA, "CN¥5.00 off each unit of Tea"),
        (AmountOff({"CNY": 500}, "line"), TEA, "CN¥5.00 off each line of Tea"),
        (AmountOff({"CNY": 500, "JPY": 100}), Goods(), "CN¥5.00 / ¥100 off the order"),
        (AmountOff({"KWD": 1_500}), TEA, "KWD\u00a01.500 off Tea, once per order"),
        (FixedPrice({"CNY": 9_900}), TEA, "Tea for CN¥99.00 each"),
        (
            Steps((Step({"CNY": 30_000}, 0, {"CNY": 3_000}), Step({"CNY": 60_000}, 0, {"CNY": 8_000}))),
            Goods(),
            "CN¥30.00 off from CN¥300.00 spent on; CN¥80.00 off from CN¥600.00 spent on",
        ),
        (
            Steps((Step({"CNY": 30_000}, 0, {"CNY": 3_000}),), repeats=True, at_most={"CNY": 9_000}),
            TEA,
            "Tea: CN¥30.00 off for every CN¥300.00 spent; at most CN¥90.00 off",
        ),
        (Steps((Step({}, 3, {}, 100_000),), "quantity"), TEA, "Tea: 10% off from 3 units on"),
        (Steps((Step({}, 2, {"CNY": 1_000}),), "quantity", repeats=True), Goods(), "CN¥10.00 off for every 2 units"),
        (
            BuyGet(3, 1, 1_000_000, times_max=2),
            TEA,
            "Buy 3 × Tea, get 1 more free (the cheapest); at most 2 times per order",
        ),
        (BuyGet(1, 1, 500_000, among="sku"), TEA, "Buy 1 × Tea, get 1 more of the same SKU at half the price"),
        (
            BuyGet(2, 1, 0, {"CNY": 100}, "other", Goods(("category:drinks",)), repeats=False),
            TEA,
            "Buy 2 × Tea, get 1 × category Drinks for CN¥1.00 each; once per order",
        ),
        (BuyGet(2, 1, 300_000), TEA, "Buy 2 × Tea, get 1 more at 30% off (the cheapest)"),
        (
            Bundle((Slot(TEA, 2), Slot(Goods(("brand:oak",)))), {"CNY": 8_800}, 3),
            Goods(),
            "2 × Tea, 1 × brand oak together for CN¥88.00; at most 3 times per order",
        ),
        (Gift(("CUP",)), TEA, "with Tea: 1 × CUP as a gift"),
        (Gift(("CUP", "MUG"), 2), Goods(), "2 × one of CUP, MUG as a gift"),
        (ShippingOff(1_000_000), Goods(), "Free shipping"),
        (ShippingOff(0, {"CNY": 500}), TEA, "with Tea: CN¥5.00 off the shipping fee"),
        (ShippingOff(500_000, {}, {"CNY": 500}), Goods(), "50% off the shipping fee; at most CN¥5.00 off"),
        (
            PercentOff(10_000),
            Goods((), ("tag:new",), ("sku:TEA",)),
            "1% off all goods (of goods tagged new) (without Tea)",
        ),
        (PercentOff(10_000), Goods(tuple("sku:" + c for c in "ABCDEFG")), "1% off A, B, C, D, E and 2 more"),
    ],
)  # fmt: skip
def test_an_offer_says_what_it_gives(offer: Offer, goods: Goods, sentence: str) -> None:
    assert said(offer, goods) == sentence


@pytest.mark.parametrize(
    ("when", "more", "clause"),
    [
        (When(from_at=dt.datetime(2026, 11, 10, 16, tzinfo=UTC)), {}, "from Nov 11, 2026 on"),
        # 16:00 UTC is midnight in Shanghai: the day before is the last one.
        (When(until_at=dt.datetime(2026, 12, 31, 16, tzinfo=UTC)), {}, "through Dec 31, 2026"),
        (When(until_at=dt.datetime(2026, 12, 31, 4, tzinfo=UTC)), {}, "through Dec 31, 2026 12:00"),
        (
            When(from_at=dt.datetime(2026, 11, 10, 16, tzinfo=UTC), until_at=dt.datetime(2026, 11, 12, 16, tzinfo=UTC)),
            {},
            "from Nov 11, 2026 through Nov 12, 2026",
        ),
        (When(hours=(Hours((1, 2), "18:00", "22:00"), Hours())), {}, "Mon, Tue 18:00–22:00, daily 00:00–24:00"),
        (When(channels=("web",)), {}, "only through Web shop"),
        (When(groups=("vip",)), {}, "only for vip"),
        (When(payment_methods=("card",)), {}, "only when paying by card"),
        (When(locations=("sh",)), {}, "only from sh"),
        (When(countries=("DE",)), {}, "only to Germany"),
        (When(tax_status="business"), {}, f"only for {BUSINESSES}"),
        (When(tax_status="private"), {}, f"not for {BUSINESSES}"),
        (When(first_order=True), {}, "first order only"),
        (When(earlier_orders_min=2), {}, "after at least 2 earlier orders"),
        (When(earlier_orders_max=5), {}, "up to 5 earlier orders"),
        (When(attributes=(AttributeTest("source", "!=", ("app",)),)), {}, "only where source ≠ app"),
        (When(min_spend={"CNY": 10_000}), {}, "from CN¥100.00 of Tea on"),
        (When(min_quantity=2, counted=Goods()), {}, "from 2 × all goods on"),
        (When(coupon="required"), {}, "with a coupon"),
        (When(expression="order.weight > 1"), {}, "when order.weight > 1"),
        (When(), {"caps": Caps(100, 2)}, "at most 100 orders in all; at most 2 orders per customer"),
        (When(), {"caps": Caps(None, None, 10, 2)}, "at most 10 units in all; at most 2 units per order"),
        (When(), {"group": "festival"}, "only one of the group festival"),
        (When(), {"stacking": "alone"}, "not together with other promotions"),
    ],
)  # fmt: skip
def test_conditions_and_limits_are_clauses_behind_the_offer(when: When, more: dict[str, Any], clause: str) -> None:
    assert said(PercentOff(200_000), when=when, **more) == f"20% off Tea; {clause}"


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (Outcome("p1", "applied", 1, 2_300), "given: CN¥23.00 off"),
        (Outcome("p1", "applied", 1), "given"),
        (Outcome("p1", "needs_quantity", 2), "needs 2 more"),
        (Outcome("p1", "needs_spend", amount_minor=1_250), "needs CN¥12.50 more"),
        (Outcome("p1", "not_begun", at=dt.datetime(2026, 11, 10, 16, tzinfo=UTC)), "begins Nov 11, 2026"),
        (Outcome("p1", "wrong_channel", wanted=("web",)), "only through Web shop"),
        (Outcome("p1", "wrong_country", wanted=("DE", "FR")), "only to Germany, France"),
        (Outcome("p1", "wrong_attribute", wanted=("source", "in", "app", "web")), "only where source = app / web"),
        (Outcome("p1", "gift_sold_out", wanted=("TEA",)), "no gift is left: Tea"),
        (Outcome("p1", "excluded_by", by="p2"), "excluded by Double Eleven"),
        (Outcome("p1", "excluded_by"), "others take off more together"),
    ],
)
def test_an_outcome_says_what_is_missing_or_in_the_way(outcome: Outcome, sentence: str) -> None:
    assert wording.outcome(outcome, "CNY", ENGLISH) == sentence


def test_a_coupon_says_what_became_of_it() -> None:
    assert wording.coupon(CouponOutcome("SAVE", "applied", "p2"), ENGLISH) == "SAVE (Double Eleven); taken"
    assert wording.coupon(CouponOutcome("OLD", "coupon_expired", "p2"), ENGLISH).endswith("the coupon has expired")
    assert wording.coupon(CouponOutcome("X", "coupon_unknown"), ENGLISH) == "X; there is no such coupon"
    assert wording.coupon(CouponOutcome("X", "needs_spend", "p2"), ENGLISH).endswith("is not given for this cart")


@pytest.mark.parametrize("locale", LOCALES)
def test_every_code_of_the_engine_has_words_whose_placeholders_are_filled(locale: str) -> None:
    reader = ENGLISH._replace(locale=locale)
    told = [
        *[wording.outcome(Outcome("p1", code, 1, 1), "CNY", reader) for code in get_args(OutcomeCode)],
        *[wording.shipping_reason(ShippingReason(code), "CNY", reader) for code in get_args(ShippingReasonCode)],
        *[wording.shipping_step(ShippingStep(code), "CNY", reader) for code in get_args(ShippingStepCode)],
        *[wording.tax_note(TaxNote(code), reader) for code in get_args(TaxNoteCode)],
    ]
    assert all(told)
    assert not [text for text in told if re.search(r"\{\w+\}", text)]
    assert set(outcomes.OUTCOMES) == set(get_args(OutcomeCode))
    assert set(shipping.REASONS) == set(get_args(ShippingReasonCode))
    assert set(shipping.STEPS) == set(get_args(ShippingStepCode))
    assert set(taxes.NOTES) == set(get_args(TaxNoteCode))


def test_what_is_nearly_there_is_an_invitation() -> None:
    third = Promotion("p1", "P", BuyGet(2, 1, 1_000_000, among="sku"), TEA)
    off = Promotion("p1", "P", AmountOff({"CNY": 500, "JPY": 100}), Goods())
    customer = ENGLISH._replace(currency="CNY")
    for told, promotion, sentence in (
        (Outcome("p1", "needs_quantity", 1), third, "Add 1 more: Buy 2 × Tea, get 1 more of the same SKU free"),
        (Outcome("p1", "next_quantity", 3), third, "Add 3 more: Buy 2 × Tea, get 1 more of the same SKU free"),
        (Outcome("p1", "needs_spend", 0, 3_500), off, "Spend CN¥35.00 more: CN¥5.00 off the order"),
        (Outcome("p1", "next_spend", 0, 100), off, "Spend CN¥1.00 more: CN¥5.00 off the order"),
        (Outcome("p1", "cap_reached"), third, ""),
    ):
        assert wording.invitation(told, promotion, "CNY", customer) == sentence


def test_a_unit_price_says_where_it_comes_from() -> None:
    listed = ListTrace("gold", tier_from=10, next_list="basic", won_by="priority", next_tier=NextTier(8, 800, "gold"))
    trace = UnitTrace(0, "list", 900, 12, listed=listed, surcharges=(SurchargeTrace("c", 100, "color", "red"),))
    assert wording.unit(trace, "CNY", ENGLISH) == (
        "price list gold; goes before basic by priority; tier from 10 on, 12 in the cart; "
        "8 more, and a unit costs CN¥8.00; color red: +CN¥1.00"
    )
    rate = Converted("EUR", 1_000, "7.8", dt.datetime(2026, 1, 1, tzinfo=UTC))
    assert wording.unit(UnitTrace(0, "catalog", 7_800, 1, converted=rate), "CNY", ENGLISH) == (
        "price of the catalog; converted from €10.00 at 7.8 of Jan 1, 2026 08:00"
    )
    assert wording.unit(UnitTrace(0, "manual", 1, 1, reason="old price"), "CNY", ENGLISH) == "price by hand; old price"
    assert set(units.SOURCES) == {"list", "contract", "catalog", "formula", "manual", "as_sold"}


def test_shipping_says_what_it_costs_where() -> None:
    home = ShippingZone(
        "home",
        (ShippingArea("DE"),),
        (ShippingRate("EUR", StepTariff("weight", 1_000, 500, 500, 100), 5_000),),
        (ShippingArea("DE", "", "27498"),),
    )
    table = TableTariff("price", (ShippingBand(900, 10_000), ShippingBand(0)))
    far = ShippingZone("far", (ShippingArea("*"),), (ShippingRate("EUR", table), ShippingRate("JPY", FlatTariff(900))))
    method = ShippingMethod("post", "Post", (home, far), limits=ShippingLimits(30_500))
    assert wording.shipping_method(method, ENGLISH) == (
        "Germany (without Germany 27498): €5.00 for the first 1 kg, €1.00 for each further 0.5 kg, "
        "free from €50.00 on; all countries: up to €100.00 €9.00, beyond €0.00 / ¥900; up to 30.5 kg"
    )
    assert wording.shipping_reason(ShippingReason("too_heavy", 31_000, 30_000), "EUR", ENGLISH) == (
        "too heavy: 31 kg of 30 kg"
    )
    assert wording.shipping_step(ShippingStep("free_from", -500, measure=6_000, limit=5_000), "EUR", ENGLISH) == (
        "free from €50.00 on: −€5.00"
    )


def test_taxes_lists_and_rates_of_exchange_say_what_holds() -> None:
    assert wording.tax_rate(TaxRate("standard", 190_000, "DE"), ENGLISH) == "Germany: 19% tax on standard"
    compound = TaxRate("standard", 99_750, "CA", "QC", component="QST", is_compound=True)
    assert wording.tax_rate(compound, ENGLISH) == (
        "Canada QC: 9.975% QST on standard; levied on the price with the taxes before it"
    )
    assert wording.price_list(PriceList("gold", "CNY", groups=("vip",)), ENGLISH) == "Prices in CNY; only for vip"
    assert wording.price_list(PriceList("c", "EUR", "contract", is_active=False), ENGLISH) == (
        "Contract prices in EUR; switched off"
    )
    assert wording.surcharge(Surcharge("xl", "category:drinks", "size", "XL", {"CNY": 500}), ENGLISH) == (
        "size XL: CN¥5.00; only for Drinks"
    )
    rate = ExchangeRate("EUR", "CNY", dt.datetime(2026, 1, 1, tzinfo=UTC), "7.8125")
    assert wording.exchange_rate(rate, ENGLISH) == "1 EUR = 7.8125 CNY; from Jan 1, 2026 08:00 on"
    assert wording.rounding("CNY", Rounding(100, 1), ENGLISH) == "rounded to multiples of CN¥1.00, less CN¥0.01"
    assert wording.rounding("CNY", Rounding(500), ENGLISH) == "rounded to multiples of CN¥5.00"
    assert wording.manual_limit(ManualLimit("clerk", 50_000), ENGLISH) == "clerk may take off up to 5%"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (Promotion("p1", "P", PercentOff(10_000)), "1% off all goods"),
        (Formula("banner", "width * 2"), "width * 2"),
        (Rounding(100, 1), "rounded to multiples of €1.00, less €0.01"),
        (CurrencySettings("CNY"), "prices are converted from CNY where they are missing"),
        (CurrencySettings(), "prices are not converted into other currencies"),
        (
            ShippingSettings(500, 100, 100, 50),
            "unknown weights taken for 0.5 kg; unknown sizes taken for 100 × 100 × 50 mm",
        ),
        (ShippingSettings(), "nothing is assumed of goods whose weight or size is unknown"),
        (
            TaxSettings(home_country="DE", reverse_charge=True),
            (
                "tax is rounded per order; fees are taxed by their own class; goods without a rate are not taxed; "
                "who is exempt pays the price without tax; reverse charge for business customers abroad; "
                "at home in Germany"
            ),
        ),
        (
            TaxSettings("line", "goods", "refuse", "gross"),
            (
                "tax is rounded per line; fees are taxed like the goods; goods without a rate cannot be ordered; "
                "who is exempt pays the whole price"
            ),
        ),
    ],
)
def test_a_rule_of_any_kind_is_one_sentence(body: Rule, sentence: str) -> None:
    kind = next(kind for kind, of in RULE_TYPES.items() if isinstance(body, of))
    assert wording.rule(RuleKey(kind, "EUR"), body, ENGLISH) == sentence


def test_the_home_that_counts_is_said_and_whose_it_is() -> None:
    reader = ENGLISH._replace(home="CN")
    key = RuleKey("tax_settings", "")
    assert wording.rule(key, TaxSettings(), reader).endswith("at home in China, the merchant's country")
    assert wording.rule(key, TaxSettings(home_country="DE"), reader).endswith("at home in Germany")


def test_no_kind_of_rule_is_without_words() -> None:
    assert set(rules.WORDS) | {Rounding} == set(RULE_TYPES.values())
