"""The processes of an installation under torture: started with an environment of their own, ended by their own ids."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Literal

from jiedan.base import settings

JIEDAN = (sys.executable, "-c", "from jiedan.cli import main; main()")
STOP_S_MAX = 60.0
_LISTENS = "0A"

Kind = Literal["serve", "api", "worker", "database"]
"""What runs: the command that serves, what answers below it, workers with all that is below them, PostgreSQL."""

Living = Mapping[tuple[Kind, str], frozenset[int]]
"""The process ids of what runs, by its kind and by what it is called."""


def environment(**given: str) -> dict[str, str]:
    """Return this process's environment without any setting of Jiedan, and with those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(settings.PREFIX)}
    kept.pop("PROMETHEUS_MULTIPROC_DIR", None)
    return {**kept, **given}


class Program:
    """One command, with the processes it starts."""

    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str], *, log: Path) -> None:
        self.name = name
        self.log = log
        self._command = command
        self._env = env
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Tell whether the command itself lives."""
        return self._process is not None and self._process.poll() is None

    def ended_with(self) -> int | None:
        """Return its exit code; None while it lives, and before it was started."""
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        """Start it; what it says is appended to its log."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )

    def family(self) -> list[int]:
        """Return the process ids of the command and of everything below it, children after parents."""
        return descended(self._process.pid) if self._process is not None and self.is_running else []

    def below(self) -> list[int]:
        """Return the process ids of what does the work: those without children of their own."""
        family = self.family()
        return [pid for pid in family[1:] if not children(pid)] or family[:1]

    def kill_workers(self) -> int:
        """Kill what does the work and leave the supervisor; return how many processes that were."""
        pids = self.below()
        for pid in pids:
            send(pid, signal.SIGKILL)
        return len(pids)

    async def kill(self) -> None:
        """Kill all of it at once."""
        for pid in self.family():
            send(pid, signal.SIGKILL)
        if self._process is not None:
            await asyncio.to_thread(self._process.wait)

    async def stop(self, *, within_s: float = STOP_S_MAX) -> int | None:
        """Ask it to end, and return its exit code; kill it, and return None, when it has not ended in time."""
        if self._process is None:
            return 0
        send(self._process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return await asyncio.to_thread(self._process.wait, within_s)
        await self.kill()
        return None

    def last_words(self, lines: int = 5) -> str:
        """Return the end of its log."""
        try:
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
        except OSError:
            return ""


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process, if it still lives."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def ended(before: Living, after: Living, *, but: Collection[Kind] = ()) -> list[tuple[Kind, str]]:
    """Return what has ended between two looks, but for kinds that were to end, and for what is there no more at all."""
    return [
        (kind, name)
        for (kind, name), pids in before.items()
        if kind not in but and (kind, name) in after and pids - after[kind, name]
    ]


def listening(port: int) -> int:
    """Return how many processes take connections at a port of this machine, as Linux tells it."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:])
    return sum(row[1].endswith(f":{port:04X}") and row[3] == _LISTENS for row in rows)


def children(pid: int) -> list[int]:
    """Return the process ids of the children of `pid`."""
    return _children().get(pid, [])


def descended(pid: int) -> list[int]:
    """Return `pid` and the process ids of all that descend from it, children after parents."""
    known = _children()
    found = [pid]
    for parent in found:
        found += known.get(parent, [])
    return found


def _children() -> dict[int, list[int]]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, check=True, text=True).stdout  # noqa: S607 - ps is ps
    found: dict[int, list[int]] = {}
    for line in listed.splitlines():
        child, parent = map(int, line.split())
        found.setdefault(parent, []).append(child)
    return found
