"""Each check of the books of bulk jobs finds the fault it is there for, planted by a superuser past every guard."""

from typing import Any

import psycopg
import pytest

from jiedan.base import sql
from jiedan.base.db import Database, Scope
from tests import faults
from tests.bulk.factories import by_staff, done
from tests.orders import factories
from tests.orders.factories import order, shop

CHECKS = sql.load("jiedan.bulk", "verify.sql")
FAULTS = sql.load("tests.bulk", "faults.sql")


def test_every_check_has_its_fault() -> None:
    assert faults.checked(FAULTS) == CHECKS.keys()


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_a_planted_fault_is_found(db: Database, scope: Scope, owner: psycopg.Connection[Any], name: str) -> None:
    await shop(db, scope, {"TEA": {"W1": 9}}, payment_terms="on_delivery")
    placed = await factories.place_one(db, scope, order(("TEA", 1)))
    await done(db, await by_staff(db, scope), "tag", order_ids=[placed.order_id], tag="gift")
    parameters = {"tenant": scope.tenant, "tenant_id": scope.tenant}
    faults.assert_found(owner, CHECKS[faults.check_of(name)], FAULTS[name], parameters)
