"""Each check of the books finds the fault it is there for, planted by a superuser past every guard."""

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import psycopg
import pytest

from jiedan.base import sql
from jiedan.base.db import Database, Scope
from jiedan.inventory import service
from jiedan.inventory.values import Count, NewCount, NewTransfer, Shipment, StockKey, Tally, Transfer, TransferStep
from tests import faults
from tests.conftest import FakeClock
from tests.inventory import factories
from tests.inventory.factories import act

CHECKS = sql.load("jiedan.inventory", "verify.sql")

FAULTS = sql.load("tests.inventory", "faults.sql")

GUARDED = ("stock", "stock_movement", "stock_count", "transfer", "transfer_line")


class Books(NamedTuple):
    """A merchant with something of everything that is checked."""

    key: StockKey
    clock: FakeClock

    def parameters(self, scope: Scope) -> dict[str, Any]:
        """Return what faults and checks are about."""
        return {
            "tenant": scope.tenant,
            "other": uuid4(),
            "sku": self.key.sku_id,
            "location": self.key.location_id,
            "tenant_id": scope.tenant,
            "now": self.clock.now(),
        }


@pytest.fixture
async def books(db: Database, scope: Scope, clock: FakeClock) -> Books:
    key, counted = await factories.keys_with_stock(db, scope, [20, 5])
    store = await act(db, scope, factories.location, code="S1")
    owner = await act(db, scope, factories.hold, key=key, quantity=4)
    await act(db, scope, service.ship_many, shipments=[Shipment(owner, *key, 1, "s")])
    cart = factories.cart_claim(key, 2, expires_at=clock.now() + timedelta(minutes=15))
    await act(db, scope, service.reserve_many, claims=[cart])
    wish = NewTransfer(key.location_id, store.location_id, ((key.sku_id, 6),))
    (transfer,) = await act(db, scope, service.open_transfers, wishes=[wish])
    assert isinstance(transfer, Transfer)
    for move, quantity in ((service.ship_transfers, 4), (service.receive_transfers, 3)):
        await act(db, scope, move, steps=[TransferStep(transfer.transfer_id, key.sku_id, quantity, str(uuid4()))])
    await _count(db, scope, counted)
    await act(db, scope, factories.levels, key=counted, low=1)
    return Books(key, clock)


async def _count(db: Database, scope: Scope, key: StockKey) -> None:
    (count,) = await act(db, scope, service.open_counts, wishes=[NewCount(key.location_id, (key.sku_id,))])
    assert isinstance(count, Count)
    tallies = [Tally(count.count_id, key.sku_id, 3, str(number)) for number in range(2)]
    await act(db, scope, service.record_tallies, tallies=tallies)
    await act(db, scope, service.apply_counts, count_ids=[count.count_id])


def test_every_check_has_its_fault() -> None:
    assert faults.checked(FAULTS) == CHECKS.keys()


async def test_sound_books_pass(books: Books, db: Database, scope: Scope) -> None:
    async with db.read(scope) as tx:
        for statement in CHECKS.values():
            assert await tx.sql(statement, now=tx.now) == [], statement.name


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_a_planted_fault_is_found(
    name: str, books: Books, scope: Scope, owner: psycopg.Connection[Any], other_tenant: UUID
) -> None:
    parameters = {**books.parameters(scope), "other": other_tenant}
    faults.assert_found(owner, CHECKS[faults.check_of(name)], FAULTS[name], parameters, unguarded=GUARDED)
