"""Give back what was paid for and then canceled: due at once, once per event."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.cases import queries as case_queries
from jiedan.cases.values import NewCase, Successor
from jiedan.orders.service import owed
from jiedan.orders.values import Order
from jiedan.payments import queries, rules, values
from jiedan.payments.service.locking import Held, hold
from jiedan.payments.service.request import caused_prefix, request_held
from jiedan.payments.values import Entry, OperationRequest, Payment, Requested

REASON = "canceled"
NOT_NEEDED = "completed"


class _Due(NamedTuple):
    """What an order gives back: by gateways, and by people."""

    requests: list[OperationRequest]
    by_hand_minor: int


async def give_back(tx: Tx, *, causes: Mapping[UUID, UUID], late_too: bool = False) -> list[Requested | Refusal]:
    """Ask for the refunds and voids that cancellations made due, and return what came of asking.

    `causes` are by order the event that says so; handing it over again does nothing. A refund is spread over the
    tenders by what they hold. What was set aside for an order that has ended is let go. Money that came after the end
    is not given back by the cancellation, but by the merchant's policy for it: `late_too`. Money that people move
    becomes a `refund_due` case, which takes the place of every other that asks for some of it.
    """
    tenders = await queries.payments_of_orders(tx, causes)
    held = await hold(tx, [p.payment_id for of in tenders.values() for p in of])
    told = await _told(tx, held)
    requests: list[OperationRequest] = []
    by_hand: list[Successor] = []
    for order_id, found in held.orders.items():
        payments = [held.payments[p.payment_id] for p in tenders[order_id]]
        due = _due(found.order, payments, held, causes[order_id], late_too=late_too)
        requests.extend(due.requests)
        if due.by_hand_minor and (order_id, str(causes[order_id])) not in told:
            data = {
                "number": found.order.number,
                "amount_minor": due.by_hand_minor,
                "currency": found.order.currency,
                "event_id": causes[order_id],
            }
            case = NewCase(owed.REFUND_DUE, "order", order_id, data)
            by_hand.append(owed.about_all(case, late_too=late_too))
    return await request_held(tx, held, requests, check_at=tx.now, by_hand=by_hand)


async def _told(tx: Tx, held: Held) -> set[tuple[UUID, object]]:
    """Return for which events, by order, people were asked to give money back."""
    known = await case_queries.cases_about(tx, list(held.orders))
    return {(case.subject_id, case.data.get("event_id")) for case in known if case.kind == owed.REFUND_DUE}


async def let_go(tx: Tx, *, causes: Mapping[UUID, UUID]) -> list[Requested | Refusal]:
    """Ask for what is set aside and not needed any more to be let go: orders are completed and paid.

    `causes` are by order the event that says so; handing it over again does nothing. Orders that were paid without a
    gateway are not locked: nothing can be set aside for them.
    """
    known = await queries.payments_of_orders(tx, causes)
    tenders = {key: [p for p in of if p.provider not in values.WITHOUT_GATEWAY] for key, of in known.items()}
    if not any(tenders.values()):
        return []
    held = await hold(tx, [p.payment_id for of in tenders.values() for p in of])
    requests = [
        OperationRequest(p.payment_id, "void", None, NOT_NEEDED, cause=causes[order_id])
        for order_id, found in held.orders.items()
        if found.order.lifecycle == "completed" and found.order.balance_minor >= 0
        for p in (held.payments[of.payment_id] for of in tenders[order_id])
        if rules.free_for(p, "void", rules.in_flight(held.operations.get(p.payment_id, ())))
    ]
    return await request_held(tx, held, requests, check_at=tx.now)


def _due(order: Order, payments: Sequence[Payment], held: Held, cause: UUID, *, late_too: bool) -> _Due:
    asked = {p.payment_id: held.operations.get(p.payment_id, []) for p in payments}
    due = _Due([], 0)
    if any(o.key.startswith(caused_prefix(cause)) for of in asked.values() for o in of):
        return due
    ended_at = None if order.lifecycle != "canceled" or late_too else order.canceled_at
    for payment, share in _shares(order, payments, held, ended_at):
        if payment.provider in values.BY_HAND:
            due = due._replace(by_hand_minor=due.by_hand_minor + share)
        else:
            due.requests.append(OperationRequest(payment.payment_id, "refund", share, REASON, cause=cause))
    if order.lifecycle == "canceled":
        for payment in payments:
            is_late = ended_at is not None and not any(
                e.kind == "authorization" and e.recorded_at <= ended_at for e in _entries(held, payment)
            )
            if not is_late and rules.free_for(payment, "void", rules.in_flight(asked[payment.payment_id])):
                due.requests.append(OperationRequest(payment.payment_id, "void", None, REASON, cause=cause))
    return due


def _shares(
    order: Order, payments: Sequence[Payment], held: Held, ended_at: datetime | None
) -> list[tuple[Payment, int]]:
    """Return what each tender gives back: of an order that ended at `ended_at`, all that had come by then."""
    if ended_at is None:
        going_out = rules.going_out({p.payment_id: held.operations.get(p.payment_id, []) for p in payments})
        return rules.spread_refund(order.balance_minor - sum(going_out.values()), payments, going_out)
    shares = []
    for payment in payments:
        entries = _entries(held, payment)
        early = {e.entry_id for e in entries if e.recorded_at <= ended_at}
        left = rules.captures_left(entries, held.operations.get(payment.payment_id, ()))
        shares.append((payment, sum(amount for entry_id, amount in left if entry_id in early)))
    return [(payment, share) for payment, share in shares if share]


def _entries(held: Held, payment: Payment) -> Sequence[Entry]:
    return held.entries.get(payment.payment_id, ())
