"""Lock what a use case is about and lay it out: orders first, then their fulfillments, each in key order."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from jiedan.accounts import queries as accounts
from jiedan.accounts.values import MerchantSettings
from jiedan.base.db import Load, Tx
from jiedan.fulfillment import queries
from jiedan.fulfillment.rules import Floor, Ground, OrderState
from jiedan.inventory import queries as stock
from jiedan.inventory.values import STORE_KINDS, Reservation
from jiedan.orders import queries as orders
from jiedan.orders.values import OWNER_KIND, STOCKED_KINDS, LineId, OrderId, OrderWithLines


class Beside(NamedTuple):
    """What was read beside a floor: what lines hold, the merchant's settings, and what was asked for."""

    held: Mapping[UUID, tuple[Reservation, ...]]
    settings: MerchantSettings
    more: tuple[Any, ...]


async def hold(
    tx: Tx,
    *,
    order_ids: Collection[UUID] = (),
    fulfillment_ids: Collection[UUID] = (),
    parcel_ids: Collection[UUID] = (),
    concerned: Callable[[OrderWithLines], bool] | None = None,
) -> Floor:
    """Lock these orders, and those of these fulfillments and parcels, with all their fulfillments.

    Unknown ids are absent, and so are locked orders that are not `concerned`. What an order's lines hold in stock is
    read after its lock, which guards it. Thirteen statements, six round trips.
    """
    wanted = set(order_ids)
    if fulfillment_ids or parcel_ids:
        owners = await queries.orders_of(tx, fulfillment_ids=fulfillment_ids, parcel_ids=parcel_ids)
        wanted.update(owners.values())
    found = await orders.orders_for_update(tx, wanted)
    if concerned is not None:
        found = {order_id: each for order_id, each in found.items() if concerned(each)}
    floor, _ = await lay_out(tx, found)
    return floor


async def lay_out(
    tx: Tx,
    found: Mapping[OrderId, OrderWithLines],
    *loads: Load[Any],
    beside: Iterable[OrderWithLines] = (),
) -> tuple[Floor, Beside]:
    """Lay out these orders, which are locked, with all their fulfillments.

    What lines of the orders `beside` hold, and `loads`, come with what is read anyway, for who decides something else
    in the same transaction.
    """
    loaded = await queries.of_orders_for_update(tx, list(found))
    standing = await orders.standing(tx, found)
    line_ids = {line_id for each in (*found.values(), *beside) for line_id in holding_lines(each)}
    held, settings, stores, *more = await tx.load(
        stock.reservations_of_owners(OWNER_KIND, line_ids),
        accounts.settings(),
        stock.locations_of_kinds(STORE_KINDS),
        *loads,
    )
    ground = Ground(
        orders=found,
        states={order_id: OrderState(*each) for order_id, each in standing.items()},
        fulfillments=loaded.fulfillments,
        acknowledged=frozenset((x.fulfillment_id, x.note_id) for x in loaded.acknowledged),
        held={(LineId(r.owner.id), r.location_id): r.quantity for of in held.values() for r in of},
        stores=stores,
        release_on_authorization=settings.release_on_authorization,
    )
    return Floor(ground, at=tx.now, new_id=tx.new_id), Beside(held, settings, tuple(more))


def holding_lines(found: OrderWithLines) -> list[LineId]:
    """Return the lines of an order that hold goods in stock."""
    return [x.line_id for x in found.lines if x.kind in STOCKED_KINDS and x.allocated]
