"""Perform what is stored: ask providers outside of any transaction, and take in what they say."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import NamedTuple, TypeVar
from uuid import UUID

import structlog

from jiedan.base import gateway
from jiedan.base.db import Database, Scope, Tx
from jiedan.cases import service as cases
from jiedan.cases.values import NewCase
from jiedan.payments import errors, queries, writing
from jiedan.payments.providers.gateways import Gateways
from jiedan.payments.service.accounts import provider_accounts
from jiedan.payments.service.apply import apply_results
from jiedan.payments.values import (
    COUNTED,
    OPERATIONS_PER_SWEEP_MAX,
    RECONCILIATION_WINDOW,
    SETTLED,
    Operation,
    Payment,
    ProviderAccount,
    Result,
)

CALLS_AT_ONCE_MAX = 8
SWEEPS_MAX = 100

T = TypeVar("T")

log = structlog.get_logger()


class Call(NamedTuple):
    """Everything a provider needs to be asked about one operation."""

    operation: Operation
    payment: Payment
    account: ProviderAccount


async def perform(
    database: Database,
    scope: Scope,
    gateways: Gateways,
    *,
    before: Callable[[Tx], Awaitable[tuple[T, Collection[str]]]],
) -> T:
    """Do `before` in a transaction, which says what to return and which operations, by key, are performed after it."""

    async def ask(tx: Tx) -> tuple[T, list[Call]]:
        made, keys = await before(tx)
        operations = await queries.operations_by_key(tx, keys) if keys else {}
        return made, await calls_of(tx, gateways, list(operations.values()))

    async def outside(asked: tuple[T, list[Call]]) -> list[Result]:
        return await answers(gateways, asked[1])

    async def after(tx: Tx, asked: tuple[T, list[Call]], results: list[Result]) -> T:
        if results:
            await apply_results(tx, results=results)
        return asked[0]

    return await gateway.call(database, scope, before=ask, outside=outside, after=after)


async def look_up(database: Database, scope: Scope, gateways: Gateways, *, payment_id: UUID) -> Payment:
    """Ask the provider how a payment stands, without doing anything, and return it as it is then.

    This is what a customer's return from the payment page does. Raises PaymentNotFound.
    """

    async def before(tx: Tx) -> list[Call]:
        payment = await queries.payment(tx, payment_id)
        operations = (await queries.operations_of(tx, [payment_id])).get(payment.payment_id, [])
        return await calls_of(tx, gateways, [o for o in operations if o.state not in SETTLED])

    async def outside(calls: list[Call]) -> list[Result]:
        return await answers(gateways, calls, only_find=True)

    async def after(tx: Tx, _: list[Call], results: list[Result]) -> Payment:
        if results:
            await apply_results(tx, results=results)
        return await queries.payment(tx, payment_id)

    return await gateway.call(database, scope, before=before, outside=outside, after=after)


async def sweep(database: Database, scope: Scope, gateways: Gateways) -> int:
    """Ask about every operation of a merchant whose time has come; return how many there were.

    What never got an answer is asked again under its key, of which the provider does a thing once. What is unknown
    beyond RECONCILIATION_WINDOW becomes a case, and is still asked about.
    """
    count = 0

    async def before(tx: Tx) -> tuple[int, list[Call]]:
        due = await queries.operations_due(tx, at=tx.now, limit=OPERATIONS_PER_SWEEP_MAX)
        await writing.postpone(tx, due)
        await _open_unknown(tx, due)
        return len(due), await calls_of(tx, gateways, due)

    async def outside(found: tuple[int, list[Call]]) -> list[Result]:
        return await answers(gateways, found[1])

    async def after(tx: Tx, found: tuple[int, list[Call]], results: list[Result]) -> tuple[int, int]:
        if results:
            await apply_results(tx, results=results)
        return found[0], len(found[1])

    for _ in range(SWEEPS_MAX):
        due, asked = await gateway.call(database, scope, before=before, outside=outside, after=after)
        count += asked
        if not due:  # where nobody can be asked about a page, the next one may still be asked about
            break
    return count


async def calls_of(tx: Tx, gateways: Gateways, operations: Sequence[Operation]) -> list[Call]:
    """Return the calls that operations need; those of money that people move, and settled ones, need none."""
    if not operations:
        return []
    payments = await queries.payments(tx, {operation.payment_id for operation in operations})
    accounts = await provider_accounts(tx, gateways)
    return [
        Call(operation, payment, accounts[payment.provider])
        for operation in operations
        if operation.state not in SETTLED and (payment := payments[operation.payment_id]).provider in accounts
    ]


async def answers(gateways: Gateways, calls: Sequence[Call], *, only_find: bool = False) -> list[Result]:
    """Ask providers, a few at once, and return what they said; who said nothing is asked again by the sweeper."""
    at_once = asyncio.Semaphore(CALLS_AT_ONCE_MAX)

    async def one(call: Call) -> Result | None:
        async with at_once:
            return await _answer(gateways, call, only_find=only_find)

    return [result for result in await asyncio.gather(*map(one, calls)) if result is not None]


async def _answer(gateways: Gateways, call: Call, *, only_find: bool) -> Result | None:
    operation = call.operation
    provider = gateways.find(call.payment.provider)
    if provider is None:
        log.error("payments.adapter_missing", provider=call.payment.provider, key=operation.key)
        return None
    if operation.state == "pending" and not only_find:
        return await provider.perform(call.account, operation, call.payment)
    try:
        found = await provider.find(call.account, operation.key)
    except errors.ProviderUnreachable:
        log.warning("payments.provider_unreachable", provider=provider.name, key=operation.key)
        return None
    if found is None and operation.state == "unknown" and not only_find:
        return await provider.perform(call.account, operation, call.payment)  # it never arrived there
    return found


async def _open_unknown(tx: Tx, operations: Sequence[Operation]) -> None:
    """Open a case for each operation that nobody could tell about for too long."""
    late = [
        NewCase(
            "payment_unknown",
            "payment",
            operation.payment_id,
            {"operation_id": operation.operation_id, "key": operation.key, "amount_minor": operation.amount_minor},
        )
        for operation in operations
        if operation.state in COUNTED and operation.requested_at <= tx.now - RECONCILIATION_WINDOW
    ]
    await cases.open_cases(tx, cases=late)
