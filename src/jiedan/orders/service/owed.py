"""Money on orders beyond what they cost, which nobody but people gives back: told as cases."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.cases import queries as known_cases
from jiedan.cases import service as cases
from jiedan.cases.values import Case, NewCase, Successor
from jiedan.orders.service import leaving
from jiedan.orders.values import Order, OrderId

REFUND_DUE, OVERPAID, AFTER_END = "refund_due", "overpaid", "payment_after_end"

MORE_DUE = "More has become due; a new case says how much."
LESS_DUE = "Less is due now; a new case says how much."
PARTLY_BACK = "Part of it is given back; a new case says what is left."
RETURNED = "The money was returned."
REOPENED = "The order was opened again."

_KINDS = (REFUND_DUE, OVERPAID)
"""Cases about money that an order has too much of."""

_ASKING = {REFUND_DUE: "amount_minor", OVERPAID: "balance_minor", AFTER_END: "amount_minor"}
"""Where cases tell how much they ask people to give back."""


async def ask_for_refunds(tx: Tx, *, orders: Sequence[Order], words: str = MORE_DUE) -> None:
    """Ask people to give back what orders have beyond what they cost: one case for each, about all of it.

    What is on its way back already is not asked for again. A case that stands already is about another amount, and
    gives way with `words`; who works on it works on the new one. No statement without orders, eight at most, whatever
    their number.
    """
    await _ask(tx, asked=[(order, order.to_give_back_minor) for order in orders], words=words)


async def _ask(tx: Tx, *, asked: Sequence[tuple[Order, int]], words: str) -> None:
    due = [Successor(_case(order, amount_minor), _KINDS) for order, amount_minor in asked if amount_minor]
    await cases.replace_cases(tx, answers=_giving_way(due, words), successors=due)


def _giving_way(asked: Sequence[Successor], words: str) -> dict[tuple[str, str, UUID], str]:
    return {(kind, "order", new.subject_id): words for new, kinds in asked for kind in kinds}


def about_all(asked: NewCase, *, late_too: bool) -> Successor:
    """Return a case about all that an order has too much, with the kinds that give way to it.

    `late_too` says that money which came after the order's end is part of it.
    """
    return Successor(asked, tuple(_ASKING) if late_too else _KINDS)


class Excess(NamedTuple):
    """Money that came for an order beyond what it costs; `data` is what its case tells of it."""

    order: Order
    came_minor: int
    data: Mapping[str, Any]


async def tell_excess(tx: Tx, *, came: Sequence[Excess]) -> None:
    """Open cases of orders that were paid too much.

    Where people are asked already to give some of an order's money back, one case carries it all: theirs gives way to
    one of its kind about what it asked for and what came. No statement without any, ten at most.
    """
    if not came:
        return
    standing: dict[UUID, list[Case]] = {}
    for case in await _standing(tx, [one.order.order_id for one in came], _KINDS):
        standing.setdefault(case.subject_id, []).append(case)
    opened: dict[UUID, NewCase] = {}
    for one in came:
        key = one.order.order_id
        asking: Sequence[Case | NewCase] = [opened[key]] if key in opened else standing.get(key, [])
        new = _with_excess(asking, one)
        if new is not None:
            opened[key] = new
    answers = {(kind, "order", key): MORE_DUE for key in opened for kind in _KINDS}
    await cases.replace_cases(tx, answers=answers, successors=[Successor(new, _KINDS) for new in opened.values()])


def _with_excess(asking: Sequence[Case | NewCase], one: Excess) -> NewCase | None:
    """Return the case of an order's money that came, with what is asked for already; None where that is all of it."""
    asked_minor = _sum_minor(asking)
    amount_minor = min(one.order.to_give_back_minor, asked_minor + one.came_minor)
    if asking and amount_minor <= asked_minor:
        return None
    due = next((case for case in asking if case.kind == REFUND_DUE), None)
    if due is not None:
        return NewCase(REFUND_DUE, "order", one.order.order_id, {**due.data, _ASKING[REFUND_DUE]: amount_minor})
    return NewCase(OVERPAID, "order", one.order.order_id, {**one.data, _ASKING[OVERPAID]: amount_minor})


def _case(order: Order, amount_minor: int) -> NewCase:
    data = {"number": order.number, "amount_minor": amount_minor, "currency": order.currency}
    return NewCase(REFUND_DUE, "order", order.order_id, data)


async def follow(tx: Tx, *, before: Order, after: Order) -> None:
    """Follow a change of what an order costs: what was paid for it and is too much now is asked back, or not any more.

    What is on its way back counts as gone. Refunds of it that failed are part of what is asked for: their cases give
    way, unless they are about more than was due, which only people know the reason of; then their money is not asked
    for here. No statement where an order has as much too much as before, and needs what is on its way back as before.
    """
    await leaving.settle_leaving(tx, changed=[(before, after)])
    if max(0, before.balance_minor) == max(0, after.balance_minor):
        return
    was, now = before.to_give_back_minor, after.to_give_back_minor
    failed = await known_cases.open_with_order(tx, kind=leaving.REFUND_FAILED, order_ids=[after.order_id])
    are_due = sum(int(case.data.get("amount_minor", 0)) for case in failed) <= was
    asked = now if are_due else min(now, max(0, await _asked_minor(tx, after) + now - was))
    words = _following(after, was, now)
    if are_due:
        await cases.settle_all(tx, answers={(c.kind, c.subject_kind, c.subject_id): words for c in failed})
    if asked:
        await _ask(tx, asked=[(after, asked)], words=words)
    else:
        await cases.settle_all(tx, answers={(kind, "order", after.order_id): words for kind in _KINDS})


