"""The process that the others are forked from: `python -m jiedan.base.nursery MODULE …`.

It imports the modules once, which takes longer than everything else at a start, and then forks a process whenever the
supervisor asks for one: that process is there at once and shares the memory of what was imported. It does nothing else,
has no threads, opens no connections, and never imports again: what runs keeps running the code it was started with.

Standard input is a socket to the supervisor (`base/children.py`), one JSON object per line:

    <- {"do": "start", "number": 1, "name": "api", "target": "jiedan.app:create_app", "environment": {…}}
    <- {"do": "signal", "number": 1, "signal": 15}
    -> {"number": 1, "pid": 4711, "code": 0}         when the process has ended; minus the signal that killed it

Processes are known by the supervisor's numbers, so a signal never meets a foreign process with an old process id.
When the socket closes, the supervisor is gone and the nursery ends; when the nursery ends, however it ends, the
standard input of every process it started closes, and they drain and end (`base/process.py`).
"""

import contextlib
import gc
import json
import os
import select
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from jiedan.base import lazy

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)  # sent to every process of a service at its stop
_CONTROL = 0
_CHUNK_BYTES = 65_536
_NAME = Path("/proc/self/comm")  # Linux only: what `ps` and `top` show

_LATE = ("litestar.plugins.pydantic", "litestar.plugins.attrs", "jinja2.ext", "anyio._backends._asyncio")
"""What libraries import only when an application is made or first waits: once here, not once per process."""


_NOT_WANTED = ("rich",)
"""What a library takes if it is there and a server has no use for: structlog draws tracebacks with it, 4 MB."""


class Order(NamedTuple):
    """A process to be: its kind, what it runs, and its environment."""

    name: str
    target: str
    environment: dict[str, str]


class _Child(NamedTuple):
    number: int
    pid: int


class _Nursery:
    """The processes that live, and the wires to them and to the supervisor."""

    def __init__(self) -> None:
        self._children: list[_Child] = []
        self._received = b""
        self._lifeline, self._lifeline_held = os.pipe()
        self._wake, self._wake_signals = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(self._wake_signals, False)
        for number in _STOP_SIGNALS:
            signal.signal(number, _ignore)  # the supervisor decides when the processes stop
        signal.signal(signal.SIGCHLD, _ignore)  # a handler, so that the wake-up file is written
        signal.set_wakeup_fd(self._wake_signals, warn_on_full_buffer=False)

    def tend(self) -> Order | None:
        """Do as the supervisor asks until it is gone: None. In each forked process return what that one is to be."""
        while True:
            ready, _, _ = select.select([_CONTROL, self._wake], [], [])
            if self._wake in ready:
                self._report_ended()
            if _CONTROL in ready:
                requests = self._requests()
                if requests is None:
                    return None
                for request in requests:
                    order = self._obey(request)
                    if order is not None:
                        return order

    def _requests(self) -> list[dict[str, Any]] | None:
        """Return the requests that have arrived whole; None when there will be no more."""
        chunk = os.read(_CONTROL, _CHUNK_BYTES)
        if not chunk:
            return None
        *lines, self._received = (self._received + chunk).split(b"\n")
        return [json.loads(line) for line in lines]

    def _obey(self, request: dict[str, Any]) -> Order | None:
        if request["do"] == "signal":
            for child in self._children:
                if child.number == request["number"]:
                    os.kill(child.pid, request["signal"])
            return None
        # A signal that meets the new process before it has left waits until it has.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
        pid = os.fork()
        if pid == 0:
            self._leave()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)
            return Order(request["name"], request["target"], request["environment"])
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)
        self._children.append(_Child(request["number"], pid))
        return None

    def _report_ended(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake, _CHUNK_BYTES)
        for child in list(self._children):
            ended, status = os.waitpid(child.pid, os.WNOHANG)
            if ended:
                self._children.remove(child)
                code = os.waitstatus_to_exitcode(status)
                _write({"number": child.number, "pid": child.pid, "code": code})

    def _leave(self) -> None:
        """Let go, in a forked process, of what belongs to the nursery; the lifeline becomes standard input."""
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, *_STOP_SIGNALS):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(self._lifeline, _CONTROL)
        for wire in (self._lifeline, self._lifeline_held, self._wake, self._wake_signals):
            os.close(wire)


def main(modules: list[str]) -> int:
    """Import `modules`, fork processes until the supervisor is gone, and return the exit code of this process."""
    _rename("nursery")
    for name in _NOT_WANTED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # to Python this says: it is not installed
    with _imported_for_good():
        for name in ("jiedan.base.process", *modules, *_LATE):
            # What cannot be imported here is imported again in each process, which says why it fails.
            with contextlib.suppress(Exception):
                lazy.own(name)
    try:
        order = _Nursery().tend()
    except (BrokenPipeError, ConnectionResetError):
        return 0
    if order is None:
        return 0
    os.environ.clear()
    os.environ.update(order.environment)
    _rename(order.name)
    code: int = lazy.own("jiedan.base.process").main(order.name, order.target)
    return code


@contextlib.contextmanager
def _imported_for_good() -> Iterator[None]:
    """Keep the garbage collector away from what is made in the block, here and in every forked process.

    It stays until the end, so looking through it would only cost time, and memory: a page that is touched is copied.
    Not even once: of 270,000 objects 1,400 are garbage, and finding them takes 0.2 s.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _rename(name: str) -> None:
    with contextlib.suppress(OSError):
        _NAME.write_text(f"jiedan-{name}", encoding="ascii")


def _write(message: dict[str, Any]) -> None:
    line = json.dumps(message).encode() + b"\n"
    while line:
        line = line[os.write(_CONTROL, line) :]


def _ignore(_number: int, _frame: object) -> None:
    """Do nothing: the wake-up file says it all."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
