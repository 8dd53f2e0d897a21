"""Carts in a shop that is open."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.base.db import Database, Scope
from jiedan.carts import queries, service
from jiedan.carts.values import Cart, CartId, CartView, Wish
from jiedan.catalog.values import SkuKind
from jiedan.inventory.tables import Reservation, Stock
from tests.orders import factories


async def filled(db: Database, scope: Scope, lines: Mapping[str, int], **whose: Any) -> CartId:
    """Open a cart and put units of SKUs into it."""

    async def work(tx: Any) -> CartId:
        cart_id = await service.open_cart(tx, **whose)
        await service.fill_cart(tx, cart_id=cart_id, wishes=[Wish(sku, units) for sku, units in lines.items()])
        return cart_id

    return await db.write(scope, work)


async def fill(db: Database, scope: Scope, cart_id: UUID, lines: Mapping[str, int], **facts: Any) -> Cart:
    """Say how many units of SKUs a cart is to have."""
    wishes = [Wish(sku, units) for sku, units in lines.items()]
    return await db.write(scope, lambda tx: service.fill_cart(tx, cart_id=cart_id, wishes=wishes, **facts))


async def seen(db: Database, scope: Scope, cart_id: UUID) -> CartView:
    """Look at a cart."""
    async with db.read(scope) as tx:
        return await queries.view(tx, await queries.cart(tx, cart_id))


async def reserved(db: Database, scope: Scope) -> dict[str, int]:
    """Return the units reserved by the kind of owner, and in all by the counters."""
    async with db.read(scope) as tx:
        rows: Any = await tx.execute(
            sa.select(Reservation.owner_kind, sa.func.sum(Reservation.quantity))
            .where(Reservation.tenant_id == scope.tenant)
            .group_by(Reservation.owner_kind)
        )
        found = {str(kind): int(units or 0) for kind, units in rows}
        counted = await tx.execute(sa.select(sa.func.sum(Stock.reserved)).where(Stock.tenant_id == scope.tenant))
        found["counted"] = int(counted.scalar_one() or 0)
    return found


async def kit(db: Database, scope: Scope, code: str, *parts: tuple[Any, int]) -> None:
    """Add a kit."""
    async with db.begin(scope) as tx:
        await factories.sku(tx, code, kind=SkuKind.kit, parts=parts)
