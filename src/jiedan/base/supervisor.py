"""Keep processes running: start them, start again what dies, stop them in order.

`programs` are given in the order they stop in: what takes work from outside first. Their processes come from a nursery
(`base/children.py`), which has a process session of its own, so a Ctrl-C at the terminal reaches the supervisor alone.
Standard input is their lifeline: when the supervisor or the nursery dies, however it dies, the system closes it and
they drain and end.
"""

import asyncio
import contextlib
import dataclasses
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import ClassVar

import structlog

from jiedan.base import children, failures, metrics
from jiedan.base.i18n import N_

BACKOFF_MIN_S = 0.2
BACKOFF_MAX_S = 15.0
HEALTHY_AFTER_S = 10.0
FAILED_STARTS_MAX = 4
WATCH_EVERY_S = 2.0
READY_WAIT_S = 30.0

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_log = structlog.get_logger(__name__)


@dataclasses.dataclass(eq=False)
class ProcessFails(failures.Failure):
    """A process ends again and again right after its start."""

    message: ClassVar[str] = N_("The {name} process does not start (exit code {code}): the lines above say why.")

    name: str
    code: int


@dataclasses.dataclass(frozen=True)
class Program:
    """One kind of process: what it runs (`package.module:function`), its environment, and how many of it run."""

    name: str
    target: str
    environment: Mapping[str, str]
    count: int = 1


class _Keeper:
    """One process of a program, started again whenever it ends.

    One that ends by itself right after each start has something wrong that stays wrong, and is given up. One that a
    signal ended was killed, by a person or for want of memory or disk: what passes by itself, and is waited for.
    """

    def __init__(
        self,
        program: Program,
        nursery: children.Nursery,
        *,
        starts: asyncio.Event | None,
        stopping: asyncio.Event,
        grace_s: float,
    ) -> None:
        self._program = program
        self._nursery = nursery
        self._starts = starts
        self._stopping = stopping
        self._grace_s = grace_s
        self._child: children.Child | None = None

    async def keep(self) -> None:
        """Run the process until it is told to stop. Raises ProcessFails when it never gets going."""
        await self._until_start()
        loop = asyncio.get_running_loop()
        early_deaths = failed_starts = 0
        was_healthy = False
        while not self._stopping.is_set():
            began = loop.time()
            self._child = await self._nursery.start(
                name=self._program.name, target=self._program.target, environment=self._program.environment
            )
            if self._stopping.is_set():  # told while it was starting
                await self.stop()
            ended = await self._child.wait()
            if ended.pid is not None:
                metrics.forget(ended.pid)
            if self._stopping.is_set():
                return
            healthy = loop.time() - began >= HEALTHY_AFTER_S
            was_healthy = was_healthy or healthy
            early_deaths = 0 if healthy else early_deaths + 1
            failed_starts += not healthy and ended.code >= 0
            _log.error("process ended", process=self._program.name, code=ended.code, in_a_row=early_deaths)
            if not was_healthy and failed_starts >= FAILED_STARTS_MAX:
                raise ProcessFails(name=self._program.name, code=ended.code)
            await self._pause(min(BACKOFF_MIN_S * 2**early_deaths, BACKOFF_MAX_S))

    async def stop(self) -> None:
        """Ask the process to drain; kill it when it has not ended in time."""
        child = self._child
        if child is None or child.ended.done():
            return
        child.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(child.wait(), self._grace_s)
        except TimeoutError:
            _log.error("process killed: it did not drain in time", process=self._program.name, seconds=self._grace_s)
            child.send_signal(signal.SIGKILL)
            await child.wait()

    async def _until_start(self) -> None:
        if self._starts is None:
            return
        waiting = [asyncio.create_task(event.wait()) for event in (self._starts, self._stopping)]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)


class _Group:
    """The processes of one program."""

    def __init__(
        self, program: Program, nursery: children.Nursery, *, starts: asyncio.Event | None, grace_s: float
    ) -> None:
        self._stopping = asyncio.Event()
        self.keepers = [
            _Keeper(program, nursery, starts=starts, stopping=self._stopping, grace_s=grace_s)
            for _ in range(program.count)
        ]

    async def stop(self) -> None:
        """Ask all of them to drain, and wait for it."""
        self._stopping.set()
        await asyncio.gather(*(keeper.stop() for keeper in self.keepers))


async def run(
    programs: Sequence[Program],
    nursery: children.Nursery,
    *,
    grace_s: float,
    watch: Callable[[], Awaitable[object]] | None = None,
    ready: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Keep `programs` running until SIGTERM, SIGINT or SIGHUP, then stop them in the order given.

    Their processes are forked from `nursery`. The first program starts at once, the others when `ready` returns or
    after READY_WAIT_S: on a small machine they would slow down the start of the first. Each process gets `grace_s`
    seconds to drain. `watch` is called every WATCH_EVERY_S.
    Raises ProcessFails when one never gets going; the others are stopped first.
    """
    first_is_ready = asyncio.Event()
    kept = [
        _Group(program, nursery, starts=None if index == 0 else first_is_ready, grace_s=grace_s)
        for index, program in enumerate(programs)
    ]
    async with _stop_signal() as told:
        tasks = [asyncio.create_task(keeper.keep()) for group in kept for keeper in group.keepers]
        beside = [asyncio.create_task(_until_ready(ready, first_is_ready))]
        if watch is not None:
            beside.append(asyncio.create_task(_watched(watch)))
        waiting = asyncio.create_task(told.wait())
        try:
            await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (waiting, *beside):
                task.cancel()
            for group in kept:
                await group.stop()
            results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


async def _until_ready(ready: Callable[[], Awaitable[None]] | None, event: asyncio.Event) -> None:
    """Set `event` when `ready` returns or fails; it may go on after READY_WAIT_S, but the event waits no longer."""
    loop = asyncio.get_running_loop()
    late = loop.call_later(READY_WAIT_S, event.set)
    try:
        if ready is not None:
            await ready()
    except Exception as error:  # noqa: BLE001 - as when nobody reads what it prints: the others are needed all the same
        _log.error("ready failed", reason=f"{type(error).__name__}: {error}")
    finally:
        late.cancel()
    event.set()


@contextlib.asynccontextmanager
async def _stop_signal() -> AsyncIterator[asyncio.Event]:
    """Yield an event that is set by the first signal to stop; later ones change nothing."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, told.set)
    try:
        yield told
    finally:
        for number in _STOP_SIGNALS:
            loop.remove_signal_handler(number)


async def _watched(watch: Callable[[], Awaitable[object]]) -> None:
    while True:
        await asyncio.sleep(WATCH_EVERY_S)
        try:
            await watch()
        except failures.Failure as failure:
            _log.error("watch failed", reason=str(failure))
        except Exception:  # noqa: BLE001 - a bug, which must not end the watch
            _log.exception("watch failed")
