"""Merchants whose orders are released, and the steps of getting them out."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from jiedan import wiring
from jiedan.base.db import Database, Scope
from jiedan.base.drain import Drain
from jiedan.base.errors import Refusal
from jiedan.fulfillment import queries, service
from jiedan.fulfillment.values import (
    Acknowledgement,
    Delivery,
    Fulfillment,
    FulfillmentId,
    Pack,
    Parcel,
    ParcelId,
    Pick,
    Ship,
)
from jiedan.orders import queries as order_queries
from jiedan.orders.values import NewLine, NewOrder, OrderId, OrderWithLines
from tests.orders import factories as orders
from tests.orders.factories import Shop


class Floor(NamedTuple):
    """A merchant at work."""

    db: Database
    scope: Scope
    shop: Shop

    async def act(self, use_case: Any, **arguments: Any) -> Any:
        """Run one use case in a transaction of its own."""
        return await self.db.write(self.scope, lambda tx: use_case(tx, **arguments))

    async def one(self, use_case: Any, **arguments: Any) -> Any:
        """Run one use case on a set of one that is expected to be done."""
        (outcome,) = await self.act(use_case, **arguments)
        assert not isinstance(outcome, Refusal), outcome
        return outcome

    async def refused(self, use_case: Any, **arguments: Any) -> str:
        """Run one use case on a set of one that is expected to be refused; return the code."""
        (outcome,) = await self.act(use_case, **arguments)
        assert isinstance(outcome, Refusal), outcome
        return outcome.code

    async def place(self, *lines: tuple[str, int] | NewLine, **facts: Any) -> OrderId:
        """Place an order, on account unless said otherwise, and let everybody hear of it."""
        wanted: NewOrder = orders.order(*lines, **{"payment_terms": "on_account", **facts})
        placed = await orders.place_one(self.db, self.scope, wanted)
        await self.hear()
        return placed.order_id

    async def hear(self) -> None:
        """Let the drain hand out what happened."""
        drain = Drain(self.db, None, wiring.SUBSCRIPTIONS)
        while await drain.drain_tenant(self.scope.tenant):
            pass

    async def order(self, order_id: UUID) -> OrderWithLines:
        """Read an order."""
        async with self.db.read(self.scope) as tx:
            return await order_queries.order(tx, order_id)

    async def of(self, order_id: UUID) -> list[Fulfillment]:
        """Read the fulfillments of an order, oldest first."""
        async with self.db.read(self.scope) as tx:
            loaded = await queries.of_orders(tx, [order_id])
        return list(loaded.fulfillments.values())

    async def only(self, order_id: UUID) -> Fulfillment:
        """Read the one fulfillment of an order that is not canceled."""
        (found,) = [x for x in await self.of(order_id) if x.status != "canceled"]
        return found

    async def fulfillment(self, fulfillment_id: UUID) -> Fulfillment:
        """Read a fulfillment."""
        async with self.db.read(self.scope) as tx:
            return await queries.fulfillment(tx, fulfillment_id)

    async def parcel(self, parcel_id: UUID) -> Parcel:
        """Read a parcel."""
        async with self.db.read(self.scope) as tx:
            return (await queries.parcels(tx, [parcel_id]))[ParcelId(parcel_id)][1]

    async def pick_all(self, fulfillment_id: FulfillmentId) -> None:
        """Pick whatever is left to be picked."""
        async with self.db.read(self.scope) as tx:
            found = await queries.fulfillment(tx, fulfillment_id)
        picks = [Pick(fulfillment_id, x.line, x.to_pick) for x in found.lines if x.to_pick]
        for outcome in await self.act(service.pick_lines, picks=picks):
            assert not isinstance(outcome, Refusal), outcome

    async def packed(self, order_id: UUID) -> ParcelId:
        """Pick and pack an order's only fulfillment; return the parcel."""
        found = await self.only(order_id)
        await self.pick_all(found.fulfillment_id)
        await self.act(service.acknowledge_notes, wishes=[Acknowledgement(found.fulfillment_id)])
        made: ParcelId = await self.one(service.pack_parcels, packs=[Pack(found.fulfillment_id, weight_g=300)])
        return made

    async def shipped(self, order_id: UUID) -> ParcelId:
        """Pick, pack and ship an order's only fulfillment; return the parcel."""
        parcel_id = await self.packed(order_id)
        await self.one(service.ship_parcels, wishes=[Ship(parcel_id, "SF", "SF123")])
        return parcel_id

    async def delivered(self, order_id: UUID) -> ParcelId:
        """Get an order's only fulfillment to the customer; return the parcel."""
        parcel_id = await self.shipped(order_id)
        await self.one(service.deliver_parcels, wishes=[Delivery(parcel_id)])
        return parcel_id


async def floor(db: Database, scope: Scope, stock: Mapping[str, Mapping[str, int]], **settings: Any) -> Floor:
    """Open a merchant with goods, ready to work."""
    return Floor(db, scope, await orders.shop(db, scope, stock, **settings))
