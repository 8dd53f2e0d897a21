"""Create customers, or bring up to date those that are known by the merchant's own ids."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from jiedan.base import idempotency, once
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal, Rejections
from jiedan.customers import errors, events, queries, rules, saving
from jiedan.customers.rules import exempting
from jiedan.customers.service import membership, telling
from jiedan.customers.values import (
    CUSTOMERS_PER_CALL_MAX,
    CustomerDraft,
    CustomerId,
    ExemptionId,
    GroupName,
    Head,
    Saved,
    TaxExemption,
)

OPERATION = "customers.create"


class Change(NamedTuple):
    """What one draft makes of one customer: `fields` names what differs; without a `head` the customer is new.

    `before` and `after` are what it has to show to pay no tax, new ones without an id; `wrong` is why it cannot.
    """

    customer_id: UUID
    draft: CustomerDraft
    fields: tuple[str, ...]
    head: Head | None
    before: tuple[TaxExemption, ...] = ()
    after: tuple[TaxExemption, ...] = ()
    wrong: tuple[Refusal, ...] = ()


async def upsert_customers(
    tx: Tx, *, customers: Sequence[CustomerDraft], country: str, keys: Sequence[str | None] = ()
) -> list[Saved | Refusal]:
    """Create customers, or bring up to date those whose external id is known; one outcome per draft, same order.

    Phones without a country code are read as of `country`, the merchant's. The same again changes nothing; a draft
    without an external id is the same when it comes under the same of `keys`. Who was merged into another is refused,
    as it is for edits. The statement count does not grow with the set; two more when somebody else created the same
    external ids meanwhile, when there are groups, and when there are exemptions. Raises TooMany above
    `CUSTOMERS_PER_CALL_MAX`.
    """
    if len(customers) > CUSTOMERS_PER_CALL_MAX:
        raise errors.TooMany("customers", CUSTOMERS_PER_CALL_MAX, field="customers")
    wishes = list(zip(keys or [None] * len(customers), map(_wished, customers), strict=True))
    subjects = await once.subjects(tx, operation=OPERATION, wishes=wishes)
    fresh = {i: found.id for i, found in enumerate(subjects) if isinstance(found, once.Subject) and found.is_fresh}
    checked = exempting.checked_drafts(customers, country)
    groups = await membership.held(tx, {code for i in fresh for code in customers[i].groups})
    known = {i: _in_groups(customers[i], checked[i], groups, f"customers[{i}]") for i in fresh}
    made = await _made(tx, known, fresh)
    await membership.join(tx, _pairs(known, made, groups))
    ids = await _remember(tx, subjects, made)

    async def read(reading: ReadTx, subject_ids: Sequence[UUID]) -> Mapping[UUID, Saved]:
        wanted = {subject_id: ids.get(subject_id, subject_id) for subject_id in subject_ids}
        found = await queries.heads(reading, wanted.values())
        return {
            key: Saved(CustomerId(customer_id), is_new=False, version=found[CustomerId(customer_id)].version)
            for key, customer_id in wanted.items()
            if CustomerId(customer_id) in found
        }

    return await once.settle(tx, operation=OPERATION, subjects=subjects, made=made, read=read)


def _wished(draft: CustomerDraft) -> Sequence[object]:
    """Return what a key stands for: without exemptions, what it stood for before drafts had any."""
    return draft if draft.exemptions else draft[:-1]


def _in_groups(
    draft: CustomerDraft, checked: CustomerDraft | Rejections, groups: Mapping[str, GroupName], place: str
) -> CustomerDraft | Rejections:
    """Return a draft as it was `checked`, or everything that is wrong with it: a group is unknown as well."""
    unknown = tuple(
        errors.UnknownGroup(code, field=f"{place}.groups[{i}]")
        for i, code in enumerate(draft.groups)
        if code not in groups
    )
    if not isinstance(checked, Rejections):
        return Rejections(unknown) if unknown else checked
    named = {reason.field for reason in checked.reasons}
    return Rejections((*checked.reasons, *(reason for reason in unknown if reason.field not in named)))


def _pairs(
    drafts: Mapping[int, CustomerDraft | Rejections],
    made: Mapping[int, Saved | Refusal],
    groups: Mapping[str, GroupName],
) -> list[membership.Pair]:
    """Return who is to be in which group, of the drafts that were saved."""
    return [
        (groups[code], done.customer_id)
        for i, done in made.items()
        if isinstance(done, Saved) and isinstance(draft := drafts[i], CustomerDraft)
        for code in draft.groups
    ]


async def _remember(
    tx: Tx, subjects: Sequence[once.Subject | Refusal], made: Mapping[int, Saved | Refusal]
) -> dict[UUID, UUID]:
    """Store which known customers fresh keys led to, and return them by the id that a new one would have had."""
    ids: dict[UUID, UUID] = {}
    led_to: list[tuple[idempotency.Claim, bytes]] = []
    for i, found in enumerate(subjects):
        if not isinstance(found, once.Subject):
            continue
        outcome = made.get(i)
        if isinstance(outcome, Saved) and outcome.customer_id != found.id:
            ids[found.id] = outcome.customer_id
            led_to += [(found.claim, outcome.customer_id.bytes)] if found.claim is not None else []
        elif found.outcome is not None:
            ids[found.id] = UUID(bytes=found.outcome)
    if led_to:
        await idempotency.record_outcomes(tx, operation=OPERATION, outcomes=led_to)
    return ids


async def _made(
    tx: Tx, checked: Mapping[int, CustomerDraft | Rejections], ids: Mapping[int, UUID]
) -> dict[int, Saved | Refusal]:
    """Save the drafts that are fine, and return what became of each place."""
    drafts = {i: draft for i, draft in checked.items() if isinstance(draft, CustomerDraft)}
    heads = await _heads(tx, drafts.values())
    fresh = {ids[i]: rules.completed(draft) for i, draft in drafts.items() if draft.external_id not in heads}
    inserted = await saving.insert_customers(tx, list(fresh.items()))
    if lost := [draft for key, draft in fresh.items() if key not in inserted]:
        heads |= await _heads(tx, lost)
    changes = await _changes(tx, {heads[d.external_id]: d for d in drafts.values() if d.external_id in heads})
    outcomes: dict[int, Saved | Refusal] = {}
    for i, draft in checked.items():
        head = heads.get(draft.external_id) if isinstance(draft, CustomerDraft) else None
        if isinstance(draft, Rejections):
            outcomes[i] = draft
        elif head is None:
            outcomes[i] = Saved(CustomerId(ids[i]), is_new=True, version=1)
        else:
            outcomes[i] = _brought_up(head, changes.get(head.customer_id), f"customers[{i}]")
    created = [_created(key, fresh[key]) for key in sorted(inserted)]
    await _save(tx, [*created, *(c for c in changes.values() if c.fields and not _reasons(c))])
    return outcomes


def _brought_up(head: Head, change: Change | None, place: str) -> Saved | Rejections:
    """Return what becomes of a known customer, whom no `change` reaches if merged or erased; `place` is the draft's."""
    if head.erasing_since is not None:
        return Rejections((errors.CustomerErased(str(head.customer_id), field=f"{place}.external_id"),))
    if head.merged_into is not None or change is None:
        return Rejections((errors.CustomerMerged(str(head.merged_into), field=f"{place}.external_id"),))
    if reasons := _reasons(change):
        for reason in reasons:
            reason.field = f"{place}.{reason.field}"
        return Rejections(reasons)
    return Saved(head.customer_id, is_new=False, version=head.version + bool(change.fields))


