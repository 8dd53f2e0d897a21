"""Codes as people write them, what they are good for, and who gets what is left."""

import itertools
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.pricing.rules import coupons, redemptions
from jiedan.pricing.values.coupons import (
    COUPON_ALPHABET,
    COUPON_MADE_CHARACTERS,
    CouponBatchId,
    CouponId,
    CouponStanding,
    CouponTerms,
)
from jiedan.pricing.values.promoted import Coupon
from jiedan.pricing.values.promotions import Caps
from jiedan.pricing.values.redemptions import FoundUses, Redemption, RedemptionId, Use, UseKey, UseScope
from tests.conftest import NOON

ALICE, BOB = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("SPRING10", "SPRING10"),
        ("spring10", "SPRING10"),
        (" Spring-10 ", "SPRING10"),
        ("ＳＰＲＩＮＧ１０", "SPRING10"),
        ("s p r_i.n g 1 0", "SPRING10"),
        ("spring–10", "SPRING10"),
        ("双十一", "双十一"),
        ("straße", "STRASSE"),
        ("ab", None),
        ("", None),
        ("- - -", None),
        ("50%off", None),
        ("<b>hi</b>", None),
        ("A" * 40, "A" * 40),
        ("A" * 41, None),
        ("-" * 65, None),
        ("code\u0000", None),
    ],
)
def test_codes_are_read_however_they_are_written(typed: str, code: str | None) -> None:
    assert coupons.canonical(typed) == code


def test_a_canonical_code_is_its_own_canonical_form() -> None:
    assert coupons.canonical("SPRING10") == coupons.canonical(coupons.canonical("spring 10") or "")


@pytest.mark.parametrize(("typed", "prefix"), [("", ""), ("vip-", "VIP"), ("A" * 13, None), ("a/b", None)])
def test_prefixes_are_letters_and_digits(typed: str, prefix: str | None) -> None:
    assert coupons.canonical_prefix(typed) == prefix


@given(st.binary(min_size=16, max_size=16))
def test_made_codes_have_no_letters_that_look_alike(entropy: bytes) -> None:
    code = coupons.made_code(entropy)
    assert len(code) == COUPON_MADE_CHARACTERS
    assert set(code) <= set(COUPON_ALPHABET)
    assert not set(COUPON_ALPHABET) & set("01258BILOSZ")
    assert coupons.canonical(coupons.spelled(code).lower()) == code


def test_made_codes_are_spelled_in_groups_after_their_prefix() -> None:
    assert coupons.spelled("VIP34679ACDEFGH", prefix="VIP") == "VIP-3467-9ACD-EFGH"
    assert coupons.spelled("34679ACDEFGH") == "3467-9ACD-EFGH"
    assert coupons.spelled("SPRING10", is_made=False) == "SPRING10"


def terms(**fields: object) -> CouponTerms:
    """Return the terms of a code that may always be used."""
    made = CouponTerms(CouponId(uuid4()), CouponBatchId(uuid4()), "SPRING10", "spring", None, None, None, None, False)
    return made._replace(**fields)  # type: ignore[arg-type]  # test shorthand


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("fields", "used", "by_customer", "knows", "standing"),
    [
        ({}, 9_999, 9_999, False, "ok"),
        ({"is_blocked": True}, 0, 0, True, "blocked"),
        ({"valid_from": NOON}, 0, 0, True, "ok"),
        ({"valid_from": NOON + HOUR}, 0, 0, True, "not_begun"),
        ({"valid_until": NOON}, 0, 0, True, "expired"),
        ({"valid_until": NOON + HOUR}, 0, 0, True, "ok"),
        ({"uses_max": 1}, 0, 0, True, "ok"),
        ({"uses_max": 1}, 1, 0, True, "used"),
        ({"uses_max": 10}, 9, 0, True, "ok"),
        ({"uses_max": 10}, 10, 0, True, "cap_reached"),
        ({"uses_per_customer_max": 2}, 5, 1, True, "ok"),
        ({"uses_per_customer_max": 2}, 5, 2, True, "used"),
        ({"uses_per_customer_max": 2}, 0, 0, False, "not_yours"),
        ({"uses_max": 10, "uses_per_customer_max": 2}, 10, 0, True, "cap_reached"),
        ({"uses_max": 10, "uses_per_customer_max": 2}, 10, 2, True, "used"),
    ],
)
def test_what_a_code_is_good_for(
    fields: dict[str, object], used: int, by_customer: int, knows: bool, standing: CouponStanding
) -> None:
    found = coupons.standing_of(terms(**fields), used=used, used_by_customer=by_customer, knows_customer=knows, at=NOON)
    assert found == standing


