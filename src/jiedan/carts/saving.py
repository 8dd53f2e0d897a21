"""Writing carts, a set of lines at a time."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec

from jiedan.base import sql
from jiedan.base.db import Tx
from jiedan.carts.values import Cart, CartLine

SQL = sql.load("jiedan.carts", "saving.sql")


async def insert_cart(
    tx: Tx, *, cart_id: UUID, holder_hash: bytes | None, customer_id: UUID | None, currency: str
) -> bool:
    """Write an empty cart; False when the holder or the customer has an open one."""
    rows = await tx.sql(
        SQL["insert_cart"],
        cart_id=cart_id,
        holder_hash=holder_hash,
        customer_id=customer_id,
        currency=currency,
        now=tx.now,
    )
    return bool(rows)


async def put(tx: Tx, cart: Cart, lines: Sequence[CartLine]) -> None:
    """Make the lines of a cart exactly `lines`, in their order, and touch it; all in the cart's currency.

    The cart's coupons and version become those it comes with; the cart is locked.
    """
    wanted = {
        "cart_id": cart.cart_id,
        "sku_ids": [line.sku_id for line in lines],
        "pieces": [line.piece for line in lines],
        "attributes": [msgspec.json.encode(dict(x.attributes)).decode() if x.attributes else None for x in lines],
        "quantities": [line.quantity for line in lines],
        "units_minor": [line.unit_minor for line in lines],
        "positions": list(range(len(lines))),
        "currency": cart.currency,
        "coupons": list(cart.coupons),
        "customer_id": cart.customer_id,
        "version": cart.version,
        "now": tx.now,
    }
    await tx.sql_many([(SQL[name], wanted) for name in ("delete_lines_beyond", "put_lines", "touch")])


async def close(tx: Tx, order_ids: Mapping[UUID, UUID]) -> None:
    """Note which orders carts have become."""
    parameters = {"cart_ids": list(order_ids), "order_ids": list(order_ids.values()), "now": tx.now}
    await tx.sql(SQL["close_carts"], **parameters)


async def delete(tx: Tx, cart_ids: Collection[UUID]) -> None:
    """Forget carts with their lines."""
    wanted = {"cart_ids": sorted(cart_ids)}
    await tx.sql_many([(SQL["delete_lines"], wanted), (SQL["delete_carts"], wanted)])
