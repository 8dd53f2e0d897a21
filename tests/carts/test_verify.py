"""Each check of carts finds the fault it is there for, planted past every guard."""

from typing import Any
from uuid import UUID

import psycopg
import pytest

from jiedan.base import sql
from jiedan.base.db import Database, Scope
from tests import faults
from tests.carts.factories import filled, kit
from tests.orders.factories import order, place_one, shop

CHECKS = sql.load("jiedan.carts", "verify.sql")
FAULTS = sql.load("tests.carts", "faults.sql")


@pytest.fixture
async def known(db: Database, scope: Scope) -> dict[str, UUID]:
    """Return an open cart, with goods and a kit, and an order that came from another one."""
    opened = await shop(db, scope, {"TEA": {"W1": 9}, "CUP": {"W1": 9}})
    await kit(db, scope, "SET", (opened.skus["TEA"], 1), (opened.skus["CUP"], 2))
    ordered = await filled(db, scope, {"TEA": 1})
    placed = await place_one(db, scope, order(("TEA", 1), cart_id=ordered))
    return {"cart": await filled(db, scope, {"TEA": 2, "SET": 1}), "order": placed.order_id}


def test_every_check_has_its_fault() -> None:
    assert faults.checked(FAULTS) == CHECKS.keys()


@pytest.mark.usefixtures("known")
async def test_sound_books_pass(db: Database, scope: Scope) -> None:
    async with db.read(scope) as tx:
        for statement in CHECKS.values():
            assert await tx.sql(statement, now=tx.now) == [], statement.name


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_a_planted_fault_is_found(
    name: str, scope: Scope, known: dict[str, UUID], owner: psycopg.Connection[Any]
) -> None:
    parameters = {"tenant": scope.tenant, "tenant_id": scope.tenant, **known}
    faults.assert_found(owner, CHECKS[faults.check_of(name)], FAULTS[name], parameters)
