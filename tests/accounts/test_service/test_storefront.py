"""How a shop shows itself, on PostgreSQL."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest

from jiedan.accounts import errors, events, queries, service, values
from jiedan.accounts.values import Logo, Storefront
from jiedan.base.db import Database, Scope
from tests.accounts import factories

LOGO = Logo(b"the first logo", "image/webp")


async def saved(db: Database, scope: Scope, changes: Mapping[str, Any]) -> Storefront:
    """Change the storefront."""
    return await db.write(scope, lambda tx: service.change_storefront(tx, changes=changes))


async def shown(db: Database, scope: Scope, logo: Logo | None) -> Storefront:
    """Show a logo, or none."""
    return await db.write(scope, lambda tx: service.set_logo(tx, logo=logo))


async def seen(db: Database, scope: Scope) -> tuple[Storefront, Logo | None]:
    """Read the storefront and its logo."""
    async with db.read(scope) as tx:
        return await tx.load_one(queries.storefront()), await queries.logo(tx)


async def test_a_logo_is_shown_replaced_and_taken_away(db: Database) -> None:
    at = await factories.opened(db)
    before = await saved(db, at.scope, {"tagline": "Tea since 1884", "is_open": True})
    assert await seen(db, at.scope) == (before, None)
    for version, logo in enumerate((LOGO, Logo(b"the second", "image/png"), None), before.version + 1):
        after = dataclasses.replace(before, has_logo=logo is not None, version=version)
        for _ in range(2):  # the same once more is no edit
            assert await shown(db, at.scope, logo) == after
        assert await seen(db, at.scope) == (after, logo)
    async with db.read(at.scope) as tx:
        kinds = list((await tx.execute(factories.event_kinds(at.tenant))).scalars())
    assert kinds.count(events.StorefrontChanged.kind) == 4


async def test_the_logo_may_be_the_first_that_is_said_of_a_shop(db: Database) -> None:
    at = await factories.opened(db)
    other = await factories.opened(db)
    assert await shown(db, at.scope, LOGO) == Storefront(has_logo=True, version=1)
    assert await seen(db, at.scope) == (Storefront(has_logo=True, version=1), LOGO)
    assert await seen(db, other.scope) == (Storefront(), None)


async def test_other_edits_leave_the_logo_where_it_is(db: Database) -> None:
    at = await factories.opened(db)
    await shown(db, at.scope, LOGO)
    await saved(db, at.scope, {"tagline": "Tea since 1884"})
    assert await seen(db, at.scope) == (Storefront(tagline="Tea since 1884", has_logo=True, version=2), LOGO)


async def test_a_logo_that_is_too_large_is_refused(db: Database) -> None:
    at = await factories.opened(db)
    await shown(db, at.scope, Logo(bytes(values.LOGO_BYTES_MAX), "image/webp"))
    with pytest.raises(errors.LogoTooLarge) as refused:
        await shown(db, at.scope, Logo(bytes(values.LOGO_BYTES_MAX + 1), "image/webp"))
    assert (refused.value.field, refused.value.bytes_max) == ("logo", values.LOGO_BYTES_MAX)
    assert (await seen(db, at.scope))[0].version == 1


async def test_a_host_is_one_shops_until_it_is_given_up(db: Database) -> None:
    one, other = await factories.opened(db), await factories.opened(db)
    host = {"host": "given-up.example.com"}
    assert (await saved(db, one.scope, host)).host == host["host"]
    with pytest.raises(errors.HostTaken):
        await saved(db, other.scope, host)
    assert (await saved(db, one.scope, {"host": None})).host is None
    assert (await saved(db, other.scope, host)).host == host["host"]
