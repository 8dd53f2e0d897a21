"""Open orders again that were canceled or have expired: their lines take stock anew, or wait for it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from jiedan.accounts import queries as accounts
from jiedan.base import cards, once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.orders import changes, events, queries
from jiedan.orders.queries.ended import last_cancellations
from jiedan.orders.rules import derived, reopening, resourcing
from jiedan.orders.rules.resourcing import Resourced
from jiedan.orders.service import owed, resource
from jiedan.orders.values import Order, OrderId, OrderWithLines, ReopenRequest


async def reopen_orders(tx: Tx, *, requests: Sequence[ReopenRequest]) -> list[Order | Refusal]:
    """Take back what ended orders: one outcome per request, same order. The statement count does not grow.

    Units that were canceled before stay canceled. The others take stock where there is some now, and wait for the rest
    whatever the merchant's backorder policy: the customer has been promised them. Imported history stays ended.
    """
    found = await queries.orders_for_update(tx, [request.order_id for request in requests])
    ended = await last_cancellations(tx, list(found))
    settings = await tx.load_one(accounts.settings())
    outcomes: list[Order | Refusal] = []
    opened: dict[OrderId, OrderWithLines] = {}
    for request in requests:
        order_id = OrderId(request.order_id)
        outcome = reopening.reopen(
            opened.get(order_id) or found.get(order_id),
            request,
            ended.get(order_id, {}),
            at=tx.now,
            expiry_minutes=settings.expiry_minutes,
        )
        if isinstance(outcome, Refusal):
            outcomes.append(outcome)
            continue
        opened[order_id] = outcome
        outcomes.append(outcome.order)
    if not opened:
        return outcomes
    reasons = {OrderId(r.order_id): None if r.reason is None else cards.masked(r.reason) for r in requests}
    now = await _save(tx, found, opened, reasons, settings.expiry_minutes)
    return [outcome if isinstance(outcome, Refusal) else now[outcome.order_id] for outcome in outcomes]


async def reopen_order(tx: Tx, *, request: ReopenRequest, key: str | None) -> None:
    """Take back what ended one order, once per `key`.

    Raises KeyReused, or why it stays ended; then the key is free again.
    """
    await once.done(
        tx,
        operation="orders.reopen_order",
        key=key,
        wish=request,
        work=lambda requests: reopen_orders(tx, requests=requests),
    )


async def _save(
    tx: Tx,
    found: Mapping[OrderId, OrderWithLines],
    opened: Mapping[OrderId, OrderWithLines],
    reasons: Mapping[OrderId, str | None],
    expiry_minutes: int,
) -> dict[OrderId, Order]:
    sourced = await _sourced(tx, opened)
    made: list[changes.Change] = []
    for order_id, got in sourced.items():
        order = derived.refreshed(opened[order_id].order, got.lines, at=tx.now, expiry_minutes=expiry_minutes)
        made.append(changes.Change(found[order_id], order, got.lines))
        waiting = sum(line.waiting for line in got.lines)
        told = events.OrderReopened(
            order_id=order_id,
            number=order.number,
            lines=_wanted_again(found[order_id], opened[order_id]),
            total_minor=order.total_minor,
            waiting=waiting,
        )
        tx.emit(told, private=None if reasons[order_id] is None else {"reason": reasons[order_id]})
    await changes.save(tx, made)
    pairs = [(found[order_id], got) for order_id, got in sourced.items()]
    await resource.save_resourced(tx, pairs, kind="reopening")
    await owed.follow_reopened(tx, changed=[(change.before.order, change.order) for change in made])
    return {change.order.order_id: change.order for change in made}


def _wanted_again(ended: OrderWithLines, opened: OrderWithLines) -> tuple[events.LineQuantity, ...]:
    pairs = zip(ended.lines, opened.lines, strict=True)
    return tuple(events.LineQuantity(a.line_id, a.canceled - b.canceled) for a, b in pairs if a.canceled > b.canceled)


async def _sourced(tx: Tx, opened: Mapping[OrderId, OrderWithLines]) -> dict[OrderId, Resourced]:
    """Return where the goods of orders come from now, earlier orders first; the counters are locked."""
    hanging = await queries.details(tx, list(opened))
    ship_to = {order_id: details.addresses.get("ship_to") for order_id, details in hanging.items()}
    where = await resource.places(tx, [address for address in ship_to.values() if address is not None])
    sku_ids = {sku_id for of in opened.values() for sku_id in resource.stocked_skus(of)}
    left = await resource.lock_available(tx, sku_ids)
    sourced: dict[OrderId, Resourced] = {}
    for order_id, of in opened.items():
        got = resourcing.fill(
            of,
            {},
            left,
            where.among(left),
            sku_ids=frozenset[UUID](sku_ids),
            destination=where.of(ship_to.get(order_id)),
        )
        for claim in got.claims:
            left[claim.key] -= claim.quantity
        sourced[order_id] = got
    return sourced
