"""When an order arrives is promised once, when all of it is allocated and somebody knows how long the way takes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from jiedan.base.db import ReadTx, Scope
from jiedan.base.sql import Statement
from jiedan.carriers import queries as ways
from jiedan.carriers import service as carriers
from jiedan.carriers.values import NewAccount, Transit
from jiedan.fulfillment import api, errors, service
from jiedan.fulfillment.values import Delivery
from jiedan.inventory import errors as stock_errors
from jiedan.orders import api as orders_api
from jiedan.orders import placement
from jiedan.orders import service as order_service
from jiedan.orders.values import CancelRequest, NewOrder, OrderEdit, OrderId, Placed
from tests.base import web_client
from tests.carriers.factories import RATES
from tests.conftest import FakeClock
from tests.fulfillment.factories import Floor
from tests.orders import factories
from tests.orders.factories import BEIJING

_UNPROMISED = Statement(
    "unpromised",
    b"UPDATE orders SET promised_p50_on = NULL, promised_p90_on = NULL"
    b" WHERE tenant_id = %(tenant_id)s AND order_id = %(order_id)s",
)
_TOLD = Statement(
    "told",
    b"SELECT kind FROM event_log WHERE tenant_id = %(tenant_id)s AND subject_id = %(order_id)s"
    b" AND kind = ANY(%(kinds)s::text[]) ORDER BY event_id",
)
SLOW = NewAccount("AAA", "hand", "By ship", {"p50_days": 30, "p90_days": 60})


async def promised(at: Floor, *lines: tuple[str, int], **facts: object) -> tuple[date | None, date | None]:
    order = (await at.order(await at.place(*lines, **facts))).order
    return order.promised_p50_on, order.promised_p90_on


async def test_days_of_the_location_and_of_the_way_are_added(at: Floor) -> None:
    assert await promised(at, ("TEA", 1), ship_to=BEIJING) == (None, None)
    await at.act(carriers.save_carrier, account=RATES)
    assert await promised(at, ("TEA", 1), ship_to=BEIJING) == (date(2026, 11, 23), date(2026, 11, 25))
    await at.act(service.set_handling, days={"W1": Transit(2, 5)})
    assert await promised(at, ("TEA", 1), ship_to=BEIJING) == (date(2026, 11, 24), date(2026, 11, 28))
    assert await promised(at, ("TEA", 1)) == (date(2026, 11, 23), date(2026, 11, 26))


async def test_the_day_is_that_of_the_merchant_and_the_wish_of_the_customer_counts(at: Floor, clock: FakeClock) -> None:
    clock.set(clock.now().replace(hour=17))  # one in the morning in Shanghai
    await at.act(carriers.save_carrier, account=RATES)
    wish = {"ship_to": BEIJING, "delivery_wish": date(2026, 11, 25)}
    assert await promised(at, ("TEA", 1), **wish) == (date(2026, 11, 25), date(2026, 11, 26))


async def test_the_slowest_location_and_the_first_active_carrier_decide(at: Floor) -> None:
    await at.act(carriers.save_carrier, account=RATES)
    await at.act(carriers.save_carrier, account=SLOW._replace(is_active=False))
    await at.act(service.set_handling, days={"W2": Transit(4, 8)})
    assert await promised(at, ("TEA", 15), ship_to=BEIJING) == (date(2026, 11, 26), date(2026, 12, 1))


WISHES = (
    factories.order(("TEA", 1), ship_to=BEIJING, payment_terms="on_account"),
    factories.order(("TEA", 1), ship_to=BEIJING, payment_terms="prepaid"),
    factories.order(("TEA", 1), ("CUP", 1), ship_to=BEIJING, delivery_wish=date(2026, 12, 3)),
    factories.order(("TEA", 1)),
    factories.order(("TEA", 1), ship_to=msgspec.structs.replace(BEIJING, country="DE", postal_code="10115")),
    factories.order(("CUP", 4), ship_to=BEIJING, location="W1"),
    factories.order(("CUP", 12), ship_to=BEIJING),
    factories.order(("TEA", 11), ship_to=BEIJING),
)
"""From one place and from two, sent and collected, paid and not, to where nobody goes, and more than there is."""


@pytest.mark.parametrize("wanted", WISHES)
async def test_who_orders_hears_at_once_what_they_would_hear_later(at: Floor, wanted: NewOrder) -> None:
    await at.act(carriers.save_carrier, account=RATES)
    await at.act(service.set_handling, days={"W1": Transit(2, 3), "W2": Transit(4, 8)})
    made = await factories.leased(at.db, at.scope, wanted)
    (placed,) = await at.db.write(at.scope, lambda tx: placement.place_orders(tx, made, promising=service.PROMISING))
    assert isinstance(placed, Placed)
    at_once = (await at.order(placed.order_id)).order
    async with at.db.begin(at.scope) as tx:
        await tx.sql(_UNPROMISED, order_id=placed.order_id)
    promised = await at.act(service.promise_orders, order_ids=[placed.order_id])
    later = (await at.order(placed.order_id)).order
    assert (at_once.promised_p50_on, at_once.promised_p90_on) == (later.promised_p50_on, later.promised_p90_on)
    assert promised == (at_once.promised_p50_on is not None)


async def test_a_carrier_that_fails_holds_up_no_order(at: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    await at.act(carriers.save_carrier, account=RATES)
    made = await factories.leased(at.db, at.scope, *WISHES[:2], WISHES[3])

    def broken(*_: object) -> None:
        raise ValueError

    with monkeypatch.context() as patched:
        patched.setattr(ways, "transit", broken)
        placed = await at.db.write(at.scope, lambda tx: placement.place_orders(tx, made, promising=service.PROMISING))
    order_ids = [one.order_id for one in placed if isinstance(one, Placed)]
    days = [(await at.order(order_id)).order.promised_p50_on for order_id in order_ids]
    assert [day is None for day in days] == [True, True, False]  # what is collected asks no carrier
    assert await at.act(service.promise_orders, order_ids=order_ids) == 2


async def test_a_promise_made_at_once_is_told_and_nobody_makes_it_again(at: Floor) -> None:
    await at.act(carriers.save_carrier, account=RATES)
    made = await factories.leased(at.db, at.scope, *WISHES[:2], WISHES[6])
    placed: list[Any] = await at.db.write(
        at.scope, lambda tx: placement.place_orders(tx, made, promising=service.PROMISING)
    )
    await at.hear()
    async with at.db.read(at.scope) as tx:
        told = [await _told(tx, x.order_id) for x in placed]
    assert told == [["orders.order_placed", "orders.delivery_promised"]] * 2 + [["orders.order_placed"]]


async def _told(tx: ReadTx, order_id: UUID) -> list[str]:
    rows = await tx.sql(_TOLD, order_id=order_id, kinds=["orders.order_placed", "orders.delivery_promised"])
    return [kind for (kind,) in rows]


async def test_what_waits_is_promised_when_it_is_allocated_and_never_moved(at: Floor) -> None:
    await at.act(carriers.save_carrier, account=RATES)
    order_id = await at.place(("CUP", 12), ship_to=BEIJING)
    assert (await at.order(order_id)).order.promised_p90_on is None
    async with at.db.begin(at.scope) as tx:
        await factories.receive(tx, at.shop, {"CUP": {"W2": 5}})
    await at.hear()
    first = (await at.order(order_id)).order.promised_p90_on
    assert first == date(2026, 11, 25)
    await at.act(service.set_handling, days={"W1": Transit(9, 9)})
    assert await at.act(service.promise_orders, order_ids=[order_id]) == 0
    assert (await at.order(order_id)).order.promised_p90_on == first


async def edit(at: Floor, order_id: OrderId, **facts: Any) -> tuple[date | None, date | None]:
    await at.act(order_service.edit_order, order_id=order_id, edit=OrderEdit(**facts), version=None)
    await at.hear()
    order = (await at.order(order_id)).order
    return order.promised_p50_on, order.promised_p90_on


async def test_an_edit_that_changes_when_it_arrives_is_promised_anew(at: Floor, clock: FakeClock) -> None:
    await at.act(carriers.save_carrier, account=RATES)
    await at.act(service.set_handling, days={"W2": Transit(4, 8)})
    order_id = await at.place(("TEA", 2), ship_to=BEIJING, payment_terms="prepaid")
    first = (date(2026, 11, 23), date(2026, 11, 25))
    clock.advance(timedelta(days=2))
    assert await edit(at, order_id, tags=("gift",)) == first
    assert await edit(at, order_id, delivery_wish=date(2026, 11, 30)) == (date(2026, 11, 30), date(2026, 11, 30))
    assert await edit(at, order_id, delivery_wish=None) == (date(2026, 11, 25), date(2026, 11, 27))
    assert await edit(at, order_id, location="W2") == (date(2026, 11, 28), date(2026, 12, 3))
    assert await at.act(service.promise_orders, order_ids=[order_id]) == 0


async def test_a_release_and_a_promise_at_once_come_to_what_they_come_to_one_after_the_other(at: Floor) -> None:
    await at.act(carriers.save_carrier, account=RATES)
    wanted = [
        factories.order(("TEA", 1), payment_terms=terms, ship_to=BEIJING) for terms in ("on_account", "prepaid") * 2
    ]
    placed: list[Any] = await factories.place(at.db, at.scope, *wanted)
    apart, together = [x.order_id for x in placed[:2]], [x.order_id for x in placed[2:]]
    await at.act(service.reconsider, order_ids=apart)
    assert await at.act(service.promise_orders, order_ids=apart) == 2
    await at.act(service.release_and_promise, reconsidered=together, promised=together)
    assert [len(await at.of(x)) for x in apart] == [len(await at.of(x)) for x in together] == [1, 0]
    found = [(await at.order(x)).order for x in (*apart, *together)]
    assert {(x.promised_p50_on, x.promised_p90_on) for x in found} == {(date(2026, 11, 23), date(2026, 11, 25))}
    assert [x.fulfillment_status for x in found[:2]] == [x.fulfillment_status for x in found[2:]]
    await at.act(service.release_and_promise, reconsidered=together, promised=together)
    assert [len(await at.of(x)) for x in together] == [1, 0], "twice changes nothing"


async def test_of_those_heard_of_at_once_each_gets_what_was_asked_for_it(at: Floor) -> None:
    await at.act(carriers.save_carrier, account=RATES)
    wanted = [factories.order(("TEA", 1), payment_terms="on_account", ship_to=BEIJING) for _ in range(3)]
    placed: list[Any] = await factories.place(at.db, at.scope, *wanted)
    released, promised, edited = (x.order_id for x in placed)
    since = datetime(2026, 11, 23, 4, tzinfo=UTC)
    await at.act(service.release_and_promise, reconsidered=[released], promised=[promised], edited={edited: since})
    assert [len(await at.of(x)) for x in (released, promised, edited)] == [1, 0, 0]
    days = [(await at.order(x)).order.promised_p50_on for x in (released, promised, edited)]
    assert days == [None, date(2026, 11, 23), date(2026, 11, 25)]


async def test_what_nobody_can_tell_any_more_is_taken_back(at: Floor) -> None:
    await at.act(carriers.save_carrier, account=RATES)
    order_id = await at.place(("TEA", 2), ship_to=BEIJING, payment_terms="prepaid")
    abroad = msgspec.structs.replace(BEIJING, country="DE", postal_code="10115", region="", city="Berlin")
    assert await edit(at, order_id, ship_to=abroad) == (None, None)
    assert await edit(at, order_id, ship_to=BEIJING) == (date(2026, 11, 23), date(2026, 11, 25))


async def test_an_order_is_late_after_the_last_day_promised_until_it_has_arrived(
    at: Floor, scope: Scope, clock: FakeClock
) -> None:
    await at.act(carriers.save_carrier, account=RATES)
    order_id = await at.place(("TEA", 2), ship_to=BEIJING)
    other_id = await at.place(("TEA", 1), ship_to=BEIJING, delivery_wish=date(2026, 12, 1))
    canceled_id = await at.place(("TEA", 1), ship_to=BEIJING)
    await at.act(order_service.cancel_orders, requests=[CancelRequest(canceled_id, "why")])
    caller = web_client.principal(permissions={"orders:read"}, tenant=scope.tenant)
    async with web_client.open_client(routers=[orders_api.ROUTER], principal=caller, database=at.db) as client:

        async def late() -> list[tuple[str, int]]:
            listed = (await client.get("/api/v1/orders", params={"view": "late"})).json()
            assert listed["count"] == {"value": len(listed["items"]), "is_capped": False}
            return [(x["order_id"], x["days_late"]) for x in listed["items"]]

        clock.set(datetime(2026, 11, 25, 15, 59, tzinfo=UTC))  # a minute to midnight in Shanghai
        assert await late() == []
        clock.advance(timedelta(minutes=1))
        assert await late() == [(str(order_id), 1)]
        clock.advance(timedelta(days=2))
        assert await late() == [(str(order_id), 3)]
        on_time = (await client.get("/api/v1/orders", params={"late": "false"})).json()["items"]
        assert [x["order_id"] for x in on_time] == [str(canceled_id), str(other_id)]
        assert (await client.get(f"/api/v1/orders/{order_id}")).json()["days_late"] == 3
        parcel_id = await at.shipped(order_id)
        assert await late() == [(str(order_id), 3)]
        await at.one(service.deliver_parcels, wishes=[Delivery(parcel_id)])
        assert await late() == []
        assert (await client.get(f"/api/v1/orders/{order_id}")).json()["days_late"] == 0


async def test_days_that_cannot_be_right_are_refused(at: Floor) -> None:
    for days in (Transit(3, 2), Transit(-1, 2), Transit(1, 366)):
        with pytest.raises(errors.DaysOutOfRange):
            await at.act(service.set_handling, days={"W1": days})
    with pytest.raises(stock_errors.UnknownLocation):
        await at.act(service.set_handling, days={"X": Transit(1, 1)})


async def test_days_are_set_over_http(at: Floor, scope: Scope) -> None:
    caller = web_client.principal(permissions={"fulfillment:read", "settings:write"}, tenant=scope.tenant)
    async with web_client.open_client(routers=[api.ROUTER], principal=caller, database=at.db) as client:
        body = {"days": {"W2": {"p50_days": 0, "p90_days": 1}}}
        made = await client.put("/api/v1/handling-days", json=body)
        listed = await client.get("/api/v1/handling-days")
    assert made.json() == listed.json()
    assert [(x["location"], x["p50_days"], x["p90_days"]) for x in listed.json()] == [("W1", 1, 2), ("W2", 0, 1)]
