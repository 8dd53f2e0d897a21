"""What promotions ask of a cart, its customer and its time; coupons, caps, gifts and shipping."""

import datetime as dt
from typing import Any

import pytest

from jiedan.pricing.rules import promotions as rules
from jiedan.pricing.values import promoted, promotions
from jiedan.pricing.values.lots import Place
from tests.pricing.promotion_factories import (
    ALL,
    NOON,
    amounts,
    facts,
    goods,
    lot,
    off,
    outcome,
    percent,
    promote,
    promotion,
    steps,
)

CART = (lot("SHIRT", 3, 9900, "wear"), lot("CAP", 1, 4950, "hats"))
DAY = dt.timedelta(days=1)
GUEST: dict[str, Any] = {}
KNOWN: dict[str, Any] = {"customer": "C1", "groups": frozenset({"vip", "staff"}), "earlier_orders": 3}


def attribute(name: str, operator: Any, *values: promotions.AttributeValue) -> promotions.When:
    return promotions.When(attributes=(promotions.AttributeTest(name, operator, values),))


CONDITIONS = [
    (promotions.When(from_at=NOON), GUEST, "applied"),
    (promotions.When(from_at=NOON + DAY), GUEST, "not_begun"),
    (promotions.When(until_at=NOON + DAY), GUEST, "applied"),
    (promotions.When(until_at=NOON), GUEST, "over"),
    (promotions.When(hours=(promotions.Hours((3,), "12:00", "12:01"),)), GUEST, "applied"),
    (promotions.When(hours=(promotions.Hours((3,), "12:01", "13:00"),)), GUEST, "outside_hours"),
    (promotions.When(hours=(promotions.Hours((4,)), promotions.Hours((3,)))), GUEST, "applied"),
    (promotions.When(channels=("web", "app")), {"channel": "app"}, "applied"),
    (promotions.When(channels=("web", "app")), {"channel": "pos"}, "wrong_channel"),
    (promotions.When(groups=("vip",)), KNOWN, "applied"),
    (promotions.When(groups=("wholesale",)), KNOWN, "wrong_group"),
    (promotions.When(groups=("vip",)), GUEST, "wrong_group"),
    (promotions.When(customers=("C1",)), KNOWN, "applied"),
    (promotions.When(customers=("C2",)), KNOWN, "wrong_customer"),
    (promotions.When(tax_status="business"), {"is_business": True}, "applied"),
    (promotions.When(tax_status="business"), KNOWN, "only_for_business"),
    (promotions.When(tax_status="private"), GUEST, "applied"),
    (promotions.When(tax_status="private"), {"is_business": True}, "not_for_business"),
    (promotions.When(first_order=True), {"customer": "C1", "earlier_orders": 0}, "applied"),
    (promotions.When(first_order=True), KNOWN, "not_first_order"),
    (promotions.When(first_order=True), GUEST, "needs_customer"),
    (promotions.When(earlier_orders_min=3), KNOWN, "applied"),
    (promotions.When(earlier_orders_min=5), KNOWN, "too_few_earlier_orders"),
    (promotions.When(earlier_orders_max=2), KNOWN, "too_many_earlier_orders"),
    (promotions.When(payment_methods=("wechat",)), {"payment_method": "wechat"}, "applied"),
    (promotions.When(payment_methods=("wechat",)), GUEST, "wrong_payment_method"),
    (promotions.When(payment_terms=("on_delivery",)), {"payment_terms": "on_delivery"}, "applied"),
    (promotions.When(payment_terms=("on_delivery",)), {"payment_terms": "prepaid"}, "wrong_payment_terms"),
    (promotions.When(payment_terms=("on_delivery",)), GUEST, "wrong_payment_terms"),
    (promotions.When(payment_methods=("on_delivery",)), {"payment_terms": "on_delivery"}, "applied"),  # as of old
    (promotions.When(customers=("C0",)), {**KNOWN, "known_as": frozenset({"C0"})}, "applied"),
    (promotions.When(countries=("CN",)), {"place": Place("CN")}, "applied"),
    (promotions.When(countries=("CN",)), {"place": Place("DE")}, "wrong_country"),
    (promotions.When(countries=("CN",)), GUEST, "wrong_country"),
    (promotions.When(locations=("SH1",)), {"location": "SH1"}, "applied"),
    (promotions.When(locations=("SH1",)), {"location": "BJ1"}, "wrong_location"),
    (attribute("source", "=", "live"), {"attributes": {"source": "live"}}, "applied"),
    (attribute("source", "=", "live"), {"attributes": {"source": "shop"}}, "wrong_attribute"),
    (attribute("source", "=", "live"), GUEST, "wrong_attribute"),
    (attribute("source", "!=", "live"), {"attributes": {"source": "shop"}}, "applied"),
    (attribute("source", "in", "live", "shop"), {"attributes": {"source": "shop"}}, "applied"),
    (attribute("age", ">=", 18), {"attributes": {"age": 18}}, "applied"),
    (attribute("age", ">", 18), {"attributes": {"age": 18}}, "wrong_attribute"),
    (attribute("age", "<=", 18), {"attributes": {"age": 18}}, "applied"),
    (attribute("age", "<", 18), {"attributes": {"age": 17}}, "applied"),
    (attribute("age", ">=", 18), {"attributes": {"age": "40"}}, "wrong_attribute"),
    (attribute("due", "<", "2026-12-01"), {"attributes": {"due": "2026-11-30"}}, "applied"),
    (attribute("member", "=", 1), {"attributes": {"member": True}}, "wrong_attribute"),
    (attribute("member", "=", True), {"attributes": {"member": True}}, "applied"),
    (promotions.When(min_quantity=4), GUEST, "applied"),
    (promotions.When(min_quantity=5), GUEST, "needs_quantity"),
    (promotions.When(min_spend={"CNY": 34_650}), GUEST, "applied"),
    (promotions.When(min_spend={"CNY": 34_651}), GUEST, "needs_spend"),
    (promotions.When(min_spend={"EUR": 1}), GUEST, "not_in_currency"),
    (promotions.When(min_quantity=2, counted=goods("hats")), GUEST, "needs_quantity"),
    (promotions.When(min_quantity=1, counted=goods("shoes")), GUEST, "no_goods"),
    (promotions.When(expression="goods > 5"), GUEST, "applied"),
    (promotions.When(expression="goods > 5 and weekday == 3 and hour == 12"), GUEST, "applied"),
    (promotions.When(expression="goods > 500"), GUEST, "expression_not_met"),
    (promotions.When(expression="goods / (weekday - 3) > 5"), GUEST, "expression_not_evaluated"),
    (promotions.When(expression="is_known and channel == 'app'"), {"channel": "app"}, "expression_not_met"),
    (promotions.When(expression="channel == 'app' or is_known"), {"channel": "app"}, "applied"),
]


