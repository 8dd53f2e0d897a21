"""What other modules read of a merchant, in pipelines of their own."""

import pytest

from jiedan.accounts import errors, queries
from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from tests.accounts import factories


async def test_settings_share_a_pipeline_with_other_loads(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    async with db.begin(scope) as tx:
        made = await factories.merchant(tx, currencies=("CNY", "EUR"), split="freely")
    async with db.read(scope) as tx:
        with recorder.watching() as sent:
            settings, alive = await tx.load(queries.settings(), queries.credentials_alive([]))
    assert settings == made
    assert alive == frozenset()
    assert len(sent) == 2


async def test_a_tenant_without_settings_is_no_merchant(db: Database, scope: Scope) -> None:
    async with db.read(scope) as tx:
        with pytest.raises(errors.MerchantNotFound):
            await tx.load_one(queries.settings())


async def test_lists_show_one_merchants_own(db: Database) -> None:
    at, other = await factories.opened(db), await factories.opened(db)
    await factories.person(db, at, "sales", has_joined=False)
    await factories.api_key(db, at)
    async with db.read(other.scope) as tx:
        assert [person.staff_id for person in await queries.staff(tx)] == [other.owner_id]
        assert await queries.invitations(tx) == []
        assert await queries.api_keys(tx) == []
        assert await queries.owners(tx) == {other.owner_id}
