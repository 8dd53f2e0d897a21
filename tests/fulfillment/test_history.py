"""What has left of imported history: told as it was, straight from the shelf."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from jiedan.base.db import Database, Scope
from jiedan.fulfillment import service
from jiedan.fulfillment.values import Delivery, OrderShipment, Take
from jiedan.inventory import errors as stock_errors
from jiedan.inventory import queries as stock
from jiedan.inventory.values import StockKey
from jiedan.orders import service as orders
from jiedan.orders.values import CancelRequest, History, NewLine, OrderId
from jiedan.payments import service as payments
from jiedan.payments.values import ExternalPayment
from jiedan.pricing.values import AsSold
from tests.conftest import FakeClock
from tests.fulfillment.factories import Floor, floor
from tests.journeys import books
from tests.orders.test_history import is_history

DAY = timedelta(days=1)
PRICE_MINOR = 1_000


async def told(at: Floor, placed_at: datetime, *lines: tuple[str, int], location: str | None = None) -> OrderId:
    """Place history with lines of (SKU, quantity); nothing is reserved for it."""
    sold = AsSold(unit_minor=PRICE_MINOR)
    made = [NewLine(sku=sku, quantity=quantity, location=location, as_sold=sold) for sku, quantity in lines]
    return await at.place(*made, history=History(placed_at=placed_at), payment_terms="prepaid")


async def left(at: Floor, sku: str, place: str) -> int:
    async with at.db.read(at.scope) as tx:
        found = await tx.load_one(stock.availability([at.shop.skus[sku]]))
    return found[StockKey(at.shop.skus[sku], at.shop.locations[place])].on_hand


@pytest.fixture
async def at(db: Database, scope: Scope) -> Floor:
    return await floor(db, scope, {"A": {"W1": 5, "W2": 5}, "B": {"W1": 5}})


async def test_it_leaves_and_arrives_as_it_did(at: Floor, clock: FakeClock) -> None:
    placed_at = clock.now() - 400 * DAY
    order_id = await told(at, placed_at, ("A", 3), ("B", 1))
    paid = ExternalPayment(order_id, "boleto", 4 * PRICE_MINOR, placed_at)
    await at.one(payments.record_external, payments=[paid])
    takes = (
        Take(1, 2, at.shop.locations["W1"]), Take(1, 1, at.shop.locations["W2"]), Take(2, 1, at.shop.locations["W1"])
    )  # fmt: skip
    shipped_at, delivered_at = placed_at + 3 * DAY, placed_at + 2 * DAY  # noted in the wrong order, and kept so
    wish = OrderShipment(order_id, takes, at=shipped_at, delivered_at=delivered_at, key="sent")
    assert await at.one(service.ship_orders, wishes=[wish]) == order_id
    assert await at.one(service.ship_orders, wishes=[wish]) == order_id
    found = {x.location_id: x for x in await at.of(order_id)}
    assert {x.status for x in found.values()} == {"delivered"}
    (first,) = found[at.shop.locations["W1"]].parcels
    assert (first.shipped_at, first.delivered_at, len(first.lines)) == (shipped_at, delivered_at, 2)
    assert [await left(at, "A", "W1"), await left(at, "A", "W2"), await left(at, "B", "W1")] == [3, 4, 4]
    order, lines = await at.order(order_id)
    assert (order.lifecycle, [x.delivered for x in lines]) == ("completed", [3, 1])
    await at.hear()
    await books.assert_balance(at.db, at.scope)


async def test_what_leaves_and_arrives_today_is_no_history(at: Floor, clock: FakeClock) -> None:
    placed_at = clock.now() - 9 * DAY
    for shipped_at, is_told in ((placed_at + DAY, True), (None, False)):
        order_id = await told(at, placed_at, ("A", 1), location="W1")
        paid = ExternalPayment(order_id, "boleto", PRICE_MINOR, placed_at)
        await at.one(payments.record_external, payments=[paid])
        await at.one(service.ship_orders, wishes=[OrderShipment(order_id, at=shipped_at, delivered_at=shipped_at)])
        if shipped_at is None:
            ((parcel,),) = [x.parcels for x in await at.of(order_id)]
            await at.one(service.deliver_parcels, wishes=[Delivery(parcel.parcel_id)])
        for kind in ("fulfillment.parcel_shipped", "fulfillment.parcel_delivered", "orders.order_completed"):
            assert await is_history(at.db, at.scope, order_id, kind) == [is_told], kind


async def test_without_lines_all_that_is_left_goes_from_where_it_was_wanted(at: Floor, clock: FakeClock) -> None:
    order_id = await told(at, clock.now() - 9 * DAY, ("A", 2), location="W2")
    line = (await at.order(order_id)).lines[0]
    await at.one(service.ship_orders, wishes=[OrderShipment(order_id, (Take(1, 1),), at=clock.now() - 8 * DAY)])
    await at.one(service.ship_orders, wishes=[OrderShipment(order_id, carrier="SF", tracking_number="SF1")])
    assert [(x.number[-2:], x.status) for x in await at.of(order_id)] == [("F1", "shipped"), ("F2", "shipped")]
    assert (line.allocated, await left(at, "A", "W2")) == (0, 3)
    assert await at.refused(service.ship_orders, wishes=[OrderShipment(order_id)]) == "gate_closed"
    await books.assert_balance(at.db, at.scope)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"lines": (Take(9, 1),)}, "line_not_found"),
        ({"lines": (Take(1, 3),)}, "too_much_to_release"),
        ({"lines": (Take(1, 0),)}, "too_much_to_release"),
        ({"lines": (Take(1, 1), Take(1, 1))}, "line_repeated"),
        ({"lines": (Take(2, 1),)}, "location_untold"),
        ({"tracking_number": "SF1"}, "number_without_carrier"),
    ],
)
async def test_what_cannot_have_been_is_refused(at: Floor, clock: FakeClock, facts: Any, code: str) -> None:
    sold = AsSold(unit_minor=PRICE_MINOR)
    lines = [
        NewLine(sku="A", quantity=2, location="W1", as_sold=sold), NewLine(sku="B", quantity=1, as_sold=sold)
    ]  # fmt: skip
    order_id = await at.place(*lines, history=History(placed_at=clock.now() - DAY))
    assert await at.refused(service.ship_orders, wishes=[OrderShipment(order_id, **facts)]) == code
    assert await at.of(order_id) == []


async def test_nothing_leaves_tomorrow_nor_what_was_given_up(at: Floor, clock: FakeClock) -> None:
    order_id = await told(at, clock.now() - DAY, ("A", 1), location="W1")
    tomorrow = OrderShipment(order_id, at=clock.now() + DAY)
    assert await at.refused(service.ship_orders, wishes=[tomorrow]) == "moment_out_of_range"
    await at.one(orders.cancel_orders, requests=[CancelRequest(order_id, "given_up", happened_at=clock.now())])
    assert await at.refused(service.ship_orders, wishes=[OrderShipment(order_id)]) == "gate_closed"


async def test_more_than_is_there_stores_nothing(at: Floor, clock: FakeClock) -> None:
    order_id = await told(at, clock.now() - DAY, ("A", 6), location="W1")
    with pytest.raises(stock_errors.InsufficientStock):
        await at.act(service.ship_orders, wishes=[OrderShipment(order_id)])
    assert (await at.of(order_id), await left(at, "A", "W1")) == ([], 5)
