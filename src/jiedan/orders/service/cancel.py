"""Cancel orders, whole or by line, before the goods leave; and let unpaid ones expire."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from jiedan.accounts import queries as accounts
from jiedan.base import cards, once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.inventory import queries as stock
from jiedan.inventory import service as inventory
from jiedan.inventory.values import Reservation
from jiedan.orders import changes, events, queries
from jiedan.orders.rules import canceling, lifecycle
from jiedan.orders.rules.canceling import Canceled, Held
from jiedan.orders.rules.earning import NOTHING
from jiedan.orders.service import leaving, owed
from jiedan.orders.service.earning import earnings
from jiedan.orders.values import OWNER_KIND, STOCKED_KINDS, CancelRequest, Order, OrderId, OrderWithLines
from jiedan.pricing.service import redemptions

EXPIRED_REASON = "expired"
EXPIRED_PER_SET_MAX = 200
OPERATION = "orders.cancel_order"
"""What cancellations call themselves where idempotency keys are kept."""


async def cancel_orders(tx: Tx, *, requests: Sequence[CancelRequest], asks: bool = True) -> list[Canceled | Refusal]:
    """Give up quantity that has not left: one outcome per request, same order; its stock is freed with it.

    What was paid for it is due back at once: the events start a refund or void. What happened elsewhere starts none:
    where money is left on the order, a `refund_due` case lets a person find out; who has more to lock before cases says
    that it `asks` not, and calls `ask_elsewhere` at the end. The statement count does not grow.
    """
    requests = [r._replace(reason=cards.masked(r.reason)) for r in requests]
    found = await queries.orders_for_update(tx, [request.order_id for request in requests])
    held: Held = await held_by(tx, list(found.values()))
    settings = await tx.load_one(accounts.settings())
    why = await earnings(tx, requests, found, prices_include_tax=settings.prices_include_tax)
    outcomes: list[Canceled | Refusal] = []
    for request in requests:
        order_id = OrderId(request.order_id)
        outcome = canceling.cancel(
            found.get(order_id),
            request,
            held,
            at=tx.now,
            expiry_minutes=settings.expiry_minutes,
            earning=why.get(order_id, NOTHING),
        )
        outcomes.append(outcome)
        if isinstance(outcome, Canceled):  # a second request for the same order meets what the first one left
            found[order_id] = OrderWithLines(outcome.order, outcome.lines)
            held = canceling.without(held, outcome.frees)
    canceled = [outcome for outcome in outcomes if isinstance(outcome, Canceled)]
    now = await _save(tx, canceled)
    if asks:
        await ask_elsewhere(tx, canceled=canceled)
    return [
        x._replace(order=now[x.order.order_id]) if isinstance(x, Canceled) and x.order.lifecycle == "completed" else x
        for x in outcomes
    ]


async def ask_elsewhere(tx: Tx, *, canceled: Sequence[Canceled]) -> None:
    """Ask people about the money of what was canceled elsewhere: no refund of it is invented."""
    last = {x.order.order_id: x for x in canceled}
    await owed.ask_for_refunds(tx, orders=[x.order for x in last.values() if x.happened_at is not None])


async def cancel_order(tx: Tx, *, request: CancelRequest, key: str | None) -> None:
    """Cancel one order or lines of it, once per `key`: sent again it gives up nothing more.

    Raises KeyReused, or why it cannot be canceled; then the key is free again.
    """
    await once.done(
        tx, operation=OPERATION, key=key, wish=request, work=lambda requests: cancel_orders(tx, requests=requests)
    )


async def cancel_each(tx: Tx, *, requests: Sequence[tuple[CancelRequest, str | None]]) -> list[Refusal | None]:
    """Cancel as `cancel_orders` does, each request once per its key; None where it is done, now or before."""
    return await once.done_each(
        tx,
        operation=OPERATION,
        wishes=[(key, request) for request, key in requests],
        work=lambda fresh: cancel_orders(tx, requests=fresh),
    )


async def expire_orders(tx: Tx, *, limit: int = EXPIRED_PER_SET_MAX) -> int:
    """Cancel at most `limit` prepaid orders that were not paid in time; return how many were due.

    Each is locked and looked at again first, so expiry and payment cannot both win. An order whose payment is under
    way is left alone.
    """
    due = await queries.expired_order_ids(tx, at=tx.now, limit=limit)
    if not due:
        return 0
    found = await queries.orders_for_update(tx, due)
    held = await held_by(tx, list(found.values()))
    settings = await tx.load_one(accounts.settings())
    expired: list[Canceled] = []
    for order_id, order in found.items():
        if not lifecycle.is_expired(order.order, at=tx.now):
            continue
        request = CancelRequest(order_id, EXPIRED_REASON)
        outcome = canceling.cancel(order, request, held, at=tx.now, expiry_minutes=settings.expiry_minutes)
        if isinstance(outcome, Canceled):
            expired.append(outcome)
    await _save(tx, expired)
    for canceled in expired:
        was = canceled.before.order
        tx.emit(events.OrderExpired(order_id=was.order_id, number=was.number, expired_at=was.expires_at or tx.now))
    return len(due)


async def held_by(tx: Tx, orders: Sequence[OrderWithLines]) -> Mapping[UUID, tuple[Reservation, ...]]:
    """Return what the lines of locked orders hold in stock, by line."""
    ids = [x.line_id for order in orders for x in order.lines if x.kind in STOCKED_KINDS and x.allocated]
    return await tx.load_one(stock.reservations_of_owners(OWNER_KIND, ids))


async def _save(tx: Tx, canceled: Sequence[Canceled]) -> dict[OrderId, Order]:
    """Write the orders, free their stock, give back what they used of promotions; return them as they are now."""
    first: dict[OrderId, OrderWithLines] = {}
    for x in canceled:
        first.setdefault(x.order.order_id, x.before)
    last = {x.order.order_id: x for x in canceled}
    made = [changes.Change(first[order_id], x.order, x.lines) for order_id, x in last.items()]
    for x in canceled:
        _tell(tx, x)
    moments = {order_id: x.happened_at for order_id, x in last.items() if x.happened_at is not None}
    saved = await changes.save(tx, made, history=moments)
    frees = [free for x in canceled for free in x.frees]
    if frees:
        await inventory.release_many(tx, frees=frees)
    await redemptions.give_back_many(
        tx, order_ids=[order_id for order_id, x in last.items() if x.order.lifecycle == "canceled"]
    )
    gone: dict[UUID, set[str]] = {}
    for x in canceled:
        if x.given_up and last[x.order.order_id].order.lifecycle != "canceled":
            gone.setdefault(x.order.order_id, set()).update(x.given_up)
    await redemptions.give_back_of(tx, gone=gone)
    await leaving.settle_leaving(tx, changed=[(before.order, last[key].order) for key, before in first.items()])
    return {change.order.order_id: change.order for change in saved}


def _tell(tx: Tx, canceled: Canceled) -> None:
    """Tell what was given up; a reason in free words goes to the private part, its code to the log.

    What is canceled today is no history, of an imported order neither: whoever reacts to cancellations hears of it.
    """
    order = canceled.order
    code = canceled.reason if canceling.is_code(canceled.reason) else "other"
    private = None if code == canceled.reason else {"reason": canceled.reason}
    lines = tuple(events.LineQuantity(line_id, quantity) for line_id, quantity in canceled.quantities)
    told = events.LinesCanceled(
        order_id=order.order_id,
        lines=lines,
        currency=order.currency,
        canceled_minor=canceled.canceled_minor,
        total_minor=order.total_minor,
        reason=code,
    )
    at, is_history = canceled.happened_at, canceled.happened_at is not None
    tx.emit(told, occurred_at=at, history=is_history, private=private)
    if order.lifecycle == "canceled":
        ended = events.OrderCanceled(order_id=order.order_id, number=order.number, reason=code)
        tx.emit(ended, occurred_at=at, history=is_history)
