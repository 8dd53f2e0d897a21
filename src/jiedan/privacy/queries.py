"""Reads of erasures: how far one is, and what one would do."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.base.db import ReadTx, Tx
from jiedan.base.events import Actor
from jiedan.carts import queries as carts
from jiedan.cases import queries as cases
from jiedan.customers import errors as customer_errors
from jiedan.customers import queries as customers
from jiedan.customers import rules as customer_rules
from jiedan.customers.service.erasure import ERASURE_KIND
from jiedan.customers.values import CustomerId
from jiedan.fulfillment.queries import erasing as fulfillment
from jiedan.notifications import queries as notifications
from jiedan.notifications.values import CUSTOMER_ERASED
from jiedan.orders.queries import erasing, guests
from jiedan.orders.values import OrderId
from jiedan.payments import queries as payments
from jiedan.privacy import errors, rules
from jiedan.privacy import tables as t
from jiedan.privacy.values import GUEST_ORDERS_MAX, OBSTACLES_MAX, Erasure, ErasureId, Kept, Preview, Status
from jiedan.wallets import queries as wallets

UNDER_WAY_MAX = 1_000

_ON_THE_WAY = frozenset({"queued", "sending"})


async def find(tx: ReadTx, customer_id: UUID) -> Erasure | None:
    """Return the erasure of a customer, also by an id that was merged into it; None where there is none."""
    head = (await customers.heads(tx, [customer_id])).get(CustomerId(customer_id))
    survivor_id = customer_id if head is None or head.merged_into is None else head.merged_into
    return await _one(tx, t.Erasure.customer_id == survivor_id)


async def erasure_of(tx: ReadTx, customer_id: UUID) -> Erasure:
    """Return the erasure of a customer, as `find` does. Raises NoErasure."""
    found = await find(tx, customer_id)
    if found is None:
        raise errors.NoErasure
    return found


async def erasure(tx: ReadTx, erasure_id: UUID) -> Erasure:
    """Return one erasure. Raises NoErasure."""
    found = await _one(tx, t.Erasure.erasure_id == erasure_id)
    if found is None:
        raise errors.NoErasure
    return found


async def erasure_for_update(tx: Tx, erasure_id: UUID) -> Erasure:
    """Return one erasure, locked before everything that it wipes. Raises NoErasure."""
    statement = _all(tx).where(t.Erasure.erasure_id == erasure_id).order_by(t.Erasure.erasure_id)
    row = (await tx.execute(statement.with_for_update(key_share=True))).one_or_none()
    if row is None:
        raise errors.NoErasure
    return _made(row)


async def under_way(tx: ReadTx) -> list[ErasureId]:
    """Return the erasures that are not done, the oldest first."""
    statement = (
        sa.select(t.Erasure.erasure_id)
        .where(t.Erasure.tenant_id == tx.tenant, t.Erasure.status != Status.done)
        .order_by(t.Erasure.erasure_id)
        .limit(UNDER_WAY_MAX)
    )
    return list((await tx.execute(statement)).scalars())


async def is_told(tx: ReadTx, customer_id: UUID) -> bool:
    """Tell whether the last mail is no longer on its way: sent, or given up."""
    found = await notifications.messages_about(tx, [customer_id])
    return any(x.kind == CUSTOMER_ERASED and x.state not in _ON_THE_WAY for x in found)


async def known_as(tx: ReadTx, customer_id: UUID) -> list[CustomerId]:
    """Return every id under which a customer is known. Raises CustomerNotFound, CustomerErased or CustomerMerged."""
    head = (await customers.heads(tx, [customer_id])).get(CustomerId(customer_id))
    if head is None:
        raise customer_errors.CustomerNotFound(str(customer_id))
    if head.erasing_since is not None:
        raise customer_errors.CustomerErased(str(customer_id))
    if head.merged_into is not None:
        raise customer_errors.CustomerMerged(str(head.merged_into))
    return await customers.all_identities(tx, customer_id)


async def preview(tx: ReadTx, customer_id: UUID, customer_ids: Collection[UUID]) -> Preview:
    """Return what erasing a customer, known by these ids, would do, and what stands in the way."""
    found = await customers.customers_by_id(tx, customer_ids)
    whole = found[CustomerId(customer_id)]
    accounts = await customers.accesses(tx, customer_ids)
    sessions = [len(await customers.sessions(tx, account_id=key)) for key in accounts]
    obstacles = await erasing.obstacles(tx, customer_ids, limit=OBSTACLES_MAX)
    every: Sequence[Any] = tuple(found.values())
    kept = Kept(
        orders=await erasing.count(tx, customer_ids),
        addresses=sum(len(x.addresses) for x in every),
        contacts=sum(bool(x.phone) + bool(x.email) + len(x.contacts) for x in every),
        notes=sum(len(x.notes) for x in every),
        tags=sum(len(x.tags) for x in every),
        duplicates=len(found) - 1,
        accounts=len(accounts),
        sessions=sum(sessions),
        carts=len(await carts.carts_of_customers(tx, customer_ids)),
        drafts=len(await erasing.drafts_of(tx, customer_ids)),
    )
    open_cases = await cases.open_about(tx, await _subjects(tx, customer_ids))
    open_cases.pop(ERASURE_KIND, None)
    word = rules.word_of(whole.name, whole.email, whole.phone, str(customer_id))
    filled = await wallets.wallets_with_money(tx, customer_ids)
    return Preview(customer_id, word, bool(whole.email), kept, rules.refusals(obstacles, open_cases, wallets=filled))


async def guest_orders(tx: ReadTx, email: str) -> list[OrderId]:
    """Return the orders of guests who gave this address. Raises EmailInvalid, NoGuestOrders, TooManyGuestOrders."""
    if customer_rules.normalize_email(email) is None:
        raise customer_errors.EmailInvalid(email, field="email")
    found = await guests.guest_orders(tx, email, limit=GUEST_ORDERS_MAX + 1)
    if not found:
        raise errors.NoGuestOrders(email, field="email")
    if len(found) > GUEST_ORDERS_MAX:
        raise errors.TooManyGuestOrders(email, GUEST_ORDERS_MAX, field="email")
    return found


async def _subjects(tx: ReadTx, customer_ids: Collection[UUID]) -> list[UUID]:
    """Return everything about customers that a case may be about."""
    order_ids = await erasing.all_of(tx, customer_ids)
    paid = await payments.payments_of_orders(tx, order_ids)
    things = await fulfillment.things_of_orders(tx, order_ids)
    payment_ids = [payment.payment_id for of in paid.values() for payment in of]
    return [*customer_ids, *order_ids, *payment_ids, *things.ids]


async def _one(tx: ReadTx, condition: Any) -> Erasure | None:
    row = (await tx.execute(_all(tx).where(condition).limit(1))).one_or_none()
    return None if row is None else _made(row)


def _all(tx: ReadTx) -> Any:
    return sa.select(t.Erasure).where(t.Erasure.tenant_id == tx.tenant)


def _made(row: Any) -> Erasure:
    return Erasure(
        row.erasure_id,
        row.customer_id,
        tuple(row.customer_ids),
        Status(row.status),
        row.orders_total,
        row.orders_done,
        row.after_id,
        Actor(row.actor_kind, row.actor_id),
        row.begun_at,
        row.tell_until,
        row.done_at,
    )
