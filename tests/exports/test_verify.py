"""Each check of the books of exports finds the fault it is there for, planted by a superuser past every guard."""

from typing import Any

import psycopg
import pytest

from jiedan.base import sql
from jiedan.base.db import Database, Scope
from jiedan.exports import jobs, service
from jiedan.exports.values import ExportJob, Rows, Wanted
from jiedan.orders.values.lists import EVERYTHING
from tests import faults
from tests.orders import factories
from tests.orders.factories import order, shop

CHECKS = sql.load("jiedan.exports", "verify.sql")
FAULTS = sql.load("tests.exports", "faults.sql")


async def begun(db: Database, scope: Scope, rows: Rows) -> ExportJob:
    """Ask for a file of everything."""
    wanted = Wanted(rows, "csv", EVERYTHING, "en")
    return await db.write(scope, lambda tx: service.begin_export(tx, wanted=wanted))


async def known(db: Database, scope: Scope) -> None:
    """Have a file of orders and one of lines, one that is waited for, and one that was given up."""
    await shop(db, scope, {"TEA": {"W1": 9}, "CUP": {"W1": 9}})
    await factories.place_one(db, scope, order(("TEA", 1), ("CUP", 1)))
    for rows in ("orders", "lines"):
        job = await begun(db, scope, rows)
        await jobs.write_file(db, scope.tenant, {"export_id": str(job.export_id)})
    await begun(db, scope, "lines")
    given_up = await begun(db, scope, "orders")
    await db.write(scope, lambda tx: service.stop_export(tx, job=given_up, reason="too long"))


def test_every_check_has_its_fault() -> None:
    assert faults.checked(FAULTS) == CHECKS.keys()


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_a_planted_fault_is_found(db: Database, scope: Scope, owner: psycopg.Connection[Any], name: str) -> None:
    await known(db, scope)
    parameters = {"tenant": scope.tenant, "tenant_id": scope.tenant}
    faults.assert_found(owner, CHECKS[faults.check_of(name)], FAULTS[name], parameters)
