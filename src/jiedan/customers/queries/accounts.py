"""Reads of customers' accounts in the shop: who signs in by what, in which browsers, by which links."""

from collections.abc import Collection
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import Load, ReadTx, Tx
from jiedan.customers import errors, rules
from jiedan.customers.queries.customers import identities
from jiedan.customers.values import Access, Account, CustomerId, Holder, Link, Session

SQL = sql.load("jiedan.customers.queries", "accounts.sql")

SESSIONS_SHOWN_MAX = 50


def holder(secret_hash: bytes) -> Load[Holder | None]:
    """Load who is signed in by the session with this secret; None when there is none, or the account is disabled.

    Whether it has run out is for `rules.session_ends` to tell.
    """
    return Load(SQL["session_holder"], {"secret_hash": secret_hash}, lambda rows: Holder(*rows[0]) if rows else None)


async def account(tx: ReadTx, *, email: str | None = None, customer_id: UUID | None = None) -> Account | None:
    """Return the account behind an address, or of a customer, or None."""
    if email is not None:
        rows = await tx.sql(SQL["account_by_email"], email_key=rules.email_key(email))
    else:
        rows = await tx.sql(SQL["account_by_id"], customer_id=customer_id)
    return Account(*rows[0]) if rows else None


async def emails_with_account(tx: ReadTx, emails: Collection[str]) -> frozenset[str]:
    """Return those of these addresses by which somebody signs in."""
    keys = {email: rules.email_key(email) for email in emails}
    taken = {row[0] for row in await tx.sql(SQL["emails_with_account"], email_keys=sorted(set(keys.values())))}
    return frozenset(email for email, key in keys.items() if key in taken)


async def accesses(tx: ReadTx, customer_ids: Collection[UUID]) -> dict[CustomerId, Access]:
    """Return the accounts of customers, by whose they are; who has none is absent."""
    rows = await tx.sql(SQL["accounts"], customer_ids=sorted(set(customer_ids)))
    return {row[0]: Access(*row) for row in rows}


async def access_of(tx: ReadTx, customer_id: UUID) -> Access | None:
    """Return a customer's account: their own, else one of a duplicate merged into them; None where there is none."""
    known_as = (await tx.load_one(identities([customer_id]))).get(customer_id, [customer_id])
    found = await accesses(tx, known_as)
    return found.get(CustomerId(customer_id)) or next(iter(found.values()), None)


async def accesses_for_update(tx: Tx, customer_id: UUID) -> list[Access]:
    """Return the accounts by which a customer comes in, those of merged duplicates too, locked in key order."""
    known_as = (await tx.load_one(identities([customer_id]))).get(customer_id, [customer_id])
    rows = await tx.sql(SQL["accounts_for_update"], customer_ids=sorted(set(known_as)))
    return [Access(*row) for row in rows]


async def access_for_update(tx: Tx, customer_id: UUID) -> Access:
    """Return a customer's account, locked. Raises AccountNotFound."""
    rows = await tx.sql(SQL["accounts_for_update"], customer_ids=[customer_id])
    if not rows:
        raise errors.AccountNotFound
    return Access(*rows[0])


async def link(tx: ReadTx, *, secret_hash: bytes) -> Link:
    """Return a one-time link by its secret. Raises LinkNotValid, also when it ran out or its account is disabled."""
    rows = await tx.sql(SQL["link"], secret_hash=secret_hash, now=tx.now)
    if not rows:
        raise errors.LinkNotValid
    return Link(*rows[0])


async def sessions(tx: ReadTx, *, account_id: UUID) -> list[Session]:
    """Return the browsers in which a customer is signed in, the latest first."""
    rows = await tx.sql(
        SQL["sessions"],
        customer_id=account_id,
        now=tx.now,
        idle_since=tx.now - rules.SESSION_IDLE,
        sessions_max=SESSIONS_SHOWN_MAX,
    )
    return [Session(*row) for row in rows]
