"""The ways a cart ends: ordered, discarded, forgotten."""

from collections.abc import Collection, Mapping
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.base.errors import accepted
from jiedan.carts import queries, saving
from jiedan.carts.service.fill import open_for_update
from jiedan.carts.values import KEPT, OWNER_KIND, SWEEP_CARTS_MAX
from jiedan.inventory import service as inventory
from jiedan.inventory.values import Free, Owner


async def close_carts(tx: Tx, *, order_ids: Mapping[UUID, UUID]) -> None:
    """Note which orders carts have become: placement does so in its transaction. The carts are locked."""
    if order_ids:
        await saving.close(tx, order_ids)


async def discard_cart(tx: Tx, *, cart_id: UUID) -> None:
    """Forget a cart and give back what it holds. Raises CartNotFound or CartOrdered."""
    await open_for_update(tx, cart_id)
    await let_go(tx, [cart_id])
    await saving.delete(tx, [cart_id])


async def forget_old(tx: Tx) -> int:
    """Forget at most `SWEEP_CARTS_MAX` carts that nobody has touched for `KEPT`, ordered ones too; return how many.

    Fewer than the most means that no more are left. Stock they held was taken back long ago.
    """
    before = tx.now - KEPT
    found = await queries.untouched(tx, before=before, limit=SWEEP_CARTS_MAX)
    if found:
        locked = await queries.carts_for_update(tx, found)
        old = [cart_id for cart_id, cart in locked.items() if cart.updated_at < before]  # others were touched just now
        await let_go(tx, old)
        await saving.delete(tx, old)
    return len(found)


async def erase_carts(tx: Tx, *, customer_ids: Collection[UUID], order_ids: Collection[UUID]) -> None:
    """Forget every cart of customers, and what became their orders, and give back what open ones hold.

    The cart of a guest knows no customer, and what is written on goods may name one.
    """
    of_customers = await queries.carts_of_customers(tx, customer_ids)
    found = {*of_customers, *await queries.carts_of_orders(tx, order_ids)}
    if found:
        locked = await queries.carts_for_update(tx, found)
        await let_go(tx, list(locked))
        await saving.delete(tx, list(locked))


async def let_go(tx: Tx, cart_ids: Collection[UUID]) -> None:
    """Give back what carts hold; the carts are locked."""
    held = await tx.load_one(queries.held_by(cart_ids))
    frees = [Free(Owner(OWNER_KIND, r.owner.id), r.sku_id, r.location_id) for of in held.values() for r in of]
    if frees:
        accepted(await inventory.release_many(tx, frees=frees))