def _created(customer_id: UUID, draft: CustomerDraft) -> Change:
    """Return what a draft makes of nobody yet; that it can is checked."""
    after, _ = exempting.brought_in((), draft.exemptions, "")
    return Change(customer_id, draft, ("addresses", "tags"), None, after=after)


def _reasons(change: Change) -> tuple[Refusal, ...]:
    """Return why a known customer cannot become what a change makes of it, naming fields of the draft."""
    tags = (rules.too_many_tags("tags"),) if rules.has_too_many_tags(change.draft) else ()
    return (*tags, *change.wrong)


async def _heads(tx: Tx, drafts: Collection[CustomerDraft]) -> dict[str | None, Head]:
    """Return the customers that are known by the drafts' external ids, locked, by external id. Two statements."""
    external_ids = sorted({draft.external_id for draft in drafts if draft.external_id is not None})
    rows = await tx.sql(queries.SQL["ids_by_external_id"], external_ids=external_ids)
    locked = await queries.heads_for_update(tx, [row[1] for row in rows])
    return {head.external_id: head for head in locked.values()}


async def _changes(tx: Tx, drafts: Mapping[Head, CustomerDraft]) -> dict[UUID, Change]:
    """Return what drafts make of known, living customers, with all tags they would have. Two statements.

    One more where there are exemptions.
    """
    living = {h: draft for h, draft in drafts.items() if h.merged_into is None and h.erasing_since is None}
    books, tags = await queries.books_and_tags(tx, [head.customer_id for head in living])
    showing = [head.customer_id for head, draft in living.items() if draft.exemptions]
    exemptions = await queries.tax_exemptions_of(tx, showing) if showing else {}
    changes: dict[UUID, Change] = {}
    for head, draft in living.items():
        present = tags[head.customer_id]
        done = rules.completed(draft, head)._replace(tags=tuple(sorted(present.union(draft.tags))))
        fields = [name for name in telling.EDITABLE if getattr(done, name) != getattr(head, name)]
        if draft.addresses is not None and list(draft.addresses) != books[head.customer_id]:
            fields.append("addresses")
        if not present.issuperset(draft.tags):
            fields.append("tags")
        before = tuple(exemptions.get(head.customer_id, ()))
        after, wrong = exempting.brought_in(before, draft.exemptions, "exemptions")
        if after != before:
            fields.append(telling.EXEMPTIONS)
        changes[head.customer_id] = Change(head.customer_id, done, tuple(fields), head, before, after, wrong)
    return changes


async def _save(tx: Tx, changes: Sequence[Change]) -> None:
    """Write what differs, and tell. Four statements, whatever their number; one more where there are exemptions."""
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
    tags = {(c.customer_id, tag) for c in changes if "tags" in c.fields for tag in c.draft.tags}
    await saving.insert_tags(tx, sorted(tags))
    await _save_exemptions(tx, changes)
    for change in changes:
        shown = telling.exemptions_told(change.before, change.after) if change.before != change.after else None
        if change.head is None:
            tx.emit(events.CustomerCreated(customer_id=change.customer_id), private=shown)
        else:
            telling.tell_changed(tx, change.head, change.draft, change.fields, shown)


async def _save_exemptions(tx: Tx, changes: Sequence[Change]) -> None:
    differ = [(change.customer_id, one) for change in changes for one in change.after if one not in change.before]
    if not differ:
        return
    rows = []
    for (customer_id, one), new_id in zip(differ, tx.new_ids(len(differ)), strict=True):
        is_new = one.exemption_id == exempting.UNKEPT
        rows.append((customer_id, msgspec.structs.replace(one, exemption_id=ExemptionId(new_id)) if is_new else one))
    await saving.write_exemptions(tx, rows)
