"""Accounts are opened for proved addresses, and closed or opened again by staff."""

from uuid import UUID

from jiedan.base.db import Tx
from jiedan.base.errors import accepted
from jiedan.customers import errors, events, queries, rules
from jiedan.customers.service import edit, sessions, upsert
from jiedan.customers.service.sessions import SQL
from jiedan.customers.values import Access, CustomerDraft, CustomerEdit, CustomerId, Head, Joining

KNOWN_BY_ONE_ADDRESS = 2
"""Two are as good as many: it is not clear then who is meant."""


async def open_account(tx: Tx, *, email: str, joining: Joining, password_hash: str | None, country: str) -> CustomerId:
    """Open an account for a proved address and return whose it is: a known customer's, or a new one's.

    Exactly one customer who is known by the address and has no account is taken for the same person: they keep the
    name that the merchant knows them by. Raises Rejections naming what is wrong with name or phone, or LinkNotValid
    when somebody else has just opened one for the address.
    """
    known = await known_for_update(tx, email=email)
    if known is not None:
        customer_id = await _taken_for(tx, known, joining, country)
    else:
        draft = CustomerDraft(joining.name, phone=joining.phone, email=email, locale=joining.locale)
        (saved,) = accepted(await upsert.upsert_customers(tx, customers=[draft], country=country))
        customer_id = saved.customer_id
    await give_account(tx, customer_id=customer_id, email=email, password_hash=password_hash)
    return customer_id


async def known_for_update(tx: Tx, *, email: str) -> Head | None:
    """Return the one customer who is known by an address and has no account, locked; None where it is not clear who.

    Customers are locked before the links that are mailed to them.
    """
    known = await tx.sql(
        queries.SQL["without_account"],
        term=rules.contact_terms([], [email])[0],
        email=email,
        customers_max=KNOWN_BY_ONE_ADDRESS,
    )
    if len(known) != 1:
        return None
    customer_id = CustomerId(known[0][0])
    return (await queries.heads_for_update(tx, [customer_id]))[customer_id]


async def give_account(tx: Tx, *, customer_id: CustomerId, email: str, password_hash: str | None) -> None:
    """Let a customer sign in by a proved address. Raises LinkNotValid when they, or the address, have an account."""
    opened = await tx.sql(
        SQL["insert_account"],
        customer_id=customer_id,
        email=email,
        email_key=rules.email_key(email),
        password_hash=password_hash,
        at=tx.now,
    )
    if not opened:
        raise errors.LinkNotValid
    tx.emit(events.AccountOpened(customer_id=customer_id), private={"email": email})


async def _taken_for(tx: Tx, head: Head, joining: Joining, country: str) -> CustomerId:
    """Let a known customer say what the merchant does not know yet."""
    told = CustomerEdit(
        head.customer_id,
        None,
        phone=joining.phone if joining.phone and not head.phone else None,
        locale=joining.locale if joining.locale and not head.locale else None,
    )
    accepted(await edit.edit_customers(tx, edits=[told], country=country))
    return head.customer_id


async def set_access(tx: Tx, *, customer_id: UUID, is_active: bool) -> Access:
    """Disable a customer's account, which ends every session and link, or enable it; done twice it is done once.

    Those of duplicates that were merged into them lead to the same things, and are disabled and enabled with it.
    Raises AccountNotFound, or CustomerErased for one that is never opened again.
    """
    accesses = await queries.accesses_for_update(tx, customer_id)
    heads = await queries.heads(tx, [access.customer_id for access in accesses])
    if is_active and any(head.erasing_since is not None for head in heads.values()):
        raise errors.CustomerErased(str(customer_id))
    for access in accesses:
        if access.is_active is not is_active:
            await _set_active(tx, access.customer_id, is_active=is_active)
    found = await queries.access_of(tx, customer_id)
    if found is None:
        raise errors.AccountNotFound
    return found


async def _set_active(tx: Tx, account_id: CustomerId, *, is_active: bool) -> None:
    await tx.sql_count(SQL["set_active"], customer_id=account_id, is_active=is_active)
    if is_active:
        tx.emit(events.AccountEnabled(customer_id=account_id))
        return
    await tx.sql_count(SQL["end_links"], customer_id=account_id)
    await sessions.end_all(tx, account_id=account_id)
    tx.emit(events.AccountDisabled(customer_id=account_id))
