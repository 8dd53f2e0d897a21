"""What can be done about a person's data: begin to erase them, a customer or a guest, and do the next piece of it."""

import dataclasses
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.accounts import queries as merchants
from jiedan.base import erasing, errors, once
from jiedan.base.db import Tx
from jiedan.bulk import service as bulk
from jiedan.carts import service as carts
from jiedan.cases import service as cases
from jiedan.customers import queries as customer_queries
from jiedan.customers import service as customers
from jiedan.customers.service.erasure import ERASURE_KIND, SUBJECT_KIND
from jiedan.customers.values import CustomerDraft
from jiedan.exports import service as exports
from jiedan.fulfillment.service import erasure as fulfillment
from jiedan.imports import service as imports
from jiedan.notifications import service as notifications
from jiedan.orders.queries import erasing as orders
from jiedan.orders.queries import guests
from jiedan.orders.service import erasure as order_erasure
from jiedan.orders.service.guests import identify_guests
from jiedan.orders.values import OrderId
from jiedan.payments.service import erasure as payments
from jiedan.pricing.service import naming as coupons
from jiedan.privacy import errors as own_errors
from jiedan.privacy import queries, rules
from jiedan.privacy import tables as t
from jiedan.privacy.values import ORDERS_PER_SET, TOLD_WITHIN, Erasure, Status
from jiedan.wallets import service as wallets

OPERATION = "privacy.erase_customer"
GUEST_OPERATION = "privacy.erase_guest"
SETTLED = "The personal data were erased."
"""What the case of a customer who asked for it says in the end."""


async def begin_erasure(tx: Tx, *, customer_id: UUID, confirmation: str, key: str | None = None) -> Erasure:
    """Close a customer for ever and let the worker wipe what is known of them; the same `key` again, the same erasure.

    `confirmation` is the customer's name, as the preview tells it. Raises KeyReused, CustomerNotFound, CustomerMerged,
    CustomerErased, NotConfirmed, or all that stands in the way: OrdersOpen, MoneyMoving, MoneyOwedToCustomer,
    MoneyOwedByCustomer, MoneyInWallets, CasesOpen.
    """
    found = await once.subject(tx, operation=OPERATION, key=key, body=customer_id)
    if not found.is_fresh:
        return await queries.erasure(tx, found.id)
    return await _begin(tx, found.id, customer_id=customer_id, confirmation=confirmation)


async def begin_guest_erasure(tx: Tx, *, email: str, confirmation: str, key: str | None = None) -> Erasure:
    """Make a customer of the guest who ordered with this address, and begin to erase it; the same `key`, the same one.

    `confirmation` is the address again. Reached is every order without a customer whose contact has the address, if
    search finds it; what is placed later is not. Where the erasure is refused nothing is changed. Raises KeyReused,
    EmailInvalid, NoGuestOrders, TooManyGuestOrders, NotConfirmed, and all that `begin_erasure` raises.
    """
    address = email.strip()
    found = await once.subject(tx, operation=GUEST_OPERATION, key=key, body=address)
    if not found.is_fresh:
        return await queries.erasure(tx, found.id)
    order_ids = await guests.guest_orders_for_update(tx, address, await queries.guest_orders(tx, address))
    if not order_ids:
        raise own_errors.NoGuestOrders(address, field="email")
    if not rules.is_confirmed(confirmation, address):
        raise own_errors.NotConfirmed(address, field="confirmation")
    settings = await tx.load_one(merchants.settings())
    draft = CustomerDraft(rules.guest_name(settings.locale, address), email=address)
    (saved,) = errors.accepted(await customers.upsert_customers(tx, customers=[draft], country=settings.country))
    await identify_guests(tx, customer_id=saved.customer_id, order_ids=order_ids)
    return await _begin(tx, found.id, customer_id=saved.customer_id, confirmation=draft.name)


async def _begin(tx: Tx, erasure_id: UUID, *, customer_id: UUID, confirmation: str) -> Erasure:
    customer_ids = await customers.lock_for_erasure(tx, customer_id=customer_id)
    preview = await queries.preview(tx, customer_id, customer_ids)
    reasons = list(preview.refusals)
    if not rules.is_confirmed(confirmation, preview.name):
        reasons.append(own_errors.NotConfirmed(preview.name, field="confirmation"))
    if reasons:
        raise errors.one_of(reasons)
    await tx.execute(
        sa.insert(t.Erasure).values(
            tenant_id=tx.tenant,
            erasure_id=erasure_id,
            customer_id=customer_id,
            customer_ids=list(customer_ids),
            status=Status.telling if preview.is_told else Status.erasing,
            orders_total=preview.kept.orders,
            orders_done=0,
            after_id=None,
            actor_kind=tx.actor.kind,
            actor_id=tx.actor.id,
            begun_at=tx.now,
            tell_until=tx.now + TOLD_WITHIN,
            done_at=None,
        )
    )
    await customers.begin_erasure(tx, customer_id=customer_id, customer_ids=customer_ids, erasure_id=erasure_id)
    return await queries.erasure(tx, erasure_id)


