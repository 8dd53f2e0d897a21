"""The supervisor's side of `base/nursery.py`: ask for processes, send them signals, learn how they ended."""

import asyncio
import contextlib
import dataclasses
import itertools
import json
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from jiedan.base import failures

LINE_BYTES_MAX = 65_536


@dataclasses.dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code, or minus the signal that killed it. `pid` is None when nobody knows."""

    code: int
    pid: int | None = None


LOST = Ended(failures.EXIT_FAILURE)
"""The nursery died: its processes drain and end by themselves, and nobody hears of it."""


class Child:
    """A process that was asked for."""

    def __init__(self, number: int, wire: "_Wire") -> None:
        self.ended: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        self._number = number
        self._wire = wire

    async def wait(self) -> Ended:
        """Wait for its end and return how it was."""
        return await asyncio.shield(self.ended)

    def send_signal(self, number: int) -> None:
        """Send the process a signal, after its start if it is still to come; nothing when it has ended."""
        self._wire.send({"do": "signal", "number": self._number, "signal": number})


class _Wire:
    """One nursery process and the socket to it."""

    def __init__(
        self, process: asyncio.subprocess.Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.is_lost = False
        self._process = process
        self._writer = writer
        self._numbers = itertools.count(1)
        self._children: dict[int, Child] = {}
        self._listening = asyncio.create_task(self._listen(reader))

    def send(self, request: Mapping[str, Any]) -> None:
        """Send a request; it is lost when the nursery is."""
        if not self.is_lost:
            self._writer.write(json.dumps(request).encode() + b"\n")

    def start(self, order: Mapping[str, Any]) -> Child:
        """Ask for a process."""
        number = next(self._numbers)
        child = self._children[number] = Child(number, self)
        self.send({"do": "start", "number": number, **order})
        return child

    async def close(self) -> None:
        """End the nursery; processes that still live drain and end."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._listening
        await self._process.wait()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                said = json.loads(line)
                self._children.pop(said["number"]).ended.set_result(Ended(said["code"], said["pid"]))
        self.is_lost = True
        self._writer.close()
        for child in self._children.values():
            child.ended.set_result(LOST)


class Nursery:
    """Where processes come from: one nursery process, started anew when it has died."""

    def __init__(self, modules: Sequence[str], *, environment: Mapping[str, str]) -> None:
        self._modules = modules
        self._environment = environment
        self._wire: _Wire | None = None
        self._starting = asyncio.Lock()

    async def start(self, *, name: str, target: str, environment: Mapping[str, str]) -> Child:
        """Ask for a process `name` that runs `target` with this environment."""
        wire = await self.warm_up()
        return wire.start({"name": name, "target": target, "environment": dict(environment)})

    async def warm_up(self) -> _Wire:
        """Start the nursery process, if there is none, and return without waiting for its imports."""
        async with self._starting:
            if self._wire is None or self._wire.is_lost:
                self._wire = await self._spawned()
            return self._wire

    async def close(self) -> None:
        """End the nursery process."""
        if self._wire is not None:
            await self._wire.close()

    async def _spawned(self) -> _Wire:
        ours, its = socket.socketpair()
        with its:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "jiedan.base.nursery",
                *self._modules,
                env=dict(self._environment),
                stdin=its.fileno(),
                start_new_session=True,
            )
        reader, writer = await asyncio.open_connection(sock=ours, limit=LINE_BYTES_MAX)
        return _Wire(process, reader, writer)


@contextlib.asynccontextmanager
async def nursery(modules: Sequence[str], *, environment: Mapping[str, str]) -> AsyncIterator[Nursery]:
    """Yield a nursery that is importing `modules` already; processes forked from it have all of them.

    `environment` is what the modules see while they are imported.
    """
    made = Nursery(modules, environment=environment)
    await made.warm_up()
    try:
        yield made
    finally:
        await made.close()
