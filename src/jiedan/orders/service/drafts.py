"""Saved drafts: orders being written by staff. They are checked when they are placed, not before."""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa

from jiedan.accounts import queries as accounts
from jiedan.base import idempotency
from jiedan.base.db import TRIES_MAX, LockRank, Tx
from jiedan.base.errors import Overtaken, Refusal, StaleVersion, reasons_of
from jiedan.orders import errors, events, queries
from jiedan.orders.placement.desk import OrderDesk, wish_of
from jiedan.orders.rules import derived
from jiedan.orders.service.tries import CodeTries
from jiedan.orders.tables import OrderDraft
from jiedan.orders.values import DRAFT_CALLER, DraftId, DraftRef, NewOrder, Placed, SavedDraft

OPERATION = "orders.save_draft"
DRAFT_BYTES_MAX = 65_536
"""As JSON."""
DISCARDED_KEPT = timedelta(days=1)
FORGET_DRAFTS_MAX = 500


async def save_draft(tx: Tx, *, data: Mapping[str, Any], caller: str, key: str | None = None) -> SavedDraft:
    """Save a new draft; the same `key` again answers with what it has become.

    Raises KeyReused, DraftTooLarge, DraftKeepsNoCodes.
    """
    _check(data)
    draft_id = DraftId(tx.new_id())
    if key is not None:
        claim = idempotency.Claim(caller, key, idempotency.fingerprint(data), draft_id)
        (verdict,) = await idempotency.claim_many(tx, operation=OPERATION, claims=[claim])
        if isinstance(verdict, idempotency.Reused):
            raise idempotency.KeyReused(key, field="Idempotency-Key")
        if isinstance(verdict, idempotency.Same):
            return await queries.draft(tx, verdict.subject_id)
    await tx.execute(
        sa.insert(OrderDraft).values(
            tenant_id=tx.tenant,
            draft_id=draft_id,
            data=dict(data),
            version=1,
            created_at=tx.now,
            updated_at=tx.now,
            actor_kind=tx.actor.kind,
            actor_id=tx.actor.id,
        )
    )
    tx.emit(events.DraftSaved(draft_id=draft_id, version=1))
    return SavedDraft(draft_id, dict(data), 1, tx.now, tx.now, tx.actor, None)


async def change_draft(
    tx: Tx, *, draft_id: UUID, data: Mapping[str, Any], expected_version: int | None = None
) -> SavedDraft:
    """Replace what a draft says; nothing is written when it says so already.

    Raises DraftNotFound, DraftAlreadyPlaced, StaleVersion, DraftTooLarge, DraftKeepsNoCodes.
    """
    _check(data)
    draft = await _open_draft(tx, draft_id, expected_version)
    if draft.data == data:
        return draft
    changed = SavedDraft(draft.draft_id, dict(data), draft.version + 1, draft.created_at, tx.now, tx.actor, None)
    await tx.execute(_this(tx, draft_id).values(data=changed.data, version=changed.version, **_by(tx)))
    tx.emit(events.DraftSaved(draft_id=draft.draft_id, version=changed.version))
    return changed


async def discard_draft(tx: Tx, *, draft_id: UUID, expected_version: int | None = None) -> None:
    """Throw a draft away; it can be taken back until it is forgotten, `DISCARDED_KEPT` later.

    Its version rises, so that whoever is about to place it as it was finds it overtaken. Raises DraftNotFound,
    DraftAlreadyPlaced, StaleVersion.
    """
    draft = await _open_draft(tx, draft_id, expected_version)
    await tx.execute(_this(tx, draft_id).values(discarded_at=tx.now, version=draft.version + 1, **_by(tx)))
    tx.emit(events.DraftDiscarded(draft_id=draft_id))


async def restore_draft(tx: Tx, *, draft_id: UUID) -> SavedDraft:
    """Take back a draft that was thrown away within `DISCARDED_KEPT`; one that was not is as it is.

    Raises DraftNotFound or DraftAlreadyPlaced.
    """
    draft, discarded_at = await queries.kept_draft_for_update(tx, draft_id)
    if draft.order_id is not None:
        raise await _placed(tx, draft.order_id)
    if discarded_at is None:
        return draft
    if discarded_at < tx.now - DISCARDED_KEPT:
        raise errors.DraftNotFound(str(draft_id))
    restored = dataclasses.replace(draft, version=draft.version + 1, updated_at=tx.now, actor=tx.actor)
    await tx.execute(_this(tx, draft_id).values(discarded_at=None, version=restored.version, **_by(tx)))
    tx.emit(events.DraftRestored(draft_id=draft.draft_id, version=restored.version))
    return restored


