"""Release orders to their locations: by hand, or as soon as the gate opens; and take back when it closes."""

from collections.abc import Collection, Sequence
from uuid import UUID

from jiedan.accounts import queries as accounts
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal
from jiedan.fulfillment import queries, rules, saving
from jiedan.fulfillment.rules import Floor, GateFacts, GateTrace
from jiedan.fulfillment.service.holding import hold
from jiedan.fulfillment.service.working import work_once
from jiedan.fulfillment.values import ReleaseRequest
from jiedan.inventory import queries as stock
from jiedan.inventory.values import LocationId
from jiedan.orders import errors as order_errors
from jiedan.orders import queries as orders
from jiedan.orders.values import OWNER_KIND, STOCKED_KINDS, LineId, OrderId, OrderWithLines


async def release_orders(tx: Tx, *, requests: Sequence[ReleaseRequest]) -> list[OrderId | Refusal]:
    """Tell locations to pick: one outcome per request, in order.

    Outcomes are the order's id, OrderNotFound, GateClosed, LineNotFound, LineRepeated, TooMuchToRelease or KeyReused.
    """
    return await work_once(
        tx,
        operation="fulfillment.release",
        wishes=requests,
        about="order_id",
        decide=lambda floor, request, _: rules.release(floor, request),
        again=lambda request, _: OrderId(request.order_id),
    )


async def reconsider(tx: Tx, *, order_ids: Collection[UUID]) -> None:
    """Release what the gate of these orders lets through, and take back unpicked units where it is closed.

    What orders gave up is withdrawn, too. Twice changes nothing; the statement count does not grow. Orders that hold
    no goods any more, or none yet, are only looked at.
    """
    await reconsider_floor(tx, await hold(tx, order_ids=order_ids, concerned=has_goods_here))


async def reconsider_floor(tx: Tx, floor: Floor) -> None:
    """Do on a floor what `reconsider` does."""
    if not floor.orders:
        return
    for order_id in floor.orders:
        rules.reconsider(floor, order_id)
    await saving.save(tx, floor)


def has_goods_here(found: OrderWithLines) -> bool:
    """Tell whether something may be released, or taken back, of an order; a cancellation counts nothing as released."""
    return any(line.allocated or line.released or line.canceled for line in found.lines)


async def explain(tx: ReadTx, *, order_id: UUID) -> GateTrace:
    """Return why an order is released, or not, line by line. Raises OrderNotFound."""
    found = await explain_orders(tx, order_ids=[order_id])
    if order_id not in found:
        raise order_errors.OrderNotFound(str(order_id))
    return found[OrderId(order_id)]


async def explain_orders(tx: ReadTx, *, order_ids: Collection[UUID]) -> dict[OrderId, GateTrace]:
    """Return why orders are released, or not, line by line; unknown ones are absent."""
    found = await orders.orders(tx, order_ids)
    details = await orders.details(tx, list(found))
    loaded = await queries.of_orders(tx, list(found))
    line_ids = [x.line_id for of in found.values() for x in of.lines if x.kind in STOCKED_KINDS and x.allocated]
    held, settings = await tx.load(stock.reservations_of_owners(OWNER_KIND, line_ids), accounts.settings())
    open_places: dict[tuple[LineId, LocationId], int] = {}
    for x in loaded.fulfillments.values():
        for line in x.lines:
            key = (line.line_id, x.location_id)
            open_places[key] = open_places.get(key, 0) + line.open
    held_places = {(LineId(r.owner.id), r.location_id): r.quantity for of in held.values() for r in of}
    traces = {}
    for order_id, of in found.items():
        mine = {line.line_id for line in of.lines}
        facts = GateFacts(
            of.order,
            of.lines,
            tuple(hold.kind for hold in details[order_id].standing_holds),
            {place: quantity for place, quantity in held_places.items() if place[0] in mine},
            {place: quantity for place, quantity in open_places.items() if place[0] in mine},
            settings.release_on_authorization,
        )
        traces[order_id] = rules.gate(facts)[1]
    return traces