@pytest.mark.parametrize(("when", "known", "code"), CONDITIONS)
def test_a_condition_is_met_or_named(when: promotions.When, known: dict[str, Any], code: str) -> None:
    told = promote(CART, promotion(percent(100_000), when=when), **known)
    assert outcome(told).code == code
    # 10 % of 346.50
    assert amounts(told) == ({"P": 3465} if code == "applied" else {})


def test_what_is_missing_is_told_with_its_size() -> None:
    few = promote(CART, promotion(percent(1), when=promotions.When(earlier_orders_min=5)), **KNOWN)
    assert outcome(few).quantity == 2
    spend = promote(CART, promotion(percent(100_000), "hats", when=promotions.When(min_spend={"CNY": 9900})))
    assert (outcome(spend).amount_minor, outcome(spend).missing_ppm) == (4950, ALL // 2)
    assert promote(CART, promotion(percent(1), "shoes"), every=True).outcomes[0].code == "no_goods"
    assert promote(CART, promotion(percent(1), "shoes")).outcomes == ()


def test_the_spend_of_an_offer_on_goods_is_list_worth_and_of_one_on_the_order_what_is_left() -> None:
    tenth = promotion(percent(100_000), id="A", priority=1)
    # 346.50 at list, 311.85 after A: then 5.00 off the shirts still, but none off the order.
    whole: Any = {"id": "B", "priority": 2, "when": promotions.When(min_spend={"CNY": 34_650}, counted=goods())}
    assert amounts(promote(CART, tenth, promotion(off(500, "line"), "wear", **whole))) == {"A": 3465, "B": 500}
    told = promote(CART, tenth, promotion(off(500), **whole))
    assert amounts(told) == {"A": 3465}
    assert (outcome(told, "B").code, outcome(told, "B").amount_minor) == ("needs_spend", 3465)


@pytest.mark.parametrize(
    ("weekday", "time", "is_open"),
    [
        (5, "21:59", False),
        (5, "22:00", True),
        (5, "23:59", True),
        (6, "00:00", True),
        (6, "01:59", True),
        (6, "02:00", False),
        (5, "01:00", False),  # that night began on Thursday
        (7, "22:00", False),
    ],
)
def test_hours_over_midnight_belong_to_the_day_they_begin(weekday: int, time: str, *, is_open: bool) -> None:
    night = promotions.Hours((5,), "22:00", "02:00")  # Friday night
    monday = dt.datetime(2026, 11, 9)  # noqa: DTZ001 - the merchant's clock
    hour, minute = map(int, time.split(":"))
    assert rules.is_in_hours(night, monday + dt.timedelta(days=weekday - 1, hours=hour, minutes=minute)) is is_open


def test_sunday_night_goes_on_into_monday() -> None:
    night = promotions.Hours((7,), "22:00", "02:00")
    assert rules.is_in_hours(night, dt.datetime(2026, 11, 9, 1))  # noqa: DTZ001 - the merchant's clock
    assert not rules.is_in_hours(night, dt.datetime(2026, 11, 10, 1))  # noqa: DTZ001 - the merchant's clock


COUPONS: list[tuple[tuple[promoted.Coupon, ...], str]] = [
    ((promoted.Coupon("SAVE", "P"),), "applied"),
    ((promoted.Coupon("SAVE", "P", "expired"),), "coupon_expired"),
    ((promoted.Coupon("SAVE", "P", "not_begun"),), "coupon_not_begun"),
    ((promoted.Coupon("SAVE", "P", "used"),), "coupon_used"),
    ((promoted.Coupon("SAVE", "P", "cap_reached"),), "coupon_cap_reached"),
    ((promoted.Coupon("SAVE", "P", "not_yours"),), "coupon_not_yours"),
    ((promoted.Coupon("A", "P", "used"), promoted.Coupon("B", "P")), "applied"),
]


@pytest.mark.parametrize(("coupons", "code"), COUPONS)
def test_a_promotion_that_wants_a_coupon_is_opened_by_one(coupons: tuple[promoted.Coupon, ...], code: str) -> None:
    wanted = promotion(percent(100_000), when=promotions.When(coupon="required"))
    told = promote(CART, wanted, coupons=coupons)
    assert outcome(told).code == code
    assert [one.coupon for one in told.applied] == [coupons[-1].code][: code == "applied"]
    assert told.coupons[-1] == promoted.CouponOutcome(coupons[-1].code, code, "P")


def test_without_a_coupon_it_is_not_even_mentioned_unless_everything_is() -> None:
    wanted = promotion(percent(100_000), when=promotions.When(coupon="required"))
    assert promote(CART, wanted).outcomes == ()
    assert outcome(promote(CART, wanted, every=True)).code == "coupon_missing"


def test_each_code_is_told_what_became_of_it() -> None:
    wanted = promotion(percent(100_000), "shoes", when=promotions.When(coupon="required"))
    both = (
        promoted.Coupon("B", "P"),
        promoted.Coupon("A", "P"),
        promoted.Coupon("WHAT", "", "unknown"),
        promoted.Coupon("GONE", "Q"),
    )
    told = promote(CART, wanted, coupons=both)
    assert [(one.code, one.outcome) for one in told.coupons] == [
        ("B", "excluded_by"),
        ("A", "no_goods"),
        ("WHAT", "coupon_unknown"),
        ("GONE", "coupon_unknown"),
    ]


CAPS: list[tuple[promotions.Caps, dict[str, Any], str]] = [
    (promotions.Caps(total=10), {}, "applied"),
    (promotions.Caps(total=10), {"uses_left": {"P": 1}}, "applied"),
    (promotions.Caps(total=10), {"uses_left": {"P": 0}}, "cap_reached"),
    (promotions.Caps(per_customer=1), {"customer": "C1"}, "applied"),
    (promotions.Caps(per_customer=1), {"customer": "C1", "customer_uses_left": {"P": 0}}, "customer_cap_reached"),
    (promotions.Caps(per_customer=1), {}, "needs_customer"),
    (promotions.Caps(units=5), {"units_left": {"P": 0}}, "sold_out"),
    (promotions.Caps(units=5), {"units_left": {"P": -1}}, "sold_out"),
]


@pytest.mark.parametrize(("caps", "left", "code"), CAPS)
def test_caps_are_kept(caps: promotions.Caps, left: dict[str, Any], code: str) -> None:
    assert outcome(promote(CART, promotion(percent(100_000), caps=caps), **left)).code == code


def gift(*skus: str, quantity: int = 1, **more: Any) -> promotions.Gift:
    return promotions.Gift(skus=skus, quantity=quantity, **more)


def stock(**available: int) -> dict[str, promoted.GiftStock]:
    return {sku: promoted.GiftStock(count, 500) for sku, count in available.items()}


EACH = promotions.When(min_spend={"CNY": 10_000})
GIFTS: list[tuple[promotions.Gift, promotions.When, dict[str, Any], tuple[tuple[str, int, str], ...]]] = [
    (gift("MUG", "PEN"), promotions.When(), {"gifts": stock(MUG=5, PEN=5)}, (("MUG", 1, ""),)),
    # the one chosen
    (
        gift("MUG", "PEN"),
        promotions.When(),
        {"gifts": stock(MUG=5, PEN=5), "gifts_named": ("PEN",)},
        (("PEN", 1, ""),),
    ),
    # the one chosen is gone
    (
        gift("MUG", "PEN"),
        promotions.When(),
        {"gifts": stock(MUG=5), "gifts_named": ("PEN",)},
        (("MUG", 1, "PEN"),),
    ),
    # a choice that is no gift of this one
    (gift("MUG", "PEN"), promotions.When(), {"gifts": stock(MUG=5), "gifts_named": ("CAR",)}, (("MUG", 1, ""),)),
    # the first is gone
    (gift("MUG", "PEN"), promotions.When(), {"gifts": stock(MUG=0, PEN=1)}, (("PEN", 1, ""),)),
    # 346.50 // 100 = 3 times 2
    (gift("MUG", quantity=2, per="time"), EACH, {"gifts": stock(MUG=9)}, (("MUG", 6, ""),)),
    # at most twice
    (gift("MUG", per="time", times_max=2), EACH, {"gifts": stock(MUG=9)}, (("MUG", 2, ""),)),
    # 4 units // 2 = 2 times, 346.50 // 100 = 3 times: the fewer
    (
        gift("MUG", per="time"),
        promotions.When(min_spend={"CNY": 10_000}, min_quantity=2),
        {"gifts": stock(MUG=9)},
        (("MUG", 2, ""),),
    ),
    # three pens whole rather than two mugs
    (gift("MUG", "PEN", per="time"), EACH, {"gifts": stock(MUG=2, PEN=3)}, (("PEN", 3, ""),)),
    # of neither there are three: of what there is more
    (gift("MUG", "PEN", per="time"), EACH, {"gifts": stock(MUG=1, PEN=2)}, (("PEN", 2, ""),)),
]


@pytest.mark.parametrize(("offer", "when", "known", "expected"), GIFTS)
def test_a_gift_is_chosen_among_what_there_is(
    offer: promotions.Gift, when: promotions.When, known: dict[str, Any], expected: tuple[tuple[str, int, str], ...]
) -> None:
    told = promote(CART, promotion(offer, when=when), **known)
    assert tuple((one.sku, one.quantity, one.wanted) for one in told.gifts) == expected
    assert told.discounts == (0, 0)


def test_gifts_that_are_gone_are_said_to_be() -> None:
    told = promote(CART, promotion(gift("MUG")), gifts=stock(MUG=0))
    assert (outcome(told).code, outcome(told).wanted) == ("gift_sold_out", ("MUG",))
    # One mug, two promotions: the second gives its pen, or nothing.
    two = promote(
        CART, promotion(gift("MUG"), id="A"), promotion(gift("MUG", "PEN"), id="B"), gifts=stock(MUG=1, PEN=1)
    )
    assert [(one.promotion, one.sku) for one in two.gifts] == [("A", "MUG"), ("B", "PEN")]
    one = promote(CART, promotion(gift("MUG"), id="A"), promotion(gift("MUG"), id="B"), gifts=stock(MUG=1))
    assert [(given.promotion, given.sku) for given in one.gifts] == [("A", "MUG")]
    assert (outcome(one, "B").code, outcome(one, "B").by) == ("excluded_by", "A")


def test_a_gift_counts_with_what_it_is_worth() -> None:
    cart = [lot("A", 1, 10_000)]
    # 3.00 off would lose a mug of 5.00; 6.00 off would not be worth keeping it.
    spend = promotions.When(min_spend={"CNY": 10_000})
    for minor, kept in ((300, {"B": 0}), (600, {"A": 600})):
        given = (promotion(off(minor, "unit"), id="A"), promotion(gift("MUG"), id="B", when=spend))
        assert amounts(promote(cart, *given, gifts=stock(MUG=1))) == kept


def test_shipping_is_reduced_by_a_rate_or_an_amount_never_below_nothing() -> None:
    free = promotion(promotions.ShippingOff(rate_ppm=ALL, at_most={"CNY": 1500}), id="A")
    five = promotion(promotions.ShippingOff(amounts={"CNY": 500}), id="B")
    told = promote(CART, free, five, shipping_minor=1800)
    assert [one.promotion for one in told.shipping] == ["A", "B"]
    assert rules.shipping_off(1800, told.shipping) == (1500, 300)
    assert rules.shipping_off(1200, told.shipping) == (1200, 0)
    assert rules.shipping_off(0, told.shipping) == (0, 0)
    # 18.01 × 50 % = 9.005 → 9.01
    half = promote(CART, promotion(promotions.ShippingOff(rate_ppm=500_000)))
    assert rules.shipping_off(1801, half.shipping) == (901,)


def test_free_shipping_from_an_amount_looks_at_what_offers_on_goods_left() -> None:
    free = promotion(promotions.ShippingOff(rate_ppm=ALL), id="FREE", when=promotions.When(min_spend={"CNY": 30_000}))
    # 346.50 − 10 % = 311.85 ≥ 300; an order's 50.00 off does not count against it
    told = promote(CART, free, promotion(percent(100_000), id="A"), promotion(off(5000), id="B"), shipping_minor=1000)
    assert [one.promotion for one in told.shipping] == ["FREE"]
    # − 20 % = 277.20 < 300: 69.30 off is worth more than 10.00 of shipping
    told = promote(CART, free, promotion(percent(200_000), id="A"), shipping_minor=1000)
    assert (told.shipping, outcome(told, "FREE").amount_minor) == ((), 2280)


def test_a_shipping_offer_is_kept_where_the_fee_is_not_known_yet() -> None:
    told = promote(CART, promotion(promotions.ShippingOff(rate_ppm=ALL)), promotion(steps((1, 1)), id="Q"))
    assert [one.promotion for one in told.shipping] == ["P"]


def test_who_only_has_to_pay_another_way_is_told_so() -> None:
    by_card = promotions.When(payment_methods=("card",), min_spend={"CNY": 30_000}, channels=("web",))
    five = promotion(off(500), id="CARD", when=by_card)
    near = promote(CART, five, channel="web").near_misses
    assert [(one.code, one.wanted, one.missing_ppm) for one in near] == [("wrong_payment_method", ("card",), 0)]
    # Where more is missing, that is told: 346.50 are in the cart.
    assert promote(CART, five).outcomes[0].code == "wrong_channel"
    few = promotion(off(500), id="CARD", when=promotions.When(payment_terms=("prepaid",), min_quantity=9))
    assert promote(CART, few).outcomes[0].code == "needs_quantity"
    assert promote(CART, five, channel="web", payment_method="card").applied[0].promotion == "CARD"


@pytest.mark.parametrize(
    ("when", "asked"),
    [
        (promotions.When(), None),
        (promotions.When(payment_methods=("card", "voucher")), {"card", "voucher"}),
        (promotions.When(payment_methods=("card", "on_delivery")), None),
        (promotions.When(expression="payment_method != 'boleto'"), {"card"}),
        (promotions.When(payment_methods=("card", "boleto"), expression="payment_method == 'card'"), {"card"}),
        (promotions.When(expression="payment_terms == 'prepaid'"), None),
    ],
)
def test_conditions_tell_by_which_methods_an_order_is_to_be_paid(when: promotions.When, asked: set[str] | None) -> None:
    assert rules.methods_asked(when, "card") == asked


def test_what_promotions_ask_has_answers_by_default() -> None:
    assert facts().earlier_orders is None
    assert promote([], promotion(percent(1))).discounts == ()
    assert promote([lot("A", 0, 100)], promotion(percent(100_000))).discounts == (0,)


def test_only_promotions_for_a_brand_or_tag_in_the_cart_are_looked_at() -> None:
    cart = [lot("A", 1, 1_000, "brand:Lu Yu", "tag:spring"), lot("B", 1, 1_000, "brand:Lu Yu")]
    told = promote(
        cart,
        promotion(percent(100_000), goods=goods("brand:Lu Yu", none_of=["tag:spring"]), id="brand"),
        promotion(percent(100_000), goods=goods("brand:Other"), id="other"),
        promotion(percent(200_000), goods=goods(all_of=["tag:spring"]), id="tag"),
        promotion(percent(200_000), goods=goods("tag:old"), id="old"),
        promotion(gift("MUG"), when=promotions.When(min_quantity=2, counted=goods("tag:spring")), id="two"),
        gifts=stock(MUG=1),
    )
    assert amounts(told) == {"brand": 100, "tag": 200}
    assert [(one.promotion, one.code) for one in told.outcomes] == [
        ("brand", "applied"),
        ("tag", "applied"),
        ("two", "needs_quantity"),
    ]
