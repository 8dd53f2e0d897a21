"""Record what happened to the money of orders, told by payments in the transaction that writes its ledger."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from jiedan.accounts import queries as accounts
from jiedan.base.db import Tx
from jiedan.orders import changes, events, queries
from jiedan.orders.rules import derived
from jiedan.orders.values import Order, OrderId, OrderWithLines, PaymentFact

_MONEY = (
    "authorized_minor",
    "captured_minor",
    "refunded_minor",
    "charged_back_minor",
    "processing_count",
    "from_wallets_minor",
    "refunding_minor",
)


async def record_payments(
    tx: Tx,
    *,
    facts: Sequence[PaymentFact],
    held: Mapping[OrderId, OrderWithLines] | None = None,
    history: changes.History = changes.NOTHING_BEFORE,
) -> dict[OrderId, Order]:
    """Add signed differences to the money of orders; return each order as it is now, by id.

    Several facts of one order add up. Payment status, expiry and completion follow. Four statements, whatever their
    number. The orders are locked here, unless the caller gives them as `held`, locked and as they are now: orders come
    before payments. Unknown ids are absent. Of `history` are the orders of which only what happened elsewhere is told;
    it says when the last of that was.
    """
    wanted = {fact.order_id for fact in facts}
    found = await queries.orders_for_update(tx, wanted) if held is None else {i: held[i] for i in sorted(wanted)}
    settings = await tx.load_one(accounts.settings())
    sums = changes.summed(facts, lambda fact: fact.order_id, _MONEY)
    made: list[changes.Change] = []
    for order_id, before in found.items():
        money = {name: getattr(before.order, name) + amount for name, amount in sums[order_id].items()}
        order = derived.refreshed(
            msgspec.structs.replace(before.order, **money),
            before.lines,
            at=tx.now,
            expiry_minutes=settings.expiry_minutes,
        )
        made.append(changes.Change(before, order, before.lines))
    for change in made:
        _tell(tx, change.before, change.order, happened_at=history.get(change.order.order_id))
    saved = await changes.save(tx, made, history=history)
    return {change.order.order_id: change.order for change in saved}


def _tell(tx: Tx, before: OrderWithLines, order: Order, *, happened_at: datetime | None) -> None:
    if all(getattr(order, name) == getattr(before.order, name) for name in _MONEY):
        return
    told = events.PaymentRecorded(
        order_id=order.order_id,
        currency=order.currency,
        authorized_minor=order.authorized_minor,
        captured_minor=order.captured_minor,
        refunded_minor=order.refunded_minor,
        charged_back_minor=order.charged_back_minor,
        payment_status=order.payment_status,
    )
    tx.emit(told, occurred_at=happened_at, history=happened_at is not None)
