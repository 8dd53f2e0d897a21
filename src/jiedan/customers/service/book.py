"""What is kept about a customer: addresses, tags, notes, consents."""

from collections.abc import Sequence
from uuid import UUID

from jiedan.base import cards, once
from jiedan.base.db import Tx
from jiedan.base.errors import Rejections
from jiedan.customers import errors, events, queries, rules, saving
from jiedan.customers.service import telling
from jiedan.customers.values import (
    ADDRESSES_PER_CUSTOMER_MAX,
    NOTES_PER_CUSTOMER_MAX,
    Address,
    AddressId,
    BookAddress,
    ConsentPurpose,
    CustomerId,
)


async def add_address(
    tx: Tx, *, customer_id: UUID, address: Address, label: str, is_default: bool, key: str | None = None
) -> AddressId:
    """Put an address into a customer's book, once per `key`; its phone is normalized by its country.

    Raises Rejections naming each field in the wrong, TooMany or KeyReused.
    """
    body = (customer_id, address, label, is_default)
    wish = await once.subject(tx, operation="customers.add_address", key=key, body=body)
    if not wish.is_fresh:
        return AddressId(wish.id)
    head = await telling.living(tx, customer_id)
    place, reasons = rules.checked_address(address)
    if reasons:
        for reason in reasons:
            reason.field = f"address.{reason.field}"
        raise Rejections(tuple(reasons))
    books, _ = await queries.books_and_tags(tx, [customer_id])
    book = books[customer_id]
    if len(book) >= ADDRESSES_PER_CUSTOMER_MAX:
        raise errors.TooMany("addresses", ADDRESSES_PER_CUSTOMER_MAX)
    if is_default:
        await tx.sql(saving.SQL["clear_default_address"], customer_id=customer_id)
    row = saving.NewAddress(wish.id, customer_id, place, label, is_default=is_default or not book)
    await saving.insert_addresses(tx, [row])
    await telling.touch(tx, head, "addresses")
    return AddressId(wish.id)


async def change_address(
    tx: Tx, *, customer_id: UUID, address_id: UUID, address: Address, label: str, is_default: bool
) -> None:
    """Make an address of a customer's book another; what is already so is no edit.

    The default stays the default until another one is. Raises AddressNotFound, or Rejections naming each field in the
    wrong.
    """
    head = await telling.living(tx, customer_id)
    place, reasons = rules.checked_address(address)
    if reasons:
        for reason in reasons:
            reason.field = f"address.{reason.field}"
        raise Rejections(tuple(reasons))
    before = await _in_book(tx, customer_id, address_id)
    after = (label, is_default or before.is_default, place)
    if (before.label, before.is_default, before.address) == after:
        return
    if is_default and not before.is_default:
        await tx.sql(saving.SQL["clear_default_address"], customer_id=customer_id)
    await saving.update_address(
        tx, saving.NewAddress(address_id, customer_id, place, label, is_default=is_default or before.is_default)
    )
    await telling.touch(tx, head, "addresses")


async def set_default_address(tx: Tx, *, customer_id: UUID, address_id: UUID) -> None:
    """Let an address of a customer's book be used first; done twice it is done once. Raises AddressNotFound."""
    head = await telling.living(tx, customer_id)
    before = await _in_book(tx, customer_id, address_id)
    if before.is_default:
        return
    await tx.sql(saving.SQL["clear_default_address"], customer_id=customer_id)
    await saving.update_address(
        tx, saving.NewAddress(address_id, customer_id, before.address, before.label, is_default=True)
    )
    await telling.touch(tx, head, "addresses")


async def _in_book(tx: Tx, customer_id: UUID, address_id: UUID) -> BookAddress:
    found = (await queries.customers_by_id(tx, [customer_id]))[CustomerId(customer_id)].addresses
    for entry in found:
        if entry.address_id == address_id:
            return entry
    raise errors.AddressNotFound(str(address_id))


async def remove_address(tx: Tx, *, customer_id: UUID, address_id: UUID) -> None:
    """Take an address out of a customer's book. Raises AddressNotFound."""
    head = await telling.living(tx, customer_id)
    if not await tx.sql(saving.SQL["delete_address"], customer_id=customer_id, address_id=address_id):
        raise errors.AddressNotFound(str(address_id))
    await telling.touch(tx, head, "addresses")


async def set_tags(tx: Tx, *, customer_id: UUID, tags: Sequence[str]) -> None:
    """Make a customer's tags exactly `tags`; what is already so is no edit.

    Raises Rejections when one is empty or too long or there are too many.
    """
    head = await telling.living(tx, customer_id)
    reasons = rules.check_tags(tuple(tags), "tags")
    if reasons:
        raise Rejections(tuple(reasons))
    wanted = set(rules.trimmed_tags(tags))
    _, present = await queries.books_and_tags(tx, [customer_id])
    if present[customer_id] == wanted:
        return
    await tx.sql(saving.SQL["delete_tags"], customer_id=customer_id, keep=sorted(wanted))
    await saving.insert_tags(tx, [(customer_id, tag) for tag in sorted(wanted)])
    await telling.touch(tx, head, "tags")


async def add_note(tx: Tx, *, customer_id: UUID, text: str, key: str | None = None) -> None:
    """Write a note about a customer, once per `key`. Raises TooMany or KeyReused."""
    wish = await once.subject(tx, operation="customers.add_note", key=key, body=(customer_id, text))
    if not wish.is_fresh:
        return
    head = await telling.living(tx, customer_id)
    ((count,),) = await tx.sql(queries.SQL["count_notes"], customer_id=customer_id)
    if count >= NOTES_PER_CUSTOMER_MAX:
        raise errors.TooMany("notes", NOTES_PER_CUSTOMER_MAX)
    await tx.sql(
        saving.SQL["insert_note"],
        note_id=wish.id,
        customer_id=customer_id,
        text=cards.masked(text),
        author=f"{tx.actor.kind}:{tx.actor.id}",
        at=tx.now,
    )
    await telling.touch(tx, head, "notes")


async def record_consent(
    tx: Tx, *, customer_id: UUID, purpose: ConsentPurpose, is_granted: bool, source: str, key: str | None = None
) -> None:
    """Record that a customer gave or withdrew a consent, once per `key`; earlier records stay as proof.

    Raises KeyReused.
    """
    body = (customer_id, purpose, is_granted, source)
    wish = await once.subject(tx, operation="customers.record_consent", key=key, body=body)
    if not wish.is_fresh:
        return
    await telling.living(tx, customer_id)
    await tx.sql(
        saving.SQL["insert_consent"],
        consent_id=wish.id,
        customer_id=customer_id,
        purpose=purpose,
        is_granted=is_granted,
        source=source,
        at=tx.now,
    )
    tx.emit(
        events.ConsentRecorded(customer_id=customer_id, purpose=purpose, is_granted=is_granted),
        private={"source": source},
    )
