"""An installation to torture: database, processor, servers and worker, with breakable lines between them.

    load → servers → database line → PostgreSQL
           servers → processor's line → sandbox → webhooks' line → servers

All of it lives in one folder and on loopback, and ends with the block that opened it.
"""

import asyncio
import contextlib
import dataclasses
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2

from jiedan.base import migrate, server
from jiedan.base.server.errors import StartFailed
from jiedan.torture import database_line, http_line, processes
from jiedan.torture.database_line import DatabaseLine
from jiedan.torture.http_line import HttpLine
from jiedan.torture.processes import Kind, Program

HOST = "127.0.0.1"
START_S_MAX = 90.0
REVIVE_S_MAX = 60.0
ANSWER_S_MAX = 5.0
POOL_SIZE = 6
STATEMENT_MS_MAX = 10_000
SILENCE_S_MAX = 30.0
"""After so long a connection that fell silent is given up: the longest statement, a while more, and a try to cancel."""

_POLL_S = 0.05
_ENTERABLE = 0o711
"""As root the database runs as a system user, who must get in."""

CLOCK = "jiedan.cli.torture_clock"
"""The entry point of a server or worker whose clock is wrong on purpose."""


class NeverReady(Exception):
    """Something that was started did not get going."""


@dataclasses.dataclass
class Server:
    """One `jiedan serve`, and whether load is sent to it."""

    program: Program
    port: int
    processes: int = 1
    drain_s: int = 0
    takes_load: bool = True

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.port}"


