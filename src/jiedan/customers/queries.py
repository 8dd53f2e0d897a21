"""Reads of customers."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from jiedan.accounts import queries as accounts
from jiedan.base import paging, sql, terms
from jiedan.base.db import Load, ReadTx, Tx
from jiedan.base.events import Actor
from jiedan.customers import errors, rules
from jiedan.customers.tables import Customer as CustomerTable
from jiedan.customers.tables import CustomerTerm
from jiedan.customers.values import (
    Access,
    Account,
    Address,
    AddressId,
    BookAddress,
    ConsentPurpose,
    Customer,
    CustomerBrief,
    CustomerId,
    CustomerRow,
    Head,
    Holder,
    Link,
    Note,
    Session,
)

SQL = sql.load("jiedan.customers", "queries.sql")

MATCHES_MAX = 1_000
"""How many rows of the rarest word are looked at; what is broader than that wants another word."""

DUPLICATES_MAX = 20
IDENTITIES_MAX = 50
"""Duplicates of one customer whose orders a list shows with the customer's own."""

SESSIONS_SHOWN_MAX = 50

KEYSET = paging.Keyset(columns=(CustomerTable.customer_id,))
KEYSET_OF_TERM = paging.Keyset(columns=(CustomerTerm.customer_id,))
"""Ids rise with time, so newest first is the order of ids; the index of terms has them in it."""


class Matches(NamedTuple):
    """What a search found; when `is_capped`, there is more, and another word would narrow it."""

    customer_ids: list[UUID]
    is_capped: bool


def existing(ids: Collection[UUID]) -> Load[dict[CustomerId, CustomerBrief]]:
    """Load customers by the ids asked for; a merged id leads to its survivor. Unknown and erased ones are absent."""
    return Load(SQL["existing"], {"customer_ids": sorted(set(ids))}, _briefs)


def existing_held(ids: Collection[UUID]) -> Load[dict[CustomerId, CustomerBrief]]:
    """Load customers as `existing` does, and keep them from being erased until the transaction ends."""
    return Load(SQL["existing_held"], {"customer_ids": sorted(set(ids))}, _briefs)


def _briefs(rows: list[tuple[Any, ...]]) -> dict[CustomerId, CustomerBrief]:
    return {CustomerId(row[0]): CustomerBrief(*row[1:]) for row in rows}


def identities(ids: Collection[UUID]) -> Load[dict[UUID, list[UUID]]]:
    """Load every id under which each customer asked for has been known: duplicates merged into it keep their orders.

    The latest `IDENTITIES_MAX` duplicates. Unknown ids are absent.
    """

    def parse(rows: list[tuple[Any, ...]]) -> dict[UUID, list[UUID]]:
        found: dict[UUID, list[UUID]] = defaultdict(list)
        for asked_id, customer_id in rows:
            found[asked_id].append(customer_id)
        return dict(found)

    return Load(SQL["identities"], {"customer_ids": sorted(set(ids)), "merged_max": IDENTITIES_MAX}, parse)


def by_external_id(external_ids: Collection[str]) -> Load[dict[str, CustomerId]]:
    """Load ids by the merchant's own ids for them; a merged customer leads to its survivor. Unknown ones are absent."""

    def parse(rows: list[tuple[Any, ...]]) -> dict[str, CustomerId]:
        return {row[0]: CustomerId(row[1]) for row in rows}

    return Load(SQL["survivors_by_external_id"], {"external_ids": sorted(set(external_ids))}, parse)


async def heads(tx: ReadTx, ids: Collection[UUID]) -> dict[CustomerId, Head]:
    """Return the customers' own rows by id; unknown ids are absent."""
    rows = await tx.sql(SQL["customers"], customer_ids=sorted(set(ids)))
    return {row[0]: Head(*row) for row in rows}


async def heads_for_update(tx: Tx, ids: Collection[UUID]) -> dict[CustomerId, Head]:
    """Return the customers' own rows by id, locked in key order; unknown ids are absent."""
    rows = await tx.sql(SQL["customers_for_update"], customer_ids=sorted(set(ids)))
    return {row[0]: Head(*row) for row in rows}


async def customers_by_id(tx: ReadTx, ids: Collection[UUID]) -> dict[CustomerId, Customer]:
    """Return customers whole, by id; unknown ids are absent. Six statements in one pipeline, and one for authors."""
    wanted = {"customer_ids": sorted(set(ids))}
    names = ("customers", "addresses", "contacts", "tags", "notes", "consents")
    heads, addresses, contacts, tags, notes, consents = await tx.sql_many([(SQL[name], wanted) for name in names])
    authors = {row[2]: Actor(*row[2].split(":", 1)) for row in notes}
    by_actor = await tx.load_one(accounts.actor_names(set(authors.values()))) if authors else {}
    books = _grouped(addresses)
    by_contact, by_tag, by_note, by_consent = _grouped(contacts), _grouped(tags), _grouped(notes), _grouped(consents)
    found = {}
    for row in heads:
        head = Head(*row)
        key = head.customer_id
        found[key] = Customer(
            *head,
            addresses=tuple(_book_address(x) for x in books[key]),
            contacts=tuple((x[0], x[1]) for x in by_contact[key]),
            tags=tuple(x[0] for x in by_tag[key]),
            notes=tuple(Note(x[0], by_actor[authors[x[1]]], x[2]) for x in by_note[key]),
            consents=tuple((x[0], x[1], x[2]) for x in by_consent[key]),
        )
    return found


