"""Orders to be paid, payments of all kinds, and a look at the books."""

from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import sql
from jiedan.base.db import Database, ReadTx, Scope
from jiedan.base.errors import Refusal
from jiedan.base.events import SYSTEM, StoredEvent
from jiedan.base.tables import EventLog
from jiedan.cases import queries as cases
from jiedan.orders import events as order_events
from jiedan.orders import placement
from jiedan.orders import queries as orders
from jiedan.orders.values import Order, OrderId, Placed, WalletUse
from jiedan.payments import events, queries, service, tables
from jiedan.payments.values import (
    Confirmation,
    Created,
    Entry,
    NewPayment,
    Operation,
    OperationRequest,
    Payment,
    PaymentId,
    Requested,
    Result,
)
from jiedan.wallets import service as wallet_service
from jiedan.wallets.values import LoyaltyRule
from tests.orders import factories as orders_factories
from tests.wallets import factories as wallets

T = TypeVar("T")

CHECKS = sql.load("jiedan.payments", "verify.sql")


async def an_order(db: Database, scope: Scope, quantity: int = 10, **settings: Any) -> OrderId:
    """Open a shop and place an order of `quantity` × 10.00."""
    await orders_factories.shop(db, scope, {"TEA": {"W1": 1_000}}, **settings)
    return await another_order(db, scope, quantity)


async def another_order(db: Database, scope: Scope, quantity: int = 10) -> OrderId:
    """Place one more order in the shop that is open."""
    placed = await orders_factories.place_one(db, scope, orders_factories.order(("TEA", quantity)))
    return OrderId(placed.order_id)


async def with_gateway(db: Database, scope: Scope, provider: str = "sandbox") -> None:
    """Give the merchant an active account with a gateway, without secrets."""
    async with db.begin(scope) as tx:
        await tx.execute(
            sa.insert(tables.PaymentProvider).values(
                tenant_id=tx.tenant,
                provider=provider,
                is_active=True,
                settings={},
                sealed=None,
                created_at=tx.now,
                version=1,
            )
        )
        tx.emit(events.ProviderChanged(merchant_id=tx.tenant, provider=provider, is_active=True, fields=()))


def accepted(outcome: T | Refusal) -> T:
    """Return an outcome that is expected not to be refused."""
    assert not isinstance(outcome, Refusal), outcome
    return outcome


async def create(db: Database, scope: Scope, order_id: UUID, provider: str = "sandbox", **facts: Any) -> Created:
    """Make one tender."""
    wish = NewPayment(order_id, provider, facts.pop("method", "card"), **facts)
    (outcome,) = await db.write(scope, lambda tx: service.create_payments(tx, wishes=[wish]))
    return accepted(outcome)


async def transfer(db: Database, scope: Scope, order_id: UUID, amount_minor: int | None = None) -> PaymentId:
    """Make a tender by bank transfer."""
    created = await create(db, scope, order_id, "transfer", method="bank_transfer", amount_minor=amount_minor)
    return created.payment_id


async def confirm(
    db: Database, scope: Scope, payment_id: PaymentId, amount_minor: int | None = None
) -> Requested | Refusal:
    """Confirm one transfer."""
    wish = Confirmation(payment_id, amount_minor, "bank-1")
    (outcome,) = await db.write(scope, lambda tx: service.confirm_transfers(tx, confirmations=[wish]))
    return outcome


async def ask(
    db: Database, scope: Scope, payment_id: PaymentId, kind: Any, amount_minor: int | None = None, **facts: Any
) -> Requested | Refusal:
    """Ask for one operation."""
    wish = OperationRequest(payment_id, kind, amount_minor, **facts)
    (outcome,) = await db.write(scope, lambda tx: service.request_operations(tx, requests=[wish]))
    return outcome


async def hear(db: Database, scope: Scope, *results: Result) -> None:
    """Take in what a provider says."""
    await db.write(scope, lambda tx: service.apply_results(tx, results=results))


async def authorized(db: Database, scope: Scope, order_id: UUID, amount_minor: int | None = None) -> PaymentId:
    """Make a card tender whose amount is set aside."""
    created = await create(db, scope, order_id, amount_minor=amount_minor, token="tok_visa", capture=False)
    assert created.operation_key is not None
    await hear(db, scope, Result(created.operation_key, "succeeded", "ch_1"))
    return created.payment_id


async def captured(db: Database, scope: Scope, order_id: UUID, amount_minor: int | None = None) -> PaymentId:
    """Make a card tender whose amount is taken."""
    created = await create(db, scope, order_id, amount_minor=amount_minor, token="tok_visa")
    assert created.operation_key is not None
    await hear(db, scope, Result(created.operation_key, "succeeded", "ch_1"))
    return created.payment_id


