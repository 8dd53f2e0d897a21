"""Carts by id, by whoever has them, and what they hold."""

import itertools
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import Load, LockRank, ReadTx, Tx
from jiedan.carts import errors
from jiedan.carts.values import NOTHING_SAID, OWNER_KIND, Cart, CartId, CartLine
from jiedan.inventory import queries as inventory
from jiedan.inventory.values import Reservation

SQL = sql.load("jiedan.carts.queries", "carts.sql")

Rows = list[tuple[Any, ...]]


class OpenCart(NamedTuple):
    """Which cart somebody has open, if any, and how many things are in it."""

    cart_id: CartId | None
    units: int


async def carts(tx: ReadTx, cart_ids: Collection[UUID]) -> dict[CartId, Cart]:
    """Return carts with their lines, by id; unknown ids are absent. Two statements in one pipeline."""
    return await _carts(tx, "carts", cart_ids)


async def carts_for_update(tx: Tx, cart_ids: Collection[UUID]) -> dict[CartId, Cart]:
    """Lock carts in key order and return them with their lines; unknown ids are absent."""
    tx.will_lock(LockRank.ORDER)
    return await _carts(tx, "carts_for_update", cart_ids)


async def cart(tx: ReadTx, cart_id: UUID) -> Cart:
    """Return a cart. Raises CartNotFound."""
    found = await carts(tx, [cart_id])
    if not found:
        raise errors.CartNotFound(str(cart_id))
    return found[CartId(cart_id)]


async def cart_of_holder(tx: ReadTx, holder_hash: bytes) -> CartId | None:
    """Return the open cart of whoever holds the secret with that hash, or None."""
    rows = await tx.sql(SQL["open_of_holder"], holder_hash=holder_hash)
    return CartId(rows[0][0]) if rows else None


async def cart_of_customer(tx: ReadTx, customer_id: UUID) -> CartId | None:
    """Return the open cart of a customer, or None."""
    rows = await tx.sql(SQL["open_of_customer"], customer_id=customer_id)
    return CartId(rows[0][0]) if rows else None


def open_cart(*, holder_hash: bytes | None, customer_id: UUID | None = None) -> Load[OpenCart]:
    """Load which cart a visitor has open, the customer's where one is known, and how many things are in it."""
    if customer_id is not None:
        return Load(SQL["of_customer"], {"customer_id": customer_id}, _open)
    return Load(SQL["of_holder"], {"holder_hash": holder_hash or b""}, _open)


def _open(rows: Rows) -> OpenCart:
    return OpenCart(CartId(rows[0][0]), int(rows[0][1] or 0)) if rows else OpenCart(None, 0)


async def last_ordered(tx: ReadTx, holder_hash: bytes) -> tuple[CartId, UUID] | None:
    """Return the cart that this holder ordered last, and the order, or None."""
    rows = await tx.sql(SQL["last_ordered"], holder_hash=holder_hash)
    return (CartId(rows[0][0]), rows[0][1]) if rows else None


async def last_ordered_of_customer(tx: ReadTx, customer_id: UUID) -> tuple[CartId, UUID] | None:
    """Return the cart that a customer ordered last, and the order, or None."""
    rows = await tx.sql(SQL["last_ordered_of_customer"], customer_id=customer_id)
    return (CartId(rows[0][0]), rows[0][1]) if rows else None


async def carts_of_customers(tx: ReadTx, customer_ids: Collection[UUID]) -> Sequence[CartId]:
    """Return every cart of customers, ordered ones too."""
    rows = await tx.sql(SQL["carts_of_customers"], customer_ids=sorted(set(customer_ids)))
    return [CartId(row[0]) for row in rows]


async def carts_of_orders(tx: ReadTx, order_ids: Collection[UUID]) -> Sequence[CartId]:
    """Return every cart that became one of these orders, guests' too: for the end of long work, it reads all carts."""
    rows = await tx.sql(SQL["carts_of_orders"], order_ids=sorted(set(order_ids)))
    return [CartId(row[0]) for row in rows]


async def untouched(tx: ReadTx, *, before: datetime, limit: int) -> Sequence[CartId]:
    """Return carts that nobody has touched since `before`, oldest first, ordered ones too."""
    return [CartId(row[0]) for row in await tx.sql(SQL["untouched"], before=before, limit=limit)]


def held_by(cart_ids: Collection[UUID]) -> Load[Mapping[UUID, tuple[Reservation, ...]]]:
    """Load what carts hold of stock, by cart; those that hold nothing are absent."""
    found = inventory.reservations_of_owners(OWNER_KIND, cart_ids)
    return Load(found.statement, found.parameters, found.parse)


async def _carts(tx: ReadTx, name: str, cart_ids: Collection[UUID]) -> dict[CartId, Cart]:
    wanted = {"cart_ids": sorted(set(cart_ids))}
    heads, lines = await tx.sql_many([(SQL[name], wanted), (SQL["lines"], wanted)])
    by_cart = {of: tuple(map(_line, rows)) for of, rows in itertools.groupby(lines, lambda r: r[0])}
    return {
        of: Cart(of, customer_id, currency, order_id, version, touched_at, tuple(coupons), by_cart.get(of, ()))
        for of, customer_id, currency, order_id, version, touched_at, coupons in heads
    }


def _line(row: tuple[Any, ...]) -> CartLine:
    _, *plain, attributes, piece = row
    values: Any = (*plain, attributes or NOTHING_SAID, piece)
    return CartLine(*values)
