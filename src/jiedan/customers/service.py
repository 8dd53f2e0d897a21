"""Use cases of customers: save in sets, edit with versions, keep addresses, notes, tags and consents, merge."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from jiedan.accounts import service as accounts
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, Rejections, StaleVersion
from jiedan.customers import errors, events, queries, rules, saving
from jiedan.customers.values import (
    ADDRESSES_PER_CUSTOMER_MAX,
    CUSTOMERS_PER_CALL_MAX,
    MERGE_UNDO_DAYS,
    Address,
    AddressId,
    ConsentPurpose,
    CustomerDraft,
    CustomerEdit,
    CustomerId,
    Saved,
)

EDITABLE = ("name", "kind", "phone", "email", "tax_number", "locale")


async def upsert_customers(tx: Tx, *, customers: Sequence[CustomerDraft], country: str) -> list[Saved | Rejections]:
    """Create customers, or bring up to date those whose external id is known; one outcome per draft, same order.

    Phones without a country code are read as of `country`, the merchant's. The statement count does not grow.
    Raises TooMany above `CUSTOMERS_PER_CALL_MAX`.
    """
    if len(customers) > CUSTOMERS_PER_CALL_MAX:
        raise errors.TooMany("customers", CUSTOMERS_PER_CALL_MAX, field="customers")
    checked = rules.check_drafts(customers, country)
    good = [draft for draft in checked if isinstance(draft, CustomerDraft)]
    known = await _known(tx, good)
    locked = await queries.heads_for_update(tx, list(known.values()))
    ids = tx.new_ids(len(checked))
    plan = [
        (known.get(draft.external_id or "", ids[i]), draft)
        for i, draft in enumerate(checked)
        if isinstance(draft, CustomerDraft)
    ]
    inserted = await saving.insert_customers(tx, [(key, draft) for key, draft in plan if key not in locked])
    await saving.update_customers(tx, [(key, draft) for key, draft in plan if key in locked])
    written = [(key, draft) for key, draft in plan if key in locked or key in inserted]
    await _save_books(tx, written)
    await saving.insert_tags(tx, sorted({(key, tag) for key, draft in written for tag in draft.tags}))
    for key, _ in written:
        if key in inserted:
            tx.emit(events.CustomerCreated(customer_id=key))
        else:
            version = locked[CustomerId(key)].version + 1
            tx.emit(events.CustomerChanged(customer_id=key, fields=EDITABLE, version=version))
    return _outcomes(checked, dict(written), {draft.external_id: key for key, draft in plan}, locked, ids)


async def _known(tx: Tx, drafts: Sequence[CustomerDraft]) -> dict[str, CustomerId]:
    external_ids = sorted({draft.external_id for draft in drafts if draft.external_id})
    rows = await tx.sql(queries.SQL["ids_by_external_id"], external_ids=external_ids)
    return {row[0]: CustomerId(row[1]) for row in rows}


async def _save_books(tx: Tx, written: Sequence[tuple[UUID, CustomerDraft]]) -> None:
    """Replace the address books of the drafts that bring one; the first address is the default."""
    books = [(key, draft.addresses) for key, draft in written if draft.addresses is not None]
    await tx.sql(saving.SQL["delete_addresses"], customer_ids=sorted(key for key, _ in books))
    await saving.insert_addresses(
        tx,
        [
            saving.NewAddress(key, address, is_default=position == 0)
            for key, addresses in books
            for position, address in enumerate(addresses)
        ],
    )


def _outcomes(
    checked: Sequence[CustomerDraft | Rejections],
    written: dict[UUID, CustomerDraft],
    key_by_external_id: dict[str | None, UUID],
    locked: dict[CustomerId, queries.Head],
    ids: Sequence[UUID],
) -> list[Saved | Rejections]:
    outcomes: list[Saved | Rejections] = []
    for i, draft in enumerate(checked):
        if isinstance(draft, Rejections):
            outcomes.append(draft)
            continue
        key = key_by_external_id[draft.external_id] if draft.external_id else ids[i]
        if key not in written:
            taken = errors.RepeatedExternalId(draft.external_id or "", field=f"customers[{i}].external_id")
            outcomes.append(Rejections((taken,)))
            continue
        head = locked.get(CustomerId(key))
        outcomes.append(Saved(CustomerId(key), head is None, 1 if head is None else head.version + 1))
    return outcomes


async def edit_customers(tx: Tx, *, edits: Sequence[CustomerEdit], country: str) -> list[Saved | Refusal]:
    """Change plain fields of customers; one outcome per edit, same order. Four statements, whatever their number."""
    locked = await queries.heads_for_update(tx, [edit.customer_id for edit in edits])
    outcomes: list[Saved | Refusal] = []
    changes: list[tuple[UUID, CustomerDraft]] = []
    for i, edit in enumerate(edits):
        head = locked.get(CustomerId(edit.customer_id))
        refusal = await _edit_refusal(tx, edit, head)
        if refusal is not None or head is None:
            outcomes.append(refusal or errors.CustomerNotFound(str(edit.customer_id)))
            continue
        fields = {name: getattr(edit, name) for name in EDITABLE if getattr(edit, name) is not None}
        before = {name: getattr(head, name) for name in fields}
        draft = CustomerDraft(**{**{name: getattr(head, name) for name in EDITABLE}, **fields})
        (checked,) = rules.check_drafts([draft], country, start=i)
        if isinstance(checked, Rejections):
            outcomes.append(checked)
            continue
        after = {name: getattr(checked, name) for name in fields}
        changed = tuple(name for name in fields if before[name] != after[name])
        if not changed:
            outcomes.append(Saved(head.customer_id, is_new=False, version=head.version))
            continue
        changes.append((head.customer_id, checked))
        outcomes.append(Saved(head.customer_id, is_new=False, version=head.version + 1))
        tx.emit(
            events.CustomerChanged(customer_id=head.customer_id, fields=changed, version=head.version + 1),
            private={name: [before[name], after[name]] for name in changed},
        )
    await saving.update_customers(tx, changes)
    return outcomes


async def _edit_refusal(tx: Tx, edit: CustomerEdit, head: queries.Head | None) -> Refusal | None:
    if head is None:
        return errors.CustomerNotFound(str(edit.customer_id))
    if head.merged_into is not None:
        return errors.CustomerMerged(str(head.merged_into))
    try:
        await accounts.check_version(
            tx,
            subject_id=head.customer_id,
            kind=events.CustomerChanged.kind,
            current=head.version,
            expected=edit.version,
        )
    except StaleVersion as stale:
        return stale
    return None


async def _living(tx: Tx, customer_id: UUID) -> queries.Head:
    """Return a customer's row, locked. Raises CustomerNotFound or CustomerMerged."""
    head = (await queries.heads_for_update(tx, [customer_id])).get(CustomerId(customer_id))
    if head is None:
        raise errors.CustomerNotFound(str(customer_id))
    if head.merged_into is not None:
        raise errors.CustomerMerged(str(head.merged_into))
    return head


