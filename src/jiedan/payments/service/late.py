"""Money that arrives for an order that has ended: kept as a case, and by the merchant's policy more than that."""

from collections.abc import Mapping
from uuid import UUID

from jiedan.accounts import queries as accounts
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.orders import queries as orders
from jiedan.orders import service as order_service
from jiedan.orders.service.cancel import EXPIRED_REASON
from jiedan.orders.values import OrderId, ReopenRequest
from jiedan.payments.service.cancellations import give_back
from jiedan.payments.values import Requested


async def follow_late_money(tx: Tx, *, causes: Mapping[UUID, UUID]) -> list[Requested | Refusal]:
    """Do with late money what the merchant has chosen, and return what came of asking for refunds and voids.

    `causes` are by order the event of the money; handing it over again does nothing. Orders that are not canceled, and
    imported history, are left alone. By `refund` everything is given back. By `reopen` an order that had expired is
    open again where the money covers it; else, and by `case`, people look at it.
    """
    policy = (await tx.load_one(accounts.settings())).late_money
    if policy == "case":
        return []
    found = await orders.orders_for_update(tx, causes)
    ended = {key: of.order for key, of in found.items() if of.order.lifecycle == "canceled" and not of.order.history}
    late = [key for key, order in ended.items() if order.balance_minor > 0 or order.authorized_minor > 0]
    if policy == "refund":
        return await give_back(tx, causes={key: causes[key] for key in late}, late_too=True) if late else []
    await _reopen(tx, [key for key in late if ended[key].cancel_reason == EXPIRED_REASON])
    return []


async def _reopen(tx: Tx, order_ids: list[OrderId]) -> None:
    wishes = [ReopenRequest(order_id, only_covered=True) for order_id in order_ids]
    if wishes:
        await order_service.reopen_orders(tx, requests=wishes)
