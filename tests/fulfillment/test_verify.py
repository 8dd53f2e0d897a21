"""Each check of fulfillment finds the fault it is there for, planted past every guard."""

from typing import Any
from uuid import UUID

import psycopg
import pytest

from jiedan.base import sql
from jiedan.base.db import Database, Scope
from jiedan.orders.values import NewNote
from tests.fulfillment.factories import floor

CHECKS = sql.load("jiedan.fulfillment", "verify.sql")
FAULTS = sql.load("tests.fulfillment", "faults.sql")


@pytest.fixture
async def orders(db: Database, scope: Scope) -> tuple[UUID, UUID]:
    """Return an order that is released, and one that is delivered and had notes."""
    at = await floor(db, scope, {"A": {"W1": 9}})
    delivered = await at.place(("A", 2), notes=(NewNote(kind="delivery", text="Ring twice."),))
    await at.delivered(delivered)
    released = await at.place(("A", 3))
    await at.hear()
    return released, delivered


def test_every_check_has_its_fault() -> None:
    assert FAULTS.keys() == CHECKS.keys()


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
    with owner.transaction(force_rollback=True):
        assert owner.execute(CHECKS[name].text, parameters).fetchall() == []
        owner.execute(b"SET LOCAL session_replication_role = 'replica'")
        _drop_guards(owner)
        assert owner.execute(FAULTS[name].text, parameters).rowcount
        assert owner.execute(CHECKS[name].text, parameters).fetchall()


def _drop_guards(owner: psycopg.Connection[Any]) -> None:
    """Take the guards of the tables concerned away until the rollback: they would refuse the fault."""
    rows = owner.execute(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype IN ('c', 'u') AND conrelid = ANY("
        "ARRAY['order_line', 'fulfillment', 'fulfillment_line', 'parcel', 'parcel_line', 'reservation']::regclass[])"
    ).fetchall()
    for table, name in rows:
        owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
