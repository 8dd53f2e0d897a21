"""Money on orders beyond what they cost, which nobody but people gives back: told as cases."""

from collections.abc import Sequence

from jiedan.base.db import Tx
from jiedan.cases import queries as known_cases
from jiedan.cases import service as cases
from jiedan.cases.values import NewCase
from jiedan.orders.values import Order, OrderId

REFUND_DUE = "refund_due"

MORE_DUE = "More has become due; a new case says how much."
LESS_DUE = "Less is due now; a new case says how much."
PARTLY_BACK = "Part of it is given back; a new case says what is left."
UNDER_WAY = "It is being given back."
NOTHING_DUE = "The order costs as much again: nothing is due."

_KINDS = (REFUND_DUE, "overpaid")
"""Cases about money that an order has too much of."""


async def ask_for_refunds(tx: Tx, *, orders: Sequence[Order], words: str = MORE_DUE) -> None:
    """Ask people to give back what orders have beyond what they cost: one case for each, about all of it.

    What is on its way back already is not asked for again. A case that stands already is about another amount, and
    gives way with `words`. No statement without orders, five at most, whatever their number.
    """
    orders = [order for order in orders if order.to_give_back_minor]
    if not orders:
        return
    await cases.settle_all(tx, answers={(kind, "order", x.order_id): words for x in orders for kind in _KINDS})
    await cases.open_cases(tx, cases=[_case(order, order.to_give_back_minor) for order in orders])


def _case(order: Order, amount_minor: int) -> NewCase:
    data = {"number": order.number, "amount_minor": amount_minor, "currency": order.currency}
    return NewCase(REFUND_DUE, "order", order.order_id, data)


async def follow(tx: Tx, *, before: Order, after: Order) -> None:
    """Follow a change of what an order costs: what was paid for it and is too much now is asked back, or not any more.

    What is on its way back counts as gone. No statement where an order has as much too much as before.
    """
    if max(0, before.balance_minor) == max(0, after.balance_minor):
        return
    was, now = before.to_give_back_minor, after.to_give_back_minor
    if now:
        await ask_for_refunds(tx, orders=[after], words=MORE_DUE if now > was else LESS_DUE)
    else:
        words = NOTHING_DUE if after.balance_minor <= 0 else UNDER_WAY
        await cases.settle_all(tx, answers={(kind, "order", after.order_id): words for kind in _KINDS})


async def follow_refunds(tx: Tx, *, orders: Sequence[Order]) -> None:
    """Follow money of orders that goes back: open cases that ask for more than is left to give back ask for that.

    One that is left with nothing to ask for is settled: should the money not go, that is a case of its own. One
    statement where nobody is asked, five more at most.
    """
    if not orders:
        return
    known = await known_cases.cases_about(tx, [order.order_id for order in orders])
    standing = [case for case in known if case.kind == REFUND_DUE and case.state == "open"]
    asked = {OrderId(case.subject_id): int(case.data.get("amount_minor", 0)) for case in standing}
    lower = [order for order in orders if asked.get(order.order_id, 0) > order.to_give_back_minor]
    words = {order.order_id: PARTLY_BACK if order.to_give_back_minor else UNDER_WAY for order in lower}
    await cases.settle_all(tx, answers={(REFUND_DUE, "order", key): said for key, said in words.items()})
    await cases.open_cases(tx, cases=[_case(x, x.to_give_back_minor) for x in lower if x.to_give_back_minor])
