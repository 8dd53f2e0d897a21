"""Each check of fulfillment finds the fault it is there for, planted past every guard."""

from typing import Any
from uuid import UUID

import psycopg
import pytest

from jiedan.base import sql
from jiedan.base.db import Database, Scope
from jiedan.carriers.values import Transit
from jiedan.fulfillment import service
from jiedan.fulfillment.values import Closing, PackingBox, Print, Scan
from jiedan.orders.values import NewNote
from tests import faults
from tests.fulfillment.factories import floor

CHECKS = sql.load("jiedan.fulfillment", "verify.sql")
FAULTS = sql.load("tests.fulfillment", "faults.sql")
GUARDED = (
    "order_line",
    "fulfillment",
    "fulfillment_line",
    "packing_scan",
    "parcel",
    "parcel_line",
    "parcel_print",
    "reservation",
)


@pytest.fixture
async def orders(db: Database, scope: Scope) -> tuple[UUID, UUID]:
    """Return an order that is released, and one that is delivered and had notes."""
    at = await floor(db, scope, {"A": {"W1": 9}})
    await at.act(service.set_handling, days={"W1": Transit(1, 3)})
    delivered = await at.place(("A", 2), notes=(NewNote(kind="delivery", text="Ring twice."),))
    await at.delivered(delivered)
    scanned = await at.place(("A", 1))
    found = await at.only(scanned)
    await at.act(service.save_box, box=PackingBox("S", "Small", 200, 150, 100))
    await at.one(service.scan_items, scans=[Scan(found.fulfillment_id, "A")])
    parcel_id = await at.one(service.close_boxes, closings=[Closing(found.fulfillment_id, 120, "S")])
    await at.one(service.record_prints, prints=[Print(parcel_id, "packing_slip")])
    released = await at.place(("A", 3))
    await at.hear()
    return released, delivered


def test_every_check_has_its_fault() -> None:
    assert faults.checked(FAULTS) == CHECKS.keys()


@pytest.mark.usefixtures("orders")
async def test_sound_books_pass(db: Database, scope: Scope) -> None:
    async with db.read(scope) as tx:
        for statement in CHECKS.values():
            assert await tx.sql(statement, now=tx.now) == [], statement.name


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_a_planted_fault_is_found(
    name: str, scope: Scope, orders: tuple[UUID, UUID], owner: psycopg.Connection[Any]
) -> None:
    parameters = {"tenant": scope.tenant, "tenant_id": scope.tenant, "order": orders[0], "other": orders[1]}
    faults.assert_found(owner, CHECKS[faults.check_of(name)], FAULTS[name], parameters, unguarded=GUARDED)
