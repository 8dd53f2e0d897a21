"""Two connections at one order: the order's lock decides, and the books balance whoever wins."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jiedan.base.errors import Refusal
from jiedan.carriers import queries as carriers
from jiedan.carriers.values import NewTrackingEvent, TrackingState
from jiedan.fulfillment import service
from jiedan.fulfillment.values import Collection, OrderShipment, Pack, Pick, Readiness, ReleaseRequest, Ship, Short
from jiedan.orders import service as orders
from jiedan.orders.values import CancelRequest, HoldRequest
from tests.conftest import FakeClock
from tests.fulfillment.factories import Floor
from tests.journeys import books

ROUNDS = 4
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def balanced(at: Floor) -> AsyncIterator[None]:
    """See that the books balance after each race."""
    yield
    await at.hear()
    await books.assert_balance(at.db, at.scope)


async def race(*works: Any) -> list[Any]:
    """Run works at once, each on a connection of its own; return the only outcome of each."""
    return [of[0] for of in await asyncio.gather(*works)]


async def test_ship_against_cancel_has_one_winner(at: Floor) -> None:
    for turn in range(ROUNDS):
        order_id = await at.place(("TEA", 1))
        parcel = await at.packed(order_id)
        works = [
            at.act(service.ship_parcels, wishes=[Ship(parcel)]),
            at.act(orders.cancel_orders, requests=[CancelRequest(order_id, "too late?")]),
        ]
        outcomes = await race(*(works if turn % 2 else reversed(works)))
        assert sum(isinstance(x, Refusal) for x in outcomes) == 1
        lines = (await at.order(order_id)).lines
        assert (lines[0].shipped, lines[0].canceled) in {(1, 0), (0, 1)}


async def test_two_packers_fill_one_parcel_once(at: Floor) -> None:
    order_id = await at.place(("TEA", 2))
    key = (await at.only(order_id)).fulfillment_id
    await at.pick_all(key)
    outcomes = await race(*(at.act(service.pack_parcels, packs=[Pack(key)]) for _ in range(ROUNDS)))
    assert [x.code for x in outcomes if isinstance(x, Refusal)] == ["nothing_to_pack"] * (ROUNDS - 1)
    assert len((await at.only(order_id)).parcels) == 1


async def test_a_parcel_leaves_once(at: Floor) -> None:
    parcel = await at.packed(await at.place(("TEA", 2)))
    outcomes = await race(*(at.act(service.ship_parcels, wishes=[Ship(parcel)]) for _ in range(ROUNDS)))
    assert [x.code for x in outcomes if isinstance(x, Refusal)] == ["parcel_not_waiting"] * (ROUNDS - 1)


async def test_pickers_never_pick_more_than_there_is_to_pick(at: Floor) -> None:
    order_id = await at.place(("TEA", 3))
    key = (await at.only(order_id)).fulfillment_id
    outcomes = await race(*(at.act(service.pick_lines, picks=[Pick(key, 1, 1)]) for _ in range(ROUNDS + 2)))
    assert sum(not isinstance(x, Refusal) for x in outcomes) == 3
    assert (await at.only(order_id)).lines[0].picked == 3


async def test_a_short_pick_against_ship_takes_nothing_that_leaves(at: Floor) -> None:
    first = await at.place(("CUP", 6))
    second = await at.place(("CUP", 4))
    parcel = await at.packed(second)
    key = (await at.only(first)).fulfillment_id
    shipped, short = await race(
        at.act(service.ship_parcels, wishes=[Ship(parcel)]),
        at.act(service.short_pick, shorts=[Short(key, 1, 2, "not_found")]),
    )
    assert not isinstance(shipped, Refusal)
    assert not isinstance(short, Refusal)
    assert (await at.order(second)).lines[0].shipped == 4
    assert (await at.only(first)).lines[0].short == 2


async def test_short_picks_of_two_orders_at_one_shelf_do_not_deadlock(at: Floor) -> None:
    ids = [await at.place(("CUP", 5)), await at.place(("CUP", 5))]
    keys = [(await at.only(x)).fulfillment_id for x in ids]
    outcomes = await race(*(at.act(service.short_pick, shorts=[Short(key, 1, 1, "not_found")]) for key in keys * 2))
    assert all(not isinstance(x, Refusal) or x.code == "too_much_to_pick" for x in outcomes)


async def test_releases_by_hand_and_by_the_drain_release_once(at: Floor) -> None:
    order_id = await at.place(("TEA", 3), payment_terms="prepaid")
    await at.act(orders.place_holds, requests=[HoldRequest(order_id, "wait", "not yet")])
    other = await at.place(("TEA", 2))
    works = [at.act(service.release_orders, requests=[ReleaseRequest(other)]) for _ in range(ROUNDS)]
    works.append(at.act(service.reconsider, order_ids=[order_id, other]) if not works else works.pop())
    outcomes = await race(*works)
    assert all(isinstance(x, Refusal) for x in outcomes)
    assert len(await at.of(other)) == 1
    assert await at.of(order_id) == []


async def test_goods_are_handed_over_once(at: Floor) -> None:
    order_id = await at.place(("TEA", 1))
    await at.packed(order_id)
    key = (await at.only(order_id)).fulfillment_id
    ready = await at.one(service.make_ready, wishes=[Readiness(key)])
    wish = Collection(key, ready.code)
    outcomes = await race(*(at.act(service.collect_fulfillments, wishes=[wish]) for _ in range(ROUNDS)))
    assert [x.code for x in outcomes if isinstance(x, Refusal)] == ["not_ready"] * (ROUNDS - 1)


async def test_the_same_shipment_sent_at_once_leaves_once(at: Floor) -> None:
    order_id = await at.place(("TEA", 4))
    wish = OrderShipment(order_id, carrier="SF", key="once")
    outcomes = await race(*(at.act(service.ship_orders, wishes=[wish]) for _ in range(ROUNDS)))
    assert outcomes == [order_id] * ROUNDS
    assert (await at.order(order_id)).lines[0].shipped == 4
    assert len((await at.only(order_id)).parcels) == 1


def heard(code: str, minute: int, state: TrackingState) -> NewTrackingEvent:
    return NewTrackingEvent("SF", "SF123", code, NOW + timedelta(minutes=minute), state)


SAID = (
    heard("10", 1, "in_transit"),
    heard("20", 2, "failed"),
    heard("30", 3, "out_for_delivery"),
    heard("40", 4, "delivered"),
    heard("50", 5, "in_transit"),
)


async def test_what_a_carrier_says_in_two_sets_at_once_comes_to_the_same(at: Floor, clock: FakeClock) -> None:
    clock.set(NOW + timedelta(hours=1))
    for turn in range(ROUNDS):
        order_id = await at.place(("TEA", 1))
        number = f"SF{turn}"
        parcel_id = await at.packed(order_id)
        await at.one(service.ship_parcels, wishes=[Ship(parcel_id, "SF", number)])
        said = [x._replace(number=number) for x in SAID]
        sets = [said[3:] + said[:1], said[4:0:-1], said[:3]]
        await asyncio.gather(*(at.act(service.record_tracking, events=x) for x in (sets if turn % 2 else sets[::-1])))
        parcel = await at.parcel(parcel_id)
        assert (parcel.state, parcel.delivered_at) == ("delivered", parcel.shipped_at)
        assert (await at.order(order_id)).lines[0].delivered == 1
        async with at.db.read(at.scope) as tx:
            kept = await carriers.tracking_events(tx, [("SF", number)])
        assert [x.code for x in kept["SF", number]] == ["10", "20", "30", "40", "50"]


async def test_a_parcel_that_leaves_while_its_carrier_says_that_it_arrived_has_arrived(
    at: Floor, clock: FakeClock
) -> None:
    clock.set(NOW + timedelta(hours=1))
    for turn in range(ROUNDS):
        order_id = await at.place(("TEA", 1))
        parcel_id = await at.packed(order_id)
        number = f"SF{turn}"
        arrived = SAID[3]._replace(number=number)
        works = [
            at.act(service.ship_parcels, wishes=[Ship(parcel_id, "SF", number)]),
            at.act(service.record_tracking, events=[arrived]),
        ]
        await race(*(works if turn % 2 else reversed(works)))
        await at.hear()
        assert (await at.parcel(parcel_id)).state == "delivered"
        assert (await at.order(order_id)).lines[0].delivered == 1
