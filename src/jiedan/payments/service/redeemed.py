"""What orders are paid with out of wallets as they are placed: each wallet is a tender whose money is there already."""

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence

from jiedan.base.db import Tx
from jiedan.base.runtime import Runtime
from jiedan.orders import queries as orders
from jiedan.orders import service as order_service
from jiedan.orders.rules import derived
from jiedan.orders.service import OrderDesk, Promising
from jiedan.orders.values import OrderId, OrderWithLines, Placed, Tendered
from jiedan.payments import values
from jiedan.payments.service import elsewhere, records
from jiedan.payments.service.locking import Held
from jiedan.payments.values import PaymentId


@contextlib.asynccontextmanager
async def open_order_desk(runtime: Runtime, *, promising: Promising | None = None) -> AsyncIterator[OrderDesk]:
    """Open the desk of this process, at which orders can be paid out of wallets."""
    async with order_service.open_order_desk(runtime, record=record_redeemed, promising=promising) as desk:
        yield desk


async def record_redeemed(tx: Tx, tendered: Sequence[Tendered]) -> Mapping[OrderId, Placed]:
    """Record what orders that were placed in this transaction were paid with out of wallets, and return them.

    The statement count does not grow with the number of orders and wallets.
    """
    found = await orders.orders(tx, {one.order_id for one in tendered})
    payments = {}
    entries = []
    for one, new_id in zip(tendered, tx.new_ids(len(tendered)), strict=True):
        payment = records.payment(
            tx,
            PaymentId(new_id),
            order_id=one.order_id,
            provider=values.WALLET,
            method=values.METHOD_OF_WALLET[one.kind],
            currency=found[one.order_id].order.currency,
            amount_minor=one.amount_minor,
        )
        payments[payment.payment_id] = payment
        entries.append(records.entry(tx, payment, "capture", one.amount_minor, reference=str(one.wallet_id)))
    now = await elsewhere.save_recorded(tx, Held(found, {}, {}, {}), payments, entries)
    return {key: derived.as_placed(OrderWithLines(*of)) for key, of in now.orders.items()}
