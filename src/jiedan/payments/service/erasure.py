"""Wipe the person out of payments: links, words, what providers said. The ledger's amounts stay."""

from collections.abc import Collection
from uuid import UUID

from jiedan.base import ids, sql
from jiedan.base.db import Tx
from jiedan.payments import queries
from jiedan.payments.values import PaymentId

SQL = sql.load("jiedan.payments.service", "erasure.sql")


async def erase_payments(tx: Tx, *, order_ids: Collection[UUID]) -> list[PaymentId]:
    """Wipe the payments of orders, which are locked, and return their ids; nothing of them may be under way."""
    found = await queries.payments_of_orders(tx, order_ids)
    payment_ids = ids.in_order(payment.payment_id for of in found.values() for payment in of)
    await queries.locked(tx, payment_ids)
    await tx.sql_many(
        [
            (SQL["erase_payments"], {"order_ids": ids.in_order(order_ids)}),
            (SQL["erase_operations"], {"payment_ids": payment_ids}),
            (SQL["erase_entries"], {"payment_ids": payment_ids}),
        ]
    )
    return payment_ids


async def erase_messages(tx: Tx) -> None:
    """Wipe the words of every message of providers that was dealt with; which of them name a person, nobody knows."""
    await tx.sql_count(SQL["erase_messages"])
