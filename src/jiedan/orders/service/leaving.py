"""Money that is on its way back while its order needs it again: told as one case, until it is known what came of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from jiedan.base.db import Tx
from jiedan.cases import queries as known_cases
from jiedan.cases import service as cases
from jiedan.cases.values import Case, NewCase, Successor
from jiedan.orders.values import Order, OrderId

UNDER_WAY, UNDERPAID, REFUND_FAILED = "refund_under_way", "underpaid", "refund_failed"

STAYS = "It was not given back: the money stays and pays for the order."
GONE = "It was given back; a new case says what is to be paid again."
PARTLY_KNOWN = "What came of a part of it is known; a new case says what is left."
NOT_NEEDED = "The order does not need this money any more."
ENDED = "The order has ended."
NOTHING_DUE = "The order costs as much again: nothing is due."
GOES_ALREADY = "It is being given back."

_ANSWERED = frozenset({STAYS, GONE, PARTLY_KNOWN, NOT_NEEDED})
"""How cases are settled by answers."""

_LEFT = frozenset({NOTHING_DUE, GOES_ALREADY})
"""How cases of failed refunds are settled whose money nobody gives back."""


class Answer(NamedTuple):
    """What came of one refund of an order that was asked for at `asked_at` of a payment: it went, or it `failed`.

    `failed_at` is when it had failed before, of one that went after all.
    """

    refund_id: UUID
    payment_id: UUID
    order_id: OrderId
    amount_minor: int
    asked_at: datetime
    failed: bool
    failed_at: datetime | None = None


class _Standing(NamedTuple):
    """An open case as answers make it: what is still under way of the money it is about, and what of it has gone."""

    case: Case
    left_minor: int
    gone_minor: int


def is_leaving(order: Order) -> bool:
    """Tell whether money of an order is on its way back without which it is not paid."""
    return order.refunding_minor > 0 and _is_short(order)


async def tell_leaving(tx: Tx, *, orders: Sequence[Order]) -> None:
    """Open cases about orders that are open again while money is on its way back without which they are not paid.

    What is missing once it has gone is due already. No statement without such orders, two else.
    """
    leaving = [_case(order, order.refunding_minor, 0, tx.now) for order in orders if is_leaving(order)]
    await cases.open_cases(tx, cases=leaving)


async def settle_leaving(tx: Tx, *, changed: Sequence[tuple[Order, Order]]) -> None:
    """Settle the cases of orders, as they were and as they are, that need the money no more: they cost less, or ended.

    That some of it is to be paid is no case either where an order has ended. No statement where neither was so.
    """
    answers: dict[tuple[str, str, UUID], str] = {
        (UNDER_WAY, "order", after.order_id): NOT_NEEDED
        for before, after in changed
        if is_leaving(before) and not is_leaving(after)
    }
    for before, after in changed:
        if after.lifecycle == "canceled" and before.captured_minor and before.to_pay_minor:
            answers[UNDERPAID, "order", after.order_id] = ENDED
    await cases.settle_all(tx, answers=answers)


async def follow_answers(tx: Tx, *, orders: Mapping[OrderId, Order], answers: Sequence[Answer]) -> dict[UUID, int]:
    """Follow what came of refunds, in the order heard; return how much of those that failed their orders need, by id.

    Nobody is to give that back. What went is to be paid again: once all of it is known, a case `underpaid` takes over,
    with who works on it. `orders` are as they were before, by id, locked. No statement where no order needs what is on
    its way back, two where nobody was told so, eleven at most.
    """
    answers = [x for x in answers if x.failed_at is not None or is_leaving(orders[x.order_id])]
    if not answers:
        return {}
    about = {x.order_id for x in answers} | {x.payment_id for x in answers if x.failed_at is not None}
    known = [x for x in await known_cases.cases_about(tx, about) if x.kind in {UNDER_WAY, REFUND_FAILED}]
    told = [x.case_id for x in known if x.kind == UNDER_WAY]
    locked = await known_cases.cases_for_update(tx, told) if told else {}
    now = {key: orders[key] for key in sorted({x.order_id for x in answers})}
    standing = {
        OrderId(x.subject_id): _Standing(x, *_amounts(x))
        for x in known
        if x.case_id in locked and locked[x.case_id].state == "open"
    }
    stays: dict[UUID, int] = {}
    back: set[OrderId] = set()
    for answer in answers:
        key = answer.order_id
        found = standing.get(key)
        if answer.failed_at is not None and _was_left(answer, known):
            back.add(key)
            if found is not None:
                standing[key] = found._replace(gone_minor=found.gone_minor + answer.amount_minor)
        elif answer.failed_at is None and found is not None:
            standing[key], stays[answer.refund_id] = _answered(found, answer, now[key])
        now[key] = _moved(now[key], answer)
    await _replace(tx, standing, back - standing.keys(), now)
    return stays


def _moved(order: Order, answer: Answer) -> Order:
    """Return an order after an answer; a refund that had failed before was not on its way any more."""
    return msgspec.structs.replace(
        order,
        refunded_minor=order.refunded_minor + (0 if answer.failed else answer.amount_minor),
        refunding_minor=order.refunding_minor - (answer.amount_minor if answer.failed_at is None else 0),
    )


def _answered(found: _Standing, answer: Answer, order: Order) -> tuple[_Standing, int]:
    """Return a case after an answer, and what its order needs of a refund that failed.

    It is about that refund if all that is on its way is, or if it had been asked for before the order was open again.
    """
    refunding = order.refunding_minor
    is_about = found.left_minor >= refunding or answer.asked_at <= _since(found.case)
    own = min(answer.amount_minor, found.left_minor) if is_about else 0
    left = max(0, min(found.left_minor - own, refunding - answer.amount_minor))
    if answer.failed:
        return found._replace(left_minor=left), min(own, order.to_pay_minor)
    return found._replace(left_minor=left, gone_minor=found.gone_minor + own), 0


def _was_left(answer: Answer, known: Sequence[Case]) -> bool:
    """Tell whether the money of a refund that went after all was left to its order when it had failed, or since."""
    return any(
        (x.subject_id == answer.order_id and x.resolved_at == answer.failed_at and x.resolution in _ANSWERED)
        if x.kind == UNDER_WAY
        else (x.data.get("operation_id") == str(answer.refund_id) and x.resolution in _LEFT)
        for x in known
    )


async def _replace(
    tx: Tx, standing: Mapping[OrderId, _Standing], back: Collection[OrderId], now: Mapping[OrderId, Order]
) -> None:
    """Let cases give way to those about what is left of them, or to be paid again; that is so of `back` anyway."""
    answers: dict[tuple[str, str, UUID], str] = {}
    successors = [Successor(_underpaid(now[key]), ()) for key in sorted(back) if _is_short(now[key])]
    for key, (case, left, gone) in standing.items():
        order = now[key]
        if (left, gone) == _amounts(case) and _is_short(order):
            continue
        words = NOT_NEEDED if gone else STAYS
        if _is_short(order) and left:
            words = PARTLY_KNOWN
            successors.append(Successor(_case(order, left, gone, _since(case)), (UNDER_WAY,)))
        elif _is_short(order) and gone:
            words = GONE
            successors.append(Successor(_underpaid(order), (UNDER_WAY,)))
        answers[UNDER_WAY, "order", key] = words
    await cases.replace_cases(tx, answers=answers, successors=successors)


def _is_short(order: Order) -> bool:
    return order.lifecycle != "canceled" and order.to_pay_minor > 0


def _since(case: Case) -> datetime:
    """Return when the order was opened again."""
    return datetime.fromisoformat(case.data["since"])


def _amounts(case: Case) -> tuple[int, int]:
    return int(case.data.get("amount_minor", 0)), int(case.data.get("gone_minor", 0))


def _case(order: Order, left_minor: int, gone_minor: int, since: datetime) -> NewCase:
    data = {
        "number": order.number,
        "amount_minor": left_minor,
        "gone_minor": gone_minor,
        "currency": order.currency,
        "since": since.isoformat(),
    }
    return NewCase(UNDER_WAY, "order", order.order_id, data)


def _underpaid(order: Order) -> NewCase:
    data = {
        "number": order.number,
        "expected_minor": order.total_minor,
        "received_minor": order.total_minor - order.to_pay_minor,
        "currency": order.currency,
    }
    return NewCase(UNDERPAID, "order", order.order_id, data)
