"""Use cases of customers: save in sets, edit with versions, keep addresses, notes, tags and consents, merge."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from jiedan.accounts import service as accounts
from jiedan.base import once
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
    Head,
    Saved,
)

EDITABLE = ("name", "kind", "phone", "email", "tax_number", "locale")


async def upsert_customers(tx: Tx, *, customers: Sequence[CustomerDraft], country: str) -> list[Saved | Rejections]:
    """Create customers, or bring up to date those whose external id is known; one outcome per draft, same order.

    Phones without a country code are read as of `country`, the merchant's. The same again changes nothing. Who was
    merged into another is refused, as it is for edits. The statement count does not grow with the set; two more when
    somebody else created the same external ids meanwhile. Raises TooMany above `CUSTOMERS_PER_CALL_MAX`.
    """
    if len(customers) > CUSTOMERS_PER_CALL_MAX:
        raise errors.TooMany("customers", CUSTOMERS_PER_CALL_MAX, field="customers")
    checked = rules.check_drafts(customers, country)
    drafts = {i: draft for i, draft in enumerate(checked) if isinstance(draft, CustomerDraft)}
    heads = await _heads(tx, drafts.values())
    ids = tx.new_ids(len(checked))
    fresh = {ids[i]: rules.completed(draft) for i, draft in drafts.items() if draft.external_id not in heads}
    inserted = await saving.insert_customers(tx, list(fresh.items()))
    if lost := [draft for key, draft in fresh.items() if key not in inserted]:
        heads |= await _heads(tx, lost)
    outcomes: list[Saved | Rejections] = []
    changes = await _changes(tx, {heads[d.external_id]: d for d in drafts.values() if d.external_id in heads})
    for i, draft in enumerate(checked):
        head = heads.get(draft.external_id) if isinstance(draft, CustomerDraft) else None
        if isinstance(draft, Rejections):
            outcomes.append(draft)
        elif head is None:
            outcomes.append(Saved(CustomerId(ids[i]), is_new=True, version=1))
        elif head.merged_into is not None:
            merged = errors.CustomerMerged(str(head.merged_into), field=f"customers[{i}].external_id")
            outcomes.append(Rejections((merged,)))
        else:
            has_changed = bool(changes[head.customer_id].fields)
            outcomes.append(Saved(head.customer_id, is_new=False, version=head.version + has_changed))
    created = [Change(key, fresh[key], ("addresses", "tags"), None) for key in sorted(inserted)]
    await _save(tx, [*created, *(change for change in changes.values() if change.fields)])
    return outcomes


class Change(NamedTuple):
    """What one draft makes of one customer: `fields` names what differs; without a `head` the customer is new."""

    customer_id: UUID
    draft: CustomerDraft
    fields: tuple[str, ...]
    head: Head | None


async def _heads(tx: Tx, drafts: Collection[CustomerDraft]) -> dict[str | None, Head]:
    """Return the customers that are known by the drafts' external ids, locked, by external id. Two statements."""
    external_ids = sorted({draft.external_id for draft in drafts if draft.external_id is not None})
    rows = await tx.sql(queries.SQL["ids_by_external_id"], external_ids=external_ids)
    locked = await queries.heads_for_update(tx, [row[1] for row in rows])
    return {head.external_id: head for head in locked.values()}


async def _changes(tx: Tx, drafts: Mapping[Head, CustomerDraft]) -> dict[UUID, Change]:
    """Return what drafts make of known customers that are not merged. Two statements."""
    living = {head: draft for head, draft in drafts.items() if head.merged_into is None}
    books, tags = await queries.books_and_tags(tx, [head.customer_id for head in living])
    changes: dict[UUID, Change] = {}
    for head, draft in living.items():
        done = rules.completed(draft, head)
        fields = [name for name in EDITABLE if getattr(done, name) != getattr(head, name)]
        if draft.addresses is not None and list(draft.addresses) != books[head.customer_id]:
            fields.append("addresses")
        if not tags[head.customer_id].issuperset(draft.tags):
            fields.append("tags")
        changes[head.customer_id] = Change(head.customer_id, done, tuple(fields), head)
    return changes


