"""Each check of cases finds the fault it is there for, planted past every guard."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from jiedan.base import sql
from jiedan.base.db import Database, Scope
from jiedan.cases import service
from jiedan.cases.values import Assignment, NewCase, NewNote, Resolution
from tests import faults
from tests.accounts import factories as accounts

CHECKS = sql.load("jiedan.cases", "verify.sql")
FAULTS = sql.load("tests.cases", "faults.sql")


@pytest.fixture
async def office(db: Database) -> Scope:
    """Return a merchant with two cases that stand, one of them somebody's, and one that is resolved, all noted on."""
    opened = await accounts.opened(db)
    async with db.begin(opened.scope) as tx:
        wanted = [NewCase(kind, "order", uuid4(), {}) for kind in ("overpaid", "overpaid", "underpaid")]
        cases = await service.open_cases(tx, cases=wanted)
        await service.assign_cases(tx, assignments=[Assignment(cases[0], opened.owner_id)])
        await service.add_notes(tx, notes=[NewNote(case_id, "They will call back.") for case_id in cases])
        await service.resolve_cases(tx, resolutions=[Resolution(cases[2], "Paid in cash.")])
    return opened.scope


def test_every_check_has_its_fault() -> None:
    assert faults.checked(FAULTS) == CHECKS.keys()


async def test_sound_books_pass(office: Scope, db: Database) -> None:
    async with db.read(office) as tx:
        for statement in CHECKS.values():
            assert await tx.sql(statement, now=tx.now) == [], statement.name


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_a_planted_fault_is_found(name: str, office: Scope, owner: psycopg.Connection[Any]) -> None:
    parameters = {"tenant": office.tenant, "tenant_id": office.tenant}
    faults.assert_found(owner, CHECKS[faults.check_of(name)], FAULTS[name], parameters, unguarded=["case_file"])