async def books_and_tags(
    tx: ReadTx, ids: Collection[UUID]
) -> tuple[Mapping[UUID, list[Address]], Mapping[UUID, set[str]]]:
    """Return the addresses and the tags of customers, empty where there are none. Two statements in one pipeline."""
    wanted = {"customer_ids": sorted(set(ids))}
    books, tags = await tx.sql_many([(SQL["addresses"], wanted), (SQL["tags"], wanted)])
    addresses: dict[UUID, list[Address]] = defaultdict(list)
    for row in books:
        addresses[row[0]].append(_book_address(row[1:]).address)
    words: dict[UUID, set[str]] = defaultdict(set)
    for customer_id, tag in tags:
        words[customer_id].add(tag)
    return addresses, words


async def customer(tx: ReadTx, customer_id: UUID) -> Customer:
    """Return one customer whole, a merged one as it was. Raises CustomerNotFound."""
    found = await customers_by_id(tx, [customer_id])
    if not found:
        raise errors.CustomerNotFound(str(customer_id))
    return found[CustomerId(customer_id)]


async def customer_rows(
    tx: ReadTx, *, request: paging.Request, term: str | None = None, among: Collection[UUID] | None = None
) -> paging.Page[CustomerRow]:
    """Return a page of customers, newest first, merged ones left out. One statement.

    `among` limits it to what a search found, `term` to who has that very term: however many there are, only those
    shown are read.
    """
    t = CustomerTable
    columns = (t.customer_id, t.kind, t.name, t.phone, t.email, t.created_at, t.version)
    statement = _fitting(tx, sa.select(*columns), term=term, among=among)
    keyset = KEYSET if term is None else KEYSET_OF_TERM
    rows = (await tx.execute(keyset.apply(statement, request))).all()
    return keyset.page(rows, request, make=lambda row: CustomerRow(*row), position=lambda row: (row.customer_id,))


async def customer_count(tx: ReadTx, *, term: str | None = None, among: Collection[UUID] | None = None) -> paging.Count:
    """Count the customers that `customer_rows` lists, up to a limit. One statement."""
    return await paging.count(tx, _fitting(tx, sa.select(CustomerTable.customer_id), term=term, among=among))


def _fitting(tx: ReadTx, statement: Any, *, term: str | None, among: Collection[UUID] | None) -> Any:
    t, f = CustomerTable, CustomerTerm
    statement = statement.where(t.tenant_id == tx.tenant, t.merged_into.is_(None), t.erasing_since.is_(None))
    if term is not None:
        statement = statement.join(f, sa.and_(f.tenant_id == t.tenant_id, f.customer_id == t.customer_id)).where(
            f.tenant_id == tx.tenant, f.term == term
        )
    if among is not None:
        ids = sa.bindparam(None, sorted(among), type_=sa.ARRAY(sa.UUID(as_uuid=True)))
        statement = statement.where(t.customer_id == sa.any_(ids))
    return statement


async def matching_customers(tx: ReadTx, *, text: str | None, having: Collection[str] = ()) -> Matches:
    """Return the customers that fit every word of `text`, if given, and each of the terms `having`. Two statements.

    Words are of names (or their pinyin), phones or their tails, e-mail, ids, tags, given consents, addresses and notes.
    At most `MATCHES_MAX` rows of the rarest word are looked at.
    """
    ranges = [] if text is None else rules.query_ranges(text)
    if text is not None and not ranges:
        return Matches([], is_capped=False)
    ranges += [rules.exactly(term) for term in having]
    wanted = terms.Wanted([start for start, _ in ranges], [end for _, end in ranges], MATCHES_MAX)
    counts = [row[1] for row in await tx.sql(SQL["count_terms"], **wanted.counting())]
    matching = wanted.matching(counts)
    if matching is None:
        return Matches([], is_capped=False)
    rows = await tx.sql(SQL["matching_customers"], **matching)
    return Matches([row[0] for row in rows], is_capped=min(counts) > MATCHES_MAX)


async def possible_duplicates(tx: ReadTx, customer_id: UUID) -> list[CustomerBrief]:
    """Return other customers with a phone or e-mail that this one has, in any case, `DUPLICATES_MAX` at most.

    Those of duplicates merged before count, and the phones of addresses. Raises CustomerNotFound.
    """
    whole = await customer(tx, customer_id)
    pairs = [("phone", whole.phone), ("email", whole.email), *whole.contacts]
    wanted = rules.contact_terms(
        [value for kind, value in pairs if kind == "phone" and value],
        [value for kind, value in pairs if kind == "email" and value],
    )
    rows = await tx.sql(
        SQL["having_terms"], customer_id=customer_id, terms=sorted(set(wanted)), duplicates_max=DUPLICATES_MAX
    )
    found = await tx.load_one(existing([row[0] for row in rows]))
    return [found[key] for key in sorted(found)]


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


async def all_identities(tx: ReadTx, customer_id: UUID) -> list[CustomerId]:
    """Return a customer's id and those of all that were merged into it, however many."""
    return [row[0] for row in await tx.sql(SQL["all_identities"], customer_id=customer_id)]


async def consents_given(
    tx: ReadTx, customer_ids: Collection[UUID]
) -> list[tuple[ConsentPurpose, bool, str, datetime]]:
    """Return every consent that was given or withdrawn: purpose, given, where, when; the oldest first."""
    rows = await tx.sql(SQL["consents_given"], customer_ids=sorted(set(customer_ids)))
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _grouped(rows: list[tuple[Any, ...]]) -> dict[UUID, list[tuple[Any, ...]]]:
    """Return rows without their first column, by it."""
    grouped: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        grouped[row[0]].append(row[1:])
    return grouped


def _book_address(row: tuple[Any, ...]) -> BookAddress:
    address_id, label, is_default, *columns = row
    return BookAddress(AddressId(address_id), label, is_default, rules.address_of(columns))
