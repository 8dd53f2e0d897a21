"""`jiedan serve` and `jiedan worker`: the processes of an installation under one supervisor."""

import contextlib
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

import psycopg

from jiedan.base import certificates, children, clock, guards, lazy, metrics, supervisor
from jiedan.base import home as homes
from jiedan.base.settings import Settings, load
from jiedan.cli import addresses, announcement, grounds, migrate, sandbox

API = "jiedan.app:create_app"
WORKER = "jiedan.worker:main"

SHOP = "demo"
"""The demo merchant's slug; what makes it is imported only where it is made."""

CONNECTIONS_SPARE = 10
"""For commands, backups and what the worker listens with."""

_NO_MERCHANT = "SELECT NOT EXISTS (SELECT FROM directory)"
_DATABASE_VARIABLES = ("JIEDAN_DATABASE_URL", "JIEDAN_DATABASE_OWNER_URL", "JIEDAN_DATABASE_DISPATCH_URL")


async def serve(
    *,
    worker: bool = True,
    demo: bool = False,
    host: str | None = None,
    port: int | None = None,
    processes: int | None = None,
    tls: bool = False,
) -> None:
    """Serve the API, the console and the portal, and work on what falls due.

    Parameters
    ----------
    worker
        Run the worker too; with --no-worker run it elsewhere with `jiedan worker`.
    demo
        Make a demo merchant if there is no merchant yet, print its sign-in, and run the sandbox beside.
    host
        Address to listen on (JIEDAN_HOST).
    port
        Port to listen on (JIEDAN_PORT).
    processes
        API processes (JIEDAN_PROCESSES); default one per core.
    tls
        Serve https, with a certificate made for this machine unless JIEDAN_TLS_CERTIFICATE names one.

    """
    _override(JIEDAN_HOST=host, JIEDAN_PORT=port, JIEDAN_PROCESSES=processes)
    chosen = load()
    if tls and chosen.tls_certificate is None:
        _certify(chosen)
        chosen = load()
    addresses.check(chosen.host, chosen.port)
    async with _nursery(chosen, API, WORKER) as nursery, grounds.ground() as ground:
        await _fit(ground)
        needed = (ground.settings.processes + worker) * ground.settings.pool_size + CONNECTIONS_SPARE
        await guards.check_connections(ground.app_url, needed=needed)
        if worker:
            await _check_dispatch(ground)
        sign_in = await _demo_sign_in(ground) if demo else None
        programs = [_api(ground)] + ([_worker(ground)] if worker else []) + (sandbox.beside(ground) if demo else [])

        async def announce() -> None:
            await announcement.until_ready(ground.settings)
            announcement.announce(ground.settings, sign_in, SHOP if demo else None)

        await _supervise(ground, programs, nursery, ready=announce)


async def worker() -> None:
    """Work on what falls due: deliver events, run scheduled and slow jobs."""
    async with _nursery(load(), WORKER) as nursery, grounds.ground() as ground:
        await _fit(ground)
        await _check_dispatch(ground)
        await _supervise(ground, [_worker(ground)], nursery, ready=None)


def _override(**given: object) -> None:
    """Let options win over the environment, for this process and its children, through the same checks."""
    for name, value in given.items():
        if value is not None:
            os.environ[name] = str(value)


def _certify(chosen: Settings) -> None:
    """Make this machine's certificate, or keep the one it has, and name it to this process and its children."""
    home = homes.prepare(chosen.home)
    own = certificates.kept(home, names=certificates.names_of_this_machine(), at=clock.SystemClock().now())
    _override(JIEDAN_TLS_CERTIFICATE=own.cert, JIEDAN_TLS_KEY=own.key)


async def _fit(ground: grounds.Ground) -> None:
    """Bring an embedded database up to date, and refuse one that is not fit to serve from."""
    if ground.server is not None:
        await migrate.bring_up(ground.needed_owner_url())
    await guards.check(ground.app_url, testing=ground.settings.testing)


async def _check_dispatch(ground: grounds.Ground) -> None:
    """Refuse to start a worker that could not look for due work; the embedded server's roles are as they should be."""
    if ground.server is None:
        await guards.check_dispatch(ground.dispatch_url)


async def _demo_sign_in(ground: grounds.Ground) -> announcement.SignIn | None:
    """Make the demo merchant, or finish what a killed start left of it; None when there is nothing to do."""
    async with await psycopg.AsyncConnection.connect(ground.app_url) as connection:
        is_first = await (await connection.execute(_NO_MERCHANT)).fetchone()
    sign_in: announcement.SignIn | None = None
    if is_first is not None and is_first[0]:
        sign_in = await lazy.own("jiedan.cli.demo").create(ground)
    elif announcement.note(ground.settings).exists():
        sign_in = await lazy.own("jiedan.cli.demo").finish(ground)
    return sign_in


@contextlib.asynccontextmanager
async def _nursery(chosen: Settings, *targets: str) -> AsyncIterator[children.Nursery]:
    """Yield a nursery that imports what `targets` need while the database starts.

    What it imports makes its metrics at once, so their folder is ready and named before.
    """
    homes.prepare(chosen.home)
    folder = chosen.home / "metrics"
    with homes.explained(folder):
        metrics.prepare(folder)
    os.environ[metrics.FOLDER_VARIABLE] = str(folder)  # this process forgets there what its children leave behind
    modules = [target.partition(":")[0] for target in targets]
    async with children.nursery(modules, environment=_environment()) as nursery:
        yield nursery


async def _supervise(
    ground: grounds.Ground,
    programs: list[supervisor.Program],
    nursery: children.Nursery,
    *,
    ready: Callable[[], Awaitable[None]] | None,
) -> None:
    await supervisor.run(
        programs,
        nursery,
        grace_s=ground.settings.shutdown_timeout_s,
        watch=ground.server.revive if ground.server is not None else None,
        ready=ready,
    )


def _api(ground: grounds.Ground) -> supervisor.Program:
    # Elsewhere than on Linux the system does not spread connections over processes that share a port.
    count = ground.settings.processes if sys.platform == "linux" else 1
    return _program(ground, "api", API, count=count)


def _worker(ground: grounds.Ground) -> supervisor.Program:
    return _program(ground, "worker", WORKER, count=1)


def _program(ground: grounds.Ground, name: str, target: str, *, count: int) -> supervisor.Program:
    """Return a program that knows the database as the roles that serve, and never as the owner."""
    environment = _environment()
    environment["JIEDAN_DATABASE_URL"] = ground.app_url
    environment["JIEDAN_HOME"] = str(ground.settings.home)
    if ground.dispatch_url is not None:
        environment["JIEDAN_DATABASE_DISPATCH_URL"] = ground.dispatch_url
    return supervisor.Program(name=name, target=target, environment=environment, count=count)


def _environment() -> dict[str, str]:
    """Return this process's environment without the database."""
    return {key: value for key, value in os.environ.items() if key not in _DATABASE_VARIABLES}
