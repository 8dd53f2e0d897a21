"""Parcels that could not be delivered, or come back: a person is told, until they arrive after all."""

from datetime import timedelta

from jiedan.carriers.values import NewTrackingEvent, TrackingState
from jiedan.cases import queries as cases
from jiedan.fulfillment import service
from jiedan.fulfillment.values import Delivery, ParcelId, Ship
from tests.conftest import FakeClock
from tests.fulfillment.factories import Floor
from tests.journeys import books


async def said(at: Floor, clock: FakeClock, code: str, state: TrackingState) -> None:
    clock.advance(timedelta(hours=1))
    event = NewTrackingEvent("SF", "SF123", code, clock.now(), state)
    await at.one(service.record_tracking, events=[event])


async def cases_of(at: Floor, parcel_id: ParcelId) -> list[tuple[str, str]]:
    async with at.db.read(at.scope) as tx:
        return sorted((x.kind, x.state) for x in await cases.cases_about(tx, [parcel_id]))


async def test_a_case_stands_until_the_parcel_arrives(at: Floor, clock: FakeClock) -> None:
    parcel_id = await at.shipped(await at.place(("TEA", 2)))
    await said(at, clock, "10", "in_transit")
    assert await cases_of(at, parcel_id) == []
    await said(at, clock, "20", "failed")
    await said(at, clock, "20", "failed")
    await said(at, clock, "30", "out_for_delivery")
    assert await cases_of(at, parcel_id) == [("delivery_failed", "open")]
    await said(at, clock, "40", "returned")
    assert await cases_of(at, parcel_id) == [("delivery_failed", "open"), ("parcel_returned", "open")]
    await said(at, clock, "50", "delivered")
    assert await cases_of(at, parcel_id) == [("delivery_failed", "resolved"), ("parcel_returned", "resolved")]
    await at.hear()
    await books.assert_balance(at.db, at.scope)


async def test_staff_who_say_that_it_arrived_close_the_case(at: Floor, clock: FakeClock) -> None:
    parcel_id = await at.shipped(await at.place(("TEA", 2)))
    await said(at, clock, "20", "failed")
    async with at.db.read(at.scope) as tx:
        (case,) = await cases.cases_about(tx, [parcel_id])
    assert case.data == {
        "parcel": (await at.parcel(parcel_id)).number, "carrier": "SF", "tracking_number": "SF123"
    }  # fmt: skip
    await at.one(service.deliver_parcels, wishes=[Delivery(parcel_id)])
    assert await cases_of(at, parcel_id) == [("delivery_failed", "resolved")]


async def test_what_was_said_before_a_parcel_left_is_followed_once_it_has(at: Floor, clock: FakeClock) -> None:
    order_id = await at.place(("TEA", 2))
    parcel_id = await at.packed(order_id)
    await said(at, clock, "10", "in_transit")
    await said(at, clock, "20", "failed")
    assert (await at.parcel(parcel_id)).state == "packed"
    await at.one(service.ship_parcels, wishes=[Ship(parcel_id, "SF", "SF123")])
    await at.hear()
    assert (await at.parcel(parcel_id)).state == "failed"
    assert await cases_of(at, parcel_id) == [("delivery_failed", "open")]
    await said(at, clock, "30", "delivered")
    assert (await at.order(order_id)).lines[0].delivered == 2
    await at.hear()
    await books.assert_balance(at.db, at.scope)
