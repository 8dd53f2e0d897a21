"""Five hundred rows in one call, over HTTP: an outcome for each, and a wrong row harms no other."""

from typing import Any
from uuid import UUID

from jiedan.base.db import Database, ReadTx, Scope
from jiedan.fulfillment import queries, service
from jiedan.fulfillment.values import ROWS_MAX
from jiedan.orders import queries as order_queries
from jiedan.orders.values import DRAFTS_PER_BATCH_MAX
from tests.fulfillment.factories import Floor, floor
from tests.fulfillment.test_api import NO_SUCH, client_of, send
from tests.journeys import books
from tests.orders import factories

WRONG = 3
"""Rows of each call that are refused."""


async def placed(at: Floor, count: int) -> list[str]:
    """Place orders of two units each, and release them at once."""
    wanted = [factories.order(("TEA", 2), payment_terms="on_account") for _ in range(count)]
    order_ids: list[Any] = []
    for start in range(0, count, DRAFTS_PER_BATCH_MAX):
        outcomes: list[Any] = await factories.place(at.db, at.scope, *wanted[start : start + DRAFTS_PER_BATCH_MAX])
        order_ids += [x.order_id for x in outcomes]
    await at.act(service.reconsider, order_ids=order_ids)
    return [str(x) for x in order_ids]


def halves(rows: list[Any]) -> tuple[list[Any], list[str]]:
    """Return what was done and why the rest was not, and see that the wrong rows are the last."""
    assert len(rows) == ROWS_MAX
    done, refused = rows[:-WRONG], rows[-WRONG:]
    assert not any("problem" in x for x in done)
    return done, [x["problem"]["code"] for x in refused]


async def test_five_hundred_rows_have_an_outcome_each(db: Database, scope: Scope) -> None:
    at = await floor(db, scope, {"TEA": {"W1": 2_000}})
    count = ROWS_MAX - WRONG
    order_ids = await placed(at, count)
    async with client_of(db, scope) as client:
        outcomes = await send(client, "/orders/releases", {"order_ids": [*order_ids, *[NO_SUCH] * WRONG]})
        assert [x["problem"]["code"] for x in outcomes[-WRONG:]] == ["order_not_found"] * WRONG
        async with db.read(scope) as tx:
            keys = [str(x) for x in await _keys(tx, order_ids)]
        picks = [{"fulfillment_id": x, "line": 1, "quantity": 2} for x in keys]
        wrong = [{"fulfillment_id": x, "line": 1, "quantity": 1} for x in keys[:WRONG]]
        _, codes = halves(await send(client, "/fulfillments/picks", {"items": picks + wrong}))
        assert codes == ["too_much_to_pick"] * WRONG
        packs = [{"fulfillment_id": x} for x in [*keys, *[NO_SUCH] * WRONG]]
        packed, codes = halves(await send(client, "/parcels", {"items": packs}))
        assert codes == ["fulfillment_not_found"] * WRONG
        parcels = [x["parcel"]["parcel_id"] for x in packed]
        ships = [{"parcel_id": x, "carrier": "SF", "tracking_number": f"SF{i}"} for i, x in enumerate(parcels)]
        _, codes = halves(await send(client, "/parcels/shipments", {"items": ships + ships[:WRONG]}))
        assert codes == ["parcel_not_waiting"] * WRONG
        arrivals = [{"parcel_id": x} for x in [*parcels, *parcels[:WRONG]]]
        _, codes = halves(await send(client, "/parcels/deliveries", {"items": arrivals}))
        assert codes == ["parcel_not_under_way"] * WRONG
        too_many = await send(client, "/parcels/deliveries", {"items": [{"parcel_id": NO_SUCH}] * (ROWS_MAX + 1)}, 422)
        assert too_many["field"] == "items"
    async with db.read(scope) as tx:
        found = await order_queries.orders(tx, [UUID(x) for x in order_ids])
    assert {x.lines[0].delivered for x in found.values()} == {2}
    await books.assert_balance(db, scope)


async def _keys(tx: ReadTx, order_ids: list[str]) -> list[UUID]:
    loaded = await queries.of_orders(tx, [UUID(x) for x in order_ids])
    return [x.fulfillment_id for x in loaded.fulfillments.values()]
