"""What stops an order from its beginning: history that came without lines, prices by hand that must be approved."""

from typing import NamedTuple
from uuid import UUID

from jiedan.base import cards
from jiedan.base.db import Tx
from jiedan.orders import events
from jiedan.orders.rules import by_hand
from jiedan.orders.rules.planning import Plan
from jiedan.orders.values import Approval, Placed

LINES_MISSING = "lines_missing"
"""The kind of hold that stops history which came without lines."""

LINES_MISSING_REASON = "The order came without lines."


class Hold(NamedTuple):
    """What stops an order from its beginning; `approval` says what somebody must approve."""

    hold_id: UUID
    kind: str
    reason: str
    lift_permission: str = "orders:lift"
    approval: Approval | None = None


def hold_of(tx: Tx, plan: Plan, asked: Approval | None) -> Hold | None:
    """Return what stops the order that `plan` becomes, of which somebody must approve what is `asked`."""
    if asked is not None:
        reason = by_hand.reasons_of(plan.lines, cards.masked(plan.price_story.discount))
        return Hold(tx.new_id(), by_hand.APPROVAL, reason, by_hand.APPROVAL_PERMISSION, asked)
    return None if plan.lines else Hold(tx.new_id(), LINES_MISSING, LINES_MISSING_REASON)


def tell(tx: Tx, hold: Hold, plan: Plan, placed: Placed) -> None:
    """Tell that an order was stopped as it was placed."""
    tx.emit(
        events.HoldPlaced(order_id=placed.order_id, hold_id=hold.hold_id, hold_kind=hold.kind),
        actor=plan.draft.actor,
        request_id=plan.draft.request_id,
        occurred_at=placed.placed_at,
        history=plan.draft.body.history is not None,
        private={"reason": hold.reason},
    )
    if hold.approval is not None:
        asked = events.ApprovalAsked(
            order_id=placed.order_id,
            hold_id=hold.hold_id,
            currency=placed.currency,
            amount_minor=hold.approval.off_minor,
            off_ppm=hold.approval.off_ppm,
            limit_ppm=hold.approval.limit_ppm,
        )
        tx.emit(asked, actor=plan.draft.actor, request_id=plan.draft.request_id, occurred_at=placed.placed_at)
