"""The suite's ground: one embedded server, one migrated template, a database per worker, a merchant per test.

Row-level security keeps tests apart: each test gets a fresh tenant, so nothing is truncated between tests.
"""

import asyncio
import logging
import os
import tempfile
import zlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import hypothesis
import psycopg
import pytest
import pytest_asyncio
import sqlalchemy as sa
from psycopg.conninfo import make_conninfo

from jiedan.base import db as databases
from jiedan.base import ids, migrate, server
from jiedan.base.recorder import StatementRecorder
from jiedan.base.server import roles as server_roles
from tests import enumerations
from tests.patience import PATIENCE_S

pytest_plugins = ["tests.handing_out", "tests.recorded_statements"]

# Two workers and a server share two cores, and a process reads its dictionaries at their first word: how long it takes
# to draw or to do something says nothing. What is drawn is the same each time a test runs, so nothing passes here and
# fails there by chance; only the proof, which somebody looks at, draws anew, and ten times as much.
IS_PROOF = enumerations.REPORT in os.environ
hypothesis.settings.register_profile(
    "suite",
    deadline=None,
    max_examples=500 if IS_PROOF else 50,
    derandomize=not IS_PROOF,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("suite")

TEMPLATE = "jiedan_template"
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Urls(NamedTuple):
    """Libpq URLs of one database, by role."""

    app: str
    owner: str
    dispatch: str
    backup: str
    superuser: str


class FakeClock:
    """A clock that moves only when told, but never stands: each reading is a microsecond later."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """Return the present moment of the test."""
        self._at += timedelta(microseconds=1)
        return self._at

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._at += by

    def set(self, at: datetime) -> None:
        """Go to a moment."""
        self._at = at


class _TestServer:
    """The embedded server of this run, started by the process that owns the run."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="jiedan-test-", ignore_cleanup_errors=True)
        self.running: server.RunningServer | None = None

    def start(self) -> dict[str, str]:
        """Start it, migrate the template, and return its URLs by role with `{database}` to fill in."""
        if given := os.environ.get("JIEDAN_TEST_SERVER"):
            return _prepared(given)
        Path(self._folder.name).chmod(0o711)  # as root the server runs as a system user, who must get in
        home = Path(self._folder.name) / "home"
        self.running = asyncio.run(server.start(home, testing=True))
        asyncio.run(server.create_database(self.running.superuser_url, TEMPLATE))
        migrate.migrate(self.running.url("jiedan_owner", TEMPLATE))
        roles = ("jiedan_app", "jiedan_owner", "jiedan_dispatch", "jiedan_backup", "postgres")
        return {role: self.running.url(role, "__database__") for role in roles}

    def stop(self) -> None:
        """Stop it and remove its folder."""
        if self.running is not None:
            asyncio.run(self.running.stop())
        self._folder.cleanup()


def _prepared(superuser: str) -> dict[str, str]:
    """Make roles and template on the server of `make test-pg15`, and return the URLs by role."""
    roles = ("jiedan_app", "jiedan_owner", "jiedan_dispatch", "jiedan_backup", "postgres")
    given = {role: make_conninfo(superuser, user=role, password=role, dbname="__database__") for role in roles}
    asyncio.run(server_roles.provision(superuser, {role: role for role in roles}))
    asyncio.run(server.create_database(superuser, TEMPLATE))
    migrate.migrate(given["jiedan_owner"].replace("__database__", TEMPLATE))
    return given


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let the proof draw for every test that draws, and walk journeys on both screens; the whole suite takes one."""
    is_whole_suite = not IS_PROOF and all(Path(each).is_dir() for each in config.args)
    another_time = []
    for item in items:
        is_on_screens = item.get_closest_marker("screens") is not None or "either" in getattr(item, "fixturenames", ())
        if is_on_screens or hypothesis.is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker(pytest.mark.proof)
        if is_whole_suite and is_on_screens and not _is_its_turn(item):
            another_time.append(item)
    if another_time:
        config.hook.pytest_deselected(items=another_time)
        items[:] = [item for item in items if item not in another_time]


def _is_its_turn(item: pytest.Item) -> bool:
    """Tell whether a journey is walked on this screen today: on the other one after the next change of the code."""
    indices: dict[str, int] = getattr(item, "callspec").indices  # noqa: B009 - pytest says so of functions alone
    name = item.nodeid.partition("[")[0]
    turn = (enumerations.seed() + zlib.crc32(name.encode())) % 2
    return indices.get("width", indices.get("either")) == turn


def pytest_configure_node(node: Any) -> None:
    """Start the server once in the process that starts the xdist workers, and tell each worker where it is."""
    config = node.config
    if not hasattr(config, "jiedan_server"):
        config.jiedan_server = _TestServer()
        config.jiedan_urls = config.jiedan_server.start()
    node.workerinput["jiedan_urls"] = config.jiedan_urls


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server of the run, in the process that started it."""
    running: _TestServer | None = getattr(config, "jiedan_server", None)
    if running is not None:
        running.stop()


@pytest.fixture(scope="session")
def server_urls(request: pytest.FixtureRequest) -> dict[str, str]:
    """Return the server's URLs by role; `__database__` stands where the database's name goes."""
    given: dict[str, str] | None = getattr(request.config, "workerinput", {}).get("jiedan_urls")
    if given is not None:
        return given
    started = _TestServer()
    request.config.jiedan_server = started  # type: ignore[attr-defined]  # stopped by pytest_unconfigure
    return started.start()


def urls_of(server_urls: dict[str, str], database: str) -> Urls:
    """Return the URLs of one database."""
    named = {role: url.replace("__database__", database) for role, url in server_urls.items()}
    return Urls(
        named["jiedan_app"], named["jiedan_owner"], named["jiedan_dispatch"], named["jiedan_backup"], named["postgres"]
    )


@pytest.fixture(scope="session")
def urls(server_urls: dict[str, str], worker_id_or_main: str) -> Iterator[Urls]:
    """Return the URLs of this worker's own database, made from the migrated template."""
    name = f"jiedan_{worker_id_or_main}"
    admin = urls_of(server_urls, "postgres").superuser
    asyncio.run(server.create_database(admin, name, template=TEMPLATE))
    yield urls_of(server_urls, name)
    asyncio.run(server.drop_database(admin, name))


@pytest.fixture
def fresh_urls(server_urls: dict[str, str], worker_id_or_main: str) -> Iterator[Urls]:
    """Return the URLs of a migrated database that no other test has written to."""
    name = f"jiedan_fresh_{worker_id_or_main}"
    admin = urls_of(server_urls, "postgres").superuser
    asyncio.run(server.drop_database(admin, name))
    asyncio.run(server.create_database(admin, name, template=TEMPLATE))
    yield urls_of(server_urls, name)
    asyncio.run(server.drop_database(admin, name))


@pytest.fixture(scope="session")
def worker_id_or_main(request: pytest.FixtureRequest) -> str:
    """Return the xdist worker's name, or `main`."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))


@pytest.fixture(autouse=True)
def _no_log_into_closed_streams() -> Iterator[None]:
    """Take the log away from a stream that a test opened and closed, as the runner of commands does."""
    yield
    root = logging.getLogger()
    root.handlers[:] = [each for each in root.handlers if not getattr(getattr(each, "stream", None), "closed", False)]


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that stands at noon (UTC) of a Saturday."""
    return FakeClock(NOON)


class _ClockOfTheTest:
    """The clock of the session-wide database: whichever the running test has."""

    def __init__(self) -> None:
        self.current = FakeClock(NOON)

    def now(self) -> datetime:
        """Return the running test's time."""
        return self.current.now()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def session_db(urls: Urls) -> AsyncIterator[databases.Database]:
    """Open the worker's database as the app role, with strict locks and the statement recorder on."""
    database = databases.Database(
        urls.app,
        clock=_ClockOfTheTest(),
        pool_size=20,
        # What waits in a test waits for something that comes, however slow the machine is.
        statement_timeout_ms=round(PATIENCE_S * 1000),
        lock_timeout_ms=round(PATIENCE_S * 1000),
        idle_transaction_timeout_ms=round(PATIENCE_S * 1000),
        pool_timeout_s=PATIENCE_S,
        connect_timeout_s=round(PATIENCE_S),
        strict_locks=True,
        recorder=StatementRecorder(),
    )
    yield database
    await database.close()


@pytest.fixture
def db(session_db: databases.Database, clock: FakeClock) -> databases.Database:
    """Return the database, on this test's clock; its ids are of this test's time, whatever time others went to."""
    assert isinstance(session_db.clock, _ClockOfTheTest)
    session_db.clock.current = clock
    session_db.uuids = ids.UuidFactory()
    return session_db


@pytest.fixture
def recorder(db: databases.Database) -> StatementRecorder:
    """Return the recorder of the database: `with recorder.watching() as sent:` counts statements."""
    assert db.recorder is not None
    return db.recorder


async def new_tenant(db: databases.Database) -> ids.TenantId:
    """Make an empty merchant: a row in `tenant` and one in `directory`."""
    tenant = ids.TenantId(db.uuids.new(db.clock.now()))
    async with db.begin(databases.Scope(tenant)) as tx:
        await tx.execute(_INSERT_TENANT, {"tenant": tenant, "at": tx.now})
        await tx.execute(_INSERT_DIRECTORY, {"tenant": tenant, "slug": f"m-{tenant}"})
    return tenant


_INSERT_TENANT = sa.text("INSERT INTO tenant (tenant_id, created_at) VALUES (:tenant, :at)")
_INSERT_DIRECTORY = sa.text("INSERT INTO directory (tenant_id, slug) VALUES (:tenant, :slug)")


@pytest_asyncio.fixture(loop_scope="session")
async def tenant(db: databases.Database) -> ids.TenantId:
    """Return a fresh, empty merchant."""
    return await new_tenant(db)


@pytest_asyncio.fixture(loop_scope="session")
async def other_tenant(db: databases.Database) -> ids.TenantId:
    """Return another merchant, whose things must never show."""
    return await new_tenant(db)


@pytest.fixture
def scope(tenant: ids.TenantId) -> databases.Scope:
    """Return the scope of the fresh merchant, acting as the system."""
    return databases.Scope(tenant)


@pytest.fixture
def owner(urls: Urls) -> Iterator[psycopg.Connection[Any]]:
    """Return an autocommit connection as superuser: to plant faults that the app role could not."""
    with psycopg.connect(urls.superuser, autocommit=True) as connection:
        yield connection
