"""Reads of inventory, on PostgreSQL."""

import pytest

from jiedan.base.db import Database, LockOrderBroken, LockRank, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import SkuId
from jiedan.inventory import queries, service
from jiedan.inventory.values import Availability, NewLocation, StockKey
from tests.inventory import factories
from tests.inventory.factories import act


async def test_hundreds_of_skus_are_one_statement(db: Database, scope: Scope, recorder: StatementRecorder) -> None:
    keys = await factories.keys_with_stock(db, scope, [3] * 300)
    async with db.read(scope) as tx:
        with recorder.watching() as sent:
            found = await tx.load_one(queries.availability([key.sku_id for key in keys]))
    assert len(sent) == 1
    assert found == dict.fromkeys(keys, Availability(3, 0, 0, 0))


async def test_availability_knows_active_locations_only(db: Database, scope: Scope) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [3])
    wanted = NewLocation("W1", "Place W1", is_active=False)
    await act(db, scope, service.change_location, location_id=key.location_id, wanted=wanted)
    async with db.read(scope) as tx:
        found, places = await tx.load(queries.availability([key.sku_id]), queries.locations())
    assert found == {}
    assert [(place.code, place.is_active) for place in places] == [("W1", False)]


async def test_loads_of_several_modules_share_a_pipeline(db: Database, scope: Scope) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [3])
    async with db.read(scope) as tx:
        skus, stock, places = await tx.load(
            catalog.sellable_skus(["SKU-0"]), queries.availability([key.sku_id]), queries.locations()
        )
    assert skus["SKU-0"].sku_id == key.sku_id
    assert stock[key].available == 3
    assert places[0].location_id == key.location_id


async def test_locations_come_in_order_of_priority(db: Database, scope: Scope) -> None:
    for code, priority in (("B", 2), ("C", 1), ("A", 2)):
        await act(db, scope, factories.location, code=code, priority=priority)
    async with db.read(scope) as tx:
        found = await tx.load_one(queries.locations())
    assert [place.code for place in found] == ["C", "A", "B"]


async def test_locking_reads_leave_out_what_has_no_counters(db: Database, scope: Scope) -> None:
    key, empty = await factories.keys_with_stock(db, scope, [3, 0])
    async with db.begin(scope) as tx:
        nowhere = StockKey(SkuId(tx.new_id()), key.location_id)
        assert await queries.lock_stock(tx, [empty, key, nowhere, key]) == {key: Availability(3, 0, 0, 0)}


async def test_stock_is_locked_after_what_ranks_before_it(db: Database, scope: Scope) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [3])
    async with db.begin(scope) as tx:
        await queries.lock_stock(tx, [key])
        with pytest.raises(LockOrderBroken):
            tx.will_lock(LockRank.ORDER)
