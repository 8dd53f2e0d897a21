"""Lock what a use case is about and lay it out: orders first, then their fulfillments, each in key order."""

from collections.abc import Callable, Collection
from uuid import UUID

from jiedan.accounts import queries as accounts
from jiedan.base.db import Tx
from jiedan.fulfillment import queries
from jiedan.fulfillment.rules import Floor, Ground, OrderState
from jiedan.inventory import queries as stock
from jiedan.inventory.values import LocationKind
from jiedan.orders import queries as orders
from jiedan.orders.values import OWNER_KIND, STOCKED_KINDS, LineId, OrderWithLines

STORE_KINDS: frozenset[LocationKind] = frozenset({"store", "kitchen"})
"""Kinds of locations where people come to collect."""


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
    loaded = await queries.of_orders_for_update(tx, list(found))
    standing = await orders.standing(tx, found)
    line_ids = [x.line_id for order in found.values() for x in order.lines if x.kind in STOCKED_KINDS and x.allocated]
    held, stores, settings = await tx.load(
        stock.reservations_of_owners(OWNER_KIND, line_ids), stock.locations_of_kinds(STORE_KINDS), accounts.settings()
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
    return Floor(ground, at=tx.now, new_id=tx.new_id)