def test_facts_say_what_is_left_and_each_code_once() -> None:
    one, gone = terms(uses_per_customer_max=1), terms(code="GONE", is_blocked=True)
    found = FoundUses(
        {"SPRING10": one, "GONE": gone},
        {
            UseKey(UseScope.promotion, "spring"): 8,
            UseKey(UseScope.promotion_customer, "spring", str(ALICE)): 3,
            UseKey(UseScope.units, "flash"): 70,
            UseKey(UseScope.coupon_customer, str(one.coupon_id), str(BOB)): 1,
        },
    )
    promotions = {"spring": Caps(total=10, per_customer=2), "flash": Caps(units=100), "free": Caps(units_per_order=3)}
    codes = ["spring-10", "SPRING10", "gone", "NO SUCH", "!"]
    facts = coupons.facts_of(found, codes=codes, customer_id=ALICE, promotions=promotions, at=NOON)
    assert facts.coupons == (
        Coupon("SPRING10", "spring", "ok"),
        Coupon("GONE", "", "unknown"),
        Coupon("NOSUCH", "", "unknown"),
        Coupon("!", "", "unknown"),
    )
    assert facts.uses_left == {"spring": 2}
    assert facts.customer_uses_left == {"spring": 0}
    assert facts.units_left == {"flash": 30}
    of_bob = coupons.facts_of(found, codes=["SPRING10"], customer_id=BOB, promotions=promotions, at=NOON)
    assert of_bob.coupons == (Coupon("SPRING10", "spring", "used"),)
    assert of_bob.customer_uses_left == {"spring": 2}


def fold(
    used: dict[UseKey, int] | None = None, live: tuple[Redemption, ...] = (), *found: CouponTerms
) -> redemptions.Fold:
    """Return a fold whose ids count from 1."""
    numbered = (UUID(int=n) for n in itertools.count(1))
    return redemptions.Fold(used or {}, live, {one.code: one for one in found}, ids=numbered, at=NOON)


def living(use: Use, coupon: CouponTerms | None = None) -> Redemption:
    """Return a redemption that a use has led to."""
    coupon_id, batch_id = (None, None) if coupon is None else (coupon.coupon_id, coupon.batch_id)
    return Redemption(
        RedemptionId(uuid4()),
        use.order_id,
        use.promotion,
        coupon_id,
        batch_id,
        "" if coupon is None else coupon.code,
        use.customer_id,
        use.units,
        use.currency,
        use.discount_minor,
        NOON,
        None,
    )


def test_earlier_orders_get_what_is_left() -> None:
    uses = [Use(uuid4(), "spring", Caps(total=3)) for _ in range(4)]
    decided = fold({UseKey(UseScope.promotion, "spring"): 1})
    assert [x.code for x in decided.redeem(uses)] == ["redeemed", "redeemed", "cap_reached", "cap_reached"]
    assert decided.changes == {UseKey(UseScope.promotion, "spring"): 2}
    assert decided.caps == {UseKey(UseScope.promotion, "spring"): 3}


def test_an_order_gets_all_or_nothing_and_takes_nothing_from_the_next() -> None:
    first, second = uuid4(), uuid4()
    uses = [
        Use(first, "spring", Caps(total=1)),
        Use(first, "flash", Caps(units=10), units=11),
        Use(second, "spring", Caps(total=1)),
    ]
    decided = fold()
    assert [x.code for x in decided.redeem(uses)] == ["left_out", "sold_out", "redeemed"]
    assert [x.use.order_id for x in decided.taken] == [second]