async def _touch(tx: Tx, head: queries.Head, field: str) -> None:
    await tx.sql(saving.SQL["raise_versions"], customer_ids=[head.customer_id], at=tx.now)
    tx.emit(events.CustomerChanged(customer_id=head.customer_id, fields=(field,), version=head.version + 1))


async def add_address(tx: Tx, *, customer_id: UUID, address: Address, label: str, is_default: bool) -> AddressId:
    """Put an address into a customer's book. Raises Rejections naming each field in the wrong, or TooMany."""
    head = await _living(tx, customer_id)
    reasons = rules.check_address(address)
    if reasons:
        for reason in reasons:
            reason.field = f"address.{reason.field}"
        raise Rejections(tuple(reasons))
    book = (await queries.customer(tx, customer_id)).addresses
    if len(book) >= ADDRESSES_PER_CUSTOMER_MAX:
        raise errors.TooMany("addresses", ADDRESSES_PER_CUSTOMER_MAX)
    if is_default:
        await tx.sql(saving.SQL["clear_default_address"], customer_id=customer_id)
    row = saving.NewAddress(customer_id, address, label, is_default=is_default or not book)
    (address_id,) = await saving.insert_addresses(tx, [row])
    await _touch(tx, head, "addresses")
    return AddressId(address_id)


async def remove_address(tx: Tx, *, customer_id: UUID, address_id: UUID) -> None:
    """Take an address out of a customer's book. Raises AddressNotFound."""
    head = await _living(tx, customer_id)
    if not await tx.sql(saving.SQL["delete_address"], customer_id=customer_id, address_id=address_id):
        raise errors.AddressNotFound(str(address_id))
    await _touch(tx, head, "addresses")


