"""Each check of carriers finds the fault it is there for, planted past every guard."""

from typing import Any

import psycopg
import pytest

from jiedan.base import sql
from jiedan.base.db import Database, Scope
from jiedan.carriers import service
from jiedan.fulfillment import service as fulfillment
from tests import faults
from tests.carriers.factories import RATES
from tests.fulfillment.factories import floor
from tests.orders.factories import BEIJING

CHECKS = sql.load("jiedan.carriers", "verify.sql")
FAULTS = sql.load("tests.carriers", "faults.sql")


@pytest.fixture
async def labeled(db: Database, scope: Scope) -> None:
    """Pack a parcel and give it a label of one's own."""
    at = await floor(db, scope, {"A": {"W1": 9}})
    await at.act(service.save_carrier, account=RATES)
    parcel_id = await at.packed(await at.place(("A", 2), ship_to=BEIJING))
    (made,) = await fulfillment.order_labels(db, scope, parcel_ids=[parcel_id], carrier="OWN")
    assert made == parcel_id


def test_every_check_has_its_fault() -> None:
    assert faults.checked(FAULTS) == CHECKS.keys()


@pytest.mark.usefixtures("labeled")
@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_a_planted_fault_is_found(name: str, scope: Scope, owner: psycopg.Connection[Any]) -> None:
    parameters = {"tenant": scope.tenant, "tenant_id": scope.tenant}
    faults.assert_found(owner, CHECKS[faults.check_of(name)], FAULTS[name], parameters)
