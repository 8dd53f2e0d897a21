"""Reads of customers."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import sqlalchemy as sa

from jiedan.accounts import queries as accounts
from jiedan.base import paging, sql, terms
from jiedan.base.db import Load, ReadTx, Tx
from jiedan.base.errors import Overtaken
from jiedan.base.events import Actor
from jiedan.customers import errors, rules
from jiedan.customers.tables import Customer as CustomerTable
from jiedan.customers.tables import CustomerTerm
from jiedan.customers.values import (
    Address,
    AddressId,
    BookAddress,
    ConsentPurpose,
    Customer,
    CustomerBrief,
    CustomerId,
    CustomerRow,
    GroupName,
    Head,
    Note,
    RowFacts,
    TaxExemption,
)

SQL = sql.load("jiedan.customers.queries", "customers.sql")

MATCHES_MAX = 1_000
"""How many rows of the rarest word are looked at; what is broader than that wants another word."""

DUPLICATES_MAX = 20
IDENTITIES_MAX = 50
"""Duplicates of one customer whose orders a list shows with the customer's own, and whom rules of prices may name."""

KEYSET = paging.Keyset(columns=(CustomerTable.customer_id,))
KEYSET_OF_TERM = paging.Keyset(columns=(CustomerTerm.customer_id,))
"""Ids rise with time, so newest first is the order of ids; the index of terms has them in it."""


class Matches(NamedTuple):
    """What a search found; when `is_capped`, there is more, and another word would narrow it."""

    customer_ids: list[UUID]
    is_capped: bool


def existing(ids: Collection[UUID]) -> Load[dict[CustomerId, CustomerBrief]]:
    """Load customers by the ids asked for; a merged id leads to its survivor. Unknown and erased ones are absent."""
    return Load(SQL["existing"], _asked(ids), _briefs)


def existing_held(ids: Collection[UUID]) -> Load[dict[CustomerId, CustomerBrief]]:
    """Load customers as `existing` does, and keep them from being erased until the transaction ends.

    Raises Overtaken where one was merged while it was waited for: another run finds its survivor.
    """
    return Load(SQL["existing_held"], _asked(ids), _held)


def _asked(ids: Collection[UUID]) -> dict[str, Any]:
    return {"customer_ids": sorted(set(ids)), "merged_max": IDENTITIES_MAX}


def _briefs(rows: list[tuple[Any, ...]]) -> dict[CustomerId, CustomerBrief]:
    return {CustomerId(row[0]): _brief(row) for row in rows}


def _held(rows: list[tuple[Any, ...]]) -> dict[CustomerId, CustomerBrief]:
    """Return the customers that were waited for; the last column says of each whether it is one no more."""
    if any(row[-1] for row in rows):
        raise Overtaken
    return _briefs([row[:-1] for row in rows])


def _brief(row: tuple[Any, ...]) -> CustomerBrief:
    values: Any = (*row[1:-2], _exemptions(row[-2]), tuple(sorted(row[-1], reverse=True)))
    return CustomerBrief(*values)


def _exemptions(rows: list[dict[str, Any]]) -> tuple[TaxExemption, ...]:
    return msgspec.convert(rows, tuple[TaxExemption, ...]) if rows else ()


def identities(ids: Collection[UUID]) -> Load[dict[UUID, list[UUID]]]:
    """Load every id under which each customer asked for has been known: duplicates merged into it keep their orders.

    The latest `IDENTITIES_MAX` duplicates. Unknown ids are absent.
    """

    def parse(rows: list[tuple[Any, ...]]) -> dict[UUID, list[UUID]]:
        found: dict[UUID, list[UUID]] = defaultdict(list)
        for asked_id, customer_id in rows:
            found[asked_id].append(customer_id)
        return dict(found)

    return Load(SQL["identities"], _asked(ids), parse)


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
    """Return customers whole, by id; unknown ids are absent. Seven statements in one pipeline, and one for authors."""
    wanted = {"customer_ids": sorted(set(ids))}
    names = ("customers", "addresses", "contacts", "tags", "groups", "notes", "consents")
    found_of = await tx.sql_many([(SQL[name], wanted) for name in names])
    heads, addresses, contacts, tags, groups, notes, consents = found_of
    authors = {row[2]: Actor(*row[2].split(":", 1)) for row in notes}
    by_actor = await tx.load_one(accounts.actor_names(set(authors.values()))) if authors else {}
    books = _grouped(addresses)
    by_contact, by_tag, by_group = _grouped(contacts), _grouped(tags), _grouped(groups)
    by_note, by_consent = _grouped(notes), _grouped(consents)
    found = {}
    for row in heads:
        key = CustomerId(row[0])
        found[key] = Customer(
            *row,
            addresses=tuple(_book_address(x) for x in books[key]),
            contacts=tuple((x[0], x[1]) for x in by_contact[key]),
            tags=tuple(x[0] for x in by_tag[key]),
            groups=tuple(GroupName(*x) for x in by_group[key]),
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


async def row_facts(tx: ReadTx, ids: Collection[UUID]) -> dict[UUID, RowFacts]:
    """Return what a list shows of customers besides their own rows. One statement."""
    rows = await tx.sql(SQL["row_facts"], customer_ids=sorted(set(ids)))
    return {row[0]: RowFacts(row[1] or "", row[2] or "", tuple(row[3]), tuple(row[4])) for row in rows}


async def customer(tx: ReadTx, customer_id: UUID) -> Customer:
    """Return one customer whole, a merged one as it was. Raises CustomerNotFound."""
    found = await customers_by_id(tx, [customer_id])
    if not found:
        raise errors.CustomerNotFound(str(customer_id))
    return found[CustomerId(customer_id)]


async def tax_exemptions(tx: ReadTx, customer_id: UUID) -> list[TaxExemption]:
    """Return what a customer has to show to pay no tax, oldest first. One statement."""
    return (await tax_exemptions_of(tx, [customer_id]))[customer_id]


async def tax_exemptions_of(tx: ReadTx, ids: Collection[UUID]) -> Mapping[UUID, list[TaxExemption]]:
    """Return what customers have to show to pay no tax, oldest first; empty where there is nothing. One statement."""
    found: dict[UUID, list[TaxExemption]] = defaultdict(list)
    for row in await tx.sql(SQL["exemptions"], customer_ids=sorted(set(ids))):
        values: Any = (*row[1:4], tuple(row[4]), tuple(row[5]), *row[6:])
        found[row[0]].append(TaxExemption(*values))
    return found


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
