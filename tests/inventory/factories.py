"""Things to count, and places to count them in."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid4

import sqlalchemy as sa

from jiedan.base.db import Database, Scope, Tx
from jiedan.base.sql import Statement
from jiedan.catalog import tables as catalog
from jiedan.catalog.values import SkuId, SkuKind
from jiedan.inventory import queries, service, stock_moves
from jiedan.inventory.values import (
    Availability,
    Claim,
    Location,
    LocationKind,
    NewLocation,
    Owner,
    Receipt,
    Reserved,
    StockKey,
    Thresholds,
    ThresholdsWish,
)

T = TypeVar("T")


def kinds(tx: Tx) -> list[str]:
    """Return the kinds of the events that a transaction has emitted so far, without the module's name."""
    return [item.event.kind.removeprefix("inventory.") for item in tx._emitted]


async def act(db: Database, scope: Scope, use_case: Callable[..., Awaitable[T]], **arguments: object) -> T:
    """Run one use case in a transaction of its own."""
    async with db.begin(scope) as tx:
        return await use_case(tx, **arguments)


async def act_telling(
    db: Database, scope: Scope, use_case: Callable[..., Awaitable[T]], **arguments: object
) -> tuple[T, list[str]]:
    """Run one use case in a transaction of its own; return its outcome and the kinds of its events."""
    async with db.begin(scope) as tx:
        return await use_case(tx, **arguments), kinds(tx)


async def skus(tx: Tx, count: int = 1, *, kind: SkuKind = SkuKind.goods, prefix: str = "SKU") -> list[SkuId]:
    """Add `count` SKUs of one product; codes are the prefix with a rising number."""
    product_id, sku_ids = tx.new_id(), [SkuId(sku_id) for sku_id in tx.new_ids(count)]
    stamps = {"tenant_id": tx.tenant, "version": 1, "created_at": tx.now, "updated_at": tx.now}
    await tx.execute(
        sa.insert(catalog.Product).values(
            product_id=product_id,
            code=f"{prefix}-{product_id}",
            name="Tea",
            description="",
            kind=kind,
            status="active",
            tax_class="standard",
            **stamps,
        )
    )
    await tx.execute(
        sa.insert(catalog.Sku),
        [
            {
                "sku_id": sku_id,
                "product_id": product_id,
                "code": f"{prefix}-{number}",
                "option_values": [str(number)],
                "is_active": True,
                "may_be_sold": True,
                "position": number,
                **stamps,
            }
            for number, sku_id in enumerate(sku_ids)
        ],
    )
    return sku_ids


async def location(tx: Tx, code: str = "W1", *, kind: LocationKind = "warehouse", priority: int = 100) -> Location:
    """Add a location."""
    return await service.create_location(
        tx, location=NewLocation(code=code, name=f"Place {code}", kind=kind, priority=priority)
    )


async def keys_with_stock(
    db: Database, scope: Scope, quantities: Sequence[int], *, code: str = "W1", prefix: str = "SKU"
) -> list[StockKey]:
    """Add a location with one SKU per quantity, that many on hand each; 0 leaves the key without counters."""
    async with db.begin(scope) as tx:
        place = await location(tx, code)
        sku_ids = await skus(tx, len(quantities), prefix=prefix)
        keys = [StockKey(sku_id, place.location_id) for sku_id in sku_ids]
        await receive(tx, {key: quantity for key, quantity in zip(keys, quantities, strict=True) if quantity})
    return keys


async def receive(tx: Tx, quantities: dict[StockKey, int]) -> None:
    """Take in goods under fresh operation keys."""
    receipts = [Receipt(*key, quantity, str(uuid4())) for key, quantity in quantities.items()]
    await service.receive_many(tx, receipts=receipts)


async def hold(tx: Tx, key: StockKey, quantity: int, *, owner: Owner | None = None) -> Owner:
    """Reserve for an order line."""
    owner = owner or order_line()
    (outcome,) = await service.reserve_many(tx, claims=[Claim(owner, *key, quantity)])
    assert isinstance(outcome, Reserved), outcome
    return owner


async def levels(tx: Tx, key: StockKey, *, safety: int = 0, low: int | None = None, full: int | None = None) -> None:
    """Set safety stock and thresholds of a key."""
    await service.set_thresholds_many(tx, wishes=[ThresholdsWish(*key, Thresholds(safety, low, full))])


async def counters(db: Database, scope: Scope, key: StockKey) -> Availability:
    """Read the counters of a key; all 0 where there are none."""
    async with db.read(scope) as tx:
        found = await tx.load_one(queries.availability([key.sku_id]))
    return found.get(key, Availability(0, 0, 0, 0))


def stock_moves_sql() -> dict[str, Statement]:
    """Return the writes that every door shares, by name."""
    return stock_moves.SQL


def order_line(line_id: UUID | None = None) -> Owner:
    """Return an order line as an owner."""
    return Owner("order_line", line_id or uuid4())


def cart_claim(key: StockKey, quantity: int, *, expires_at: datetime, owner: Owner | None = None) -> Claim:
    """Return a claim of a cart."""
    return Claim(owner or Owner("cart", uuid4()), *key, quantity, expires_at)
