"""Each check of merchants and credentials finds the fault it is there for, planted past every guard."""

from typing import Any, NamedTuple
from uuid import UUID

import psycopg
import pytest

from jiedan.accounts import queries, service
from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base import sql
from jiedan.base.db import Database
from tests import faults
from tests.accounts import factories

CHECKS = sql.load("jiedan.accounts", "verify.sql")
FAULTS = sql.load("tests.accounts", "faults.sql")


class Office(NamedTuple):
    """A merchant with something of everything that is checked."""

    at: factories.Opened
    sales: UUID


@pytest.fixture
async def office(db: Database, passwords: service.Passwords) -> Office:
    at = await factories.opened(db)
    sales = await factories.person(db, at, "sales")
    await factories.person(db, at, "support", has_joined=False)
    await factories.sign_in(db, passwords, at, f"sales@{at.slug}.example")
    await factories.api_key(db, at)
    async with db.begin(at.scope) as tx:
        await service.change_settings(tx, changes={"backorder": True})
        role = await queries.role_by_code(tx, "warehouse")
        assert role is not None
        await service.change_role(tx, role_id=role.role_id, permissions=["orders:read"], held=ALL_PERMISSIONS)
    return Office(at, sales)


def test_every_check_has_its_fault() -> None:
    assert FAULTS.keys() == CHECKS.keys()


async def test_sound_books_pass(office: Office, db: Database) -> None:
    async with db.read(office.at.scope) as tx:
        for statement in CHECKS.values():
            assert await tx.sql(statement, now=tx.now) == [], statement.name


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_a_planted_fault_is_found(
    name: str, office: Office, owner: psycopg.Connection[Any], other_tenant: UUID
) -> None:
    tenant = office.at.tenant
    parameters = {
        "tenant": tenant, "tenant_id": tenant, "other": other_tenant, "owner": office.at.owner_id, "sales": office.sales
    }  # fmt: skip
    faults.assert_found(owner, CHECKS[faults.check_of(name)], FAULTS[name], parameters)
