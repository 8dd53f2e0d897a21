"""Each check of the books of imports finds the fault it is there for, planted by a superuser past every guard."""

from typing import Any

import psycopg
import pytest

from jiedan.base import sql
from jiedan.base.db import Database, Scope
from jiedan.customers import service as customers
from jiedan.customers.values import CustomerDraft
from tests.imports.factories import csv_of, imported
from tests.orders import factories

CHECKS = sql.load("jiedan.imports", "verify.sql")
FAULTS = {
    "i14_imported_cancellations_took_effect_once": (
        "INSERT INTO imported_cancellation SELECT tenant_id, 'C2', place, fingerprint, order_id, line, 1, created_at"
        " FROM imported_cancellation WHERE tenant_id = %(tenant)s"
    ),
    "i18_refused_rows_belong_to_imports": "DELETE FROM import_run WHERE tenant_id = %(tenant)s",
}


def test_every_check_has_its_fault() -> None:
    assert set(FAULTS) == set(CHECKS)


@pytest.mark.parametrize("name", sorted(CHECKS))
async def test_a_planted_fault_is_found(db: Database, scope: Scope, owner: psycopg.Connection[Any], name: str) -> None:
    await factories.shop(db, scope, {"A": {"W1": 9}})
    async with db.begin(scope) as tx:
        draft = CustomerDraft("Wang Min", external_id="1")
        await customers.upsert_customers(tx, customers=[draft], country="CN")
    rows = ("1001,A,2,2026-10-01,9.90,1", "C1,A,-2,2026-10-02,9.90,1", "C9,A,-1,2026-10-02,9.90,1")
    await imported(db, scope, "orders", csv_of("order id,sku,qty,date,unit price,customer id", *rows))
    parameters = {"tenant": scope.tenant, "tenant_id": scope.tenant}
    check = CHECKS[name].text.decode()
    assert owner.execute(check, parameters).fetchall() == []
    with owner.transaction(force_rollback=True):
        owner.execute("SET LOCAL session_replication_role = 'replica'")
        owner.execute(FAULTS[name], parameters)
        assert owner.execute(check, parameters).fetchall() != []
