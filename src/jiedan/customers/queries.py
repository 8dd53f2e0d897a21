"""Reads of customers."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import paging, sql, terms
from jiedan.base.db import Load, ReadTx, Tx
from jiedan.customers import errors
from jiedan.customers.tables import Customer as CustomerTable
from jiedan.customers.values import (
    Address,
    AddressId,
    BookAddress,
    Customer,
    CustomerBrief,
    CustomerId,
    CustomerRow,
    Note,
)

SQL = sql.load("jiedan.customers", "queries.sql")

MATCHES_MAX = 1_000
"""How many rows of the rarest word are looked at; what is broader than that wants another word."""

DUPLICATES_MAX = 20

KEYSET = paging.Keyset(columns=(CustomerTable.created_at, CustomerTable.customer_id), descending=True)


class Head(NamedTuple):
    """The row of a customer itself."""

    customer_id: CustomerId
    kind: Any
    name: str
    phone: str
    email: str
    tax_number: str
    external_id: str | None
    locale: str
    merged_into: CustomerId | None
    created_at: Any
    version: int


def existing(ids: Collection[UUID]) -> Load[dict[CustomerId, CustomerBrief]]:
    """Load customers by the ids asked for; a merged id leads to its survivor. Unknown ids are absent."""

    def parse(rows: list[tuple[Any, ...]]) -> dict[CustomerId, CustomerBrief]:
        return {CustomerId(row[0]): CustomerBrief(*row[1:]) for row in rows}

    return Load(SQL["existing"], {"customer_ids": sorted(set(ids))}, parse)


async def heads_for_update(tx: Tx, ids: Collection[UUID]) -> dict[CustomerId, Head]:
    """Return the customers' own rows by id, locked in key order; unknown ids are absent."""
    rows = await tx.sql(SQL["customers_for_update"], customer_ids=sorted(set(ids)))
    return {row[0]: Head(*row) for row in rows}


async def customers_by_id(tx: ReadTx, ids: Collection[UUID]) -> dict[CustomerId, Customer]:
    """Return customers whole, by id; unknown ids are absent. Six statements in one pipeline."""
    wanted = {"customer_ids": sorted(set(ids))}
    names = ("customers", "addresses", "contacts", "tags", "notes", "consents")
    heads, addresses, contacts, tags, notes, consents = await tx.sql_many([(SQL[name], wanted) for name in names])
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
            notes=tuple(Note(*x) for x in by_note[key]),
            consents=tuple((x[0], x[1], x[2]) for x in by_consent[key]),
        )
    return found


async def customer(tx: ReadTx, customer_id: UUID) -> Customer:
    """Return one customer whole, a merged one as it was. Raises CustomerNotFound."""
    found = await customers_by_id(tx, [customer_id])
    if not found:
        raise errors.CustomerNotFound(str(customer_id))
    return found[CustomerId(customer_id)]


async def customer_rows(
    tx: ReadTx, *, request: paging.Request, among: Collection[UUID] | None = None
) -> paging.Page[CustomerRow]:
    """Return a page of customers, newest first, merged ones left out; `among` limits it to what a search found."""
    t = CustomerTable
    statement = sa.select(t.customer_id, t.kind, t.name, t.phone, t.email, t.created_at, t.version).where(
        t.tenant_id == tx.tenant, t.merged_into.is_(None)
    )
    if among is not None:
        ids = sa.bindparam(None, sorted(among), type_=sa.ARRAY(sa.UUID(as_uuid=True)))
        statement = statement.where(t.customer_id == sa.any_(ids))
    rows = (await tx.execute(KEYSET.apply(statement, request))).all()
    return KEYSET.page(
        rows,
        request,
        make=lambda row: CustomerRow(*row),
        position=lambda row: (row.created_at, row.customer_id),
    )


async def matching_customers(tx: ReadTx, *, text: str) -> list[UUID]:
    """Return the customers that fit every word of `text`: name, pinyin, phone or its tail, e-mail, tag.

    At most `MATCHES_MAX` rows of the rarest word are looked at. Two statements.
    """
    ranges = [terms.prefix_range(token) for token in terms.query_tokens(text)]
    if not ranges:
        return []
    starts, ends = [start for start, _ in ranges], [end for _, end in ranges]
    counted = await tx.sql(SQL["count_terms"], terms=starts, term_ends=ends, count_max=MATCHES_MAX + 1)
    counts = [row[1] for row in counted]
    rarest = counts.index(min(counts))
    if not counts[rarest]:
        return []
    rows = await tx.sql(
        SQL["matching_customers"],
        rarest=starts[rarest],
        rarest_end=ends[rarest],
        terms=[start for place, start in enumerate(starts) if place != rarest],
        term_ends=[end for place, end in enumerate(ends) if place != rarest],
        matches_max=MATCHES_MAX,
    )
    return [row[0] for row in rows]


async def possible_duplicates(tx: ReadTx, customer_id: UUID) -> list[CustomerBrief]:
    """Return other customers with the same phone or e-mail."""
    rows = await tx.sql(SQL["same_contact"], customer_id=customer_id)
    found = await tx.load_one(existing([row[0] for row in rows[:DUPLICATES_MAX]]))
    return [found[key] for key in sorted(found)]


def _grouped(rows: list[tuple[Any, ...]]) -> dict[UUID, list[tuple[Any, ...]]]:
    """Return rows without their first column, by it."""
    grouped: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        grouped[row[0]].append(row[1:])
    return grouped


def _book_address(row: tuple[Any, ...]) -> BookAddress:
    address_id, label, is_default, country, *rest = row
    name, phone, company, region, city, district, line1, line2, postal_code, lat, lon = rest
    address = Address(
        country=country,
        name=name,
        phone=phone,
        company=company,
        region=region,
        city=city,
        district=district,
        line1=line1,
        line2=line2,
        postal_code=postal_code,
        lat=lat,
        lon=lon,
    )
    return BookAddress(AddressId(address_id), label, is_default, address)
