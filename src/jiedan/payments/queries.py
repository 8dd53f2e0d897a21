"""Reads of payments."""

import itertools
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from jiedan.base import sql
from jiedan.base.db import LockRank, ReadTx, Tx
from jiedan.payments import errors
from jiedan.payments.values import EntryId, Operation, OperationId, Payment, PaymentId, RefundLine, Sums

SQL = sql.load("jiedan.payments", "queries.sql")


class Entry(NamedTuple):
    """One line of the ledger."""

    entry_id: EntryId
    payment_id: PaymentId
    order_id: UUID | None
    kind: str
    amount_minor: int
    currency: str
    operation_id: OperationId | None
    refers_to: EntryId | None
    provider_ref: str
    reason: str
    occurred_at: datetime
    recorded_at: datetime


async def payments(tx: ReadTx, payment_ids: Collection[UUID]) -> dict[PaymentId, Payment]:
    """Return payments by id; unknown ids are absent."""
    return _payments(await tx.sql(SQL["payments"], payment_ids=sorted(set(payment_ids))))


async def payment(tx: ReadTx, payment_id: UUID) -> Payment:
    """Return one payment. Raises PaymentNotFound."""
    found = await payments(tx, [payment_id])
    if not found:
        raise errors.PaymentNotFound(payment_id)
    return found[PaymentId(payment_id)]


async def payments_for_update(tx: Tx, payment_ids: Collection[UUID]) -> dict[PaymentId, Payment]:
    """Lock payments in key order and return them by id; their orders are locked before."""
    tx.will_lock(LockRank.PAYMENT)
    return _payments(await tx.sql(SQL["payments_for_update"], payment_ids=sorted(set(payment_ids))))


async def payments_of_orders(tx: ReadTx, order_ids: Collection[UUID]) -> dict[UUID, list[Payment]]:
    """Return the payments of orders, by order; orders without payments are absent."""
    rows = await tx.sql(SQL["payments_of_orders"], order_ids=sorted(set(order_ids)))
    return {key: [_payment(row) for row in of] for key, of in itertools.groupby(rows, lambda row: row[1])}


async def operations_of(tx: ReadTx, payment_ids: Collection[UUID]) -> dict[PaymentId, list[Operation]]:
    """Return what was asked of providers, by payment, oldest first."""
    rows = await tx.sql(SQL["operations_of"], payment_ids=sorted(set(payment_ids)))
    return {key: [_operation(row) for row in of] for key, of in itertools.groupby(rows, lambda row: row[1])}


async def operations_by_key(tx: ReadTx, keys: Collection[str]) -> dict[str, Operation]:
    """Return operations by the key sent to the provider; unknown keys are absent."""
    return {row[4]: _operation(row) for row in await tx.sql(SQL["operations_by_key"], keys=sorted(set(keys)))}


async def operations_due(tx: Tx, *, at: datetime, limit: int) -> list[Operation]:
    """Claim at most `limit` unsettled operations whose time to be asked about has come."""
    return [_operation(row) for row in await tx.sql(SQL["operations_due"], at=at, limit=limit)]


async def orders_of_payments(tx: ReadTx, payment_ids: Collection[UUID]) -> dict[PaymentId, UUID | None]:
    """Return which order each payment is for; without a lock, so that orders can be locked first."""
    rows = await tx.sql(SQL["orders_of_payments"], payment_ids=sorted(set(payment_ids)))
    return {PaymentId(row[0]): row[1] for row in rows}


async def entries_of(tx: ReadTx, payment_ids: Collection[UUID]) -> dict[PaymentId, list[Entry]]:
    """Return the ledger of payments, by payment, oldest first."""
    rows = await tx.sql(SQL["entries_of"], payment_ids=sorted(set(payment_ids)))
    return {key: [Entry(*row) for row in of] for key, of in itertools.groupby(rows, lambda row: row[1])}


def _payments(rows: list[tuple[Any, ...]]) -> dict[PaymentId, Payment]:
    return {row[0]: _payment(row) for row in rows}


def _payment(row: tuple[Any, ...]) -> Payment:
    fields: Any = (*row[:8], Sums(*row[8:14]), *row[14:])
    return Payment(*fields)


def _operation(row: tuple[Any, ...]) -> Operation:
    lines = tuple(msgspec.convert(line, RefundLine) for line in row[10])
    fields: Any = (*row[:10], lines, *row[11:])
    return Operation(*fields)
