"""Reads of payments as they are stored: by id, by order, under lock."""

import itertools
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from jiedan.base import ids, sql
from jiedan.base.db import Load, LockRank, ReadTx, Tx
from jiedan.orders.values import OrderId
from jiedan.payments import errors, tables
from jiedan.payments.values import (
    Entry,
    EntryId,
    Operation,
    OperationId,
    Payment,
    PaymentId,
    RefundLine,
    Sums,
)

SQL = sql.load("jiedan.payments.queries", "stored.sql")

Rows = list[tuple[Any, ...]]

COLUMNS = (
    tables.Payment.payment_id,
    tables.Payment.order_id,
    tables.Payment.provider,
    tables.Payment.method,
    tables.Payment.currency,
    tables.Payment.amount_minor,
    tables.Payment.provider_ref,
    tables.Payment.pay_url,
    tables.Payment.return_url,
    tables.Payment.state,
    tables.Payment.authorized_minor,
    tables.Payment.captured_minor,
    tables.Payment.voided_minor,
    tables.Payment.refunded_minor,
    tables.Payment.charged_back_minor,
    tables.Payment.adjusted_minor,
    tables.Payment.processing_count,
    tables.Payment.created_at,
    tables.Payment.version,
    tables.Payment.installments,
)
_SUMS_AT = 10


class Locked(NamedTuple):
    """Payments under lock, by id, with everything that was asked for them and what came of it, oldest first."""

    payments: dict[PaymentId, Payment]
    operations: dict[PaymentId, list[Operation]]
    entries: dict[PaymentId, list[Entry]]


class StoredProvider(NamedTuple):
    """A merchant's account with a provider as stored: secrets sealed."""

    provider: str
    is_active: bool
    settings: dict[str, str]
    sealed: bytes | None
    version: int


class Message(NamedTuple):
    """A provider's message that is stored and not handled."""

    provider: str
    external_id: str
    headers: dict[str, str]
    body: bytes


async def payments(tx: ReadTx, payment_ids: Collection[UUID]) -> dict[PaymentId, Payment]:
    """Return payments by id; unknown ids are absent."""
    return _payments(await tx.sql(SQL["payments"], payment_ids=ids.in_order(payment_ids)))


async def payment(tx: ReadTx, payment_id: UUID) -> Payment:
    """Return one payment. Raises PaymentNotFound."""
    found = await payments(tx, [payment_id])
    if not found:
        raise errors.PaymentNotFound(payment_id)
    return found[PaymentId(payment_id)]


async def locked(tx: Tx, payment_ids: Collection[UUID]) -> Locked:
    """Lock payments in key order and return them with operations and ledger; their orders are locked before.

    One round trip. Unknown ids are absent.
    """
    tx.will_lock(LockRank.PAYMENT)
    wanted = {"payment_ids": ids.in_order(payment_ids)}
    heads, operations, entries = await tx.sql_many(
        [(SQL["payments_for_update"], wanted), (SQL["operations_of"], wanted), (SQL["entries_of"], wanted)]
    )
    return Locked(_payments(heads), _by_payment(operations), _entries(entries))


async def kept_before(tx: ReadTx, moments: Mapping[OrderId, datetime]) -> dict[UUID, int]:
    """Return what of the money of orders, without points, was there before a moment of each; others are absent."""
    order_ids = ids.in_order(moments)
    found = await tx.sql(
        SQL["kept_before"], order_ids=order_ids, moments=[moments[OrderId(order_id)] for order_id in order_ids]
    )
    return dict(found)


async def payments_of_orders(tx: ReadTx, order_ids: Collection[UUID]) -> dict[UUID, list[Payment]]:
    """Return the payments of orders, by order; orders without payments are absent."""
    rows = await tx.sql(SQL["payments_of_orders"], order_ids=ids.in_order(order_ids))
    return {key: [as_payment(row) for row in of] for key, of in itertools.groupby(rows, lambda row: row[1])}


def payments_with_entries(order_id: UUID) -> Load[list[tuple[Payment, list[Entry]]]]:
    """Load the payments of an order with what stands in the ledger of each, oldest first."""
    width = len(COLUMNS)

    def parse(rows: list[tuple[Any, ...]]) -> list[tuple[Payment, list[Entry]]]:
        return [
            (as_payment(head), [Entry(*row[width:]) for row in of if row[width] is not None])
            for head, of in itertools.groupby(rows, lambda row: row[:width])
        ]

    return Load(SQL["payments_with_entries"], {"order_id": order_id}, parse)


async def payment_ids_of_order(tx: ReadTx, order_id: UUID) -> list[UUID]:
    """Return the ids of an order's payments."""
    found = await payments_of_orders(tx, [order_id])
    return [payment.payment_id for payment in found.get(order_id, ())]


