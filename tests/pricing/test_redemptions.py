"""Uses of promotions and codes: redeemed once, given back once, counted exactly."""

from datetime import timedelta
from uuid import uuid4

import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.pricing import events
from jiedan.pricing.queries import redemptions as queries
from jiedan.pricing.rules import coupons as rules
from jiedan.pricing.service import redemptions as service
from jiedan.pricing.values.promoted import Coupon
from jiedan.pricing.values.promotions import Caps
from jiedan.pricing.values.redemptions import UseKey, UseScope
from tests.conftest import NOON, FakeClock
from tests.pricing import coupon_factories as factories
from tests.pricing.coupon_factories import act, codes_of, facts, redeem, use


async def test_a_promotion_is_used_as_often_as_its_cap_says(db: Database, scope: Scope) -> None:
    uses = [use(total_max=2) for _ in range(3)]
    assert await codes_of(db, scope, *uses) == ["redeemed", "redeemed", "cap_reached"]
    assert await codes_of(db, scope, use(total_max=2)) == ["cap_reached"]
    assert await codes_of(db, scope, use(total_max=3), use("other", total_max=1)) == ["redeemed", "redeemed"]


async def test_the_same_order_uses_it_once(db: Database, scope: Scope) -> None:
    await factories.batch(db, scope)
    wish = use(coupon="spring-10", total_max=1)
    (first,) = await redeem(db, scope, wish)
    (again,) = await redeem(db, scope, wish)
    assert (first.code, first.repeated, again.code, again.repeated) == ("redeemed", False, "redeemed", True)
    assert again.redemption_id == first.redemption_id


async def test_a_code_is_used_as_often_as_its_batch_says(db: Database, scope: Scope) -> None:
    alice, bob = await factories.customer(db, scope), await factories.customer(db, scope, email="bob@example.com")
    await factories.batch(db, scope, codes=("ONCE",))
    await factories.batch(db, scope, codes=("THRICE",), uses_max=3, uses_per_customer_max=1)
    assert await codes_of(db, scope, use(coupon="once"), use(coupon="ONCE")) == ["redeemed", "used"]
    uses = [use(coupon="thrice", customer_id=who) for who in (alice, alice, bob, None)]
    assert await codes_of(db, scope, *uses) == ["redeemed", "used", "redeemed", "not_yours"]


@pytest.mark.parametrize(
    ("hours", "code"), [((1, 2), "not_begun"), ((-2, -1), "expired"), ((-1, 1), "redeemed"), ((0, 1), "redeemed")]
)
async def test_a_code_is_good_in_its_time(db: Database, scope: Scope, hours: tuple[int, int], code: str) -> None:
    begin, end = (NOON + timedelta(hours=hour) for hour in hours)
    await factories.batch(db, scope, valid_from=begin, valid_until=end)
    assert await codes_of(db, scope, use(coupon="SPRING10")) == [code]


async def test_a_code_opens_its_own_promotion_only(db: Database, scope: Scope, other_tenant: object) -> None:
    await factories.batch(db, scope)
    assert await codes_of(db, scope, use("summer", coupon="SPRING10"), use(coupon="AUTUMN10")) == ["unknown", "unknown"]
    stranger = Scope(other_tenant)  # type: ignore[arg-type]  # a tenant id
    assert await codes_of(db, stranger, use(coupon="SPRING10")) == ["unknown"]


async def test_a_flash_sale_sells_its_units_and_no_more(db: Database, scope: Scope) -> None:
    first = use("flash", units_max=10, units=7)
    assert await codes_of(db, scope, first, use("flash", units_max=10, units=4)) == ["redeemed", "sold_out"]
    assert await codes_of(db, scope, use("flash", units_max=10, units=3)) == ["redeemed"]
    assert await act(db, scope, service.give_back_many, order_ids=[first.order_id]) == 1
    assert await codes_of(db, scope, use("flash", units_max=10, units=8)) == ["sold_out"]
    assert await codes_of(db, scope, use("flash", units_max=10, units=7)) == ["redeemed"]


async def test_what_is_given_back_can_be_used_again_and_is_given_back_once(db: Database, scope: Scope) -> None:
    await factories.batch(db, scope)
    wish = use(coupon="SPRING10", total_max=1)
    await redeem(db, scope, wish)
    assert await act(db, scope, service.give_back_many, order_ids=[wish.order_id, uuid4()]) == 1
    assert await act(db, scope, service.give_back_many, order_ids=[wish.order_id]) == 0
    assert await act(db, scope, service.give_back_many, order_ids=[]) == 0
    assert await codes_of(db, scope, use(coupon="SPRING10", total_max=1), wish) == ["redeemed", "used"]


