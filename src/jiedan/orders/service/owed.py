"""Money on orders beyond what they cost, which nobody but people gives back: told as cases."""

from collections.abc import Sequence

from jiedan.base.db import Tx
from jiedan.cases import service as cases
from jiedan.cases.values import NewCase
from jiedan.orders.values import Order

REFUND_DUE = "refund_due"

MORE_DUE = "More has become due; a new case says how much."
LESS_DUE = "Less is due now; a new case says how much."
NOTHING_DUE = "The order costs as much again: nothing is due."

_KINDS = (REFUND_DUE, "overpaid")
"""Cases about money that an order has too much of."""


async def ask_for_refunds(tx: Tx, *, orders: Sequence[Order], words: str = MORE_DUE) -> None:
    """Ask people to give back what orders have beyond what they cost: one case for each, about all of it.

    A case that stands already is about another amount, and gives way with `words`. No statement without orders, five
    at most, whatever their number.
    """
    if not orders:
        return
    await cases.settle_all(tx, answers={(kind, "order", x.order_id): words for x in orders for kind in _KINDS})
    opened = [
        NewCase(
            REFUND_DUE,
            "order",
            x.order_id,
            {"number": x.number, "amount_minor": x.balance_minor, "currency": x.currency},
        )
        for x in orders
    ]
    await cases.open_cases(tx, cases=opened)


async def follow(tx: Tx, *, before: Order, after: Order) -> None:
    """Follow a change of what an order costs: what was paid for it and is too much now is asked back, or not any more.

    No statement where that stays as it was.
    """
    was, now = (max(0, order.balance_minor) for order in (before, after))
    if was == now:
        return
    if now:
        await ask_for_refunds(tx, orders=[after], words=MORE_DUE if now > was else LESS_DUE)
    else:
        await cases.settle_all(tx, answers={(kind, "order", after.order_id): NOTHING_DUE for kind in _KINDS})