async def _save(tx: Tx, changes: Sequence[Change]) -> None:
    """Write what differs, and tell. Four statements, whatever their number."""
    known = [change for change in changes if change.head is not None]
    await saving.update_customers(tx, [(change.customer_id, change.draft) for change in known])
    books = [(c.customer_id, c.draft.addresses or ()) for c in changes if "addresses" in c.fields]
    await tx.sql(saving.SQL["delete_addresses"], customer_ids=sorted(key for key, _ in books))
    rows = [(key, address, place == 0) for key, book in books for place, address in enumerate(book)]
    address_ids = tx.new_ids(len(rows))
    await saving.insert_addresses(
        tx,
        [
            saving.NewAddress(address_id, key, address, is_default=is_default)
            for address_id, (key, address, is_default) in zip(address_ids, rows, strict=True)
        ],
    )
    await saving.insert_tags(tx, sorted({(c.customer_id, tag) for c in changes for tag in c.draft.tags}))
    for change in changes:
        if change.head is None:
            tx.emit(events.CustomerCreated(customer_id=change.customer_id))
        else:
            _tell_changed(tx, change.head, change.draft, change.fields)


def _tell_changed(tx: Tx, head: Head, after: CustomerDraft, fields: tuple[str, ...]) -> None:
    plain = [name for name in fields if name in EDITABLE]
    tx.emit(
        events.CustomerChanged(customer_id=head.customer_id, fields=fields, version=head.version + 1),
        private={name: [getattr(head, name), getattr(after, name)] for name in plain} or None,
    )


async def edit_customers(tx: Tx, *, edits: Sequence[CustomerEdit], country: str) -> list[Saved | Refusal]:
    """Change plain fields of customers; one outcome per edit, same order. Two statements, and two per stale edit."""
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
        draft = CustomerDraft(**{"name": head.name, **fields})
        (checked,) = rules.check_drafts([draft], country, start=i)
        if isinstance(checked, Rejections):
            outcomes.append(checked)
            continue
        after = rules.completed(checked, head)
        changed = tuple(name for name in EDITABLE if getattr(head, name) != getattr(after, name))
        if not changed:
            outcomes.append(Saved(head.customer_id, is_new=False, version=head.version))
            continue
        changes.append((head.customer_id, after))
        outcomes.append(Saved(head.customer_id, is_new=False, version=head.version + 1))
        _tell_changed(tx, head, after, changed)
    await saving.update_customers(tx, changes)
    return outcomes


async def _edit_refusal(tx: Tx, edit: CustomerEdit, head: Head | None) -> Refusal | None:
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


async def _living(tx: Tx, customer_id: UUID) -> Head:
    """Return a customer's row, locked. Raises CustomerNotFound or CustomerMerged."""
    head = (await queries.heads_for_update(tx, [customer_id])).get(CustomerId(customer_id))
    if head is None:
        raise errors.CustomerNotFound(str(customer_id))
    if head.merged_into is not None:
        raise errors.CustomerMerged(str(head.merged_into))
    return head


async def _touch(tx: Tx, head: Head, field: str) -> None:
    await tx.sql(saving.SQL["raise_versions"], customer_ids=[head.customer_id], at=tx.now)
    tx.emit(events.CustomerChanged(customer_id=head.customer_id, fields=(field,), version=head.version + 1))


async def add_address(
    tx: Tx, *, customer_id: UUID, address: Address, label: str, is_default: bool, key: str | None = None
) -> AddressId:
    """Put an address into a customer's book, once per `key`.

    Raises Rejections naming each field in the wrong, TooMany or KeyReused.
    """
    body = (customer_id, address, label, is_default)
    wish = await once.subject(tx, operation="customers.add_address", key=key, body=body)
    if not wish.is_fresh:
        return AddressId(wish.id)
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
    place = rules.normalized(address)
    row = saving.NewAddress(wish.id, customer_id, place, label, is_default=is_default or not book)
    await saving.insert_addresses(tx, [row])
    await _touch(tx, head, "addresses")
    return AddressId(wish.id)


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


