"""Pay what is due of a placed order out of wallets: the rest of a customer's credit, or a gift card."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, one_of
from jiedan.customers import queries as customers
from jiedan.orders import errors as order_errors
from jiedan.orders import queries as orders
from jiedan.orders.values import OrderId, OrderWithLines
from jiedan.payments import queries, rules, values
from jiedan.payments.service import elsewhere, records
from jiedan.payments.service.locking import Held
from jiedan.payments.values import PaymentId
from jiedan.wallets import service as wallets
from jiedan.wallets.values import Paying, Piece, Source

OPERATION = "payments.pay_out_of_wallets"


class WalletTender(NamedTuple):
    """A wish to pay what is due of a placed order out of wallets, one after the other."""

    order_id: UUID
    sources: tuple[Source, ...]


async def pay_out_of_wallets(tx: Tx, *, tender: WalletTender, key: str | None) -> None:
    """Pay what is due of an order out of wallets, as far as they go, once per `key`; the money is there at once.

    Whose wallets they are has agreed to it. Raises KeyReused, OrderNotFound, OrderNotPayable, NothingDue,
    TooManyTenders, or Rejections with all that speaks against the wallets; then nothing is taken and the key is free.
    """

    async def work(_: Sequence[WalletTender]) -> Sequence[OrderId]:
        return [await _pay(tx, tender)]

    await once.done(tx, operation=OPERATION, key=key, wish=tender, work=work)


async def _pay(tx: Tx, tender: WalletTender) -> OrderId:
    order_id = OrderId(tender.order_id)
    found = (await orders.orders_for_update(tx, [order_id])).get(order_id)
    if found is None:
        raise order_errors.OrderNotFound(str(order_id))
    order = found.order
    tenders, asked = await queries.tenders_of_orders(tx, [order_id])
    of_order = tenders.get(order_id, [])
    due = rules.due_minor(order, [o for p in of_order for o in asked.get(p.payment_id, ())])
    amount = rules.check_tender(order, None, due=due, tenders=len(of_order))
    if isinstance(amount, Refusal):
        raise amount
    paying = Paying(
        order_id,
        order.currency,
        amount,
        tender.sources,
        await _customer(tx, order.customer_id),
        again=str(tx.new_id()),
    )
    (outcome,) = await wallets.pay_many(tx, payings=[paying])
    reasons = [x for x in outcome if isinstance(x, Refusal)]
    if reasons:
        raise one_of(reasons)
    await _record(tx, found, [x for x in outcome if isinstance(x, Piece)])
    return order_id


async def _customer(tx: Tx, customer_id: UUID | None) -> UUID | None:
    """Return whose credit an order may be paid with: its customer, or who that one was merged into."""
    if customer_id is None:
        return None
    known = await tx.load_one(customers.existing([customer_id]))
    return next((brief.customer_id for brief in known.values()), None)


async def _record(tx: Tx, found: OrderWithLines, pieces: Sequence[Piece]) -> None:
    """Record each wallet as a tender whose money is there already."""
    order = found.order
    payments, entries = {}, []
    for piece, new_id in zip(pieces, tx.new_ids(len(pieces)), strict=True):
        payment = records.payment(
            tx,
            PaymentId(new_id),
            order_id=order.order_id,
            provider=values.WALLET,
            method=values.METHOD_OF_WALLET[piece.kind],
            currency=order.currency,
            amount_minor=piece.amount,
        )
        payments[payment.payment_id] = payment
        entries.append(records.entry(tx, payment, "capture", piece.amount, reference=str(piece.wallet_id)))
    await elsewhere.save_recorded(tx, Held({order.order_id: found}, {}, {}, {}), payments, entries)
