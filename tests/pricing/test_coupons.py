"""Coupons made, typed, changed, blocked, listed and found."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from jiedan.accounts.rules import CODES_PER_CALLER_MAX
from jiedan.base import paging
from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal, Rejections, StaleVersion
from jiedan.pricing import errors, events, jobs
from jiedan.pricing.queries import coupons as queries
from jiedan.pricing.service import coupons as service
from jiedan.pricing.service import redemptions
from jiedan.pricing.values.coupons import (
    COUPON_ALPHABET,
    COUPONS_AT_ONCE_MAX,
    COUPONS_PER_BATCH_MAX,
    CouponTermsChange,
    NewCoupons,
)
from tests.conftest import NOON
from tests.pricing import coupon_factories as factories
from tests.pricing.coupon_factories import act, codes_of, redeem, use


def page(name: str = "coupons", **facts: Any) -> paging.Request:
    """Return the request for the first page of a list."""
    return paging.Request.of(paging.Cursors("secret"), tenant=uuid4(), name=name, filters={}, **facts)


async def test_codes_are_made_at_once_and_all_are_different(db: Database, scope: Scope) -> None:
    made = await factories.batch(db, scope, size=250, prefix="vip-")
    assert (made.size, made.made, made.prefix, made.origin, made.uses_max) == (250, 250, "VIP", "made", 1)
    async with db.read(scope) as tx:
        found = await queries.codes_of(tx, made.batch_id)
    assert [x.number for x in found] == list(range(1, 251))
    assert len({x.code for x in found}) == 250
    assert all(x.code.startswith("VIP-") and set(x.code[4:]) <= set(COUPON_ALPHABET) | {"-"} for x in found)


async def test_many_codes_follow_in_the_worker_and_go_on_where_they_stopped(db: Database, scope: Scope) -> None:
    size = 2 * COUPONS_AT_ONCE_MAX + 5
    made = await factories.batch(db, scope, size=size)
    assert (made.size, made.made) == (size, 0)
    half = await act(db, scope, service.make_more, batch_id=made.batch_id)
    assert half.made == COUPONS_AT_ONCE_MAX
    ids = {"batch_id": str(made.batch_id)}
    await jobs.make_coupons(db, scope.tenant, ids)
    await jobs.make_coupons(db, scope.tenant, ids)
    async with db.read(scope) as tx:
        whole = await queries.batch(tx, made.batch_id)
        found = await queries.codes_of(tx, made.batch_id)
    assert whole.made == len(found) == len({x.code for x in found}) == size


async def test_a_code_that_is_there_is_made_anew(db: Database, scope: Scope) -> None:
    drawn = [bytes(16), bytes(16) + bytes([1]) * 16, bytes([2]) * 16]
    for wish in (NewCoupons("spring", 1), NewCoupons("spring", 2)):
        made = await act(db, scope, service.make_coupons, wish=wish, draw=lambda _: drawn.pop(0))
    async with db.read(scope) as tx:
        assert len(await queries.codes_of(tx, made.batch_id)) == 2
    with pytest.raises(RuntimeError, match="there already"):
        await act(db, scope, service.make_coupons, wish=NewCoupons("spring", 1), draw=bytes)


async def test_the_same_request_again_is_the_same_batch(db: Database, scope: Scope) -> None:
    wish = NewCoupons("spring", 3)
    first = await act(db, scope, service.make_coupons, wish=wish, key="seven")
    again = await act(db, scope, service.make_coupons, wish=wish, key="seven")
    assert first == again


@pytest.mark.parametrize(
    ("wish", "codes"),
    [
        (NewCoupons("spring"), ["coupon_count_invalid"]),
        (NewCoupons("spring", COUPONS_PER_BATCH_MAX + 1), ["coupon_count_invalid"]),
        (NewCoupons("spring", 5, codes=("A10",)), ["coupon_count_invalid"]),
        (NewCoupons("", 5, note="x" * 501), ["coupon_text_invalid", "coupon_text_invalid"]),
        (NewCoupons("spring", 5, prefix="a b/c"), ["coupon_prefix_invalid"]),
        (NewCoupons("spring", 5, uses_max=0, uses_per_customer_max=-1), ["coupon_uses_invalid", "coupon_uses_invalid"]),
        (NewCoupons("spring", 5, valid_from=NOON, valid_until=NOON), ["coupon_period_invalid"]),
        (NewCoupons("spring", codes=("A10", "a-10", "%")), ["coupon_code_taken", "coupon_code_invalid"]),
    ],
)
async def test_what_cannot_be_made_is_told_by_field(
    db: Database, scope: Scope, wish: NewCoupons, codes: list[str]
) -> None:
    with pytest.raises(Refusal) as told:
        await act(db, scope, service.make_coupons, wish=wish)
    reasons = told.value.reasons if isinstance(told.value, Rejections) else (told.value,)
    assert [reason.code for reason in reasons] == codes
    assert all(reason.field for reason in reasons)


async def test_codes_of_ones_own_are_added_and_none_twice(db: Database, scope: Scope) -> None:
    typed = await factories.batch(db, scope)
    more = await act(db, scope, service.add_coupons, batch_id=typed.batch_id, codes=["Summer 20", "双十一"])
    assert (more.size, more.made) == (3, 3)
    with pytest.raises(errors.CouponCodeTaken, match="SUMMER20"):
        await act(db, scope, service.add_coupons, batch_id=typed.batch_id, codes=["winter", "SUMMER-20"])
    with pytest.raises(errors.CouponCodeTaken):
        await factories.batch(db, scope, codes=("spring10",))
    made = await factories.batch(db, scope, size=1)
    for batch_id, codes, refusal in (
        (made.batch_id, ["WINTER"], errors.CouponsNotTyped),
        (typed.batch_id, [], errors.CouponCountInvalid),
        (typed.batch_id, ["!"], errors.CouponCodeInvalid),
        (uuid4(), ["WINTER"], errors.CouponBatchNotFound),
    ):
        with pytest.raises(refusal):
            await act(db, scope, service.add_coupons, batch_id=batch_id, codes=codes)


async def test_a_batch_is_changed_and_blocked_and_that_is_told_once(db: Database, scope: Scope) -> None:
    made = await factories.batch(db, scope)
    change = CouponTermsChange(valid_until=NOON + timedelta(days=1), note="Longer.", is_blocked=True)
    async with db.begin(scope) as tx:
        blocked = await service.change_coupons(tx, batch_id=made.batch_id, change=change, expected_version=1)
        same = await service.change_coupons(tx, batch_id=made.batch_id, change=change)
        (told,) = [emitted.event for emitted in tx.emitted]
    assert isinstance(told, events.CouponBatchChanged)
    assert told.fields == ("valid_until", "note", "blocked_at")
    assert blocked == same
    assert (blocked.version, blocked.blocked_at is None, blocked.note) == (2, False, "Longer.")
    assert await codes_of(db, scope, use(coupon="SPRING10")) == ["blocked"]
    back = CouponTermsChange(valid_until=None, is_blocked=False)
    free = await act(db, scope, service.change_coupons, batch_id=made.batch_id, change=back, expected_version=2)
    assert (free.valid_until, free.blocked_at, free.note) == (None, None, "Longer.")
    assert await codes_of(db, scope, use(coupon="SPRING10")) == ["redeemed"]
    with pytest.raises(StaleVersion):
        await act(db, scope, service.change_coupons, batch_id=made.batch_id, change=back, expected_version=1)
    wrong = CouponTermsChange(valid_from=NOON, valid_until=NOON)
    with pytest.raises(errors.CouponPeriodInvalid):
        await act(db, scope, service.change_coupons, batch_id=made.batch_id, change=wrong)


async def test_single_codes_are_blocked_and_work_again(db: Database, scope: Scope) -> None:
    made = await factories.batch(db, scope, codes=("ONE", "TWO"))
    async with db.read(scope) as tx:
        one, two = (await queries.coupon_rows(tx, request=page(), batch_id=made.batch_id)).items
    stranger = uuid4()
    (blocked, unknown), changed = await act(
        db, scope, service.block_coupons, coupon_ids=[one.coupon_id, stranger], is_blocked=True
    )
    assert changed == {one.coupon_id}
    _, again = await act(db, scope, service.block_coupons, coupon_ids=[one.coupon_id], is_blocked=True)
    assert not again
    assert not isinstance(blocked, Refusal)
    assert blocked.blocked_at is not None
    assert isinstance(unknown, errors.CouponNotFound)
    uses = [use(coupon="one"), use(coupon="two")]
    assert await codes_of(db, scope, *uses) == ["blocked", "redeemed"]
    async with db.begin(scope) as tx:
        await service.block_coupons(tx, coupon_ids=[two.coupon_id, one.coupon_id], is_blocked=False)
        (told,) = [emitted.event for emitted in tx.emitted]
    assert isinstance(told, events.CouponChanged)
    assert (told.coupon_id, told.is_blocked) == (one.coupon_id, False)
    assert await codes_of(db, scope, use(coupon="one")) == ["redeemed"]
    with pytest.raises(errors.CouponRowsInvalid):
        await act(db, scope, service.block_coupons, coupon_ids=[], is_blocked=True)


async def test_a_code_is_found_however_it_is_written_until_too_many_were_tried(db: Database, scope: Scope) -> None:
    await factories.batch(db, scope)

    async def look_up(typed: str, caller: str = "somebody") -> object:
        return await act(db, scope, service.look_up_coupon, typed=typed, caller=caller, network="203.0.113.7")

    for _ in range(CODES_PER_CALLER_MAX - 1):
        assert isinstance(await look_up("NO-SUCH"), errors.CouponNotFound)
    found = await look_up("spring 10")
    assert getattr(found, "code", "") == "SPRING10"
    assert isinstance(await look_up("!"), errors.CouponNotFound)  # who was right once has no more guesses than others
    throttled = await look_up("spring 10")
    assert isinstance(throttled, errors.CouponLookUpsThrottled)
    assert throttled.retry_after_s > 0
    async with db.begin(scope) as tx:
        assert await service.count_tries(tx, caller="nobody known", network="") == 0


async def test_lists_show_batches_codes_and_uses(db: Database, scope: Scope) -> None:
    alice = await factories.customer(db, scope)
    first = await factories.batch(db, scope, uses_max=None)
    second = await factories.batch(db, scope, promotion="summer", size=3)
    one, two = use(coupon="SPRING10", customer_id=alice, units=2), use("bare")
    await redeem(db, scope, one, two)
    await act(db, scope, redemptions.give_back_many, order_ids=[two.order_id])
    async with db.read(scope) as tx:
        batches = await queries.batch_rows(tx, request=page())
        of_spring = await queries.batch_rows(tx, request=page(), promotion="spring")
        codes = await queries.coupon_rows(tx, request=page(limit=2), batch_id=second.batch_id)
        (code,) = (await queries.coupon_rows(tx, request=page(), batch_id=first.batch_id)).items
        asked = [
            queries.UsesAsked(),
            queries.UsesAsked(order_id=one.order_id),
            queries.UsesAsked(coupon_id=code.coupon_id),
            queries.UsesAsked(customer_id=alice),
            queries.UsesAsked(promotion="bare"),
            queries.UsesAsked(customer_id=UUID(int=5)),
        ]
        uses = [(await queries.redemption_rows(tx, request=page(), asked=each)).items for each in asked]
    assert [(x.batch_id, x.used) for x in batches.items] == [(second.batch_id, 0), (first.batch_id, 1)]
    assert [x.batch_id for x in of_spring.items] == [first.batch_id]
    assert [x.number for x in codes.items] == [1, 2]
    assert codes.next is not None
    assert (code.code, code.used, code.promotion) == ("SPRING10", 1, "spring")
    assert [[x.promotion for x in found] for found in uses] == [
        ["bare", "spring"],
        ["spring"],
        ["spring"],
        ["spring"],
        ["bare"],
        [],
    ]
    assert (uses[1][0].code, uses[1][0].batch_id, uses[1][0].units) == ("SPRING10", first.batch_id, 2)
    assert uses[4][0].given_back_at is not None