def test_a_customer_is_counted_and_a_stranger_is_not_let_in() -> None:
    caps = Caps(per_customer=1)
    uses = [Use(uuid4(), "spring", caps, customer_id=x) for x in (ALICE, ALICE, BOB, None)]
    assert [x.code for x in fold().redeem(uses)] == [
        "redeemed",
        "customer_cap_reached",
        "redeemed",
        "customer_cap_reached",
    ]


def test_a_code_of_another_promotion_is_unknown() -> None:
    decided = fold(None, (), terms())
    uses = [Use(uuid4(), "summer", coupon="SPRING10"), Use(uuid4(), "spring", coupon="NONE")]
    assert [x.code for x in decided.redeem(uses)] == ["unknown", "unknown"]
    assert not decided.changes


def test_the_same_use_again_changes_nothing() -> None:
    code = terms(uses_max=1)
    use = Use(uuid4(), "spring", Caps(total=1), coupon="spring 10", units=2)
    before = living(use, code)
    full = {UseKey(UseScope.promotion, "spring"): 1, UseKey(UseScope.coupon, str(code.coupon_id)): 1}
    decided = fold(full, (before,), code)
    (outcome,) = decided.redeem([use])
    assert (outcome.code, outcome.repeated, outcome.redemption_id) == ("redeemed", True, before.redemption_id)
    assert not decided.changes
    assert not decided.taken
    assert not decided.given_back


def test_an_order_priced_again_gives_back_what_it_wants_no_more_and_may_want_more_of_the_same() -> None:
    order = uuid4()
    caps = Caps(units=10)
    earlier = [living(Use(order, "flash", caps, units=6)), living(Use(order, "gone"))]
    used = {
        UseKey(UseScope.units, "flash"): 9,
        UseKey(UseScope.promotion, "flash"): 2,
        UseKey(UseScope.promotion, "gone"): 1,
    }
    decided = fold(used, tuple(earlier))
    (outcome,) = decided.redeem([Use(order, "flash", caps, units=7)], anew=[order])
    assert outcome.code == "redeemed"
    assert decided.changes == {
        UseKey(UseScope.units, "flash"): 1,
        UseKey(UseScope.promotion, "flash"): 0,
        UseKey(UseScope.promotion, "gone"): -1,
    }
    assert decided.given_back == earlier
    refused = fold(used, tuple(earlier))
    assert [x.code for x in refused.redeem([Use(order, "flash", caps, units=8)], anew=[order])] == ["sold_out"]
    assert not refused.given_back


@given(
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from("ab"), st.integers(0, 3), st.booleans()), max_size=30),
    st.integers(1, 5),
)
def test_no_counter_passes_its_cap_and_each_counts_what_was_taken(
    wishes: list[tuple[int, str, int, bool]], cap: int
) -> None:
    code = terms(uses_max=cap, uses_per_customer_max=2, promotion="a")
    caps = Caps(total=cap, per_customer=2, units=cap)
    once = {(order, name): (units, coded) for order, name, units, coded in wishes}
    uses = [
        Use(UUID(int=order), name, caps, "SPRING10" if coded and name == "a" else "", ALICE, units)
        for (order, name), (units, coded) in once.items()
    ]
    decided = fold(None, (), code)
    outcomes = decided.redeem(uses)
    counted: dict[UseKey, int] = {}
    for one in decided.taken:
        coupon_id, batch_id = (code.coupon_id, code.batch_id) if one.use.coupon else (None, None)
        for key, count in redemptions.keys_of(
            one.use.promotion, coupon_id, batch_id, one.use.customer_id, one.use.units
        ).items():
            counted[key] = counted.get(key, 0) + count
    assert counted == decided.changes
    assert all(decided.caps[key] is None or count <= (decided.caps[key] or 0) for key, count in counted.items())
    by_order: dict[UUID, set[bool]] = {}
    for outcome in outcomes:
        by_order.setdefault(outcome.use.order_id, set()).add(outcome.code == "redeemed")
    assert all(len(kinds) == 1 for kinds in by_order.values())
