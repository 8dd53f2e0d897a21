"""Count stock: open a count, tally blind, apply the differences or cancel; each on a set."""

from collections.abc import Sequence

from jiedan.base import once, sql
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.catalog import queries as catalog
from jiedan.inventory import events, queries, rules, stock_moves
from jiedan.inventory.service.move import name_reservations, tell_adjusted
from jiedan.inventory.values import (
    Count,
    CountApplied,
    CountCanceled,
    CountId,
    NewCount,
    StockKey,
    Tallied,
    Tally,
)

SQL = sql.load("jiedan.inventory.service", "counts.sql")

OPEN = "inventory.open_count"


async def open_counts(tx: Tx, *, wishes: Sequence[NewCount]) -> list[Count | Refusal]:
    """Open counts: one outcome per wish, in order.

    Outcomes are Count (as it stands now when its key had opened it before), InvalidCount, LocationNotFound,
    CannotHoldStock, CountedAlready or KeyReused. Six statements; with keys as in `open_transfers`.
    """
    subjects = await once.subjects(tx, operation=OPEN, wishes=[(wish.key, wish) for wish in wishes])
    sku_ids = [sku_id for wish in wishes for sku_id in wish.sku_ids]
    places, skus = await tx.load(queries.locations(), catalog.skus_by_id(sku_ids))
    known = {place.location_id for place in places}
    counted = await queries.counted_for_update(tx, {wish.location_id for wish in wishes})
    opened: dict[int, Count | Refusal] = {
        place: rules.open_count(
            wishes[place], count_id=CountId(found.id), known=known, skus=skus, counted=counted, at=tx.now
        )
        for place, found in enumerate(subjects)
        if isinstance(found, once.Subject) and found.is_fresh
    }
    made = [outcome for outcome in opened.values() if isinstance(outcome, Count)]
    heads = {
        "count_ids": [count.count_id for count in made],
        "location_ids": [count.location_id for count in made],
        "references": [count.reference for count in made],
        "now": tx.now,
    }
    lines = {
        "count_ids": [count.count_id for count in made for _ in count.lines],
        "sku_ids": [line.sku_id for count in made for line in count.lines],
    }
    await tx.sql_many([(SQL["insert_counts"], heads), (SQL["insert_count_lines"], lines)])
    tx.emit(
        *(
            events.CountOpened(count_id=count.count_id, location_id=count.location_id, skus=len(count.lines))
            for count in made
        )
    )
    return await once.settle(tx, operation=OPEN, subjects=subjects, made=opened, read=queries.counts)


async def record_tallies(tx: Tx, *, tallies: Sequence[Tally]) -> list[Tallied | Refusal]:
    """Note what was found, one round per tally: one outcome per tally, in order.

    Outcomes are Tallied (also when the operation key had noted this before), CountNotFound, NotInCount, CountEnded,
    InvalidQuantity or OperationKeyReused. Four statements, three round trips.
    """
    sheets = rules.Sheets(await queries.counts_for_update(tx, [tally.count_id for tally in tallies]))
    keys = [
        StockKey(tally.sku_id, sheets.heads[tally.count_id].location_id)
        for tally in tallies
        if tally.count_id in sheets.heads
    ]
    fold = await stock_moves.lock(tx, keys)
    outcomes = [rules.note(tally, sheets, fold) for tally in tallies]
    await tx.sql_count(
        SQL["insert_tallies"],
        count_ids=[tally.count_id for tally, _, _ in sheets.noted],
        sku_ids=[tally.sku_id for tally, _, _ in sheets.noted],
        rounds=[number for _, number, _ in sheets.noted],
        counted=[found.counted for _, _, found in sheets.noted],
        on_hand=[found.on_hand for _, _, found in sheets.noted],
        operation_keys=[found.operation_key for _, _, found in sheets.noted],
        actor_kind=tx.actor.kind,
        actor_id=tx.actor.id,
        now=tx.now,
    )
    tx.emit(
        *(
            events.CountTallied(count_id=tally.count_id, sku_id=tally.sku_id, round=number)
            for tally, number, _ in sheets.noted
        )
    )
    return outcomes


async def apply_counts(tx: Tx, *, count_ids: Sequence[CountId]) -> list[CountApplied | Refusal]:
    """Put the differences of settled counts into the books, all of one or none of it: one outcome per id, in order.

    Outcomes are CountApplied, CountNotFound, CountEnded, CountNotSettled, or Rejections of BelowReserved, each with the
    latest reservations that would have to yield. Seven statements, three round trips; one more of each in that case.
    """
    sheets = rules.Sheets(await queries.counts_for_update(tx, count_ids))
    found = {count_id: rules.differences(count) for count_id, count in sheets.heads.items()}
    keys = [key for of_count in found.values() for key in of_count]
    gains = [key for of_count in found.values() for key, change in of_count.items() if change > 0]
    fold = await stock_moves.lock(tx, keys, created=gains)
    outcomes = []
    for count_id in count_ids:
        of_count = found.get(count_id, {})
        ids = dict(zip(of_count, tx.new_ids(len(of_count)), strict=True))
        outcomes.append(rules.apply_count(count_id, sheets, fold, ids=ids, at=tx.now))
    applied = [outcome.count_id for outcome in outcomes if isinstance(outcome, CountApplied)]
    ended = {"count_ids": applied, "is_applied": True, "now": tx.now}
    await stock_moves.save(tx, fold, stock_moves.movements(tx, fold), (SQL["close_counts"], ended))
    tell_adjusted(tx, fold)
    tx.emit(
        *(
            events.CountEnded(count_id=outcome.count_id, is_applied=True, differences=len(outcome.moved))
            for outcome in outcomes
            if isinstance(outcome, CountApplied)
        )
    )
    await name_reservations(tx, outcomes)
    return outcomes


async def cancel_counts(tx: Tx, *, count_ids: Sequence[CountId]) -> list[CountCanceled | Refusal]:
    """End counts without effect: one outcome per id, in order.

    Outcomes are CountCanceled, CountNotFound or CountEnded. Three statements, two round trips.
    """
    sheets = rules.Sheets(await queries.counts_for_update(tx, count_ids))
    outcomes = [rules.cancel_count(count_id, sheets, at=tx.now) for count_id in count_ids]
    canceled = [outcome.count_id for outcome in outcomes if isinstance(outcome, CountCanceled)]
    await tx.sql_count(SQL["close_counts"], count_ids=canceled, is_applied=False, now=tx.now)
    tx.emit(*(events.CountEnded(count_id=count_id, is_applied=False, differences=0) for count_id in canceled))
    return outcomes
