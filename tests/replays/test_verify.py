"""Each check of the books of replays finds the fault it is there for, planted by a superuser past every guard."""

from typing import Any

import psycopg
import pytest

from jiedan.base import sql
from jiedan.base.db import Database, Scope
from tests import faults
from tests.orders.factories import order, shop
from tests.replays.factories import TENTH, done, drafted, placed

CHECKS = sql.load("jiedan.replays", "verify.sql")
FAULTS = sql.load("tests.replays", "faults.sql")


def test_every_check_has_its_fault() -> None:
    assert faults.checked(FAULTS) == CHECKS.keys()


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_a_planted_fault_is_found(db: Database, scope: Scope, owner: psycopg.Connection[Any], name: str) -> None:
    await shop(db, scope, {"TEA": {"W1": 9}, "CUP": {"W1": 9}})
    await placed(db, scope, order(("TEA", 1)), order(("CUP", 1)))
    await drafted(db, scope, TENTH)
    await done(db, scope)
    parameters = {"tenant": scope.tenant, "tenant_id": scope.tenant}
    faults.assert_found(owner, CHECKS[faults.check_of(name)], FAULTS[name], parameters)
