"""Give money of an order back, over all of its tenders by one policy; shown before it is done."""

from collections.abc import Mapping, Sequence

from jiedan.base import once
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal
from jiedan.orders import errors as order_errors
from jiedan.orders import queries as orders
from jiedan.orders.values import OrderId
from jiedan.payments import queries, rules
from jiedan.payments.service import records
from jiedan.payments.service.locking import Held, hold
from jiedan.payments.service.request import store
from jiedan.payments.values import EntryId, Operation
from jiedan.payments.values.refunds import OrderRefund, Refunded, RefundOutline, RefundShare
from jiedan.wallets.queries import takings
from jiedan.wallets.rules import Taking, back_by

OPERATION = "payments.refund_order"


async def preview_refund(tx: ReadTx, wish: OrderRefund) -> RefundOutline:
    """Return what each tender of an order would give back right now, of points also how many, and for which units.

    Raises OrderNotFound, and what refuses it.
    """
    found = await orders.order(tx, wish.order_id)
    tenders, asked = await queries.tenders_of_orders(tx, [wish.order_id])
    planned = rules.plan_refund(wish, rules.Asked(*found, tenders.get(wish.order_id, []), asked))
    if isinstance(planned, Refusal):
        raise planned
    if all(share.payment.method != "points" for share in planned.shares):
        return RefundOutline(planned.shares, planned.units)
    paid = {str(taking.wallet_id): taking for taking in await tx.load_one(takings([wish.order_id]))}
    return RefundOutline(tuple(_with_points(share, paid) for share in planned.shares), planned.units)


def _with_points(share: RefundShare, paid: Mapping[str, Taking]) -> RefundShare:
    """Return a share that says how many points go back with it, if it is one of points."""
    payment, taking = share.payment, paid.get(share.payment.provider_ref)
    if payment.method != "points" or taking is None or not taking.worth_minor:
        return share
    back = back_by(taking.amount, taking.worth_minor, payment.sums.refunded + share.amount_minor)
    return share._replace(points=back - taking.given_back)


async def refund_orders(tx: Tx, *, wishes: Sequence[OrderRefund]) -> list[Refunded | Refusal]:
    """Store refunds that are to be performed, split over the tenders of their orders: one outcome per wish.

    Earlier ones first. What goes to wallets is there at once, money that people move counts as
    given back. The statement count does not grow.
    """
    return await once.each(
        tx,
        operation=OPERATION,
        wishes=[(wish.key, wish) for wish in wishes],
        work=lambda fresh: _refund(tx, [wish for wish, _ in fresh]),
        again=lambda wish, _: Refunded(wish.order_id, ()),
    )


async def _refund(tx: Tx, wishes: Sequence[OrderRefund]) -> list[Refunded | Refusal]:
    order_ids = {wish.order_id for wish in wishes}
    await orders.orders_for_update(tx, order_ids)  # before looking: no other tender comes to them from here on
    tenders = await queries.payments_of_orders(tx, order_ids)
    held = await hold(tx, [p.payment_id for of in tenders.values() for p in of], order_ids=order_ids)
    outcomes: list[Refunded | Refusal] = []
    made: list[Operation] = []
    operations = {key: list(held.operations.get(key, ())) for key in held.payments}
    for wish in wishes:
        found = held.orders.get(OrderId(wish.order_id))
        if found is None:
            outcomes.append(order_errors.OrderNotFound(str(wish.order_id)))
            continue
        of_order = [p for p in held.payments.values() if p.order_id == wish.order_id]
        asked = {p.payment_id: operations[p.payment_id] for p in of_order}
        planned = rules.plan_refund(wish, rules.Asked(*found, of_order, asked))
        if isinstance(planned, Refusal):
            outcomes.append(planned)
            continue
        added = _operations(tx, held._replace(operations=operations), wish, planned)
        for operation in added:
            operations[operation.payment_id].append(operation)
        made.extend(added)
        outcomes.append(Refunded(wish.order_id, tuple(operation.key for operation in added)))
    if made:
        await store(tx, held, made)
    return outcomes


def _operations(tx: Tx, held: Held, wish: OrderRefund, planned: rules.Planned) -> list[Operation]:
    """Return the operations of a refund: one for each capture that gives, with the units it stands for."""
    cut = [(share, entry_id, amount) for share in planned.shares for entry_id, amount in _captures(held, share)]
    lines = rules.split_lines(planned.lines, [amount for _, _, amount in cut])
    return [
        records.operation(
            tx,
            share.payment.payment_id,
            "refund",
            amount,
            reason=wish.reason,
            refers_to=entry_id,
            refund_lines=of,
            to_wallet=share.goes in {"wallet", "credit"},
        )
        for (share, entry_id, amount), of in zip(cut, lines, strict=True)
    ]


def _captures(held: Held, share: RefundShare) -> Sequence[tuple[EntryId, int]]:
    payment_id = share.payment.payment_id
    left = rules.captures_left(held.entries.get(payment_id, ()), held.operations.get(payment_id, ()))
    return rules.split_over_captures(share.amount_minor, left)