async def forget_discarded(tx: Tx) -> int:
    """Forget drafts that were thrown away more than `DISCARDED_KEPT` ago, and return how many.

    Fewer than `FORGET_DRAFTS_MAX` means that no more are left.
    """
    tx.will_lock(LockRank.ORDER)
    old = (
        sa.select(OrderDraft.draft_id)
        .where(OrderDraft.tenant_id == tx.tenant, OrderDraft.discarded_at < tx.now - DISCARDED_KEPT)
        .order_by(OrderDraft.draft_id)
        .limit(FORGET_DRAFTS_MAX)
        .with_for_update(skip_locked=True)
    )
    gone = await tx.execute(
        sa.delete(OrderDraft)
        .where(OrderDraft.tenant_id == tx.tenant, OrderDraft.draft_id.in_(old))
        .returning(OrderDraft.draft_id)
    )
    return len(gone.all())


async def place_draft(
    desk: OrderDesk,
    *,
    draft_id: UUID,
    credential_id: UUID | None,
    tries: CodeTries,
    read: Callable[[SavedDraft], NewOrder],
) -> tuple[Placed, bool]:
    """Make a draft into an order, once, as it stands when it is placed; tell whether the order is new.

    `read` makes an order of what it says, or refuses it; it is asked again when somebody changed the draft meanwhile.
    Codes that no coupon has count for who places it. Raises DraftNotFound, CouponLookUpsThrottled, what `read` raises
    and what `OrderDesk.place` raises.
    """
    for attempt in range(1, TRIES_MAX + 1):
        async with tries.database.read(tries.scope) as tx:
            draft = await queries.draft(tx, draft_id)
            before = None if draft.order_id is None else await queries.order(tx, draft.order_id)
        if before is not None:
            return derived.as_placed(before), False
        body = read(draft)
        await tries.admit([body])
        wish = wish_of(body, credential_id, saved=DraftRef(draft.draft_id, draft.version))
        try:
            return await desk.place(tries.scope, wish, caller=DRAFT_CALLER, key=str(draft_id))
        except Overtaken:
            if attempt == TRIES_MAX:
                raise
        except Refusal as refusal:
            await tries.count_wrong(reasons_of(refusal))
            raise
    message = "unreachable"
    raise AssertionError(message)


def _check(data: Mapping[str, Any]) -> None:
    uses = data.get("wallets")
    if isinstance(uses, list) and any(isinstance(use, dict) and use.get("code") is not None for use in uses):
        raise errors.DraftKeepsNoCodes(field="data.wallets")
    size = len(msgspec.json.encode(data))
    if size > DRAFT_BYTES_MAX:
        raise errors.DraftTooLarge(size, DRAFT_BYTES_MAX, field="data")


async def _open_draft(tx: Tx, draft_id: UUID, expected_version: int | None) -> SavedDraft:
    draft = await queries.draft_for_update(tx, draft_id)
    if draft.order_id is not None:
        raise await _placed(tx, draft.order_id)
    if expected_version is not None and expected_version != draft.version:
        names = await tx.load_one(accounts.actor_names({draft.actor}))
        raise StaleVersion(expected_version, draft.version, names.get(draft.actor, draft.actor.id), "data")
    return draft


async def _placed(tx: Tx, order_id: UUID) -> errors.DraftAlreadyPlaced:
    return errors.DraftAlreadyPlaced((await queries.order(tx, order_id)).order.number)


def _by(tx: Tx) -> dict[str, Any]:
    """Return who has a draft in hand, and when."""
    return {"updated_at": tx.now, "actor_kind": tx.actor.kind, "actor_id": tx.actor.id}


def _this(tx: Tx, draft_id: UUID) -> sa.Update:
    return sa.update(OrderDraft).where(OrderDraft.tenant_id == tx.tenant, OrderDraft.draft_id == draft_id)
