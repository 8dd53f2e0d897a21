"""Counts: when a difference is believed, and what it changes.

A difference is what was found against what the books said at that moment, so goods that move between counting and
applying are neither lost nor found twice.
"""

import dataclasses
from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from jiedan.base.errors import Refusal, Rejections
from jiedan.catalog.values import SellableSku, SkuId, SkuKind
from jiedan.inventory import errors
from jiedan.inventory.rules.limits import refuse_quantity
from jiedan.inventory.rules.moves import Fold, Work
from jiedan.inventory.values import (
    Count,
    CountApplied,
    CountCanceled,
    CountId,
    CountLine,
    CountLineState,
    CountRound,
    LocationId,
    NewCount,
    StockKey,
    Tallied,
    Tally,
)


def count_state(line: CountLine) -> CountLineState:
    """Say where a line stands: no difference settles it at once, a difference when two rounds in a row agree on it."""
    if not line.rounds:
        return "uncounted"
    last = line.rounds[-1].difference
    agreed = len(line.rounds) > 1 and line.rounds[-2].difference == last
    return "settled" if last == 0 or agreed else "recount"


def open_count(
    wanted: NewCount,
    *,
    count_id: CountId,
    known: Collection[LocationId],
    skus: Mapping[SkuId, SellableSku],
    counted: dict[StockKey, CountId],
    at: datetime,
) -> Count | Refusal:
    """Open a count of `skus` at a `known` location; `counted` are the keys of open counts, and gets those of this one.

    A difference is what was found against the books: found by two counts, it would be booked twice.
    """
    if not wanted.sku_ids or len(set(wanted.sku_ids)) < len(wanted.sku_ids):
        return errors.InvalidCount()
    if wanted.location_id not in known:
        return errors.LocationNotFound(str(wanted.location_id))
    for sku_id in wanted.sku_ids:
        if sku_id not in skus or skus[sku_id].kind != SkuKind.goods:
            return errors.CannotHoldStock(sku_id, wanted.location_id)
    keys = [StockKey(sku_id, wanted.location_id) for sku_id in wanted.sku_ids]
    for key in keys:
        if key in counted:
            return errors.CountedAlready(*key, counted[key])
    counted.update(dict.fromkeys(keys, count_id))
    lines = tuple(CountLine(sku_id, ()) for sku_id in sorted(wanted.sku_ids))
    return Count(count_id, wanted.location_id, wanted.reference, at, None, is_applied=False, lines=lines)


class Sheets:
    """Locked counts with the rounds noted so far."""

    def __init__(self, counts: Mapping[CountId, Count]) -> None:
        self.heads = dict(counts)
        self.lines = {(count.count_id, line.sku_id): line for count in counts.values() for line in count.lines}
        self.noted: list[tuple[Tally, int, CountRound]] = []

    def lines_of(self, count_id: CountId) -> list[CountLine]:
        """Return the lines of a count as they stand now."""
        return [line for (of, _), line in self.lines.items() if of == count_id]


def note(tally: Tally, sheets: Sheets, fold: Fold) -> Tallied | Refusal:
    """Note one round of a line, each operation key once."""
    count, line = sheets.heads.get(tally.count_id), sheets.lines.get((tally.count_id, tally.sku_id))
    if count is None:
        return errors.CountNotFound(tally.count_id)
    if line is None:
        return errors.NotInCount(tally.sku_id)
    for number, before in enumerate(line.rounds, 1):
        if before.operation_key == tally.operation_key:
            if before.counted != tally.counted:
                return errors.OperationKeyReused(tally.operation_key)
            return Tallied(tally.count_id, tally.sku_id, number, count_state(line))
    if any(r.operation_key == tally.operation_key for other in sheets.lines_of(tally.count_id) for r in other.rounds):
        return errors.OperationKeyReused(tally.operation_key)
    if count.closed_at is not None:
        return errors.CountEnded(tally.count_id)
    if refusal := refuse_quantity(tally.counted, quantity_min=0):
        return refusal
    on_hand = fold.at(StockKey(tally.sku_id, count.location_id)).on_hand
    found = CountRound(tally.counted, on_hand, tally.operation_key)
    line = dataclasses.replace(line, rounds=(*line.rounds, found))
    sheets.lines[tally.count_id, tally.sku_id] = line
    sheets.noted.append((tally, len(line.rounds), found))
    return Tallied(tally.count_id, tally.sku_id, len(line.rounds), count_state(line))


def differences(count: Count) -> dict[StockKey, int]:
    """Return what the last round of each line found against the books, where it found a difference."""
    found = {line.sku_id: line.rounds[-1].difference for line in count.lines if line.rounds}
    return {StockKey(sku_id, count.location_id): difference for sku_id, difference in found.items() if difference}


def apply_count(
    count_id: CountId, sheets: Sheets, fold: Fold, *, ids: Mapping[StockKey, UUID], at: datetime
) -> CountApplied | Refusal:
    """Put every difference of a settled count into the books, or none; `ids` are for the movements, one per key.

    Below what is reserved, all reasons come at once as Rejections of BelowReserved.
    """
    count = _open_one(count_id, sheets)
    if not isinstance(count, Count):
        return count
    states = [count_state(line) for line in count.lines]
    if "uncounted" in states or "recount" in states:
        return errors.CountNotSettled(states.count("uncounted"), states.count("recount"))
    found = differences(count)
    rows = {key: fold.at(key) for key in found}
    below = tuple(
        errors.BelowReserved(*key, rows[key].on_hand + difference, rows[key].reserved)
        for key, difference in found.items()
        if rows[key].on_hand + difference < rows[key].reserved
    )
    if below:
        return Rejections(below)
    moved = tuple(
        fold.move(Work(key, "count", difference, f"count/{count_id}/{key.sku_id}", subject_id=count_id), ids[key])
        for key, difference in found.items()
    )
    sheets.heads[count_id] = dataclasses.replace(count, closed_at=at, is_applied=True)
    return CountApplied(count_id, moved)


def cancel_count(count_id: CountId, sheets: Sheets, *, at: datetime) -> CountCanceled | Refusal:
    """End a count without effect."""
    count = _open_one(count_id, sheets)
    if not isinstance(count, Count):
        return count
    sheets.heads[count_id] = dataclasses.replace(count, closed_at=at)
    return CountCanceled(count_id)


def _open_one(count_id: CountId, sheets: Sheets) -> Count | Refusal:
    count = sheets.heads.get(count_id)
    if count is None:
        return errors.CountNotFound(count_id)
    return errors.CountEnded(count_id) if count.closed_at is not None else count