async def tenders_of_orders(
    tx: ReadTx, order_ids: Collection[UUID]
) -> tuple[dict[UUID, list[Payment]], dict[PaymentId, list[Operation]]]:
    """Return the payments of orders by order, and what was asked for them by payment; one round trip."""
    wanted = {"order_ids": ids.in_order(order_ids)}
    heads, operations = await tx.sql_many([(SQL["payments_of_orders"], wanted), (SQL["operations_of_orders"], wanted)])
    by_order = {key: [as_payment(row) for row in of] for key, of in itertools.groupby(heads, lambda row: row[1])}
    return by_order, _by_payment(operations)


async def operations_of(tx: ReadTx, payment_ids: Collection[UUID]) -> dict[PaymentId, list[Operation]]:
    """Return what was asked of providers, by payment, oldest first."""
    return _by_payment(await tx.sql(SQL["operations_of"], payment_ids=ids.in_order(payment_ids)))


async def operations_by_key(tx: ReadTx, keys: Collection[str]) -> dict[str, Operation]:
    """Return operations by the key sent to the provider; unknown keys are absent."""
    return {row[4]: _operation(row) for row in await tx.sql(SQL["operations_by_key"], keys=sorted(set(keys)))}


async def operations_due(tx: Tx, *, at: datetime, limit: int) -> list[Operation]:
    """Claim at most `limit` unsettled operations whose time to be asked about has come."""
    return [_operation(row) for row in await tx.sql(SQL["operations_due"], at=at, limit=limit)]


async def payments_of_operations(tx: ReadTx, operation_ids: Collection[UUID]) -> dict[OperationId, PaymentId]:
    """Return which payment each operation is about; without a lock, so that payments can be locked first."""
    rows = await tx.sql(SQL["payments_of_operations"], operation_ids=ids.in_order(operation_ids))
    return {OperationId(row[0]): PaymentId(row[1]) for row in rows}


async def orders_of_payments(tx: ReadTx, payment_ids: Collection[UUID]) -> dict[PaymentId, UUID | None]:
    """Return which order each payment is for; without a lock, so that orders can be locked first."""
    rows = await tx.sql(SQL["orders_of_payments"], payment_ids=ids.in_order(payment_ids))
    return {PaymentId(row[0]): row[1] for row in rows}


async def entries_of(tx: ReadTx, payment_ids: Collection[UUID]) -> dict[PaymentId, list[Entry]]:
    """Return the ledger of payments, by payment, oldest first."""
    return _entries(await tx.sql(SQL["entries_of"], payment_ids=ids.in_order(payment_ids)))


async def refund_lines_of(tx: ReadTx, payment_ids: Collection[UUID]) -> dict[EntryId, list[RefundLine]]:
    """Return which units of which lines refunds gave back, by ledger entry."""
    rows = await tx.sql(SQL["refund_lines_of"], payment_ids=ids.in_order(payment_ids))
    return {key: [RefundLine(*row[2:]) for row in of] for key, of in itertools.groupby(rows, lambda row: row[1])}


async def providers(tx: ReadTx) -> dict[str, StoredProvider]:
    """Return the merchant's accounts with providers, by provider; secrets sealed."""
    return {row[0]: StoredProvider(*row) for row in await tx.sql(SQL["providers"])}


async def unhandled_messages(tx: ReadTx, *, before: datetime, limit: int) -> list[Message]:
    """Return messages that were stored until `before` and are not handled, the longest waiting first."""
    return [Message(*row) for row in await tx.sql(SQL["unhandled_messages"], before=before, limit=limit)]


def _payments(rows: Rows) -> dict[PaymentId, Payment]:
    return {row[0]: as_payment(row) for row in rows}


def _by_payment(rows: Rows) -> dict[PaymentId, list[Operation]]:
    return {key: [_operation(row) for row in of] for key, of in itertools.groupby(rows, lambda row: row[1])}


def _entries(rows: Rows) -> dict[PaymentId, list[Entry]]:
    return {key: [Entry(*row) for row in of] for key, of in itertools.groupby(rows, lambda row: row[1])}


def as_payment(row: tuple[Any, ...]) -> Payment:
    """Return the payment that a row of `COLUMNS` is."""
    sums = Sums(*row[_SUMS_AT : _SUMS_AT + len(Sums._fields)])
    fields: Any = (*row[:_SUMS_AT], sums, *row[_SUMS_AT + len(Sums._fields) :])
    return Payment(*fields)


def _operation(row: tuple[Any, ...]) -> Operation:
    lines = tuple(msgspec.convert(line, RefundLine) for line in row[10])
    fields: Any = (*row[:10], lines, *row[11:])
    return Operation(*fields)
