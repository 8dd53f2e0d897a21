"""Each check of the figures finds the fault it is there for, planted by a superuser past every guard."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from jiedan.base import sql
from jiedan.base.db import Database, Scope
from tests import faults
from tests.conftest import NOON, FakeClock
from tests.orders import factories, listing
from tests.orders.factories import order, shop
from tests.reports.test_service import counted

CHECKS = sql.load("jiedan.reports", "verify.sql")
FAULTS = sql.load("tests.reports", "faults.sql")


def test_every_check_has_its_fault() -> None:
    assert faults.checked(FAULTS) == CHECKS.keys()


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_a_planted_fault_is_found(
    db: Database, scope: Scope, owner: psycopg.Connection[Any], clock: FakeClock, name: str
) -> None:
    clock.set(NOON)
    await shop(db, scope, {"TEA": {"W1": 9}}, payment_terms="on_delivery")
    await factories.place_one(db, scope, order(("TEA", 1)))
    while await listing.drain(db, scope):
        pass
    clock.set(NOON + timedelta(hours=2))
    await counted(db, scope)
    parameters = {"tenant": scope.tenant, "tenant_id": scope.tenant}
    faults.assert_found(owner, CHECKS[faults.check_of(name)], FAULTS[name], parameters)
