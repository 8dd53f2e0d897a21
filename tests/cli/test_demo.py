"""The demo merchant, when a start was killed while it made it."""

import asyncio
import dataclasses
import json
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from jiedan import wiring
from jiedan.accounts import service
from jiedan.accounts.values import ALL_PERMISSIONS, NewStaff
from jiedan.base import home as homes
from jiedan.base import settings
from jiedan.base.db import Database
from jiedan.base.drain import Drain
from jiedan.base.ids import TenantId
from jiedan.cases import service as cases
from jiedan.cases.values import NewCase
from jiedan.cli import announcement, demo, grounds, output, runtime
from jiedan.notifications import queries as notices
from tests.accounts import factories
from tests.cli.test_commands import Terminal, database, terminal

__all__ = ["database", "terminal"]


@pytest.fixture
def ground(terminal: Terminal, database: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch) -> grounds.Ground:
    """Return the ground of a migrated, empty database, for a merchant with a short past."""
    monkeypatch.setenv("JIEDAN_DEMO_ORDERS", "3")
    assert terminal.type("migrate").code == 0
    homes.prepare(home)
    nothing = {field.name: None for field in dataclasses.fields(grounds.Ground)}
    given = {**nothing, "settings": settings.load(), "app_url": database["jiedan_app"]}
    return grounds.Ground(**given)  # type: ignore[arg-type]  # a test's shorthand


async def only_the_merchant(ground: grounds.Ground) -> None:
    """Do the first of what `demo.create` does."""
    async with runtime.opened(ground) as jiedan:
        owner = NewStaff(email=demo.EMAIL, name="Demo")
        await service.open_merchant(jiedan.database, merchant=demo.MERCHANT, owner=owner)


def test_what_was_begun_is_finished_with_a_new_password(
    terminal: Terminal, database: dict[str, str], ground: grounds.Ground, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(only_the_merchant(ground))
    finished = asyncio.run(demo.finish(ground))
    again = asyncio.run(demo.finish(ground))
    assert finished is not None
    assert again is not None
    assert finished.password != again.password
    with psycopg.connect(database["postgres"], autocommit=True) as admin:
        for table, count in (("location", 4), ("product", 61), ("payment_provider", 1), ("orders", 3)):
            statement = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
            assert admin.execute(statement).fetchone() == (count,), table
    capsys.readouterr()
    assert terminal.type("verify --json").code == 0


def test_one_that_is_begun_again_ends_when_it_was_to_end_at_first(ground: grounds.Ground) -> None:
    tenant, program = TenantId(uuid4()), demo.Program(3)
    begun = demo._noted(ground.settings, "small", tenant, program)
    assert demo._noted(ground.settings, "small", tenant, program) == begun
    assert demo._noted(ground.settings, "small", TenantId(uuid4()), program).until > begun.until


def test_it_is_under_way_until_the_sign_in_was_shown(
    ground: grounds.Ground, capsys: pytest.CaptureFixture[str]
) -> None:
    made = asyncio.run(demo.create(ground))
    assert announcement.note(ground.settings).exists(), "nobody has seen the password"
    output.choose(as_json=True, language=None)
    announcement.announce(ground.settings, made)
    assert json.loads(capsys.readouterr().out)["sign_in"]["password"] == made.password
    assert not announcement.note(ground.settings).exists()


def test_nothing_is_finished_where_no_demo_is(ground: grounds.Ground) -> None:
    assert asyncio.run(demo.finish(ground)) is None


async def test_a_few_of_the_newest_notices_are_left_unread(db: Database) -> None:
    at = await factories.opened(db)
    async with db.begin(at.scope) as tx:
        await cases.open_cases(tx, cases=[NewCase("overpaid", "order", order_id, {}) for order_id in tx.new_ids(8)])
    drain = Drain(db, None, wiring.SUBSCRIPTIONS)
    while await drain.drain_tenant(at.tenant):
        pass
    for _ in range(2):
        await db.write(at.scope, demo.leave_few_unread)
        async with db.read(at.scope) as tx:
            known = await notices.notices(tx, staff_id=at.owner_id, permissions=ALL_PERMISSIONS)
        assert [notice.is_read for notice in known] == [False] * demo.UNREAD_LEFT + [True] * 3
