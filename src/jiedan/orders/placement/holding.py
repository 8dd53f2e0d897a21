"""Holds that orders begin with: history that came without lines, and prices by hand that somebody must approve."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from jiedan.base import cards, sql
from jiedan.base.db import Tx
from jiedan.orders import events
from jiedan.orders.placement.load import SQL
from jiedan.orders.rules import by_hand
from jiedan.orders.rules.planning import Plan
from jiedan.orders.values import Approval, HoldId, Placed

LINES_MISSING = "lines_missing"
"""The kind of hold that stops history which came without lines."""

LINES_MISSING_REASON = "The order came without lines."


class Hold(NamedTuple):
    """What stops an order from its beginning; `approval` says what somebody must approve."""

    hold_id: HoldId
    kind: str
    reason: str
    lift_permission: str = "orders:lift"
    approval: Approval | None = None


def begun(tx: Tx, plan: Plan, approval: Approval | None) -> Hold | None:
    """Return what stops the order that a plan becomes, if anything does."""
    if approval is not None:
        reason = by_hand.reasons_of(plan.lines, cards.masked(plan.price_story.discount))
        return Hold(HoldId(tx.new_id()), by_hand.APPROVAL, reason, by_hand.APPROVAL_PERMISSION, approval)
    return None if plan.lines else Hold(HoldId(tx.new_id()), LINES_MISSING, LINES_MISSING_REASON)


def rows(held: Sequence[tuple[Hold, Placed, Plan]]) -> list[tuple[sql.Statement, dict[str, Any]]]:
    """Return the write of holds with their orders; no statement without any."""
    if not held:
        return []
    parameters = {
        "hold_id": [hold.hold_id for hold, _, _ in held],
        "kind": [hold.kind for hold, _, _ in held],
        "reason": [hold.reason for hold, _, _ in held],
        "lift_permission": [hold.lift_permission for hold, _, _ in held],
        "order_id": [placed.order_id for _, placed, _ in held],
        "placed_at": [placed.placed_at for _, placed, _ in held],
        "by_kind": [plan.draft.actor.kind for _, _, plan in held],
        "by_id": [plan.draft.actor.id for _, _, plan in held],
    }
    return [(SQL["insert_holds"], parameters)]


def tell(tx: Tx, hold: Hold, placed: Placed, plan: Plan) -> None:
    """Tell of a hold, and of what waits for approval, in the name of who placed the order."""
    draft = plan.draft
    tx.emit(
        events.HoldPlaced(order_id=placed.order_id, hold_id=hold.hold_id, hold_kind=hold.kind),
        actor=draft.actor,
        request_id=draft.request_id,
        occurred_at=placed.placed_at,
        history=draft.body.history is not None,
        private={"reason": hold.reason},
    )
    if hold.approval is not None:
        asked = by_hand.told(placed.order_id, hold.hold_id, placed.currency, hold.approval)
        tx.emit(asked, actor=draft.actor, request_id=draft.request_id, occurred_at=placed.placed_at)
