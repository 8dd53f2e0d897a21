"""What is refused before anything is served, and what each refusal tells to do."""

from collections.abc import Iterator
from typing import Any

import alembic.script
import psycopg
import pytest

from jiedan.base import failures, guards, migrate, revisions
from jiedan.base.server import roles as server_roles
from jiedan.base.settings import BadSetting

FIT = guards.Facts(180_006, "UTF8", is_read_only=False, role="jiedan_app", is_powerful=False)


@pytest.fixture
def database(server_urls: dict[str, str], worker_id_or_main: str) -> Iterator[dict[str, str]]:
    """Return the URLs of an empty database by role."""
    name = f"jiedan_guarded_{worker_id_or_main}"
    named = {role: url.replace("__database__", name) for role, url in server_urls.items()}
    with psycopg.connect(server_urls["postgres"].replace("__database__", "postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} OWNER jiedan_owner TEMPLATE template0")
        yield named
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def refused(**different: Any) -> str:
    with pytest.raises(failures.Failure) as caught:
        guards.refuse_unfit(FIT._replace(**different), database="jiedan@db", testing=False)
    return str(caught.value)


def test_a_fit_database_is_accepted() -> None:
    for version in (150_000, 160_004, 170_001, 180_006):
        guards.refuse_unfit(FIT._replace(version_num=version), database="", testing=False)


@pytest.mark.parametrize("version", [90_624, 140_013, 190_000])
def test_other_versions_are_refused(version: int) -> None:
    said = refused(version_num=version)
    assert said == f"The database server is PostgreSQL {version // 10_000}: Jiedan needs version 15 to 18."


@pytest.mark.parametrize("setting", guards.DURABILITY)
def test_a_server_that_may_lose_orders_is_refused(setting: str) -> None:
    assert f"{setting} off" in refused(**{f"{setting}_off": True})
    different: Any = {f"{setting}_off": True}
    guards.refuse_unfit(FIT._replace(**different), database="", testing=True)


def test_other_unfit_databases_are_refused() -> None:
    assert "ENCODING 'UTF8'" in refused(encoding="SQL_ASCII")
    assert "primary server" in refused(is_read_only=True)
    assert "jiedan_app is a superuser" in refused(is_powerful=True)


async def test_a_migrated_database_passes(urls: Any) -> None:
    await guards.check(urls.app, testing=True)


async def test_roles_with_too_much_power_are_refused(urls: Any) -> None:
    for url in (urls.superuser, urls.owner):
        with pytest.raises(guards.RoleTooPowerful, match="JIEDAN_DATABASE_OWNER_URL"):
            await guards.check(url, testing=True)
    with pytest.raises(guards.ReadOnlyDatabase):
        await guards.check(urls.backup, testing=True)


async def test_migrations_behind_and_ahead_are_refused(database: dict[str, str]) -> None:
    with pytest.raises(guards.MigrationsBehind, match="run `jiedan migrate`"):
        await guards.check(database["jiedan_app"], testing=True)
    migrate.migrate(database["jiedan_owner"])
    await guards.check(database["jiedan_app"], testing=True)
    async with await psycopg.AsyncConnection.connect(database["jiedan_owner"]) as connection:
        await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(guards.MigrationsAhead, match="revision 9999"):
        await guards.check(database["jiedan_app"], testing=True)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://app:hunter2@127.0.0.1:9/jiedan", "The database jiedan@127.0.0.1 does not answer"),
        ("postgresql://app:hunter2@/jiedan?host=/nowhere", "The database jiedan@/nowhere does not answer"),
    ],
)
async def test_an_unreachable_database_is_named_without_its_password(url: str, said: str) -> None:
    with pytest.raises(guards.DatabaseUnreachable) as caught:
        await guards.check(url)
    assert str(caught.value).startswith(said)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_server_without_room_for_another_session_has_a_full_disk() -> None:
    error = psycopg.OperationalError("FATAL:  could not write init file: No space left on device")
    said = str(guards.unreachable("postgresql:///jiedan", error))
    assert said == "The disk that holds PostgreSQL is full: free some space and start again."


async def test_a_url_that_is_none_is_a_bad_setting() -> None:
    for check, setting in (
        (guards.check, "JIEDAN_DATABASE_URL"),
        (guards.check_owner, "JIEDAN_DATABASE_OWNER_URL"),
        (guards.check_dispatch, "JIEDAN_DATABASE_DISPATCH_URL"),
    ):
        with pytest.raises(BadSetting, match=setting):
            await check("my database")


async def test_a_role_that_may_not_read_is_told_which_one_may(urls: Any) -> None:
    with pytest.raises(guards.RoleTooWeak, match=r"jiedan_dispatch may not use .* serve as jiedan_app"):
        await guards.check(urls.dispatch, testing=True)


async def test_a_worker_must_be_able_to_look_for_due_work(urls: Any) -> None:
    await guards.check_dispatch(urls.dispatch)
    with pytest.raises(guards.DispatchRefused, match="jiedan_app cannot look for due work: give the URL of jiedan_d"):
        await guards.check_dispatch(urls.app)
    for nothing in (None, ""):
        with pytest.raises(guards.DispatchNotConfigured, match="JIEDAN_DATABASE_DISPATCH_URL"):
            await guards.check_dispatch(nothing)


async def test_a_database_that_cannot_be_migrated_is_refused_before_it_is_touched(database: dict[str, str]) -> None:
    owner = database["jiedan_owner"]
    assert await guards.check_owner(owner) is None
    migrate.migrate(owner)
    assert await guards.check_owner(owner) == revisions.newest()
    with pytest.raises(guards.ReadOnlyDatabase, match="JIEDAN_DATABASE_OWNER_URL"):
        await guards.check_owner(database["jiedan_backup"])


async def test_missing_roles_are_named(urls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_roles, "DISPATCH", "nobody_here")
    with pytest.raises(guards.RolesMissing, match="lacks the roles nobody_here: "):
        await guards.check_owner(urls.owner)


def test_revisions_are_read_as_alembic_reads_them() -> None:
    directory = alembic.script.ScriptDirectory.from_config(migrate.config())
    assert revisions.newest() == directory.get_current_head()
    assert all(revisions.known(script.revision) for script in directory.walk_revisions())
    assert not revisions.known("9999")
