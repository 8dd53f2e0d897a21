"""The statements of each door do not grow with the set."""

from typing import Any

import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.base.recorder import StatementRecorder
from jiedan.carriers import service as carriers
from jiedan.carriers.values import NewTrackingEvent
from jiedan.fulfillment import service
from jiedan.fulfillment.values import (
    Acknowledgement,
    Collection,
    Delivery,
    OrderShipment,
    Pack,
    Pick,
    Readiness,
    ReleaseRequest,
    Ship,
    Short,
    Unpack,
)
from jiedan.orders.values import OrderId
from tests.carriers.factories import RATES
from tests.fulfillment.factories import Floor, floor
from tests.journeys import books
from tests.orders import factories

SET = 12
"""Orders of the larger set."""

BUDGETS = {
    "release": 20,
    "reconsider": 20,
    "promise": 10,
    "reconsider_and_promise": 22,
    "pick": 19,
    "short": 30,
    "short_and_sourced_again": 51,
    "acknowledge": 15,
    "pack": 21,
    "unpack": 20,
    "ship": 30,
    "deliver": 24,
    "ready": 18,
    "collect": 30,
    "ship_order": 30,
    "tracking": 21,
}
"""Statements of each door, the two that store its events included."""

READ_ONCE = 4
"""Orders, their lines, what these hold, and the settings: what a release and a promise of one set share."""


async def _orders(at: Floor, count: int) -> list[OrderId]:
    wanted = [factories.order(("TEA", 2), payment_terms="on_account", ship_to=factories.BEIJING) for _ in range(count)]
    outcomes: list[Any] = await factories.place(at.db, at.scope, *wanted)
    return [x.order_id for x in outcomes]


async def _steps(at: Floor, ids: list[OrderId], recorder: StatementRecorder) -> dict[str, int]:
    """Do each step with all orders at once; return how many statements each took."""
    counts: dict[str, int] = {}

    async def count(name: str, use_case: Any, **arguments: Any) -> list[Any]:
        with recorder.watching() as sent:
            outcomes = await at.act(use_case, **arguments)
        counts[name] = len([x for x in sent if not x.startswith(("BEGIN", "COMMIT", "SET"))])
        return list(outcomes or ())

    half = ids[: len(ids) // 2]
    await count("release", service.release_orders, requests=[ReleaseRequest(x) for x in half])
    await count("reconsider", service.reconsider, order_ids=ids)
    found = [await at.only(x) for x in ids]
    keys = [x.fulfillment_id for x in found]
    await count("short", service.short_pick, shorts=[Short(x, 1, 1, "damaged") for x in keys])
    await at.hear()
    await count("pick", service.pick_lines, picks=[Pick(x, 1, 1) for x in keys])
    await at.act(service.pick_lines, picks=[Pick(x, 1, 1) for x in keys])
    await count("acknowledge", service.acknowledge_notes, wishes=[Acknowledgement(x) for x in keys])
    parcels = await count("pack", service.pack_parcels, packs=[Pack(x) for x in keys])
    await count("unpack", service.unpack_parcels, wishes=[Unpack(x) for x in parcels])
    parcels = list(await at.act(service.pack_parcels, packs=[Pack(x) for x in keys]))
    await count("ship", service.ship_parcels, wishes=[Ship(x, "SF", f"N{i}") for i, x in enumerate(parcels)])
    said = [NewTrackingEvent("SF", f"N{i}", "1", found[0].released_at, "in_transit") for i in range(len(parcels))]
    await count("tracking", service.record_tracking, events=said)
    await count("deliver", service.deliver_parcels, wishes=[Delivery(x) for x in parcels])
    return counts


async def _collected(at: Floor, ids: list[OrderId], recorder: StatementRecorder) -> dict[str, int]:
    await at.hear()
    keys = [(await at.only(x)).fulfillment_id for x in ids]
    await at.act(service.pick_lines, picks=[Pick(x, 1, 2) for x in keys])
    await at.act(service.pack_parcels, packs=[Pack(x) for x in keys])
    with recorder.watching() as ready_sent:
        ready = await at.act(service.make_ready, wishes=[Readiness(x) for x in keys])
    wishes = [Collection(x.fulfillment_id, x.code) for x in ready]
    with recorder.watching() as collect_sent:
        await at.act(service.collect_fulfillments, wishes=wishes)
    return {"ready": len(ready_sent), "collect": len(collect_sent)}


async def _at_once(at: Floor, ids: list[OrderId], recorder: StatementRecorder) -> dict[str, int]:
    with recorder.watching() as sent:
        await at.act(service.ship_orders, wishes=[OrderShipment(x, carrier="SF", delivered_at=None) for x in ids])
    return {"ship_order": len(sent)}


async def _heard(at: Floor, ids: list[OrderId], recorder: StatementRecorder) -> dict[str, int]:
    """Release and promise one half of the orders each for itself, the other half at once."""
    await at.act(carriers.save_carrier, account=RATES)
    apart, together = ids[: len(ids) // 2], ids[len(ids) // 2 :]
    counts = {}
    for name, use_case, arguments in (
        ("reconsider", service.reconsider, {"order_ids": apart}),
        ("promise", service.promise_orders, {"order_ids": apart}),
        ("reconsider_and_promise", service.release_and_promise, {"reconsidered": together, "promised": together}),
    ):
        with recorder.watching() as sent:
            await at.act(use_case, **arguments)
        counts[name] = len(sent)
    assert counts["reconsider_and_promise"] < counts["reconsider"] + counts["promise"] - READ_ONCE
    return counts


@pytest.mark.parametrize("steps", [_steps, _collected, _at_once, _heard])
async def test_a_set_costs_as_many_statements_as_one(
    db: Database, scope: Scope, recorder: StatementRecorder, steps: Any
) -> None:
    at = await floor(db, scope, {"TEA": {"W1": 200, "W2": 200}})
    one = await steps(at, await _orders(at, 2), recorder)
    many = await steps(at, await _orders(at, SET), recorder)
    assert many == one
    assert {name: count for name, count in one.items() if count > BUDGETS[name]} == {}


async def test_whoever_yields_costs_as_many_statements_as_one(
    db: Database, scope: Scope, other_tenant: TenantId, recorder: StatementRecorder
) -> None:
    counts = []
    for where, count in ((scope, 1), (Scope(other_tenant), SET)):
        at = await floor(db, where, {"TEA": {"W1": 2 * count, "W2": count}})
        keys = [(await at.only(x)).fulfillment_id for x in await _released(at, count)]
        with recorder.watching() as sent:
            await at.act(service.short_pick, shorts=[Short(x, 1, 1, "not_found") for x in keys])
        counts.append(len(sent))
        await at.hear()
        await books.assert_balance(db, where)
    # Where an order yields all it has, its fulfillment changes its status: one statement more, whatever the number.
    assert counts[1] - counts[0] <= 1
    assert max(counts) <= BUDGETS["short_and_sourced_again"]


async def _released(at: Floor, count: int) -> list[OrderId]:
    ids = await _orders(at, count)
    await at.hear()
    return ids
