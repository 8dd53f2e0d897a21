"""Accounts of duplicates that were merged: they lead to the survivor, and are seen and closed there."""

from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal
from jiedan.customers import errors, queries, service
from jiedan.customers.tables import CustomerAccount
from jiedan.customers.values import CustomerDraft
from tests.portal import people
from tests.portal.factories import open_shop, visiting
from tests.portal.people import MEI
from tests.portal.test_account import sessions

LEI = "lei@example.com"


async def test_an_account_is_disabled_with_those_of_merged_duplicates(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path / "mei") as mei, visiting(db, scope, tmp_path / "lei") as lei:
        await people.join(mei, db, scope)
        (first,) = await people.account_ids(db, scope)
        await people.join(lei, db, scope, email=LEI)
        (second,) = {*await people.account_ids(db, scope)} - {first}
        await db.write(scope, lambda tx: service.merge_customers(tx, survivor_id=second, merged_id=first))
        access = await db.write(scope, lambda tx: service.set_access(tx, customer_id=second, is_active=False))
        assert (access.customer_id, access.is_active, await sessions(db, scope)) == (second, False, 0)
        assert await people.sign_in(mei) == 401
        assert await _active(db, scope) == {first: False, second: False}
        await db.write(scope, lambda tx: service.set_access(tx, customer_id=second, is_active=True))
        assert await _active(db, scope) == {first: True, second: True}
        assert await people.sign_in(mei) == 303


async def test_the_account_of_a_merged_duplicate_is_seen_at_its_survivor(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
    (first,) = await people.account_ids(db, scope)
    async with db.begin(scope) as tx:
        (saved,) = await service.upsert_customers(tx, customers=[CustomerDraft("Lei")], country="CN")
        assert not isinstance(saved, Refusal)
        survivor_id = saved.customer_id
        await service.merge_customers(tx, survivor_id=survivor_id, merged_id=first)
        found = await queries.access_of(tx, survivor_id)
        assert found is not None
        assert (found.customer_id, found.email) == (first, MEI)
        assert await queries.access_of(tx, tx.new_id()) is None
        with pytest.raises(errors.AccountNotFound):
            await service.set_access(tx, customer_id=tx.new_id(), is_active=False)


async def _active(db: Database, scope: Scope) -> dict[UUID, bool]:
    asked = sa.select(CustomerAccount.customer_id, CustomerAccount.is_active).where(
        CustomerAccount.tenant_id == scope.tenant
    )
    async with db.read(scope) as tx:
        return {row.customer_id: row.is_active for row in await tx.execute(asked)}
