"""Each check of customers finds the fault it is there for, planted past every guard."""

from typing import Any

import psycopg
import pytest

from jiedan.base import sql
from jiedan.base.db import Database, Scope
from jiedan.customers import service
from jiedan.customers.service import sessions
from jiedan.customers.values import Browser, CustomerId, Joining
from tests import faults
from tests.customers.factories import SHANGHAI, save, wang

CHECKS = sql.load("jiedan.customers", "verify.sql")
FAULTS = sql.load("tests.customers", "faults.sql")


@pytest.fixture
async def known(db: Database, scope: Scope) -> list[CustomerId]:
    """Return three customers: the second was merged into the first, and into the second another one before."""
    first, second, third, fourth = await save(db, scope, [wang(external_id=str(n)) for n in range(4)])
    async with db.begin(scope) as tx:
        await service.add_note(tx, customer_id=first, text="Likes oolong.")
        group = await service.create_group(tx, code="vip", name="VIP")
        await service.rename_group(tx, group_id=group.group_id, name="Very important")
        await service.add_members(tx, group_id=group.group_id, customer_ids=[first, second, third, fourth])
        await service.remove_members(tx, group_id=group.group_id, customer_ids=[fourth])
        await service.add_address(tx, customer_id=first, address=SHANGHAI, label="", is_default=True)
        await service.record_consent(tx, customer_id=first, purpose="marketing_phone", is_granted=True, source="phone")
        await service.merge_customers(tx, survivor_id=first, merged_id=third)
        await service.undo_merge(tx, survivor_id=first, merged_id=third)
        await service.merge_customers(tx, survivor_id=second, merged_id=fourth)
        await service.merge_customers(tx, survivor_id=first, merged_id=second)
        joining = Joining("王敏", "", "", ())
        opened = await service.open_account(
            tx, email="wang@shop.example", joining=joining, password_hash=None, country="CN"
        )
        await sessions.begin(tx, account_id=opened, browser=Browser("203.0.113.7", "Firefox"))
    await save(db, scope, [wang(external_id="0", name="王小敏")])
    return [first, second, third]


def test_every_check_has_its_fault() -> None:
    assert faults.checked(FAULTS) == CHECKS.keys()


@pytest.mark.usefixtures("known")
async def test_sound_books_pass(db: Database, scope: Scope) -> None:
    async with db.read(scope) as tx:
        for statement in CHECKS.values():
            assert await tx.sql(statement, now=tx.now) == [], statement.name


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_a_planted_fault_is_found(
    name: str, scope: Scope, known: list[CustomerId], owner: psycopg.Connection[Any]
) -> None:
    parameters = {"tenant": scope.tenant, "tenant_id": scope.tenant, "first": known[0], "third": known[2]}
    guarded = ["customer", "customer_address", "customer_group_member", "customer_merge"]
    faults.assert_found(owner, CHECKS[faults.check_of(name)], FAULTS[name], parameters, unguarded=guarded)
