"""Merge duplicates, and part them again within `MERGE_UNDO_DAYS`."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.customers import errors, events, queries, saving
from jiedan.customers.service import membership, telling
from jiedan.customers.values import CONTACTS_PER_CUSTOMER_MAX, MERGE_UNDO_DAYS, Customer, CustomerId, GroupName


class Merged(NamedTuple):
    """A duplicate that now resolves to its survivor."""

    survivor_id: CustomerId
    merged_id: CustomerId


async def merge_customers(tx: Tx, *, survivor_id: UUID, merged_id: UUID, key: str | None = None) -> Merged:
    """Give up a duplicate, once per `key`: its id, and all that resolved to it, resolve to the survivor from now on.

    The survivor is found by the duplicate's phone and e-mail, too, and is in the duplicate's groups instead of it. The
    duplicate's own data stays with it, so the merge can be undone for `MERGE_UNDO_DAYS` days. Raises MergeIntoItself,
    CustomerNotFound, CustomerMerged, CustomerErased, TooMany contacts or KeyReused.
    """
    if survivor_id == merged_id:
        raise errors.MergeIntoItself(field="merged_id")
    wish = await once.subject(tx, operation="customers.merge", key=key, body=(survivor_id, merged_id))
    if not wish.is_fresh:
        return Merged(CustomerId(survivor_id), CustomerId(merged_id))
    heads = await queries.heads_for_update(tx, [survivor_id, merged_id])
    for customer_id in (survivor_id, merged_id):
        refusal = telling.not_living(heads.get(CustomerId(customer_id)), customer_id)
        if refusal is not None:
            raise refusal
    book = await queries.customers_by_id(tx, [survivor_id, merged_id])
    survivor, merged = book[CustomerId(survivor_id)], book[CustomerId(merged_id)]
    moved = await tx.sql(saving.SQL["point_to_survivor"], survivor_id=survivor_id, merged_id=merged_id, at=tx.now)
    await _take_contacts(tx, survivor, merged)
    joined = await _take_groups(tx, survivor, merged)
    kept = {
        "customer_ids": sorted(str(row[0]) for row in moved),
        "groups_left": [str(group.group_id) for group in merged.groups],
        "groups_joined": sorted(str(group.group_id) for group in joined),
    }
    await tx.sql(
        saving.SQL["insert_merge"],
        merge_id=wish.id,
        survivor_id=survivor_id,
        merged_id=merged_id,
        moved=msgspec.json.encode(kept).decode(),
        at=tx.now,
        by=tx.actor.id,
    )
    tx.emit(events.CustomersMerged(customer_id=survivor_id, merged_id=merged_id))
    return Merged(CustomerId(survivor_id), CustomerId(merged_id))


async def _take_contacts(tx: Tx, survivor: Customer, merged: Customer) -> None:
    """Give the survivor what the duplicate is reached by. Raises TooMany."""
    found = {("phone", merged.phone), ("email", merged.email), *merged.contacts}
    wanted = sorted(found - {("phone", survivor.phone), ("email", survivor.email), ("phone", ""), ("email", "")})
    if len({*wanted, *survivor.contacts}) > CONTACTS_PER_CUSTOMER_MAX:
        raise errors.TooMany("contacts", CONTACTS_PER_CUSTOMER_MAX)
    await tx.sql(
        saving.SQL["insert_contacts"],
        customer_id=survivor.customer_id,
        kinds=[kind for kind, _ in wanted],
        contacts=[contact for _, contact in wanted],
    )


async def _take_groups(tx: Tx, survivor: Customer, merged: Customer) -> list[GroupName]:
    """Let the survivor be in the duplicate's groups instead of it; return those that the survivor was not in.

    The duplicate is in them until the end, so none of them can be removed meanwhile.
    """
    joined = await membership.join(tx, [(group, survivor.customer_id) for group in merged.groups])
    await membership.leave(tx, [(group, merged.customer_id) for group in merged.groups])
    return [group for group, _ in joined]


async def _give_groups_back(tx: Tx, survivor_id: UUID, merged_id: UUID, moved: Mapping[str, Any]) -> None:
    """Let the duplicate be again in the groups that it was in, and the survivor no more in those it came to by it."""
    ids = {name: {UUID(text) for text in moved.get(name, ())} for name in ("groups_left", "groups_joined")}
    held = await queries.groups_held(tx, group_ids=ids["groups_left"])
    await membership.leave(tx, [(group, survivor_id) for key, group in held.items() if key in ids["groups_joined"]])
    await membership.join(tx, [(group, merged_id) for group in held.values()])


async def undo_merge(tx: Tx, *, survivor_id: UUID, merged_id: UUID) -> Merged:
    """Make a merged duplicate a customer of its own again, with all that resolved to it before.

    The survivor keeps the contacts of those who are still merged into it. Raises CustomerNotFound;
    CustomerErased; NothingToUndo when there is no merge, or it is older than `MERGE_UNDO_DAYS` days, or what it was
    merged into was merged further.
    """
    heads = await queries.heads_for_update(tx, [survivor_id, merged_id])
    if missing := [key for key in (survivor_id, merged_id) if CustomerId(key) not in heads]:
        raise errors.CustomerNotFound(str(missing[0]))
    if any(head.erasing_since is not None for head in heads.values()):
        raise errors.CustomerErased(str(survivor_id))
    rows = await tx.sql(saving.SQL["standing_merge"], merged_id=merged_id)
    oldest = tx.now - timedelta(days=MERGE_UNDO_DAYS)
    if not rows or rows[0][1] != survivor_id or rows[0][3] < oldest:
        raise errors.NothingToUndo(MERGE_UNDO_DAYS)
    merge_id, _, moved, _ = rows[0]
    if heads[CustomerId(merged_id)].merged_into != survivor_id:
        raise errors.NothingToUndo(MERGE_UNDO_DAYS)
    ids = [UUID(text) for text in moved["customer_ids"]]
    await tx.sql(saving.SQL["point_back"], merged_id=merged_id, customer_ids=ids, at=tx.now)
    await tx.sql(saving.SQL["drop_contacts"], customer_id=survivor_id)
    await _give_groups_back(tx, survivor_id, merged_id, moved)
    await tx.sql(saving.SQL["undo_merge"], merge_id=merge_id, at=tx.now)
    tx.emit(events.MergeUndone(customer_id=survivor_id, merged_id=merged_id))
    return Merged(CustomerId(survivor_id), CustomerId(merged_id))
