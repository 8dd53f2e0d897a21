"""Orders of guests: placed without a customer, known by the e-mail address of their contact."""

from collections.abc import Collection, Sequence
from typing import Any

from jiedan.base import ids, sql, terms
from jiedan.base.db import LockRank, ReadTx, Tx
from jiedan.customers import rules as customers
from jiedan.orders.values import OrderId

SQL = sql.load("jiedan.orders.queries", "guests.sql")


async def guest_orders(tx: ReadTx, email: str, *, limit: int) -> list[OrderId]:
    """Return orders of guests who gave this address, however it is capitalized, in the order of their ids.

    What search does not find yet is not found. Among the first `limit` only. One statement.
    """
    term, *_ = terms.email_terms(email)
    return _given(email, await tx.sql(SQL["guest_orders"], term=term, orders_max=limit))


async def guest_orders_for_update(tx: Tx, email: str, order_ids: Collection[OrderId]) -> list[OrderId]:
    """Return those of these orders that are still of guests who gave this address, locked. One statement."""
    tx.will_lock(LockRank.ORDER)
    return _given(email, await tx.sql(SQL["guest_orders_for_update"], order_ids=ids.in_order(order_ids)))


def _given(email: str, rows: Sequence[tuple[Any, ...]]) -> list[OrderId]:
    key = customers.email_key(email)
    return sorted(OrderId(order_id) for order_id, given in rows if customers.email_key(given) == key)
