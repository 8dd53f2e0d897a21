"""Writing customers in sets: rows, addresses, tags and search terms."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from jiedan.base import sql, terms
from jiedan.base.db import Tx
from jiedan.customers import queries, rules
from jiedan.customers.values import Address, Customer, CustomerDraft, TaxExemption

SQL = sql.load("jiedan.customers", "saving.sql")


class NewAddress(NamedTuple):
    """An address for a customer's book."""

    address_id: UUID
    customer_id: UUID
    address: Address
    label: str = ""
    is_default: bool = False


async def insert_customers(tx: Tx, rows: Sequence[tuple[UUID, CustomerDraft]]) -> set[UUID]:
    """Insert customers; return the ids that were: an external id taken meanwhile is left alone."""
    inserted = await tx.sql(
        SQL["insert_customers"],
        external_ids=[draft.external_id for _, draft in rows],
        at=tx.now,
        **_plain_fields(rows),
    )
    return {row[0] for row in inserted}


async def update_customers(tx: Tx, rows: Sequence[tuple[UUID, CustomerDraft]]) -> None:
    """Overwrite the plain fields of customers and raise their versions."""
    await tx.sql(SQL["update_customers"], at=tx.now, **_plain_fields(rows))


def _plain_fields(rows: Sequence[tuple[UUID, CustomerDraft]]) -> dict[str, Sequence[object]]:
    return {
        "customer_ids": [customer_id for customer_id, _ in rows],
        "kinds": [draft.kind for _, draft in rows],
        "names": [draft.name for _, draft in rows],
        "phones": [draft.phone for _, draft in rows],
        "emails": [draft.email for _, draft in rows],
        "tax_numbers": [draft.tax_number for _, draft in rows],
        "locales": [draft.locale for _, draft in rows],
    }


async def insert_addresses(tx: Tx, rows: Sequence[NewAddress]) -> None:
    """Insert addresses."""
    await tx.sql(
        SQL["insert_addresses"],
        address_ids=[row.address_id for row in rows],
        customer_ids=[row.customer_id for row in rows],
        labels=[row.label for row in rows],
        is_default=[row.is_default for row in rows],
        **rules.address_columns([row.address for row in rows]),
    )


async def update_address(tx: Tx, row: NewAddress) -> None:
    """Overwrite an address."""
    await tx.sql_count(
        SQL["update_address"],
        address_id=row.address_id,
        customer_id=row.customer_id,
        label=row.label,
        is_default=row.is_default,
        **msgspec.structs.asdict(row.address),
    )


async def insert_tags(tx: Tx, rows: Sequence[tuple[UUID, str]]) -> None:
    """Add tags; those that stand already stay."""
    await tx.sql(
        SQL["insert_tags"], customer_ids=[customer_id for customer_id, _ in rows], tags=[tag for _, tag in rows]
    )


async def write_exemptions(tx: Tx, rows: Sequence[tuple[UUID, TaxExemption]]) -> None:
    """Write why customers pay no tax, be it new or changed; the customers are locked, or new themselves."""
    await tx.sql(
        SQL["write_exemptions"],
        customer_ids=[customer_id for customer_id, _ in rows],
        exemption_ids=[x.exemption_id for _, x in rows],
        kinds=[x.kind for _, x in rows],
        numbers=[x.number for _, x in rows],
        places=[msgspec.json.encode(x.places).decode() for _, x in rows],
        classes=[msgspec.json.encode(x.classes).decode() for _, x in rows],
        from_at=[x.from_at for _, x in rows],
        until_at=[x.until_at for _, x in rows],
        notes=[x.note for _, x in rows],
    )


def terms_of(customer: Customer) -> list[str]:
    """Return what a customer is found by; one that was merged or erased is found by nothing.

    What tells customers apart stands first: of a customer with more than `TERMS_PER_DOCUMENT_MAX` terms, those of old
    notes are left out.
    """
    if customer.merged_into is not None or customer.erasing_since is not None:
        return []
    found: dict[str, None] = {}
    for part in (
        [rules.group_term(group.code) for group in customer.groups],
        [rules.tag_term(tag) for tag in customer.tags],
        [rules.consent_term(purpose) for purpose, is_granted, _ in customer.consents if is_granted],
        terms.name_terms(customer.name),
        *(terms.phone_terms(p) for p in (customer.phone, *_of(customer, "phone")) if p),
        *(terms.email_terms(e) for e in (customer.email, *_of(customer, "email")) if e),
        terms.code_terms(customer.external_id) if customer.external_id else [],
        terms.code_terms(customer.tax_number) if customer.tax_number else [],
        *(terms.name_terms(tag) for tag in customer.tags),
        *(terms.tokens(purpose.replace("_", " ")) for purpose, is_granted, _ in customer.consents if is_granted),
        *(part for book in customer.addresses for part in _address_terms(book.address)),
        *(terms.tokens(note.text) for note in customer.notes),
    ):
        found.update(dict.fromkeys(part))
    return list(found)[: terms.TERMS_PER_DOCUMENT_MAX]


def _address_terms(address: Address) -> Iterator[list[str]]:
    for name in (address.name, address.company):
        yield terms.name_terms(name)
    for line in (address.line1, address.line2, address.district, address.city, address.region):
        yield terms.tokens(line)
    yield terms.code_terms(address.postal_code)
    if address.phone:
        yield terms.phone_terms(address.phone)


def _of(customer: Customer, kind: str) -> list[str]:
    return [value for contact, value in customer.contacts if contact == kind]


async def write_terms(tx: Tx, customer_ids: Collection[UUID]) -> None:
    """Make the search terms of customers what they should be now. Eleven statements, whatever their number."""
    await tx.sql(SQL["hold_customers"], customer_ids=sorted(set(customer_ids)))
    found = await queries.customers_by_id(tx, customer_ids)
    rows = [(term, customer.customer_id) for customer in found.values() for term in terms_of(customer)]
    columns = {"terms": [term for term, _ in rows], "customer_ids": [customer_id for _, customer_id in rows]}
    await tx.sql_many([(SQL["delete_terms"], {"customer_ids": sorted(found)}), (SQL["insert_terms"], columns)])
