"""REST of refunds of a whole order: over all of its tenders, shown before it is done."""

from collections.abc import Collection
from typing import Any, ClassVar, Literal
from uuid import UUID

import msgspec
from litestar import Response, post

from jiedan.base.db import Tx
from jiedan.base.web.unit import Unit
from jiedan.payments import queries, service
from jiedan.payments.api import payments, views
from jiedan.payments.providers.gateways import Gateways
from jiedan.payments.values.refunds import OrderRefund, Refunded


class OrderRefundBody(payments.RefundBody):
    """How much to give back and what for; without an amount, the sum of the lines, else all that is left.

    It is split over what the order was paid with, in proportion to what each tender still holds; gift cards, store
    credit and points count as one, of which what was used last is filled first. `to` `credit` puts the rest on the
    customer's store credit.
    """

    __example__: ClassVar[dict[str, Any]] = {
        "reason": "damaged",
        "lines": [{"line": 1, "quantity": 1}],
        "to": "original",
    }

    to: Literal["original", "credit"] = "original"


class ShareView(msgspec.Struct, frozen=True):
    """What one tender gives of a refund, where it goes, and what of the tender is kept then.

    Where points paid, `points` go back.
    """

    payment_id: UUID
    provider: str
    method: str
    currency: str
    amount_minor: int
    left_minor: int
    goes: Literal["original", "wallet", "credit", "by_hand"]
    points: int | None = None


class UnitsView(msgspec.Struct, frozen=True):
    """What units of a line cost that are given back: `price_minor` less `off_minor` is `amount_minor`.

    `tax_minor` is part of the price where `tax_included`, and comes on top of it where not.
    """

    line: int
    code: str
    name: str
    quantity: int
    price_minor: int
    off_minor: int
    tax_minor: int
    tax_included: bool
    amount_minor: int


class RefundPreview(msgspec.Struct, frozen=True):
    """How a refund would be split right now, and for which units; nothing is promised."""

    order_id: UUID
    amount_minor: int
    shares: list[ShareView]
    units: list[UnitsView]


class OrderRefundView(msgspec.Struct, frozen=True):
    """An order whose refund was asked for, with its tenders as they are now."""

    order_id: UUID
    payments: list[views.PaymentView]


@post(
    "/orders/{order_id:uuid}/refunds/preview",
    permission="payments:refund",
    status_code=200,
    summary="Preview a refund of an order",
)
async def preview_refund(unit: Unit, order_id: UUID, data: OrderRefundBody) -> RefundPreview:
    """Say which tender would give back how much, and where it would go; nothing is asked for yet."""
    async with unit.read() as tx:
        outline = await service.preview_refund(tx, _wish(order_id, data, None))
    return RefundPreview(
        order_id,
        outline.amount_minor,
        [
            ShareView(
                share.payment.payment_id,
                share.payment.provider,
                share.payment.method,
                share.payment.currency,
                share.amount_minor,
                share.left_minor,
                share.goes,
                share.points,
            )
            for share in outline.shares
        ],
        [
            UnitsView(
                one.line.line,
                one.line.code,
                one.line.name,
                one.quantity,
                one.price_minor,
                one.off_minor,
                one.tax_minor,
                one.line.tax_included,
                one.amount_minor,
            )
            for one in outline.units
        ],
    )


@post("/orders/{order_id:uuid}/refunds", permission="payments:refund", idempotent=True, summary="Refund an order")
async def refund_order(unit: Unit, order_id: UUID, data: OrderRefundBody) -> Response[OrderRefundView]:
    """Give money of an order back, as its preview says; of transfers and cash, record that it was given back.

    What goes to wallets is there at once; the other tenders say what their providers said.
    """
    payments.refuse_card_numbers(reason=data.reason)
    wish = _wish(order_id, data, unit.idempotency_key)

    async def before(tx: Tx) -> tuple[Refunded, Collection[str]]:
        outcome = payments.the_one(await service.refund_orders(tx, wishes=[wish]))
        return outcome, outcome.operation_keys

    await service.perform(unit.runtime.database, unit.scope, unit.part(Gateways), before=before)
    async with unit.read() as tx:
        found = await queries.payments_of_orders(tx, [order_id])
    return Response(OrderRefundView(order_id, [views.view(x) for x in found.get(order_id, ())]), status_code=201)


def _wish(order_id: UUID, data: OrderRefundBody, key: str | None) -> OrderRefund:
    return OrderRefund(order_id, data.amount_minor, data.reason, tuple(data.lines), data.to, key)


HANDLERS: list[Any] = [preview_refund, refund_order]
