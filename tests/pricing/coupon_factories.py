"""Coupons and uses of promotions for tests."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID, uuid4

from jiedan.base.db import Database, Scope, Tx
from jiedan.pricing.queries import redemptions as queries
from jiedan.pricing.service import coupons as service
from jiedan.pricing.service import redemptions
from jiedan.pricing.values.coupons import CouponBatch, NewCoupons
from jiedan.pricing.values.promotions import Caps
from jiedan.pricing.values.redemptions import FoundUses, Use, UseOutcome
from tests.customers import factories as customers

T = TypeVar("T")

PROMOTION = "spring"


async def act(db: Database, scope: Scope, use_case: Callable[..., Awaitable[T]], **arguments: Any) -> T:
    """Run one use case in a transaction of its own, again where it was overtaken."""

    async def work(tx: Tx) -> T:
        return await use_case(tx, **arguments)

    return await db.write(scope, work)


async def customer(db: Database, scope: Scope, **fields: object) -> UUID:
    """Return the id of a new customer."""
    (found,) = await customers.save(db, scope, [customers.wang(**fields)])
    return found


async def batch(db: Database, scope: Scope, **fields: Any) -> CouponBatch:
    """Make a batch that must be fine; without a size, of one code SPRING10."""
    given = fields if fields.keys() & {"size", "codes"} else {"codes": ("SPRING10",), **fields}
    return await act(db, scope, service.make_coupons, wish=NewCoupons(**{"promotion": PROMOTION, **given}))


def use(promotion: str = PROMOTION, *, order_id: UUID | None = None, **fields: Any) -> Use:
    """Return an order's wish to use a promotion; its caps as `total`, `per_customer`, `units`."""
    caps = {name: fields.pop(f"{name}_max") for name in ("total", "per_customer", "units") if f"{name}_max" in fields}
    given = {"currency": "CNY", "discount_minor": 1_000, **fields}
    return Use(order_id or uuid4(), promotion, Caps(**caps), **given)


async def redeem(db: Database, scope: Scope, *uses: Use, anew: tuple[UUID, ...] = ()) -> list[UseOutcome]:
    """Use promotions in a transaction of its own."""
    return await act(db, scope, redemptions.redeem_many, uses=uses, anew=anew)


async def codes_of(db: Database, scope: Scope, *uses: Use, anew: tuple[UUID, ...] = ()) -> list[str]:
    """Return in one word each what became of uses."""
    return [outcome.code for outcome in await redeem(db, scope, *uses, anew=anew)]


async def facts(db: Database, scope: Scope, **asked: Any) -> FoundUses:
    """Return what is known of codes, customers and promotions."""
    wanted = {"codes": (), "customer_ids": (), "promotions": (PROMOTION,), **asked}
    async with db.read(scope) as tx:
        return await queries.facts(tx, **wanted)
