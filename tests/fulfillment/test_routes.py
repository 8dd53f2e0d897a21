"""The ways of parcels: what is told of them, and where it lies."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest

from jiedan.carriers.values import NewTrackingEvent, TrackingEvent, TrackingState
from jiedan.customers.values import Address
from jiedan.fulfillment import queries, service
from jiedan.fulfillment.queries import Route
from jiedan.fulfillment.rules import routes
from jiedan.fulfillment.values import ParcelId, Ship
from jiedan.fulfillment.values.routes import Spot, Trip
from jiedan.inventory import queries as stock
from jiedan.orders import queries as orders
from jiedan.orders.values import OrderId
from jiedan.sourcing import service as sourcing
from jiedan.sourcing.service import PostalAreaRow
from tests.fulfillment.factories import Floor
from tests.orders.factories import BEIJING

LEFT_AT = datetime(2026, 11, 19, 10, 20, tzinfo=UTC)
ORIGIN = Spot("上海一仓", 31.23, 121.47)
HOME = Spot("成都 · 锦江区", 30.57, 104.07)
TRIP = Trip(ORIGIN, HOME, LEFT_AT, None, date(2026, 11, 22), comes_back=False)


def said(hour: int, place: str, state: TrackingState | None = "in_transit", text: str = "") -> TrackingEvent:
    at = LEFT_AT.replace(hour=hour)
    return TrackingEvent("SF", "SF1", str(hour), at, state, text, place, at)


def test_a_way_goes_over_the_towns_that_the_carrier_names() -> None:
    events = [said(12, "合肥分拨"), said(15, "武汉转运中心", None, "正在装车"), said(16, "Depot 7")]
    steps = routes.route(TRIP, events, locale="en")
    assert [(x.name, x.state) for x in steps] == [
        ("上海一仓", "past"),
        ("Hefei", "past"),
        ("Wuhan", "past"),
        ("Depot 7", "now"),
        ("成都 · 锦江区", "ahead"),
    ]
    assert (steps[1].place, steps[2].text, steps[2].lat) == ("合肥分拨", "正在装车", 30.59)
    assert (steps[3].lat, steps[4].due_on) == (None, date(2026, 11, 22))


def test_what_has_arrived_has_nothing_ahead_of_it() -> None:
    trip = TRIP._replace(delivered_at=LEFT_AT.replace(day=21))
    steps = routes.route(trip, [said(12, "合肥"), said(18, "菜鸟驿站", "delivered", "本人签收")], locale="zh_Hans")
    assert [(x.name, x.state, x.text) for x in steps] == [
        ("上海一仓", "past", ""),
        ("合肥", "past", ""),
        ("成都 · 锦江区", "now", "本人签收"),
    ]


def test_what_comes_back_has_its_origin_ahead() -> None:
    steps = routes.route(TRIP._replace(comes_back=True), [said(12, "武汉", "returned")], locale="en")
    assert [(x.name, x.state) for x in steps] == [("上海一仓", "past"), ("Wuhan", "now"), ("上海一仓", "ahead")]


def test_what_has_not_left_waits() -> None:
    steps = routes.route(TRIP._replace(shipped_at=None), [said(12, "武汉")], locale="en")
    assert [(x.name, x.state) for x in steps] == [("上海一仓", "now"), ("成都 · 锦江区", "ahead")]


@pytest.mark.parametrize(
    ("address", "area", "expected"),
    [
        (Address("CN", city="成都市", district="锦江区"), None, Spot("成都市 · 锦江区", 30.57, 104.07)),
        (Address("CN", city="Chengdu", district="锦江区"), (30.6, 104.1), Spot("成都", 30.6, 104.1)),
        (Address("CN", city="小镇", lat=30.0, lon=104.0), (1.0, 1.0), Spot("小镇", 30.0, 104.0)),
        (Address("BR", city="Cidade", postal_code="01000"), None, Spot("Cidade", None, None)),
        (Address("CN", postal_code="610000"), None, Spot("610000", None, None)),
    ],
)
def test_a_destination_lies_where_it_is_known_best(
    address: Address, area: tuple[float, float] | None, expected: Spot
) -> None:
    lat, lon = area or (None, None)
    assert routes.destination(address, locale="zh_Hans", lat=lat, lon=lon) == expected


async def test_the_ways_of_an_order_are_read_in_two_statements(at: Floor) -> None:
    order_id = await at.place(("TEA", 1), ship_to=BEIJING)
    parcel_id = await at.packed(order_id)
    assert await _routes(at, order_id) == {}
    await at.one(service.ship_parcels, wishes=[Ship(parcel_id, "SF", "SF77")])
    event = NewTrackingEvent("SF", "SF77", "1", at.db.clock.now(), "in_transit", "", "天津分拨")
    await at.act(service.record_tracking, events=[event])
    area = PostalAreaRow("CN", BEIJING.postal_code[:3], 39.9, 116.4)
    await at.act(sourcing.upsert_postal_areas, rows=[area])
    (steps,) = (await _routes(at, order_id)).values()
    assert [x.name for x in steps][1:] == ["Tianjin", "Beijing"]
    assert (steps[2].lat, steps[2].state) == (BEIJING.lat, "ahead")


async def _routes(at: Floor, order_id: OrderId) -> Mapping[ParcelId, Route]:
    async with at.db.read(at.scope) as tx:
        details = (await orders.details(tx, [order_id]))[order_id]
        ways, places = await tx.load(queries.ways(order_id), stock.locations())
        return await queries.routes(tx, ways=ways, address=details.addresses.get("ship_to"), places=places, locale="en")
