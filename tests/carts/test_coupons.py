"""Carts keep codes of coupons that are good for something, and tell what they are good for now."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from jiedan.accounts.rules import CODES_PER_CALLER_MAX
from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal, reasons_of
from jiedan.base.ids import TenantId
from jiedan.carts import errors, rules, service
from jiedan.carts.api import ROUTER
from jiedan.carts.values import CART_COUPONS_MAX, Cart
from jiedan.orders.values.words import COUPONS_PER_ORDER_MAX
from jiedan.pricing.errors import CouponLookUpsThrottled, CouponRefused
from tests.base import web_client
from tests.carts.factories import filled, seen
from tests.conftest import FakeClock
from tests.orders.factories import shop
from tests.pricing import coupon_factories as coupons


async def put(db: Database, scope: Scope, cart_id: UUID, *typed: str, **facts: Any) -> Cart | Refusal:
    """Put codes into a cart."""
    given = {"caller": "tests", "network": "", **facts}
    return await db.write(scope, lambda tx: service.put_coupons(tx, cart_id=cart_id, typed=typed, **given))


def said(outcome: Cart | Refusal) -> list[tuple[str | None, str]]:
    """Return why codes were refused, by their fields."""
    assert isinstance(outcome, Refusal), outcome
    return [(x.field, str(x.state)) for x in reasons_of(outcome) if isinstance(x, CouponRefused)]


async def kept(db: Database, scope: Scope, cart_id: UUID) -> Sequence[tuple[str, str]]:
    """Return the codes of a cart, and what they are good for."""
    return [(x.code, x.state) for x in (await seen(db, scope, cart_id)).coupons]


def test_a_cart_keeps_as_many_codes_as_an_order_takes() -> None:
    assert CART_COUPONS_MAX == COUPONS_PER_ORDER_MAX
    assert rules.merged_coupons(["A", "B"], ["B", "C"]) == ("A", "B", "C")
    assert len(rules.merged_coupons(map(str, range(9)), map(str, range(20)))) == CART_COUPONS_MAX


async def test_codes_are_kept_however_they_are_written_and_taken_out(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 5}})
    await coupons.batch(db, scope, codes=("SPRING10", "TEA"))
    cart_id = await filled(db, scope, {"TEA": 1})
    before = (await seen(db, scope, cart_id)).version
    assert isinstance(await put(db, scope, cart_id, "spring 10"), Cart)
    assert isinstance(await put(db, scope, cart_id, "Spring-10"), Cart)
    assert await kept(db, scope, cart_id) == [("SPRING10", "ok")]
    assert (await seen(db, scope, cart_id)).version == before + 1
    assert isinstance(await put(db, scope, cart_id, "tea"), Cart)
    assert await kept(db, scope, cart_id) == [("SPRING10", "ok"), ("TEA", "ok")]
    assert isinstance(await put(db, scope, cart_id, "tea", is_whole=True), Cart)
    assert await kept(db, scope, cart_id) == [("TEA", "ok")]
    await db.write(scope, lambda tx: service.take_coupon_out(tx, cart_id=cart_id, code="TEA"))
    assert await kept(db, scope, cart_id) == []
    assert [line.quantity for line in (await seen(db, scope, cart_id)).lines] == [1]


async def test_each_code_is_refused_for_its_own_reason(db: Database, scope: Scope, clock: FakeClock) -> None:
    await shop(db, scope, {"TEA": {"W1": 5}})
    await coupons.batch(db, scope, codes=("GOOD",))
    await coupons.batch(db, scope, codes=("OVER",), valid_until=clock.now() - timedelta(days=1))
    await coupons.batch(db, scope, codes=("SOON",), valid_from=clock.now() + timedelta(days=1))
    await coupons.batch(db, scope, codes=("MINE",), uses_per_customer_max=1)
    await coupons.batch(db, scope, codes=("USED",), uses_max=1)
    await coupons.redeem(db, scope, coupons.use(coupon="USED"))
    cart_id = await filled(db, scope, {"TEA": 1})
    wrong = await put(db, scope, cart_id, "none", "good", "over", "soon", "mine", "used")
    assert said(wrong) == [
        ("coupons[0]", "unknown"),
        ("coupons[2]", "expired"),
        ("coupons[3]", "not_begun"),
        ("coupons[4]", "not_yours"),
        ("coupons[5]", "used"),
    ]
    assert await kept(db, scope, cart_id) == []


async def test_what_was_good_may_end_while_it_is_kept(db: Database, scope: Scope, clock: FakeClock) -> None:
    await shop(db, scope, {"TEA": {"W1": 5}})
    await coupons.batch(db, scope, valid_until=clock.now() + timedelta(days=1))
    cart_id = await filled(db, scope, {"TEA": 1})
    await put(db, scope, cart_id, "SPRING10")
    clock.advance(timedelta(days=2))
    assert await kept(db, scope, cart_id) == [("SPRING10", "expired")]
    assert isinstance(await put(db, scope, cart_id, "SPRING10"), Cart)  # kept already, so not looked at again


async def test_a_cart_keeps_a_bounded_number_of_codes(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 5}})
    codes = tuple(f"CODE{n}" for n in range(CART_COUPONS_MAX + 1))
    await coupons.batch(db, scope, codes=codes)
    cart_id = await filled(db, scope, {"TEA": 1})
    await put(db, scope, cart_id, *codes[:-1])
    with pytest.raises(errors.TooManyCoupons):
        await put(db, scope, cart_id, codes[-1])
    assert len(await kept(db, scope, cart_id)) == CART_COUPONS_MAX


async def test_who_tries_many_codes_has_to_wait_and_no_right_code_is_counted(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 5}})
    await coupons.batch(db, scope)
    cart_id = await filled(db, scope, {"TEA": 1})
    for _ in range(CODES_PER_CALLER_MAX + 1):
        assert isinstance(await put(db, scope, cart_id, "SPRING10"), Cart)
        await db.write(scope, lambda tx: service.take_coupon_out(tx, cart_id=cart_id, code="SPRING10"))
    for first in range(0, CODES_PER_CALLER_MAX, CART_COUPONS_MAX):
        guesses = [f"GUESS{n}" for n in range(first, first + CART_COUPONS_MAX)]
        assert len(said(await put(db, scope, cart_id, *guesses))) == CART_COUPONS_MAX
    assert isinstance(await put(db, scope, cart_id, "GUESS"), CouponLookUpsThrottled)
    assert isinstance(await put(db, scope, cart_id, "SPRING10"), CouponLookUpsThrottled)
    assert isinstance(await put(db, scope, cart_id, "SPRING10", caller="another"), Cart)
    assert isinstance(await put(db, scope, cart_id, "SPRING10"), Cart)  # kept already


async def test_the_codes_of_a_browser_become_those_of_the_customer(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 5}})
    await coupons.batch(db, scope, codes=("FIRST", "SECOND"))
    customer_id = await coupons.customer(db, scope)
    own = await filled(db, scope, {"TEA": 1}, customer_id=customer_id)
    visitors = await filled(db, scope, {"TEA": 1}, holder_hash=b"1")
    await put(db, scope, own, "FIRST")
    await put(db, scope, visitors, "SECOND", "FIRST")
    await db.write(scope, lambda tx: service.attach_cart(tx, holder_hash=b"1", customer_id=customer_id))
    assert await kept(db, scope, own) == [("FIRST", "ok"), ("SECOND", "ok")]


async def test_codes_are_put_in_over_rest(db: Database, scope: Scope, tenant: TenantId) -> None:
    await shop(db, scope, {"TEA": {"W1": 5}})
    await coupons.batch(db, scope)
    caller = web_client.principal(permissions=("orders:read", "orders:write"), tenant=tenant)
    cart_id = await filled(db, scope, {"TEA": 1})
    at = f"/api/v1/carts/{cart_id}"
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
        put_in = await client.put(f"{at}/coupons", json={"coupons": ["spring 10"]})
        wrong = await client.put(f"{at}/coupons", json={"coupons": ["SPRING10", "nothing"]})
        shown = await client.get(at)
        gone = await client.put(f"{at}/coupons", json={"coupons": []})
    assert (put_in.status_code, put_in.json()["coupons"]) == (200, [{"code": "SPRING10", "state": "ok"}])
    assert (wrong.status_code, wrong.json()["code"]) == (422, "coupon_refused")
    assert wrong.json()["field"] == "coupons[1]"
    assert shown.json()["coupons"] == put_in.json()["coupons"]
    assert gone.json()["coupons"] == []
