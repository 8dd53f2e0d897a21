"""Many orders at once for what is left: exactly so many get it, and nothing waits in a circle."""

import asyncio
from typing import Any

from jiedan.base.db import Database, Scope
from jiedan.pricing.service import redemptions as service
from tests.pricing import coupon_factories as factories
from tests.pricing.coupon_factories import act, facts, use
from tests.races import Work, doing, together

CLIENTS = 12
ATTEMPTS = 1_000


async def test_a_coupon_capped_at_ten_is_used_ten_times_however_many_try(db: Database, scope: Scope) -> None:
    await factories.batch(db, scope, uses_max=10)
    free = asyncio.Semaphore(CLIENTS)

    async def once() -> str:
        async with free:
            (outcome,) = await act(db, scope, service.redeem_many, uses=[use(coupon="SPRING10")])
            return str(outcome.code)

    outcomes = await asyncio.gather(*(once() for _ in range(ATTEMPTS)))
    assert outcomes.count("redeemed") == 10
    assert outcomes.count("cap_reached") + outcomes.count("coupon_cap_reached") == ATTEMPTS - 10
    found = await facts(db, scope, codes=["SPRING10"])
    assert found.coupons["SPRING10"].used == 10


async def test_uses_in_opposite_order_do_not_wait_in_a_circle(db: Database, scope: Scope) -> None:
    names = [f"promotion-{n}" for n in range(8)]

    def redeeming(order: list[str]) -> Work:
        return doing(service.redeem_many, uses=[use(name, total_max=CLIENTS) for name in order])

    await together(db, scope, *(redeeming(names if n % 2 else names[::-1]) for n in range(CLIENTS)))
    found = await facts(db, scope, promotions=names)
    assert set(found.used.values()) == {CLIENTS}


async def test_an_order_that_is_given_back_by_everybody_is_given_back_once(db: Database, scope: Scope) -> None:
    wish = use(total_max=1, units=3, units_max=3)
    await act(db, scope, service.redeem_many, uses=[wish])

    async def back() -> Any:
        return await act(db, scope, service.give_back_many, order_ids=[wish.order_id])

    assert sorted(await asyncio.gather(*(back() for _ in range(CLIENTS)))) == [0] * (CLIENTS - 1) + [1]
    found = await facts(db, scope)
    assert set(found.used.values()) == {0}


async def test_one_order_that_comes_at_once_from_everywhere_uses_it_once(db: Database, scope: Scope) -> None:
    wish = use(total_max=5)

    async def once() -> Any:
        (outcome,) = await act(db, scope, service.redeem_many, uses=[wish])
        return outcome

    outcomes = await asyncio.gather(*(once() for _ in range(CLIENTS)))
    assert len({outcome.redemption_id for outcome in outcomes}) == 1
    assert sum(not outcome.repeated for outcome in outcomes) == 1
    found = await facts(db, scope)
    assert set(found.used.values()) == {1}
