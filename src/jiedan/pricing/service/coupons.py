"""Coupons: make batches of codes, add codes of one's own, change and block them, find one by its code."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from jiedan.accounts import service as accounts
from jiedan.base import ids, once, sql
from jiedan.base.db import LockRank, ReadTx, Tx
from jiedan.base.errors import Refusal, one_of
from jiedan.pricing import errors, events
from jiedan.pricing.queries import coupons as queries
from jiedan.pricing.rules import coupons as rules
from jiedan.pricing.service import naming
from jiedan.pricing.values.coupons import (
    COUPON_CUSTOMERS_MAX,
    COUPON_NOTE_CHARACTERS_MAX,
    COUPON_ROWS_MAX,
    COUPON_USES_MAX,
    COUPONS_AT_ONCE_MAX,
    COUPONS_PER_BATCH_MAX,
    CouponBatch,
    CouponBatchId,
    CouponId,
    CouponRow,
    CouponTermsChange,
    NewCoupons,
)
from jiedan.pricing.values.promotions import PROMOTION_CODE_CHARACTERS_MAX

SQL = sql.load("jiedan.pricing.service", "coupons.sql")

MAKE = "pricing.make_coupons"
ADD = "pricing.add_coupons"

Draw = Callable[[int], bytes]
"""Returns so many random bytes."""

TRIES_MAX = 8
"""How often codes that are there already are made anew: at 55 bits once is rare."""

_ENTROPY_BYTES = 16


class CouponsBlocked(NamedTuple):
    """What became of codes that were to be blocked, or to work again: CouponNotFound where there is none."""

    outcomes: list[CouponRow | Refusal]
    changed: frozenset[CouponId]
    """Which were otherwise before."""


async def make_coupons(
    tx: Tx, *, wish: NewCoupons, key: str | None = None, draw: Draw = secrets.token_bytes
) -> CouponBatch:
    """Make a batch of codes; the same `key` and wish again is the same batch.

    Up to `COUPONS_AT_ONCE_MAX` codes are made now, more by a job that follows; codes of one's own are there at once.
    `draw` is where chance comes from.
    Raises KeyReused, CouponCountInvalid, CouponCodeInvalid, CouponCodeTaken, CouponPrefixInvalid, CouponUsesInvalid,
    CouponPeriodInvalid, CouponTextInvalid, CouponCustomersInvalid, CouponCustomerUnknown, or Rejections of several.
    """
    found = await once.subject(tx, operation=MAKE, key=key, body=wish)
    if not found.is_fresh:
        return await queries.batch(tx, found.id)
    _refuse(_problems(wish))
    named = await naming.known(tx, wish.customer_ids) if wish.customer_ids else ()
    batch_id = CouponBatchId(found.id)
    is_made = not wish.codes
    size = wish.size if is_made else len(wish.codes)
    prefix = rules.canonical_prefix(wish.prefix) or ""
    await tx.sql_count(
        SQL["insert_batch"],
        batch_id=batch_id,
        promotion=wish.promotion,
        origin="made" if is_made else "typed",
        prefix=prefix,
        size=size,
        uses_max=wish.uses_max,
        uses_per_customer_max=wish.uses_per_customer_max,
        valid_from=wish.valid_from,
        valid_until=wish.valid_until,
        note=wish.note,
        actor_kind=tx.actor.kind,
        actor_id=tx.actor.id,
        now=tx.now,
        is_personal=wish.customer_ids is not None,
    )
    tx.emit(
        events.CouponBatchCreated(
            batch_id=batch_id, promotion=wish.promotion, origin="made" if is_made else "typed", size=size
        )
    )
    await naming.write(tx, batch_id, named)
    if not is_made:
        await _type(tx, batch_id, wish.codes, made=0)
    elif size <= COUPONS_AT_ONCE_MAX:
        await _make(tx, batch_id, prefix, range(1, size + 1), size=size, draw=draw)
    return await queries.batch(tx, batch_id)


async def make_more(tx: Tx, *, batch_id: UUID) -> CouponBatch:
    """Make the next codes of a batch, at most `COUPONS_AT_ONCE_MAX`, and return it; when all are made, nothing happens.

    Raises CouponBatchNotFound.
    """
    batch = await queries.batch_for_update(tx, batch_id)
    count = min(batch.size - batch.made, COUPONS_AT_ONCE_MAX)
    if count:
        numbers = range(batch.made + 1, batch.made + count + 1)
        await _make(tx, batch.batch_id, batch.prefix, numbers, size=batch.size, draw=secrets.token_bytes)
    return await queries.batch(tx, batch_id)


async def add_coupons(tx: Tx, *, batch_id: UUID, codes: Sequence[str], key: str | None = None) -> CouponBatch:
    """Add codes of one's own to a batch of such; the same `key` and codes again add nothing more.

    Raises CouponBatchNotFound, CouponsNotTyped, CouponBatchFull, CouponCountInvalid, CouponCodeInvalid,
    CouponCodeTaken, KeyReused, or Rejections of several.
    """
    found = await once.subject(tx, operation=ADD, key=key, body=(batch_id, codes))
    if not found.is_fresh:
        return await queries.batch(tx, batch_id)
    batch = await queries.batch_for_update(tx, batch_id)
    if batch.origin != "typed":
        raise errors.CouponsNotTyped
    if not 0 < len(codes) <= COUPON_ROWS_MAX:
        raise errors.CouponCountInvalid(field="codes")
    if batch.size + len(codes) > COUPONS_PER_BATCH_MAX:
        raise errors.CouponBatchFull(field="codes")
    _refuse(_problems_of_codes(codes))
    await _type(tx, batch.batch_id, codes, made=batch.made)
    return await queries.batch(tx, batch_id)


async def change_coupons(
    tx: Tx, *, batch_id: UUID, change: CouponTermsChange, expected_version: int | None = None
) -> CouponBatch:
    """Change when a batch holds, its note, or whether it is blocked; nothing is written where nothing differs.

    Raises CouponBatchNotFound, StaleVersion, CouponPeriodInvalid or CouponTextInvalid.
    """
    batch = await queries.batch_for_update(tx, batch_id)
    await accounts.check_version(
        tx,
        subject_id=batch_id,
        kind=events.CouponBatchChanged.kind,
        current=batch.version,
        expected=expected_version,
    )
    wanted = rules.changed(batch, change, at=tx.now)
    _refuse([*_problems_of_period(wanted.valid_from, wanted.valid_until), *_problems_of_note(wanted.note)])
    fields = tuple(
        name
        for name in ("valid_from", "valid_until", "note", "blocked_at")
        if getattr(batch, name) != getattr(wanted, name)
    )
    if fields:
        await tx.sql_count(
            SQL["change_batch"],
            batch_id=batch_id,
            valid_from=wanted.valid_from,
            valid_until=wanted.valid_until,
            note=wanted.note,
            blocked_at=wanted.blocked_at,
        )
        tx.emit(
            events.CouponBatchChanged(
                batch_id=batch_id,
                fields=fields,
                is_blocked=wanted.blocked_at is not None,
                version=batch.version + 1,
            )
        )
    return await queries.batch(tx, batch_id)


async def block_coupons(tx: Tx, *, coupon_ids: Sequence[UUID], is_blocked: bool) -> CouponsBlocked:
    """Block codes, or let them work again: one outcome per id, in order; as it is already is no change.

    Raises CouponRowsInvalid.
    """
    if not 0 < len(coupon_ids) <= COUPON_ROWS_MAX:
        raise errors.CouponRowsInvalid(field="coupon_ids")
    tx.will_lock(LockRank.COUPON)
    wanted = ids.in_order(coupon_ids)
    await tx.sql(SQL["coupons_for_update"], coupon_ids=wanted)
    changed = await tx.sql(
        SQL["block_coupons"], coupon_ids=wanted, is_blocked=is_blocked, blocked_at=tx.now if is_blocked else None
    )
    tx.emit(
        *(
            events.CouponChanged(coupon_id=coupon_id, batch_id=batch_id, is_blocked=is_blocked)
            for coupon_id, batch_id in sorted(changed)
        )
    )
    there = await queries.coupons(tx, wanted)
    outcomes: list[CouponRow | Refusal] = [
        there.get(CouponId(one)) or errors.CouponNotFound(field=f"coupon_ids[{i}]") for i, one in enumerate(coupon_ids)
    ]
    return CouponsBlocked(outcomes, frozenset(CouponId(coupon_id) for coupon_id, _ in changed))


async def look_up_coupon(tx: Tx, *, typed: str, caller: str, network: str) -> CouponRow | Refusal:
    """Return the coupon of a code. Each try that is not right counts for who tries and from where.

    CouponNotFound or CouponLookUpsThrottled are values, so that the count is stored. The code that is counted beyond
    the limit is answered as any other, the next is not looked at.
    """
    wait_s = await wait_of_tries(tx, caller=caller, network=network)
    if wait_s:
        return errors.CouponLookUpsThrottled(retry_after_s=wait_s)
    code = rules.canonical(typed)
    found = None if code is None else await queries.coupon_of_code(tx, code)
    if found is None:
        await count_tries(tx, caller=caller, network=network)
        return errors.CouponNotFound(field="code")
    return found


async def count_tries(tx: Tx, *, caller: str, network: str, times: int = 1) -> int:
    """Count tries of codes for who tries and from where; return the seconds to wait, 0 to go on."""
    limits = accounts.limits_of_codes("coupon", caller=caller, network=network)
    return await accounts.count_within(tx, limits, times=times)


async def wait_of_tries(tx: ReadTx, *, caller: str, network: str) -> int:
    """Return how many seconds who tries codes has to wait with the next one, 0 for none; nothing is counted."""
    return await accounts.wait_within(tx, accounts.limits_of_codes("coupon", caller=caller, network=network))


async def _make(tx: Tx, batch_id: CouponBatchId, prefix: str, numbers: Sequence[int], *, size: int, draw: Draw) -> None:
    """Make the codes of these numbers, those that are there already anew."""
    missing = list(numbers)
    for _ in range(TRIES_MAX):
        entropy = draw(_ENTROPY_BYTES * len(missing))
        codes = [
            rules.made_code(entropy[at : at + _ENTROPY_BYTES], prefix=prefix)
            for at in range(0, len(entropy), _ENTROPY_BYTES)
        ]
        written = await _insert(tx, batch_id, missing, codes)
        missing = [number for number in missing if number not in written]
        if not missing:
            break
    else:
        message = f"{len(missing)} codes of batch {batch_id} are there already, {TRIES_MAX} times in a row"
        raise RuntimeError(message)
    await _count(tx, batch_id, added=len(numbers), made=numbers[-1], size=size)


async def _type(tx: Tx, batch_id: CouponBatchId, typed: Sequence[str], *, made: int) -> None:
    """Add codes as they were typed, after so many that are there. Raises CouponCodeTaken or Rejections of them."""
    codes = [rules.canonical(one) or "" for one in typed]
    numbers = list(range(made + 1, made + len(codes) + 1))
    written = await _insert(tx, batch_id, numbers, codes)
    places = [place for place, number in enumerate(numbers) if number not in written]
    _refuse([errors.CouponCodeTaken(codes[place], field=f"codes[{place}]") for place in places])
    await _count(tx, batch_id, added=len(codes), made=made + len(codes), size=made + len(codes))


async def _insert(tx: Tx, batch_id: CouponBatchId, numbers: Sequence[int], codes: Sequence[str]) -> set[int]:
    rows = await tx.sql(
        SQL["insert_coupons"],
        batch_id=batch_id,
        coupon_ids=tx.new_ids(len(numbers)),
        numbers=list(numbers),
        codes=list(codes),
    )
    return {row[0] for row in rows}


async def _count(tx: Tx, batch_id: CouponBatchId, *, added: int, made: int, size: int) -> None:
    await tx.sql_count(SQL["count_made"], batch_id=batch_id, made=made, size=size)
    tx.emit(events.CouponsAdded(batch_id=batch_id, added=added, made=made, size=size))


def _refuse(found: Sequence[Refusal]) -> None:
    if found:
        raise one_of(found)


def _problems(wish: NewCoupons) -> list[Refusal]:
    found: list[Refusal] = []
    if not 0 < len(wish.promotion) <= PROMOTION_CODE_CHARACTERS_MAX:
        found.append(errors.CouponTextInvalid(PROMOTION_CODE_CHARACTERS_MAX, field="promotion"))
    if wish.codes:
        if wish.size or len(wish.codes) > COUPON_ROWS_MAX:
            found.append(errors.CouponCountInvalid(field="codes"))
        found += _problems_of_codes(wish.codes)
    elif not 0 < wish.size <= COUPONS_PER_BATCH_MAX:
        found.append(errors.CouponCountInvalid(field="size"))
    if rules.canonical_prefix(wish.prefix) is None or (wish.codes and wish.prefix):
        found.append(errors.CouponPrefixInvalid(wish.prefix, field="prefix"))
    for field, uses in (("uses_max", wish.uses_max), ("uses_per_customer_max", wish.uses_per_customer_max)):
        if uses is not None and not 0 < uses <= COUPON_USES_MAX:
            found.append(errors.CouponUsesInvalid(uses, field=field))
    if wish.customer_ids is not None and len(wish.customer_ids) > COUPON_CUSTOMERS_MAX:
        found.append(errors.CouponCustomersInvalid(COUPON_CUSTOMERS_MAX, field="customer_ids"))
    return [*found, *_problems_of_period(wish.valid_from, wish.valid_until), *_problems_of_note(wish.note)]


def _problems_of_period(begin: datetime | None, end: datetime | None) -> list[Refusal]:
    is_empty = begin is not None and end is not None and begin >= end
    return [errors.CouponPeriodInvalid(field="valid_until")] if is_empty else []


def _problems_of_note(note: str) -> list[Refusal]:
    is_long = len(note) > COUPON_NOTE_CHARACTERS_MAX
    return [errors.CouponTextInvalid(COUPON_NOTE_CHARACTERS_MAX, field="note")] if is_long else []


def _problems_of_codes(typed: Sequence[str]) -> list[Refusal]:
    found: list[Refusal] = []
    seen: set[str] = set()
    for place, one in enumerate(typed):
        code = rules.canonical(one)
        if code is None:
            found.append(errors.CouponCodeInvalid(one, field=f"codes[{place}]"))
        elif code in seen:
            found.append(errors.CouponCodeTaken(code, field=f"codes[{place}]"))
        else:
            seen.add(code)
    return found
