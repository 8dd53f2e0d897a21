"""Hold orders for approval of what was taken off by hand, as far as that still needs it.

The orders are locked and read: no order is locked behind the stock that an edit has moved.
"""

from jiedan.base.db import Tx
from jiedan.base.errors import accepted
from jiedan.orders.queries.hanging import Details
from jiedan.orders.rules import by_hand
from jiedan.orders.service import approving, holds
from jiedan.orders.values import Hold, HoldRequest, LiftRequest, OrderWithLines


def _standing(details: Details) -> Hold | None:
    """Return the hold for approval that stands on an order."""
    return next((hold for hold in details.standing_holds if hold.kind == by_hand.APPROVAL), None)


async def hold(tx: Tx, after: OrderWithLines, details: Details, reason: str) -> bool:
    """Hold the order where its prices need approval, lift that hold where they do not; tell whether it stands."""
    order, held = after.order, _standing(details)
    found, hanging = {order.order_id: after}, {order.order_id: details}
    approval = await approving.approval_of(tx, lines=after.lines, actor=tx.actor)
    if approval is None:
        if held is not None:
            lift = LiftRequest(held.hold_id, reason, frozenset({held.lift_permission}), order.order_id)
            accepted(await holds.lift_from(tx, found, hanging, [lift]))
        return False
    hold_id = held.hold_id if held is not None else None
    if hold_id is None:
        wish = HoldRequest(order.order_id, by_hand.APPROVAL, reason, by_hand.APPROVAL_PERMISSION)
        (hold_id,) = accepted(await holds.place_on(tx, found, hanging, [wish]))
    tx.emit(by_hand.told(order.order_id, hold_id, order.currency, approval))
    return True


async def follow(tx: Tx, after: OrderWithLines, details: Details, *, may_price: bool) -> None:
    """Ask anew for what a hold waits for, or lift it, where the order costs something else now; nothing without a hold.

    Who may not set prices approves nothing so.
    """
    held = _standing(details)
    if held is None:
        return
    if may_price:
        await hold(tx, after, details, by_hand.reasons_of(after.lines, ""))
        return
    order = after.order
    tx.emit(by_hand.told(order.order_id, held.hold_id, order.currency, by_hand.asked(after.lines)))