async def set_tags(tx: Tx, *, customer_id: UUID, tags: Sequence[str]) -> None:
    """Make a customer's tags exactly `tags`. Raises Rejections when one is too long or there are too many."""
    head = await _living(tx, customer_id)
    reasons = rules.check_tags(tuple(tags), "tags")
    if reasons:
        raise Rejections(tuple(reasons))
    await tx.sql(saving.SQL["delete_tags"], customer_id=customer_id, keep=sorted(set(tags)))
    await saving.insert_tags(tx, [(customer_id, tag) for tag in sorted(set(tags))])
    await _touch(tx, head, "tags")


async def add_note(tx: Tx, *, customer_id: UUID, text: str) -> None:
    """Write a note about a customer."""
    head = await _living(tx, customer_id)
    await tx.sql(
        saving.SQL["insert_note"],
        note_id=tx.new_id(),
        customer_id=customer_id,
        text=text,
        author=tx.actor.id,
        at=tx.now,
    )
    await _touch(tx, head, "notes")


async def record_consent(tx: Tx, *, customer_id: UUID, purpose: ConsentPurpose, is_granted: bool, source: str) -> None:
    """Record that a customer gave or withdrew a consent; earlier records stay as proof."""
    await _living(tx, customer_id)
    await tx.sql(
        saving.SQL["insert_consent"],
        consent_id=tx.new_id(),
        customer_id=customer_id,
        purpose=purpose,
        is_granted=is_granted,
        source=source,
        at=tx.now,
    )
    tx.emit(events.ConsentRecorded(customer_id=customer_id, purpose=purpose, is_granted=is_granted, source=source))


class Merged(NamedTuple):
    """A duplicate that now resolves to its survivor."""

    survivor_id: CustomerId
    merged_id: CustomerId


async def merge_customers(tx: Tx, *, survivor_id: UUID, merged_id: UUID) -> Merged:
    """Give up a duplicate: its id, and all that resolved to it, resolve to the survivor from now on.

    Its own data stays with it, so the merge can be undone for `MERGE_UNDO_DAYS` days.
    Raises MergeIntoItself, CustomerNotFound or CustomerMerged.
    """
    if survivor_id == merged_id:
        raise errors.MergeIntoItself(field="merged_id")
    heads = await queries.heads_for_update(tx, [survivor_id, merged_id])
    for customer_id in (survivor_id, merged_id):
        head = heads.get(CustomerId(customer_id))
        if head is None:
            raise errors.CustomerNotFound(str(customer_id))
        if head.merged_into is not None:
            raise errors.CustomerMerged(str(head.merged_into))
    moved = await tx.sql(saving.SQL["point_to_survivor"], survivor_id=survivor_id, merged_id=merged_id, at=tx.now)
    await tx.sql(
        saving.SQL["insert_merge"],
        merge_id=tx.new_id(),
        survivor_id=survivor_id,
        merged_id=merged_id,
        moved=msgspec.json.encode({"customer_ids": sorted(str(row[0]) for row in moved)}).decode(),
        at=tx.now,
        by=tx.actor.id,
    )
    tx.emit(events.CustomersMerged(customer_id=survivor_id, merged_id=merged_id))
    return Merged(CustomerId(survivor_id), CustomerId(merged_id))


async def undo_merge(tx: Tx, *, survivor_id: UUID, merged_id: UUID) -> Merged:
    """Make a merged duplicate a customer of its own again, with all that resolved to it before.

    Raises NothingToUndo when there is no merge, or it is older than `MERGE_UNDO_DAYS` days, or what it was merged
    into was merged further.
    """
    rows = await tx.sql(saving.SQL["standing_merge"], merged_id=merged_id)
    oldest = tx.now - timedelta(days=MERGE_UNDO_DAYS)
    if not rows or rows[0][1] != survivor_id or rows[0][3] < oldest:
        raise errors.NothingToUndo(MERGE_UNDO_DAYS)
    merge_id, _, moved, _ = rows[0]
    heads = await queries.heads_for_update(tx, [survivor_id, merged_id])
    if heads[CustomerId(merged_id)].merged_into != survivor_id:
        raise errors.NothingToUndo(MERGE_UNDO_DAYS)
    ids = [UUID(text) for text in moved["customer_ids"]]
    await tx.sql(saving.SQL["point_back"], merged_id=merged_id, customer_ids=ids, at=tx.now)
    await tx.sql(saving.SQL["undo_merge"], merge_id=merge_id, at=tx.now)
    tx.emit(events.MergeUndone(customer_id=survivor_id, merged_id=merged_id))
    return Merged(CustomerId(survivor_id), CustomerId(merged_id))