async def follow_reopened(tx: Tx, *, changed: Sequence[tuple[Order, Order]]) -> None:
    """Follow orders, as they were and as they are, that are open again: what pays for them is asked back no more.

    That goes for money that came after their end, too. What is too much still is asked for by one case, as `follow`
    says; what is on its way back and needed again is told by one of its own. No statement without orders that have had
    money, two where nobody is asked, fourteen at most.
    """
    changed = [(before, after) for before, after in changed if before.captured_minor or before.authorized_minor]
    if not changed:
        return
    order_ids = [after.order_id for _, after in changed]
    failed = await known_cases.open_with_order(tx, kind=leaving.REFUND_FAILED, order_ids=order_ids)
    standing = await _standing(tx, order_ids, _ASKING)
    answers: dict[tuple[str, str, UUID], str] = {}
    due: list[Successor] = []
    for before, after in changed:
        was, now = before.to_give_back_minor, after.to_give_back_minor
        again = [case for case in failed if case.data["order_id"] == str(after.order_id)]
        asking = [case for case in standing if case.subject_id == after.order_id]
        words = _following(after, was, now)
        answers.update(((x.kind, "order", x.subject_id), REOPENED if x.kind == AFTER_END else words) for x in asking)
        asked = min(now, max(0, _sum_minor(asking) + now - was))
        if sum(int(case.data.get("amount_minor", 0)) for case in again) <= was:
            answers.update(((x.kind, x.subject_kind, x.subject_id), words) for x in again)
            asked = now if again or asking else 0
        due += [Successor(_case(after, asked), tuple(_ASKING))] if asked else []
    await cases.replace_cases(tx, answers=answers, successors=due)
    await leaving.tell_leaving(tx, orders=[after for _, after in changed])


async def _asked_minor(tx: Tx, order: Order) -> int:
    """Return how much of an order's money people are asked to give back."""
    return _sum_minor(await _standing(tx, [order.order_id], _KINDS))


def _sum_minor(asking: Sequence[Case | NewCase]) -> int:
    return sum(int(case.data.get(_ASKING[case.kind], 0)) for case in asking)


async def _standing(tx: Tx, order_ids: Collection[UUID], kinds: Collection[str]) -> list[Case]:
    """Return the open cases of these kinds about orders, locked: nobody settles them any more."""
    known = await known_cases.cases_about(tx, order_ids)
    found = [case for case in known if case.state == "open" and case.kind in kinds]
    locked = await known_cases.cases_for_update(tx, [case.case_id for case in found]) if found else {}
    return [case for case in found if locked[case.case_id].state == "open"]


def _following(order: Order, was: int, now: int) -> str:
    """Return how a case gives way where an order has another amount too much."""
    if now:
        return MORE_DUE if now > was else LESS_DUE
    return leaving.NOTHING_DUE if order.balance_minor <= 0 else leaving.GOES_ALREADY


async def follow_refunds(tx: Tx, *, changed: Sequence[tuple[Order, Order]], asked: Sequence[Successor] = ()) -> None:
    """Follow money of orders, as they were and as they are, that goes back: open cases ask for less by so much.

    What came beyond it, for an order that has ended say, is asked for by a case of its own. One that is left with
    nothing to ask for is settled: should the money not go, that is a case of its own. Who works on a case works on the
    one about what is left. `asked` are cases about all of it that people give back of some orders: those that stand
    give way to them at once. No statement without either, one where nobody is asked, nine more at most.
    """
    anew = {new.subject_id for new, _ in asked}
    by_id = {after.order_id: (before, after) for before, after in changed if after.order_id not in anew}
    answers = _giving_way(asked, MORE_DUE)
    lower = list(asked)
    for case in await _standing(tx, list(by_id), _ASKING) if by_id else ():
        before, after = by_id[OrderId(case.subject_id)]
        left = _left(case, before, after)
        if left is None:
            continue
        answers[case.kind, "order", case.subject_id] = _words(after, left)
        data = {**case.data, _ASKING[case.kind]: left}
        lower += [Successor(NewCase(case.kind, "order", after.order_id, data), (case.kind,))] if left else []
    await cases.replace_cases(tx, answers=answers, successors=lower)


def _left(case: Case, before: Order, after: Order) -> int | None:
    """Return how much of what an open case asks for is left to be asked for, None where that is all of it.

    One about money that came after the end stands until all of the order's money is on its way.
    """
    there = after.to_give_back_minor
    if case.kind == AFTER_END:
        return None if there or after.authorized_minor else 0
    asked = int(case.data.get(_ASKING[case.kind], 0))
    own = asked - _gone_minor(before, after) if case.kind == REFUND_DUE else asked
    left = max(0, min(own, there))
    return left if left < asked or not there else None


def _gone_minor(before: Order, after: Order) -> int:
    """Return how much more of an order's money is gone, or on its way, than there was."""
    was, now = (x.refunded_minor + x.refunding_minor + x.charged_back_minor for x in (before, after))
    return max(0, now - was) + max(0, before.captured_minor - after.captured_minor)


def _words(order: Order, left_minor: int) -> str:
    """Return how a case is settled of whose money so much is left."""
    if left_minor:
        return PARTLY_BACK
    return leaving.GOES_ALREADY if order.refunding_minor else RETURNED
