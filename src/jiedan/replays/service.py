"""What can be done with a replay: begin it, do a set of it, cancel it, forget it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from jiedan.base import errands, once, sql
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.orders import queries as orders
from jiedan.orders import service as order_service
from jiedan.pricing import queries as pricing
from jiedan.pricing.errors.drafts import CannotPublish
from jiedan.pricing.rules import drafts, problems_of_book
from jiedan.replays import errors, events, queries, rules
from jiedan.replays import tables as t
from jiedan.replays.values import (
    ORDERS_PER_REPLAY_MAX,
    ORDERS_PER_SET,
    REPLAYS_KEPT_DAYS,
    REPLAYS_PER_SET_MAX,
    OrderRow,
    Replay,
    ReplayId,
    ReplayStatus,
    Sum,
    SumKey,
)

SQL = sql.load("jiedan.replays", "service.sql")

OPERATION = "replays.begin"


async def begin_replay(tx: Tx, *, days: int, locale: str, key: str | None = None) -> Replay:
    """Begin to replay the draft of the price rules, as it is now, against the orders of the last days.

    The same `key` again answers with the replay it began; `locale` is the language for what would be refused. Raises
    ReplayDaysInvalid, TooManyToReplay, NothingToReplay, ReplayUnderWay, CannotPublish where the draft contradicts
    itself, or KeyReused.
    """
    rules.check_days(days)
    found = await once.subject(tx, operation=OPERATION, key=key, body=days)
    replay_id = ReplayId(found.id)
    if not found.is_fresh:
        return await queries.replay(tx, replay_id)
    from_at = tx.now - timedelta(days=days)
    total, last, present = await tx.load(
        orders.count_to_replay(from_at=from_at, until=tx.now, most=ORDERS_PER_REPLAY_MAX + 1),
        pricing.last_book(),
        pricing.draft_rules(),
    )
    rules.check(days=days, orders=total)
    written = pricing.written(present)
    book = drafts.book_of(written)
    problems = problems_of_book(book)
    if problems:
        raise CannotPublish(problems)
    before = {} if last is None else drafts.parts_of(last.book, last.examples)
    inserted = await tx.sql_count(
        SQL["insert_replay"],
        replay_id=replay_id,
        days=days,
        from_at=from_at,
        until_at=tx.now,
        locale=locale,
        total=total,
        after_id=orders.BEFORE_ALL,
        document=msgspec.json.encode(book).decode(),
        base_version=0 if last is None else last.brief.version,
        changes=len(drafts.changes(before, written)),
        actor_kind=tx.actor.kind,
        actor_id=tx.actor.id,
        now=tx.now,
    )
    if not inserted:
        raise errors.ReplayUnderWay
    tx.emit(events.ReplayQueued(replay_id=replay_id, days=days))
    return await queries.replay(tx, replay_id)


async def do_set(tx: Tx, *, replay_id: UUID, limit: int = ORDERS_PER_SET) -> Replay:
    """Price the next orders of a replay and add what they come to, in this one transaction.

    One set is priced by one version of the rules: it ends before the first order that another one priced. A replay
    that is not under way is left alone. Raises ReplayNotFound.
    """
    replay = await queries.replay_for_update(tx, replay_id)
    if not replay.is_under_way:
        return replay
    found = await tx.load_one(
        orders.orders_to_replay(
            after_at=replay.after_at, after_id=replay.after_id, until=replay.until_at, most=limit
        )
    )  # fmt: skip
    if not found:
        return await _complete(tx, replay)
    next_ones = rules.of_one_version(found)
    book = rules.as_begun(await queries.book(tx, replay_id), replay.created_at)
    outcomes = await order_service.replay_orders(
        tx, order_ids=[one.order_id for one in next_ones], version=next_ones[0].version, book=book, trial_id=replay_id
    )
    await _add(tx, replay_id, rules.summed(outcomes))
    await _write_down(tx, replay_id, rules.rows(outcomes, locale=replay.locale))
    done = replay.done + len(next_ones)
    last = next_ones[-1]
    return await _update(
        tx,
        replay,
        status=ReplayStatus.running,
        done=done,
        total=max(replay.total, done),
        after_at=last.placed_at,
        after_id=last.order_id,
    )


async def cancel_replay(tx: Tx, *, replay_id: UUID) -> Replay:
    """End a replay after the set in hand; what it came to is kept. Raises ReplayNotFound, ReplayEnded."""
    replay = await queries.replay_for_update(tx, replay_id)
    if not replay.is_under_way:
        raise errors.ReplayEnded
    tx.emit(events.ReplayCanceled(replay_id=replay.replay_id, orders=replay.done))
    return await _update(tx, replay, status=ReplayStatus.canceled)


async def give_up(tx: Tx, *, replay_id: UUID, refusal: Refusal) -> Replay:
    """End a replay that cannot be done, with the reason; one that is not under way stays as it is."""
    replay = await queries.replay_for_update(tx, replay_id)
    if not replay.is_under_way:
        return replay
    tx.emit(events.ReplayFailed(replay_id=replay.replay_id, orders=replay.done))
    return await _update(tx, replay, status=ReplayStatus.failed, stopped_by=errands.why(replay.locale, refusal))


async def forget_old(tx: Tx) -> int:
    """Delete replays that ended `REPLAYS_KEPT_DAYS` ago, with all they came to; return how many, 0 when done."""
    before = tx.now - timedelta(days=REPLAYS_KEPT_DAYS)
    rows = await tx.sql(SQL["old_replays"], before=before, most=REPLAYS_PER_SET_MAX)
    old: Mapping[str, Any] = {"replay_ids": [row[0] for row in rows]}
    if rows:
        for name in ("delete_orders_of", "delete_sums_of", "delete_replays"):
            await tx.sql_count(SQL[name], **old)
    return len(rows)


async def _complete(tx: Tx, replay: Replay) -> Replay:
    tx.emit(events.ReplayCompleted(replay_id=replay.replay_id, orders=replay.done))
    return await _update(tx, replay, status=ReplayStatus.completed, total=replay.done)


async def _add(tx: Tx, replay_id: UUID, sums: Mapping[SumKey, Sum]) -> None:
    keys = sorted(sums)
    await tx.sql_count(
        SQL["add_sums"],
        replay_id=replay_id,
        figures=[key.figure for key in keys],
        subjects=[key.subject for key in keys],
        currencies=[key.currency for key in keys],
        orders=[sums[key].orders for key in keys],
        before_minors=[sums[key].before_minor for key in keys],
        after_minors=[sums[key].after_minor for key in keys],
    )


async def _write_down(tx: Tx, replay_id: UUID, found: Sequence[OrderRow]) -> None:
    if not found:
        return
    await tx.sql_count(
        SQL["insert_orders"],
        replay_id=replay_id,
        order_ids=[row.order_id for row in found],
        outcomes=[row.outcome for row in found],
        currencies=[row.currency for row in found],
        before_minors=[row.before_minor for row in found],
        after_minors=[row.after_minor for row in found],
        codes=[row.code for row in found],
        details=[row.detail for row in found],
    )


async def _update(tx: Tx, replay: Replay, **changes: Any) -> Replay:
    await errands.update(tx, t.PriceReplay, t.PriceReplay.replay_id == replay.replay_id, **changes)
    return await queries.replay(tx, replay.replay_id)
