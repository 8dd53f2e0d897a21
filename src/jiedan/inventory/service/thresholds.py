"""Set what staff decide per key: safety stock, the level that alarms, the level to fill up to."""

import dataclasses
from collections.abc import Sequence

from jiedan.accounts import queries as accounts
from jiedan.base import edits
from jiedan.base.db import LockRank, Tx
from jiedan.base.errors import Refusal, StaleVersion
from jiedan.inventory import errors, events, queries, rules, stock_moves
from jiedan.inventory.values import StockKey, Thresholds, ThresholdsState, ThresholdsWish

FIELDS = tuple(field.name for field in dataclasses.fields(Thresholds))


async def set_thresholds_many(tx: Tx, *, wishes: Sequence[ThresholdsWish]) -> list[ThresholdsState | Refusal]:
    """Set safety stock and levels: one outcome per wish, in order; a key gets its counters if it has none.

    Outcomes are ThresholdsState, CannotHoldStock, InvalidThresholds or StaleVersion. A wish that changes nothing leaves
    the version as it is. What becomes available by a smaller safety stock, and what is low by the new levels, is told.
    Three statements; two more when something is stale.
    """
    keys = {wish.key for wish in wishes if rules.refuse_thresholds(wish.thresholds) is None}
    tx.will_lock(LockRank.STOCK)
    await tx.sql(stock_moves.SQL["insert_stock"], **queries.key_columns(sorted(keys)))
    states = await queries.thresholds_for_update(tx, keys)
    before = dict(states)
    outcomes = [_decide(wish, states) for wish in wishes]
    changed = {key: state for key, state in states.items() if state != before[key]}
    await tx.sql_count(
        stock_moves.SQL["set_thresholds"],
        **queries.key_columns(changed),
        safety_stock=[state.thresholds.safety_stock for state in changed.values()],
        low_thresholds=[state.thresholds.low_threshold for state in changed.values()],
        restock_levels=[state.thresholds.restock_level for state in changed.values()],
        versions=[state.version for state in changed.values()],
        now=tx.now,
    )
    for key, state in changed.items():
        _tell(tx, key, before[key], state)
    await _name_editors(tx, wishes, outcomes)
    return outcomes


def _decide(wish: ThresholdsWish, states: dict[StockKey, ThresholdsState]) -> ThresholdsState | Refusal:
    """Decide one wish, and let `states` show it to the next."""
    state = states.get(wish.key)
    if refusal := rules.refuse_thresholds(wish.thresholds):
        return refusal
    if state is None:
        return errors.CannotHoldStock(wish.sku_id, wish.location_id)
    if wish.expected_version is not None and wish.expected_version != state.version:
        return StaleVersion(wish.expected_version, state.version, "", "")
    if state.thresholds == wish.thresholds:
        return state
    counters = dataclasses.replace(state.counters, safety=wish.thresholds.safety_stock)
    states[wish.key] = ThresholdsState(counters, wish.thresholds, state.version + 1)
    return states[wish.key]


def _tell(tx: Tx, key: StockKey, before: ThresholdsState, after: ThresholdsState) -> None:
    available, levels = after.counters.available, after.thresholds
    tx.emit(
        events.ThresholdsSet(
            sku_id=key.sku_id,
            location_id=key.location_id,
            version=after.version,
            safety_stock=levels.safety_stock,
            low_threshold=levels.low_threshold,
            restock_level=levels.restock_level,
            changed=rules.changed_fields(before.thresholds, levels, FIELDS),
        )
    )
    if available > max(before.counters.available, 0):
        tx.emit(events.StockBecameAvailable(sku_id=key.sku_id, location_id=key.location_id, available=available))
    if rules.is_low(after) and not rules.is_low(before):
        stock_moves.tell_low(
            tx,
            key,
            available=available,
            incoming=after.counters.incoming,
            low_threshold=levels.low_threshold or 0,
            restock_level=levels.restock_level,
        )


async def _name_editors(
    tx: Tx, wishes: Sequence[ThresholdsWish], outcomes: Sequence[ThresholdsState | Refusal]
) -> None:
    stale = [(wish, o) for wish, o in zip(wishes, outcomes, strict=True) if isinstance(o, StaleVersion)]
    if not stale:
        return
    made = await accounts.edits(tx, subject_ids={wish.sku_id for wish, _ in stale}, kind=events.ThresholdsSet.kind)
    for wish, outcome in stale:
        here = [edit for edit in made.by_thing[wish.sku_id] if edit.data["location_id"] == str(wish.location_id)]
        told = edits.stale(outcome.expected, outcome.current, edits.since(here, outcome.expected), made.names)
        outcome.changed_by, outcome.changed = told.changed_by, told.changed
