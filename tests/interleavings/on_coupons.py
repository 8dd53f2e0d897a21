"""Operations on coupons: batches, codes, and orders that use and give back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.base.db import Database, Scope, Tx
from jiedan.base.ids import TenantId
from jiedan.orders.tables import Order
from jiedan.pricing import jobs, tables
from jiedan.pricing.queries import version_in_force
from jiedan.pricing.service import redemptions as service
from jiedan.pricing.values.promotions import Caps
from jiedan.pricing.values.redemptions import Use
from tests.interleavings.operation import call, task, use_case

CODE = "WELCOME"
CART_CODE = "FOR-CARTS"
"""A code that any number of orders may use."""


async def use_and_grow(db: Database, scope: Scope, ids: Mapping[str, str]) -> None:
    """Let an order use the code, as the book in force has it, and one batch want more codes than it has."""
    async with db.begin(scope) as tx:
        await tx.execute(
            sa.update(Order)
            .where(Order.tenant_id == tx.tenant, Order.order_id.in_([UUID(ids["away"]), UUID(ids["counter"])]))
            .values(price_rules_version=await tx.load_one(version_in_force(at=tx.now)))
        )
        await service.redeem_many(tx, uses=[_use(ids["away"])])
        await tx.execute(
            sa.update(tables.CouponBatch)
            .where(tables.CouponBatch.tenant_id == tx.tenant, tables.CouponBatch.batch_id == UUID(ids["large batch"]))
            .values(size=2)
        )


def _use(order_id: str) -> Use:
    return Use(UUID(order_id), "welcome", Caps(total=1), CODE, currency="CNY", discount_minor=100)


async def _redeem(tx: Tx, ids: Any) -> Any:
    (outcome,) = await service.redeem_many(tx, uses=[_use(ids["counter"])])
    return outcome.code


async def _give_back(tx: Tx, ids: Any) -> Any:
    return await service.give_back_many(tx, order_ids=[UUID(ids["away"])])


async def _make(database: Database, tenant: TenantId, ids: Mapping[str, str]) -> None:
    await jobs.make_coupons(database, tenant, {"batch_id": ids["large batch"]})


OPERATIONS = [
    call("make coupons", "new coupons", "POST /coupon-batches", {"promotion": "welcome", "codes": ["FRESH-{side}"]}),
    call("add coupons", "coupons", "POST /coupon-batches/{batch}/coupons", {"codes": ["MORE-{side}"]}),
    call("block a batch", "coupons", "PATCH /coupon-batches/{batch}", {"is_blocked": True}),
    call("block a coupon", "coupons", "POST /coupons/blocking", {"coupon_ids": ["{coupon}"], "is_blocked": True}),
    call("name a customer", "coupons", "POST /coupon-batches/{own batch}/customers", {"customer_ids": ["{wang}"]}),
    call("look a coupon up", "coupons", "POST /coupons/look-ups", {"code": CODE}),
    use_case("use a coupon", "coupons", _redeem),
    use_case("give a coupon back", "coupons", _give_back),
    task("make many coupons", "large batch", _make),
]