async def add_note(tx: Tx, *, customer_id: UUID, text: str, key: str | None = None) -> None:
    """Write a note about a customer, once per `key`. Raises KeyReused."""
    wish = await once.subject(tx, operation="customers.add_note", key=key, body=(customer_id, text))
    if not wish.is_fresh:
        return
    head = await _living(tx, customer_id)
    await tx.sql(
        saving.SQL["insert_note"],
        note_id=wish.id,
        customer_id=customer_id,
        text=text,
        author=f"{tx.actor.kind}:{tx.actor.id}",
        at=tx.now,
    )
    await _touch(tx, head, "notes")


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
    await _living(tx, customer_id)
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


class Merged(NamedTuple):
    """A duplicate that now resolves to its survivor."""

    survivor_id: CustomerId
    merged_id: CustomerId


async def merge_customers(tx: Tx, *, survivor_id: UUID, merged_id: UUID) -> Merged:
    """Give up a duplicate: its id, and all that resolved to it, resolve to the survivor from now on.

    The survivor is found by the duplicate's phone and e-mail, too. The duplicate's own data stays with it, so the merge
    can be undone for `MERGE_UNDO_DAYS` days. Raises MergeIntoItself, CustomerNotFound or CustomerMerged.
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
    contacts = await _take_contacts(tx, heads[CustomerId(survivor_id)], heads[CustomerId(merged_id)])
    await tx.sql(
        saving.SQL["insert_merge"],
        merge_id=tx.new_id(),
        survivor_id=survivor_id,
        merged_id=merged_id,
        moved=msgspec.json.encode(
            {"customer_ids": sorted(str(row[0]) for row in moved), "contacts": [list(row) for row in contacts]}
        ).decode(),
        at=tx.now,
        by=tx.actor.id,
    )
    tx.emit(events.CustomersMerged(customer_id=survivor_id, merged_id=merged_id))
    return Merged(CustomerId(survivor_id), CustomerId(merged_id))


async def _take_contacts(tx: Tx, survivor: Head, merged: Head) -> list[tuple[Any, ...]]:
    """Give the survivor what the duplicate is reached by, and return what it did not have: (kind, value)."""
    book = await queries.customers_by_id(tx, [merged.customer_id])
    found = {("phone", merged.phone), ("email", merged.email), *book[merged.customer_id].contacts}
    wanted = sorted(found - {("phone", survivor.phone), ("email", survivor.email), ("phone", ""), ("email", "")})
    return await tx.sql(saving.SQL["insert_contacts"], customer_id=survivor.customer_id, **_columns(wanted))


def _columns(contacts: Iterable[Sequence[str]]) -> dict[str, list[str]]:
    pairs = list(contacts)
    return {"kinds": [pair[0] for pair in pairs], "contacts": [pair[1] for pair in pairs]}


async def undo_merge(tx: Tx, *, survivor_id: UUID, merged_id: UUID) -> Merged:
    """Make a merged duplicate a customer of its own again, with all that resolved to it before.

    Raises CustomerNotFound; NothingToUndo when there is no merge, or it is older than `MERGE_UNDO_DAYS` days, or what
    it was merged into was merged further.
    """
    heads = await queries.heads_for_update(tx, [survivor_id, merged_id])
    if missing := [key for key in (survivor_id, merged_id) if CustomerId(key) not in heads]:
        raise errors.CustomerNotFound(str(missing[0]))
    rows = await tx.sql(saving.SQL["standing_merge"], merged_id=merged_id)
    oldest = tx.now - timedelta(days=MERGE_UNDO_DAYS)
    if not rows or rows[0][1] != survivor_id or rows[0][3] < oldest:
        raise errors.NothingToUndo(MERGE_UNDO_DAYS)
    merge_id, _, moved, _ = rows[0]
    if heads[CustomerId(merged_id)].merged_into != survivor_id:
        raise errors.NothingToUndo(MERGE_UNDO_DAYS)
    ids = [UUID(text) for text in moved["customer_ids"]]
    await tx.sql(saving.SQL["point_back"], merged_id=merged_id, customer_ids=ids, at=tx.now)
    await tx.sql(saving.SQL["delete_contacts"], customer_id=survivor_id, **_columns(moved["contacts"]))
    await tx.sql(saving.SQL["undo_merge"], merge_id=merge_id, at=tx.now)
    tx.emit(events.MergeUndone(customer_id=survivor_id, merged_id=merged_id))
    return Merged(CustomerId(survivor_id), CustomerId(merged_id))