class Installation:
    """What runs, and how to start and end each part of it."""

    def __init__(self, home: Path, database: server.RunningServer, line: DatabaseLine) -> None:
        self.home = home
        self.database = database
        self.line = line
        self.servers: list[Server] = []
        self.workers: list[Program] = []
        self.processor: Program | None = None
        self.to_processor = HttpLine(http_line.free_port())
        self.webhooks = HttpLine(0, keeps=True)
        self._count = 0

    def environment(self, port: int) -> dict[str, str]:
        """Return the settings of a server on `port`, or of a worker."""
        return processes.environment(
            JIEDAN_HOME=str(self.home),
            JIEDAN_DATABASE_URL=self.line.url(self.database.app_url),
            JIEDAN_DATABASE_DISPATCH_URL=self.line.url(self.database.dispatch_url),
            JIEDAN_PORT=str(port),
            JIEDAN_SANDBOX_PORT=str(self.to_processor.port),
            JIEDAN_PUBLIC_URL=f"http://{HOST}:{self.webhooks.port}",
            JIEDAN_POOL_SIZE=str(POOL_SIZE),
            JIEDAN_STATEMENT_TIMEOUT_MS=str(STATEMENT_MS_MAX),
            JIEDAN_LOG_FORMAT="json",
            JIEDAN_LOG_LEVEL="info",
            JIEDAN_SHUTDOWN_TIMEOUT_S="20",
        )

    def new_server(self, *, count: int = 1, drain_s: int = 0, clock_off_s: float | None = None) -> Server:
        """Return a server of `count` processes on a free port, to be started; asked to end, it says so for `drain_s`.

        With `clock_off_s` it is one process, and its clock is wrong by that.
        """
        port = http_line.free_port()
        wrong = [sys.executable, "-m", CLOCK, "serve", str(clock_off_s)]
        right = [*processes.JIEDAN, "serve", "--no-worker", "--processes", str(count)]
        program = self._program("serve", right if clock_off_s is None else wrong, port, JIEDAN_DRAIN_S=str(drain_s))
        made = Server(program, port, count, drain_s)
        self.servers.append(made)
        return made

    def new_worker(self, *, clock_off_s: float | None = None, rate: float = 1.0) -> Program:
        """Return a worker, to be started; its clock may be wrong, and run faster."""
        wrong = [sys.executable, "-m", CLOCK, "worker", str(clock_off_s), str(rate)]
        right = [*processes.JIEDAN, "worker"]
        made = self._program("worker", right if clock_off_s is None else wrong, http_line.free_port())
        self.workers.append(made)
        return made

    def start_processor(self) -> None:
        """Start the card processor behind its line."""
        if self.processor is None:
            self.processor = self._program("sandbox", [*processes.JIEDAN, "sandbox"], self.to_processor.target_port)
        if not self.processor.is_running:
            self.processor.start()

    def _program(self, name: str, command: list[str], port: int, **more: str) -> Program:
        self._count += 1
        env = self.environment(port) | more
        if name == "sandbox":
            env["JIEDAN_SANDBOX_PORT"] = str(port)
        called = f"{name}-{self._count}"
        return Program(called, command, env, log=self.home.parent / f"{called}.log")

    async def bring_up(self) -> None:
        """Heal both lines, start whatever does not run, and return when every server is ready. Raises NeverReady."""
        self.line.heal()
        self.to_processor.heal()
        self.webhooks.heal()
        await self.revive_database()
        self.start_processor()
        for program in [*(s.program for s in self.servers), *self.workers]:
            if not program.is_running:
                program.start()
        self.webhooks.target_port = self.servers[0].port
        for each in self.servers:
            await self.until_ready(each)
            each.takes_load = True

    async def revive_database(self) -> None:
        """Start PostgreSQL if it has ended; what is left of the old one may take a moment to notice, and is waited for.

        Raises `server.errors.StartFailed` when it does not start.
        """
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + REVIVE_S_MAX
        while True:
            try:
                await self.database.revive()
                return
            except StartFailed:
                if loop.time() > give_up_at:
                    raise
            await asyncio.sleep(_POLL_S)

    def living(self) -> processes.Living:
        """Return the process ids of what runs."""
        found: dict[tuple[Kind, str], frozenset[int]] = {}
        for each in self.servers:
            found["serve", each.program.name] = frozenset(each.program.family()[:1])
            found["api", each.program.name] = frozenset(each.program.below())
        for worker in self.workers:
            found["worker", worker.name] = frozenset(worker.family())
        pid = server.status(self.home).pid
        found["database", "PostgreSQL"] = frozenset() if pid is None else frozenset({pid})
        return found

    def last_words(self, name: str) -> str:
        """Return the end of the log of a program that runs or ran; empty where there is none of that name."""
        programs = [*(each.program for each in self.servers), *self.workers]
        return next((program.last_words(2) for program in programs if program.name == name), "")

    async def dismiss(self, *, servers: int = 1, workers: int = 1) -> None:
        """End the servers and workers beyond so many."""
        extra = [*(s.program for s in self.servers[servers:]), *self.workers[workers:]]
        del self.servers[servers:], self.workers[workers:]
        await asyncio.gather(*(program.stop() for program in extra))

    async def until_ready(self, one: Server, *, within_s: float = START_S_MAX) -> None:
        """Wait until a server can take orders. Raises NeverReady."""
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + within_s
        async with httpx2.AsyncClient(timeout=ANSWER_S_MAX, trust_env=False) as http:
            while True:
                try:
                    answer = await http.get(f"{one.url}/readyz")
                    if answer.is_success:
                        return
                    said = answer.text[:300]
                except httpx2.HTTPError as error:
                    said = type(error).__name__
                if loop.time() > give_up_at:
                    message = f"{one.url}/readyz: {said}; {one.program.last_words(2)}"
                    raise NeverReady(message)
                await asyncio.sleep(_POLL_S)

    def kill_database(self, *, how: signal.Signals = signal.SIGKILL) -> None:
        """End PostgreSQL: SIGKILL kills its postmaster, SIGQUIT makes it stop at once without a checkpoint."""
        pid = server.status(self.home).pid  # asked anew: the number of a process that ended may be somebody else's
        if pid is not None:
            processes.send(pid, how)

    def database_lives(self) -> bool:
        """Tell whether PostgreSQL's first process lives."""
        return server.status(self.home).pid is not None

    async def kill_everything(self) -> None:
        """Kill every process of the installation at once, PostgreSQL and the processor too."""
        programs = [*(s.program for s in self.servers), *self.workers, *([self.processor] if self.processor else [])]
        pid = server.status(self.home).pid
        postgres = [] if pid is None else processes.descended(pid)
        for pid in [*(pid for program in programs for pid in program.family()), *postgres]:
            processes.send(pid, signal.SIGKILL)
        for program in programs:
            await program.kill()

    async def stop(self) -> None:
        """End every process in order."""
        await self.dismiss(servers=0, workers=0)
        if self.processor is not None:
            await self.processor.stop()


@contextlib.asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Installation]:
    """Make an installation in `folder`, and end it with the block.

    Raises a `failures.Failure` when its database cannot be made, NeverReady when a server does not start.
    """
    home = folder / "home"
    await asyncio.to_thread(folder.chmod, _ENTERABLE)
    async with server.running(home) as database:
        await asyncio.to_thread(migrate.migrate, database.owner_url)
        async with database_line.opened(database.place.sockets / ".s.PGSQL.5432") as line:
            made = Installation(home, database, line)
            await made.to_processor.open()
            await made.webhooks.open()
            try:
                made.new_server()
                made.new_worker()
                await made.bring_up()
                yield made
            finally:
                await made.stop()
                await made.revive_database()  # so that its stop finds one to stop, whatever was done to it
                await made.to_processor.close()
                await made.webhooks.close()