async def paid_by_card(db: Database, scope: Scope, amount_minor: int) -> Payment:
    """Place an order in the shop that is open, of which a gift card pays so much, and return that tender."""
    card = await wallets.card(db, scope, amount_minor)
    uses = (WalletUse(kind="gift_card", code=card.code),)
    body = orders_factories.order(("TEA", 1), wallets=uses)
    draft = orders_factories.draft(body)._replace(cards={card.code: card.card.wallet.wallet_id})
    drafts = await orders_factories.leased(db, scope, draft)
    (placed,) = await db.write(scope, lambda tx: placement.place_orders(tx, drafts, record=service.record_redeemed))
    assert isinstance(placed, Placed), placed
    async with db.read(scope) as tx:
        return (await queries.payments_of_orders(tx, [placed.order_id]))[placed.order_id][0]


async def paid_by_points(db: Database, scope: Scope, amount_minor: int) -> Payment:
    """Place an order in the shop that is open, of which points pay so much, three for a unit; return that tender."""
    who = await wallets.customer(db, scope)
    await wallets.moved(db, scope, wallets.points(who, 3 * amount_minor))
    rule = LoyaltyRule("CNY", 1, 100, None, pays_points=3)
    await wallets.act(db, scope, wallet_service.set_loyalty_rules, rows=[rule])
    uses = (WalletUse(kind="points", amount_minor=amount_minor),)
    draft = orders_factories.draft(orders_factories.order(("TEA", 1), wallets=uses, customer_id=who))
    drafts = await orders_factories.leased(db, scope, draft)
    (placed,) = await db.write(scope, lambda tx: placement.place_orders(tx, drafts, record=service.record_redeemed))
    assert isinstance(placed, Placed), placed
    async with db.read(scope) as tx:
        return (await queries.payments_of_orders(tx, [placed.order_id]))[placed.order_id][0]


async def the_order(db: Database, scope: Scope, order_id: UUID) -> Order:
    """Read an order."""
    async with db.read(scope) as tx:
        return (await orders.order(tx, order_id)).order


async def the_payment(db: Database, scope: Scope, payment_id: UUID) -> Payment:
    """Read a payment."""
    async with db.read(scope) as tx:
        return await queries.payment(tx, payment_id)


async def the_entries(db: Database, scope: Scope, payment_id: PaymentId) -> list[Entry]:
    """Read the ledger of a payment."""
    async with db.read(scope) as tx:
        return (await queries.entries_of(tx, [payment_id])).get(payment_id, [])


async def the_operations(db: Database, scope: Scope, payment_id: PaymentId) -> list[Operation]:
    """Read what was asked for a payment."""
    async with db.read(scope) as tx:
        return (await queries.operations_of(tx, [payment_id])).get(payment_id, [])


async def kinds(db: Database, scope: Scope, payment_id: UUID) -> list[str]:
    """Return the kinds of what happened to a payment, in order."""
    statement = (
        sa.select(EventLog.kind)
        .where(EventLog.tenant_id == scope.tenant, EventLog.subject_id == payment_id)
        .order_by(EventLog.event_id)
    )
    async with db.read(scope) as tx:
        return [row.kind.removeprefix("payments.") for row in await tx.execute(statement)]


async def open_cases(db: Database, scope: Scope, *subjects: UUID | str) -> list[str]:
    """Return the kinds of the open cases about some subjects."""
    async with db.read(scope) as tx:
        found = await cases.cases_about(tx, [UUID(str(subject)) for subject in subjects])
    return sorted(case.kind for case in found if case.state == "open")


async def stored_events(tx: ReadTx, subject_id: UUID) -> list[StoredEvent]:
    """Return the cancellations of an order as the drain hands them over."""
    statement = sa.select(EventLog.__table__).where(
        EventLog.tenant_id == tx.tenant,
        EventLog.subject_id == subject_id,
        EventLog.kind.in_([order_events.LinesCanceled.kind, order_events.OrderCanceled.kind]),
    )
    return [
        StoredEvent(
            row.event_id,
            0,
            row.occurred_at,
            row.recorded_at,
            SYSTEM,
            row.kind,
            "order",
            subject_id,
            "",
            row.data,
            False,
        )
        for row in await tx.execute(statement)
    ]


async def broken(db: Database, scope: Scope) -> dict[str, list[tuple[Any, ...]]]:
    """Return what the checks of the books find, by check; empty for sound books."""
    async with db.read(scope) as tx:
        found = {name: await tx.sql(check, now=tx.now) for name, check in CHECKS.items()}
    return {name: rows for name, rows in found.items() if rows}
