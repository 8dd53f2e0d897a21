"""REST of prices by hand: set them on a placed order, and refuse those that wait for approval."""

from uuid import UUID

from litestar import Response, patch, post

from jiedan.base.web import answers
from jiedan.base.web.unit import Unit
from jiedan.orders import service
from jiedan.orders.api.detail import detail
from jiedan.orders.api.shapes import OrderDetail, ReasonBody
from jiedan.orders.values import PriceEdit, RefuseRequest


async def _shown(unit: Unit, order_id: UUID) -> Response[OrderDetail]:
    async with unit.read() as tx:
        order = await detail(tx, order_id, time_zone=unit.principal.time_zone)
    return answers.versioned(order, order.version)


@patch(
    "/orders/{order_id:uuid}/prices",
    permission="orders:price",
    versioned=True,
    summary="Set prices of an order by hand",
)
async def set_order_prices(unit: Unit, order_id: UUID, data: PriceEdit) -> Response[OrderDetail]:
    """Set prices and the discount before the goods leave; beyond the caller's limit the order waits for approval."""
    version = unit.if_match
    await unit.write(lambda tx: service.set_prices(tx, order_id=order_id, edit=data, version=version))
    return await _shown(unit, order_id)


@post(
    "/orders/{order_id:uuid}/holds/{hold_id:uuid}/refuse",
    permission="orders:price",
    status_code=200,
    idempotent=True,
    summary="Refuse prices by hand",
)
async def refuse_prices(unit: Unit, order_id: UUID, hold_id: UUID, data: ReasonBody) -> Response[OrderDetail]:
    """Take prices by hand and the discount back to what the rules ask, and lift the hold that asked for approval."""
    request = RefuseRequest(order_id, hold_id, data.reason)
    key = unit.idempotency_key
    await unit.write(lambda tx: service.refuse_prices(tx, request=request, key=key))
    return await _shown(unit, order_id)


HANDLERS = (set_order_prices, refuse_prices)