async def test_an_order_priced_again_changes_its_uses_or_keeps_all(db: Database, scope: Scope) -> None:
    order = uuid4()
    await redeem(db, scope, use("a", order_id=order, total_max=1), use("b", order_id=order))
    await redeem(db, scope, use("full", total_max=1))
    refused = [use("b", order_id=order), use("full", order_id=order, total_max=1)]
    assert await codes_of(db, scope, *refused, anew=(order,)) == ["left_out", "cap_reached"]
    assert await codes_of(db, scope, use("a", total_max=1)) == ["cap_reached"]
    assert await codes_of(db, scope, use("b", order_id=order), use("c", order_id=order), anew=(order,)) == [
        "redeemed",
        "redeemed",
    ]
    assert await codes_of(db, scope, use("a", total_max=1)) == ["redeemed"]
    assert await codes_of(db, scope, anew=(order,)) == []
    assert await act(db, scope, service.give_back_many, order_ids=[order]) == 0


async def test_facts_are_what_the_price_engine_asks(db: Database, scope: Scope, clock: FakeClock) -> None:
    alice = await factories.customer(db, scope)
    await factories.batch(db, scope, codes=("ONCE", "TWICE"), uses_per_customer_max=1, uses_max=2)
    caps = {"spring": Caps(total=5, per_customer=3, units=10)}
    await redeem(db, scope, use(coupon="once", customer_id=alice, units=4), use(customer_id=alice))
    codes = ["Once", "twice", "never"]
    found = await facts(db, scope, codes=codes, customer_ids=[alice])
    told = rules.facts_of(found, codes=codes, customer_id=alice, promotions=caps, at=clock.now())
    assert told.coupons == (
        Coupon("ONCE", "spring", "used"),
        Coupon("TWICE", "spring", "ok"),
        Coupon("NEVER", "", "unknown"),
    )
    assert (told.uses_left, told.customer_uses_left, told.units_left) == ({"spring": 3}, {"spring": 1}, {"spring": 6})
    of_guest = rules.facts_of(found, codes=["once"], customer_id=None, promotions=caps, at=clock.now())
    assert of_guest.coupons == (Coupon("ONCE", "spring", "not_yours"),)


async def test_uses_are_told_and_so_is_what_comes_back(db: Database, scope: Scope) -> None:
    made = await factories.batch(db, scope)
    wish = use(coupon="SPRING10", units=2)
    async with db.begin(scope) as tx:
        (outcome,) = await service.redeem_many(tx, uses=[wish])
        await service.redeem_many(tx, uses=[wish])
        (told,) = [emitted.event for emitted in tx.emitted]
    assert isinstance(told, events.PromotionRedeemed)
    assert (told.redemption_id, told.order_id, told.promotion, told.units, told.discount_minor) == (
        outcome.redemption_id,
        wish.order_id,
        "spring",
        2,
        1_000,
    )
    async with db.begin(scope) as tx:
        await service.give_back_many(tx, order_ids=[wish.order_id])
        (told,) = [emitted.event for emitted in tx.emitted]
    assert isinstance(told, events.RedemptionGivenBack)
    found = await facts(db, scope, codes=["SPRING10"])
    assert found.coupons["SPRING10"].batch_id == made.batch_id
    assert found.used[UseKey(UseScope.promotion, "spring")] == 0


@pytest.mark.parametrize("many", [1, 40])
async def test_as_many_statements_for_one_as_for_many(
    db: Database, scope: Scope, recorder: StatementRecorder, many: int
) -> None:
    await factories.batch(db, scope, uses_max=None)
    uses = [use(name, coupon="SPRING10" if name == "spring" else "") for name in ("spring", "b") for _ in range(many)]
    async with db.begin(scope) as tx:
        with recorder.watching() as sent:
            await service.redeem_many(tx, uses=uses)
        assert len(sent) == 8
        with recorder.watching() as sent:
            await service.give_back_many(tx, order_ids=[one.order_id for one in uses])
        assert len(sent) == 7
        with recorder.watching() as sent:
            await queries.facts(tx, codes=["SPRING10"], customer_ids=[uuid4()], promotions=["spring"])
        assert len(sent) == 2