async def do_next(tx: Tx, *, erasure_id: UUID) -> Erasure:
    """Do the next piece of an erasure, in this one transaction, and return how far it is.

    It is as it was where it has to wait: for the last mail, for an order that was placed in the moment the customer was
    closed, for a file that is being written or read. Raises NoErasure.
    """
    erasure = await queries.erasure_for_update(tx, erasure_id)
    if erasure.status == Status.telling:
        if tx.now < erasure.tell_until and not await queries.is_told(tx, erasure.customer_id):
            return erasure
        return await _update(tx, erasure, status=Status.erasing)
    if erasure.status == Status.done:
        return erasure
    order_ids = await orders.after(tx, erasure.customer_ids, after_id=erasure.after_id, limit=ORDERS_PER_SET)
    if order_ids:
        await _erase_set(tx, order_ids)
        count = erasure.orders_done + len(order_ids)
        total = max(erasure.orders_total, count)
        return await _update(tx, erasure, after_id=order_ids[-1], orders_done=count, orders_total=total)
    every = await orders.all_of(tx, erasure.customer_ids)
    if len(every) > erasure.orders_done or not await _are_files_gone(tx):
        return erasure
    return await _finish(tx, erasure, every)


async def _erase_set(tx: Tx, order_ids: Sequence[OrderId]) -> None:
    """Wipe a set of orders and all that hangs on them, in the order of locks."""
    await order_erasure.erase_orders(tx, order_ids=order_ids)
    payment_ids = await payments.erase_payments(tx, order_ids=order_ids)
    things = await fulfillment.erase_parcels(tx, order_ids=order_ids)
    subjects = [*order_ids, *payment_ids, *things]
    case_ids = await cases.erase_cases(tx, subject_ids=subjects)
    await notifications.erase_kept_mails(tx, recipient_ids=order_ids)
    await erasing.erase_private(tx, subject_ids=[*subjects, *case_ids])


async def _are_files_gone(tx: Tx) -> bool:
    """Delete files that may name the customer; return False while one is still being written or read."""
    written = await exports.erase_files(tx)
    return await imports.erase_files(tx) and written


async def _finish(tx: Tx, erasure: Erasure, order_ids: Sequence[OrderId]) -> Erasure:
    """Wipe the customer, when nothing else leads to who it was."""
    ids = erasure.customer_ids
    known = (await customer_queries.customers_by_id(tx, ids)).values()
    words = {word for x in known for word in (x.name, x.phone, x.email, *(value for _, value in x.contacts)) if word}
    await carts.erase_carts(tx, customer_ids=ids, order_ids=order_ids)
    await order_erasure.forget_wishes(tx, customer_ids=ids, words=words)
    await coupons.forget_customers(tx, customer_ids=ids)
    wallet_ids = await wallets.erase_wallets(tx, customer_ids=ids)
    await payments.erase_messages(tx)
    await bulk.erase_jobs(tx, order_ids=order_ids)
    kept = await customers.erase_customers(tx, customer_ids=ids)
    case_ids = await cases.erase_cases(tx, subject_ids=ids)
    await cases.settle_about(tx, kind=ERASURE_KIND, subject_kind=SUBJECT_KIND, subject_ids=ids, words=SETTLED)
    await notifications.erase_kept_mails(tx, recipient_ids=ids)
    await erasing.erase_private(tx, subject_ids=[*ids, *case_ids])
    callers = [f"customer:{customer_id}" for customer_id in ids]
    subjects = [erasure.erasure_id, *ids, *kept, *order_ids, *wallet_ids]
    await erasing.forget_keys(tx, subject_ids=subjects, callers=callers)
    return await _update(tx, erasure, status=Status.done, done_at=tx.now)


async def _update(tx: Tx, erasure: Erasure, **changes: Any) -> Erasure:
    await tx.execute(
        sa.update(t.Erasure)
        .where(t.Erasure.tenant_id == tx.tenant, t.Erasure.erasure_id == erasure.erasure_id)
        .values(**changes)
    )
    return dataclasses.replace(erasure, **changes)
