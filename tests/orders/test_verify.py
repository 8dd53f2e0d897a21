"""Each check of orders finds the fault it is there for, planted past every guard."""

from typing import Any
from uuid import UUID

import psycopg
import pytest

from jiedan.base import sql
from jiedan.base.db import Database, Scope
from tests.orders.factories import order, place_one, shop

CHECKS = sql.load("jiedan.orders", "verify.sql")
FAULTS = sql.load("tests.orders", "faults.sql")


@pytest.fixture
async def placed(db: Database, scope: Scope) -> UUID:
    """Return one of two orders of a merchant, each with stock."""
    await shop(db, scope, {"A": {"W1": 5}})
    await place_one(db, scope, order(("A", 1), external_id="T-2"))
    return (await place_one(db, scope, order(("A", 2), external_id="T-1"))).order_id


def test_every_check_has_its_fault() -> None:
    assert FAULTS.keys() == CHECKS.keys()


@pytest.mark.usefixtures("placed")
async def test_sound_books_pass(db: Database, scope: Scope) -> None:
    async with db.read(scope) as tx:
        for statement in CHECKS.values():
            assert await tx.sql(statement, now=tx.now) == [], statement.name


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_a_planted_fault_is_found(name: str, scope: Scope, placed: UUID, owner: psycopg.Connection[Any]) -> None:
    parameters = {"tenant": scope.tenant, "tenant_id": scope.tenant, "order": placed}
    with owner.transaction(force_rollback=True):
        assert owner.execute(CHECKS[name].text, parameters).fetchall() == []
        owner.execute(b"SET LOCAL session_replication_role = 'replica'")
        _drop_guards(owner)
        assert owner.execute(FAULTS[name].text, parameters).rowcount
        assert owner.execute(CHECKS[name].text, parameters).fetchall()


def _drop_guards(owner: psycopg.Connection[Any]) -> None:
    """Take the guards of the tables concerned away until the rollback: they would refuse the fault."""
    rows = owner.execute(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype IN ('c', 'u')"
        " AND conrelid IN ('orders'::regclass, 'order_line'::regclass, 'stock'::regclass)"
    ).fetchall()
    for table, name in rows:
        owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    owner.execute("DROP INDEX uq_orders_external")
