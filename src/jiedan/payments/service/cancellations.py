"""Give back what was paid for and then canceled: due at once, once per event."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.cases import service as cases
from jiedan.cases.values import NewCase
from jiedan.orders.values import Order
from jiedan.payments import queries, rules, values
from jiedan.payments.service.locking import Held, hold
from jiedan.payments.service.request import caused_prefix, request_held
from jiedan.payments.values import OperationRequest, Payment, Requested

REASON = "canceled"


class _Due(NamedTuple):
    """What an order gives back: by gateways, and by people."""

    requests: list[OperationRequest]
    by_hand_minor: int


async def give_back(tx: Tx, *, causes: Mapping[UUID, UUID]) -> list[Requested | Refusal]:
    """Ask for the refunds and voids that cancellations made due, and return what came of asking.

    `causes` are by order the event that says so; handing it over again does nothing. A refund is spread over the
    tenders by what they hold. What was set aside for an order that has ended is let go. Money that people move becomes
    a `refund_due` case.
    """
    tenders = await queries.payments_of_orders(tx, causes)
    held = await hold(tx, [p.payment_id for of in tenders.values() for p in of])
    requests: list[OperationRequest] = []
    by_hand: list[NewCase] = []
    for order_id, found in held.orders.items():
        payments = [held.payments[p.payment_id] for p in tenders[order_id]]
        due = _due(found.order, payments, held, causes[order_id])
        requests.extend(due.requests)
        if due.by_hand_minor:
            data = {
                "number": found.order.number,
                "amount_minor": due.by_hand_minor,
                "currency": found.order.currency,
                "event_id": causes[order_id],
            }
            by_hand.append(NewCase("refund_due", "order", order_id, data))
    await cases.open_cases(tx, cases=by_hand)
    return await request_held(tx, held, requests, check_at=tx.now)


def _due(order: Order, payments: Sequence[Payment], held: Held, cause: UUID) -> _Due:
    asked = {p.payment_id: held.operations.get(p.payment_id, []) for p in payments}
    due = _Due([], 0)
    if any(o.key.startswith(caused_prefix(cause)) for of in asked.values() for o in of):
        return due
    going_out = rules.going_out(asked)
    for payment, share in rules.spread_refund(order.balance_minor - sum(going_out.values()), payments, going_out):
        if payment.provider in values.BY_HAND:
            due = due._replace(by_hand_minor=due.by_hand_minor + share)
        else:
            due.requests.append(OperationRequest(payment.payment_id, "refund", share, REASON, cause=cause))
    if order.lifecycle == "canceled":
        for payment in payments:
            if rules.free_for(payment, "void", rules.in_flight(asked[payment.payment_id])):
                due.requests.append(OperationRequest(payment.payment_id, "void", None, REASON, cause=cause))
    return due
