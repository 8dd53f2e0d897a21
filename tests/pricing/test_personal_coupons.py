"""Coupons of one customer, or of some: for anybody else there is no such code."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal, reasons_of
from jiedan.base.ids import TenantId
from jiedan.customers import service as customers
from jiedan.pricing.api import ROUTER
from jiedan.pricing.queries import coupons as queries
from jiedan.pricing.rules import coupons as rules
from jiedan.pricing.service import coupons as service
from jiedan.pricing.service import naming
from jiedan.pricing.values.coupons import COUPON_CUSTOMERS_MAX, CouponBatch, NewCoupons
from tests.base import web_client
from tests.pricing.coupon_factories import act, batch, codes_of, customer, facts, use

BATCHES = "/api/v1/coupon-batches"


async def state(db: Database, scope: Scope, who: UUID | None) -> str:
    """Return what SPRING10 is good for in a cart of somebody."""
    found = await facts(db, scope, codes=["spring-10"], customer_ids=[] if who is None else [who], promotions=[])
    async with db.read(scope) as tx:
        (coupon,) = rules.facts_of(found, codes=["spring-10"], customer_id=who, promotions={}, at=tx.now).coupons
    assert coupon.promotion == ("spring" if coupon.state == "ok" else "")
    return coupon.state


async def name(db: Database, scope: Scope, of: CouponBatch, *who: UUID, is_named: bool = True) -> CouponBatch:
    return await act(db, scope, naming.change_customers, batch_id=of.batch_id, customer_ids=who, is_named=is_named)


async def named(db: Database, scope: Scope, of: CouponBatch) -> list[UUID]:
    async with db.read(scope) as tx:
        return await queries.customers_of(tx, of.batch_id)


async def test_a_code_of_one_customer_is_unknown_to_everybody_else(db: Database, scope: Scope) -> None:
    mei, li = await customer(db, scope), await customer(db, scope, name="Li", phone=None, email="li@example.com")
    made = await batch(db, scope, customer_ids=(mei,), uses_max=None)
    assert made.is_personal
    assert [await state(db, scope, who) for who in (mei, li, None)] == ["ok", "unknown", "unknown"]
    wishes = [use(coupon="SPRING10", customer_id=who) for who in (mei, li, None)]
    assert await codes_of(db, scope, *wishes) == ["redeemed", "unknown", "unknown"]


async def test_customers_are_named_and_taken_out_and_nothing_is_written_twice(db: Database, scope: Scope) -> None:
    mei, li = await customer(db, scope), await customer(db, scope, name="Li", phone=None, email="li@example.com")
    made = await batch(db, scope, customer_ids=())
    assert (await named(db, scope, made), await state(db, scope, mei)) == ([], "unknown")
    both = await name(db, scope, made, mei, li)
    assert (await named(db, scope, made), both.version) == (sorted([mei, li]), 2)
    assert (await name(db, scope, made, li)).version == 2
    one = await name(db, scope, made, li, is_named=False)
    assert (await named(db, scope, made), one.version) == ([mei], 3)
    assert [await state(db, scope, who) for who in (mei, li)] == ["ok", "unknown"]


async def test_what_was_used_stays_used_when_somebody_is_taken_out(db: Database, scope: Scope) -> None:
    mei = await customer(db, scope)
    made = await batch(db, scope, customer_ids=(mei,))
    wish = use(coupon="SPRING10", customer_id=mei)
    assert await codes_of(db, scope, wish) == ["redeemed"]
    await name(db, scope, made, mei, is_named=False)
    assert await codes_of(db, scope, wish) == ["redeemed"], "the same order again"
    assert await codes_of(db, scope, use(coupon="SPRING10", customer_id=mei)) == ["unknown"]


async def test_merging_brings_coupons_to_the_survivor_and_undoing_takes_them_back(db: Database, scope: Scope) -> None:
    mei, twin = await customer(db, scope), await customer(db, scope, phone=None, email="mei@example.com")
    made = await batch(db, scope, customer_ids=(twin,))
    await act(db, scope, customers.merge_customers, survivor_id=mei, merged_id=twin)
    assert (await named(db, scope, made), await state(db, scope, mei)) == ([mei], "ok")
    again = await name(db, scope, made, twin)
    assert await named(db, scope, made) == [mei], "a duplicate is named as who it is now"
    assert again.version == 2
    gone = await name(db, scope, made, mei, is_named=False)
    assert (await named(db, scope, gone), await state(db, scope, mei)) == ([], "unknown")


async def test_an_erased_customer_is_named_nowhere_and_opens_the_code_for_nobody(db: Database, scope: Scope) -> None:
    mei, li = await customer(db, scope), await customer(db, scope, name="Li", phone=None, email="li@example.com")
    made = await batch(db, scope, customer_ids=(mei,))
    await act(db, scope, naming.forget_customers, customer_ids=[mei])
    assert await named(db, scope, made) == []
    assert [await state(db, scope, who) for who in (mei, li, None)] == ["unknown"] * 3


async def refused(db: Database, scope: Scope, **wish: Any) -> list[tuple[str, str | None]]:
    with pytest.raises(Refusal) as caught:
        await act(db, scope, service.make_coupons, wish=NewCoupons(promotion="spring", codes=("ONE",), **wish))
    return [(one.code, one.field) for one in reasons_of(caught.value)]


async def test_strangers_and_crowds_are_refused(db: Database, scope: Scope) -> None:
    mei = await customer(db, scope)
    unknown = await refused(db, scope, customer_ids=(mei, uuid4()))
    assert unknown == [("coupon_customer_unknown", "customer_ids[1]")]
    crowd = tuple(uuid4() for _ in range(COUPON_CUSTOMERS_MAX + 1))
    assert await refused(db, scope, customer_ids=crowd) == [("coupon_customers_invalid", "customer_ids")]
    open_to_all = await batch(db, scope)
    with pytest.raises(Refusal) as caught:
        await name(db, scope, open_to_all, mei)
    assert caught.value.code == "coupons_for_everybody"


async def test_customers_are_named_over_rest(db: Database, scope: Scope, tenant: TenantId) -> None:
    mei = await customer(db, scope)
    caller = web_client.principal(permissions=("prices:read", "prices:write"), tenant=tenant)
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
        made = await client.post(BATCHES, json={"promotion": "spring", "codes": ["mine"], "customer_ids": []})
        assert (made.status_code, made.json()["is_personal"]) == (201, True)
        at = f"{BATCHES}/{made.json()['coupon_batch_id']}/customers"
        answer = await client.post(at, json={"customer_ids": [str(mei)]}, headers={"If-Match": '"1"'})
        assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
        assert (await client.get(at)).json() == {"customer_ids": [str(mei)]}
        stale = await client.post(at, json={"customer_ids": [str(mei)], "is_named": False}, headers={"If-Match": '"1"'})
        assert stale.status_code in {409, 412}
        wrong = await client.post(at, json={"customer_ids": [str(uuid4())]})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "coupon_customer_unknown")
        everybody = await client.post(BATCHES, json={"promotion": "spring", "codes": ["all"]})
        assert everybody.json()["is_personal"] is False
