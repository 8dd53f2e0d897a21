"""Customers are forgotten: they ask, which is a case for staff; staff close them for ever, and then nothing is left.

What other modules keep of them is wiped by these, under the guidance of `privacy`.
"""

from collections.abc import Collection
from uuid import UUID

from jiedan.base import ids, sql
from jiedan.base.db import Tx
from jiedan.cases import service as cases
from jiedan.cases.values import CaseId, NewCase
from jiedan.customers import events, queries, rules, saving
from jiedan.customers.service import opening, telling
from jiedan.customers.values import CustomerId

SQL = sql.load("jiedan.customers.service", "erasure.sql")

ERASURE_KIND = "erasure_wanted"
SUBJECT_KIND = "customer"


async def request_erasure(tx: Tx, *, customer_id: UUID) -> CaseId:
    """Open a case about a customer who wants to be erased, and return it; the standing one where they asked before.

    Raises CustomerNotFound, CustomerMerged or CustomerErased.
    """
    head = await telling.living(tx, customer_id)
    (case_id,) = await cases.open_cases(
        tx, cases=[NewCase(ERASURE_KIND, SUBJECT_KIND, head.customer_id, {"customer_id": str(head.customer_id)})]
    )
    tx.emit(events.ErasureRequested(customer_id=head.customer_id))
    return case_id


async def lock_for_erasure(tx: Tx, *, customer_id: UUID) -> list[CustomerId]:
    """Return every id under which a customer is known, all of them locked so that no order can be placed meanwhile.

    Raises CustomerNotFound, CustomerMerged or CustomerErased.
    """
    rows = await tx.sql(SQL["customers_to_close"], customer_id=customer_id)
    await telling.living(tx, customer_id)
    return [row[0] for row in rows]


async def begin_erasure(tx: Tx, *, customer_id: UUID, customer_ids: Collection[UUID], erasure_id: UUID) -> None:
    """Close a customer, locked by `lock_for_erasure`, for ever: no edit, order or way in. Contacts stay until told."""
    await tx.sql_count(SQL["close_customers"], customer_ids=ids.in_order(customer_ids), at=tx.now)
    for known_id in await queries.accesses(tx, customer_ids):
        await opening.set_access(tx, customer_id=known_id, is_active=False)
    tx.emit(events.ErasureBegun(customer_id=customer_id, erasure_id=erasure_id))


async def erase_customers(tx: Tx, *, customer_ids: Collection[UUID]) -> list[UUID]:
    """Wipe everything that stands in the tables of customers, and return the ids of what was kept of them.

    A row without a word stays, for orders name its id.
    """
    wanted = {"customer_ids": ids.in_order(customer_ids)}
    await queries.heads_for_update(tx, customer_ids)
    emails = [row[0] for row in await tx.sql(SQL["addresses_of"], **wanted)]
    keys = sorted({rules.email_key(email) for email in emails})
    await tx.sql(SQL["accounts_to_delete"], **wanted)
    answers = await tx.sql_many(
        [
            (SQL["delete_notes"], wanted),
            (SQL["delete_books"], wanted),
            (SQL["erase_sources"], wanted),
            (SQL["delete_links"], {**wanted, "email_keys": keys}),
            (SQL["delete_sessions"], wanted),
            (SQL["delete_accounts"], wanted),
            (SQL["delete_contacts"], wanted),
            (SQL["delete_all_tags"], wanted),
            (SQL["delete_certificates"], wanted),
            (SQL["delete_exemptions"], wanted),
            (SQL["delete_memberships"], wanted),
            (saving.SQL["delete_terms"], wanted),
        ]
    )
    erased = await tx.sql(SQL["erase_customers"], at=tx.now, **wanted)
    tx.emit(*(events.CustomerErased(customer_id=row[0]) for row in erased))
    return [row[0] for rows in answers[:3] for row in rows]
