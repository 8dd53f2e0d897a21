"""Each check of the books of imports finds the fault it is there for, planted by a superuser past every guard."""

from typing import Any

import psycopg
import pytest

from jiedan.base import sql
from jiedan.base.db import Database, Scope
from jiedan.customers import service as customers
from jiedan.customers.values import CustomerDraft
from tests import faults
from tests.imports.factories import csv_of, imported
from tests.orders import factories

CHECKS = sql.load("jiedan.imports", "verify.sql")
FAULTS = sql.load("tests.imports", "faults.sql")


def test_every_check_has_its_fault() -> None:
    assert faults.checked(FAULTS) == CHECKS.keys()


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_a_planted_fault_is_found(db: Database, scope: Scope, owner: psycopg.Connection[Any], name: str) -> None:
    await factories.shop(db, scope, {"A": {"W1": 9}})
    async with db.begin(scope) as tx:
        draft = CustomerDraft("Wang Min", external_id="1")
        await customers.upsert_customers(tx, customers=[draft], country="CN")
    rows = ("1001,A,2,2026-10-01,9.90,1", "C1,A,-2,2026-10-02,9.90,1", "C9,A,-1,2026-10-02,9.90,1")
    await imported(db, scope, "orders", csv_of("order id,sku,qty,date,unit price,customer id", *rows))
    parameters = {"tenant": scope.tenant, "tenant_id": scope.tenant}
    faults.assert_found(
        owner, CHECKS[faults.check_of(name)], FAULTS[name], parameters, unguarded=["imported_cancellation"]
    )
