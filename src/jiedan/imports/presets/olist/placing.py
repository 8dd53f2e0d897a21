"""A set of orders with all that became of them, through the doors of the modules, in one transaction.

An order that is there has everything already, because both came in together; so it is left as it is.
"""

from collections.abc import Mapping, Sequence

import msgspec

from jiedan.base import idempotency
from jiedan.base.db import Tx
from jiedan.base.errors import accepted
from jiedan.cases import service as cases
from jiedan.cases.values import NewCase
from jiedan.customers import queries as customers
from jiedan.customers.values import CustomerId
from jiedan.fulfillment import service as fulfillment
from jiedan.fulfillment.values import OrderShipment, Take
from jiedan.imports.presets.olist.lives import Life
from jiedan.imports.values import Counts
from jiedan.inventory.values import LocationId
from jiedan.orders import service as orders
from jiedan.orders.rules import drafts
from jiedan.orders.values import CancelRequest, Draft, OrderId, Placed, Rejected
from jiedan.payments import service as payments
from jiedan.payments.values import ExternalPayment, Method

CALLER = "import"
CANCELED_REASON = "canceled_elsewhere"

METHODS: Mapping[str, Method] = {
    "credit_card": "card",
    "boleto": "boleto",
    "voucher": "voucher",
    "debit_card": "debit_card",
    "not_defined": "other",
}
"""Our methods by the kinds of the file."""

Lived = Sequence[tuple[Life, OrderId]]


async def save(
    tx: Tx,
    lives: Sequence[Life],
    *,
    people: Mapping[str, str],
    places: Mapping[str, LocationId],
    numbers: Sequence[int],
) -> Counts:
    """Place orders, then tell what became of those that are new; return how many are.

    `people` are customers' own ids by the file's customer ids, `places` locations by code, `numbers` are leased, one
    per order. Raises what a door refuses: nothing of the set is stored then.
    """
    known = await tx.load_one(customers.by_external_id({people[life.told.customer_id] for life in lives}))
    made = [
        _draft(tx, life, known[people[life.told.customer_id]], number)
        for life, number in zip(lives, numbers, strict=True)
    ]
    placed = await orders.place_orders(tx, made)
    fresh: list[tuple[Life, OrderId]] = []
    for life, outcome in zip(lives, placed, strict=True):
        if isinstance(outcome, Rejected):
            raise orders.refusal_of(outcome)
        if isinstance(outcome, Placed):
            fresh.append((life, outcome.order_id))
    await _pay(tx, fresh)
    canceled = await _cancel(tx, fresh)
    await _ship(tx, fresh, places)
    await orders.ask_elsewhere(tx, canceled=canceled)  # cases are locked last
    await _open_cases(tx, fresh)
    return Counts(read=len(lives), created=len(fresh), unchanged=len(lives) - len(fresh))


def _draft(tx: Tx, life: Life, customer_id: CustomerId, number: int) -> Draft:
    """Return the draft of an order. Raises the first reason against it."""
    body = msgspec.structs.replace(life.order, customer_id=customer_id)
    reasons = drafts.check(body, now=tx.now)
    if reasons:
        raise reasons[0]
    return Draft(
        body=body,
        number=number,
        actor=tx.actor,
        request_id=tx.request_id,
        caller=CALLER,
        key=f"{body.channel}/{body.external_id}",
        fingerprint=idempotency.fingerprint(body),
    )


async def _pay(tx: Tx, lives: Lived) -> None:
    wishes = [
        ExternalPayment(
            order_id,
            METHODS.get(part.payment.kind, "other"),
            part.payment.amount_minor,
            occurred_at=part.at,
            installments=part.payment.installments,
            is_captured=part.is_captured,
        )
        for life, order_id in lives
        for part in life.paid
    ]
    if wishes:
        accepted(await payments.record_external(tx, payments=wishes))


async def _cancel(tx: Tx, lives: Lived) -> list[orders.Canceled]:
    requests = [
        CancelRequest(order_id, CANCELED_REASON, happened_at=life.canceled_at)
        for life, order_id in lives
        if life.canceled_at is not None
    ]
    return accepted(await orders.cancel_orders(tx, requests=requests, asks=False)) if requests else []


async def _open_cases(tx: Tx, lives: Lived) -> None:
    """Open what facts cannot say; that a refund is due the cancellation has said itself."""
    opened = [
        NewCase(kind, "order", order_id, data)
        for life, order_id in lives
        for kind, data in life.cases.items()
        if kind != "refund_due"
    ]
    await cases.open_cases(tx, cases=opened)


async def _ship(tx: Tx, lives: Lived, places: Mapping[str, LocationId]) -> None:
    wishes = [
        OrderShipment(
            order_id,
            tuple(Take(line, sale.quantity, places[sent.seller_id]) for sent in life.sent for line, sale in sent.lines),
            at=life.sent[0].shipped_at,
            delivered_at=life.sent[0].delivered_at,
        )
        for life, order_id in lives
        if life.sent
    ]
    if wishes:
        accepted(await fulfillment.ship_orders(tx, wishes=wishes))
