"""Carriers are set up once, numbers are taken once, and what carriers say is kept once."""

from datetime import timedelta

import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal
from jiedan.carriers import errors, queries, service
from jiedan.carriers.values import NewTrackingEvent
from tests.carriers.factories import HAND, RATES
from tests.inventory.factories import act, act_telling


async def test_a_carrier_is_set_up_changed_and_left_alone(db: Database, scope: Scope) -> None:
    made, told = await act_telling(db, scope, service.save_carrier, account=RATES)
    again, nothing = await act_telling(db, scope, service.save_carrier, account=RATES)
    changed = await act(db, scope, service.save_carrier, account=RATES._replace(is_active=False))
    assert (made.version, again.version, changed.version) == (1, 1, 2)
    assert (told, nothing) == (["carriers.carrier_saved"], [])
    async with db.read(scope) as tx:
        assert (await queries.carrier(tx, "OWN")).is_active is False
        with pytest.raises(errors.CarrierNotFound):
            await queries.carrier(tx, "NONE")


async def test_serials_rise_and_are_never_given_twice(db: Database, scope: Scope) -> None:
    await act(db, scope, service.save_carrier, account=RATES)
    await act(db, scope, service.save_carrier, account=HAND)
    first = await act(db, scope, service.take_serials, numbers={"OWN": 3, "SF": 1})
    second = await act(db, scope, service.take_serials, numbers={"OWN": 2})
    assert first == {"OWN": [1, 2, 3], "SF": [1]}
    assert second == {"OWN": [4, 5]}


async def test_an_event_is_kept_once_however_often_it_is_said(db: Database, scope: Scope) -> None:
    at = db.clock.now() - timedelta(hours=1)
    event = NewTrackingEvent("SF", "SF1", "50", at, "in_transit", "Left Beijing", "Beijing")
    future = event._replace(occurred_at=at + timedelta(days=1))
    outcomes = await act(db, scope, service.record_tracking, events=[event, event, future])
    again = await act(db, scope, service.record_tracking, events=[event])
    assert outcomes[:2] == [True, False]
    assert isinstance(outcomes[2], Refusal)
    assert again == [False]
    async with db.read(scope) as tx:
        said = await queries.tracking_events(tx, [("SF", "SF1"), ("SF", "SF2")])
    assert [x.description for x in said["SF", "SF1"]] == ["Left Beijing"]
    assert ("SF", "SF2") not in said


async def test_a_card_number_in_what_a_carrier_says_is_masked(db: Database, scope: Scope) -> None:
    at = db.clock.now() - timedelta(hours=1)
    event = NewTrackingEvent("SF", "SF1", "80", at, None, "Paid with 4111 1111 1111 1111.", "4111111111111111")
    await act(db, scope, service.record_tracking, events=[event])
    async with db.read(scope) as tx:
        (said,) = (await queries.tracking_events(tx, [("SF", "SF1")]))["SF", "SF1"]
    assert (said.description, said.place) == ("Paid with **** **** **** 1111.", "************1111")
