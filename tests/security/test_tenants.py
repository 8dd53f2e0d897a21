"""Two nets between merchants, each alone: predicates where row-level security is off, and the other way round."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from jiedan.base.db import Database
from tests.api import stored, worlds
from tests.api.worlds import World
from tests.base import web_client
from tests.conftest import NOON, FakeClock, Urls
from tests.security import crossing, nets

BOTH, PREDICATES, ROW_SECURITY, NEITHER = "both nets", "predicates alone", "row-level security alone", "neither net"


@pytest_asyncio.fixture(params=[BOTH, PREDICATES, ROW_SECURITY], loop_scope="session")
async def database(request: pytest.FixtureRequest, urls: Urls) -> AsyncIterator[Database]:
    """Return a database with the nets named."""
    opened = _database(request.param, urls)
    yield opened
    await opened.close()


def _database(kept: str, urls: Urls) -> Database:
    url = urls.app if kept in {BOTH, ROW_SECURITY} else urls.superuser
    if kept in {ROW_SECURITY, NEITHER}:
        return nets.WithoutPredicates(url, clock=FakeClock(NOON))
    return Database(url, clock=FakeClock(NOON), strict_locks=True)


async def test_no_merchant_reads_or_changes_what_is_another_s(
    database: Database, owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    async with worlds.open_api(database, tmp_path) as client:
        theirs = await worlds.build(client, database)
        await crossing.plant(client, theirs)
        before = stored.everything(owner, theirs.at.tenant)
        ours = await worlds.build(client, database)
        await crossing.plant(client, ours)
        found = await crossings(client, ours, theirs)
    assert not found, "\n".join(found)
    assert stored.changes(before, stored.everything(owner, theirs.at.tenant)) == []
    if isinstance(database, nets.WithoutPredicates):
        assert database.stripped.predicates > 500
        assert database.stripped.joins > 200


async def test_a_form_that_leads_back_for_another_s_thing_does_its_work_for_one_s_own(
    db: Database, owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    async with worlds.open_api(db, tmp_path) as client:
        ours = await worlds.build(client, db)
        fields = await crossing.fields_by_path(client, ours)
        headers = {**ours.session_headers, "x-csrf-token": ours.form_token(client)}
        for path in crossing.LEAD_BACK:
            before = stored.everything(owner, ours.at.tenant)
            await client.post(ours.address(path), data=dict(fields[path]), headers=headers)
            assert stored.changes(before, stored.everything(owner, ours.at.tenant)), path


async def crossings(client: web_client.Client, ours: World, theirs: World) -> list[str]:
    """Return everything by which one merchant got at the other."""
    return [
        *await crossing.read_everything(client, ours, theirs),
        *await crossing.reach_by_path(client, ours, theirs),
        *await crossing.reach_by_body(client, ours, theirs),
        *await crossing.reach_by_query(client, ours, theirs),
        *await crossing.reach_by_form(client, ours, theirs),
    ]


async def test_without_both_nets_the_same_looks_find_something(fresh_urls: Urls, tmp_path: Path) -> None:
    """In a database of its own: without nets a list shows every merchant there is, and has room for so many."""
    db = _database(BOTH, fresh_urls)
    async with worlds.open_api(db, tmp_path) as client:
        theirs = await worlds.build(client, db)
        ours = await worlds.build(client, db)
        for world in (ours, theirs):
            await crossing.plant(client, world)
    await db.close()
    bare = _database(NEITHER, fresh_urls)
    async with worlds.open_api(bare, tmp_path) as client:
        found = await crossing.read_everything(client, ours, theirs)
    await bare.close()
    assert len(found) > 20
    assert any(crossing.canary(theirs) in leak for leak in found)
