"""What leaves and what arrives: ship, deliver, collect, and a whole way out in one go."""

import secrets
from collections.abc import Sequence
from typing import NamedTuple

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.fulfillment import rules
from jiedan.fulfillment.service.working import work, work_once
from jiedan.fulfillment.values import (
    Collection,
    Delivery,
    FulfillmentId,
    OrderShipment,
    ParcelId,
    Readiness,
    Ship,
)
from jiedan.orders.values import OrderId

SALT_BYTES = 16


class Ready(NamedTuple):
    """A fulfillment that waits to be collected; `code` is shown now and never again."""

    fulfillment_id: FulfillmentId
    code: str


async def ship_parcels(tx: Tx, *, wishes: Sequence[Ship]) -> list[ParcelId | Refusal]:
    """Let parcels leave: one outcome per parcel, in order. Their goods leave the stock and their orders with it.

    Outcomes are the parcel's id, ParcelNotFound, ParcelNotWaiting, WorkStopped, HoldsWithdrawnGoods,
    NumberWithoutCarrier, ParcelHasLabel or MomentOutOfRange. A parcel leaves once, so it needs no key.
    """
    return await work(tx, wishes=wishes, about="parcel_id", decide=lambda floor, wish, _: rules.ship(floor, wish))


async def deliver_parcels(tx: Tx, *, wishes: Sequence[Delivery]) -> list[ParcelId | Refusal]:
    """Count parcels as arrived: one outcome per parcel: its id, ParcelNotFound, ParcelNotUnderWay, MomentOutOfRange.

    An order whose last line arrives, and that is settled, completes.
    """
    return await work(tx, wishes=wishes, about="parcel_id", decide=lambda floor, wish, _: rules.deliver(floor, wish))


async def make_ready(tx: Tx, *, wishes: Sequence[Readiness]) -> list[Ready | Refusal]:
    """Let packed fulfillments wait to be collected, each under a new random code: one outcome per wish, in order.

    Outcomes are Ready with the code, FulfillmentNotFound, NotPackedYet or WorkStopped.
    """
    return await work(tx, wishes=wishes, about="fulfillment_id", decide=lambda floor, wish, _: _ready(floor, wish))


async def add_codes(tx: Tx, *, wishes: Sequence[Readiness]) -> list[Ready | Refusal]:
    """Make another code for fulfillments that wait to be collected, each for the message that carries it.

    One outcome per wish, in order: Ready with the code, FulfillmentNotFound or NotReady. The code that was shown when
    the fulfillment was made ready goes on working; one that was added before ends.
    """
    return await work(tx, wishes=wishes, about="fulfillment_id", decide=lambda floor, wish, _: _added(floor, wish))


def _added(floor: rules.Floor, wish: Readiness) -> Ready:
    code = _new_code()
    return Ready(rules.add_code(floor, wish, code=code), code)


def _new_code() -> str:
    return "".join(secrets.choice(rules.CODE_LETTERS) for _ in range(rules.CODE_LENGTH))


def _ready(floor: rules.Floor, wish: Readiness) -> Ready:
    code = _new_code()
    return Ready(rules.make_ready(floor, wish, code=code, salt=secrets.token_bytes(SALT_BYTES)), code)


async def collect_fulfillments(tx: Tx, *, wishes: Sequence[Collection]) -> list[FulfillmentId | Refusal]:
    """Hand goods over to whoever shows their code: one outcome per wish, in order.

    Outcomes are the fulfillment's id, FulfillmentNotFound, NotReady, CodeWrong (it counts), CodeLocked, WorkStopped or
    HoldsWithdrawnGoods. The caller commits also when the code was wrong, else it would not count.
    """
    return await work(
        tx, wishes=wishes, about="fulfillment_id", decide=lambda floor, wish, _: rules.collect(floor, wish)
    )


async def ship_orders(tx: Tx, *, wishes: Sequence[OrderShipment]) -> list[OrderId | Refusal]:
    """Release, pick, pack and ship goods of orders in one go, one parcel per location: one outcome per wish, in order.

    Outcomes are the order's id, OrderNotFound, GateClosed, TooMuchToRelease, LineNotFound, LineRepeated, ParcelsWait,
    WorkStopped, NumberWithoutCarrier, MomentOutOfRange, LocationUntold or KeyReused. Of history that claims no stock it
    is told what has left: from what nobody holds at the location named; raises InsufficientStock where less is there.
    """
    return await work_once(
        tx,
        operation="fulfillment.ship_order",
        wishes=wishes,
        about="order_id",
        decide=lambda floor, wish, _: rules.dispatch(floor, wish),
        again=lambda wish, _: OrderId(wish.order_id),
    )
