"""How coupons change: what is added and found, and what the worker makes of a large batch."""

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa

from jiedan.base.db import Scope
from jiedan.pricing import tables
from tests.crashes.calls import Stage, plain
from tests.crashes.ground import Ground
from tests.crashes.nursery import Work

BATCHES = "/api/v1/coupon-batches"


async def _typed(ground: Ground) -> str:
    made = await ground.post("/coupon-batches", {"promotion": "spring", "codes": ["WELCOME"]})
    return str(made["coupon_batch_id"])


async def _add(ground: Ground) -> Work:
    return ground.request("POST", f"{BATCHES}/{await _typed(ground)}/coupons", {"codes": ["WELCOME-10"]})


async def _look_up(ground: Ground) -> Work:
    await _typed(ground)
    return ground.request("POST", "/api/v1/coupons/look-ups", {"code": "welcome"})


async def _name(ground: Ground) -> Work:
    made = await ground.post("/coupon-batches", {"promotion": "spring", "codes": ["WELCOME"], "customer_ids": []})
    body = {"customer_ids": [ground.world.ids["customer_id"]]}
    return ground.request("POST", f"{BATCHES}/{made['coupon_batch_id']}/customers", body)


CALLS: Mapping[tuple[str, str], Stage] = {
    ("POST", BATCHES): plain("POST", BATCHES, {"promotion": "spring", "size": 3}),
    ("POST", f"{BATCHES}/{{coupon_batch_id}}/coupons"): _add,
    ("POST", f"{BATCHES}/{{coupon_batch_id}}/customers"): _name,
    ("POST", "/api/v1/coupons/look-ups"): _look_up,
}
"""By method and path. The others are made as their examples stand."""


async def _asked_for(ground: Ground) -> Work:
    await _typed(ground)
    return ground.work("drain", "pricing.start_coupons")


HANDLERS: Mapping[str, Stage] = {"pricing.start_coupons": _asked_for}
"""By the handler's name."""


async def _half_made(ground: Ground) -> Work:
    made = await ground.post("/coupon-batches", {"promotion": "spring", "size": 2})
    async with ground.database.begin(Scope(ground.world.at.tenant)) as tx:
        await tx.execute(
            sa.update(tables.CouponBatch)
            .where(
                tables.CouponBatch.tenant_id == tx.tenant,
                tables.CouponBatch.batch_id == UUID(made["coupon_batch_id"]),
            )
            .values(size=4)
        )
    return ground.work("task", "pricing.make_coupons", batch_id=made["coupon_batch_id"])


TASKS: Mapping[str, Stage] = {"pricing.make_coupons": _half_made}
"""By the task's name."""
