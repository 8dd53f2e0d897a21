"""A small installation for the supervisor's tests: an application, a worker, and a program that supervises them.

python -m tests.base.supervised PORT FOLDER [broken | draining | killed | stubborn | unheard]
"""

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from jiedan.base import children, draining, failures, log, metrics, supervisor

Message = MutableMapping[str, Any]
REQUESTS = metrics.counter("supervised_requests", "Requests to the test application.")


KILLED = 7
"""Starts that a signal ends at once, of two processes: one of them meets it at least four times."""


def create_app() -> Callable[..., Awaitable[None]]:
    """Answer `/` at once with the process id, `/slow` after a second, `/asked` whether it is to end, `/die` never."""
    if os.environ.get("SUPERVISED") == "broken":
        raise RuntimeError("this application never starts")
    if os.environ.get("SUPERVISED") == "killed":
        mine = f"api started {os.getpid()}"
        _note(mine)
        notes = Path(os.environ["SUPERVISED_FOLDER"], "notes").read_text().splitlines()
        if [note for note in notes if note.startswith("api started")].index(mine) < KILLED:
            os.kill(os.getpid(), signal.SIGBUS)
    return _app


async def _app(scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[..., Awaitable[None]]) -> None:
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                _note("api stopped")
                return
    REQUESTS.inc()
    body = str(os.getpid()).encode()
    if scope["path"] == "/slow":
        _note("asked to be slow")
        await asyncio.sleep(1)
    if scope["path"] == "/die":
        os.kill(os.getpid(), signal.SIGKILL)
    if scope["path"] == "/asked":
        body = str(draining.is_on()).encode()
    if scope["path"] == "/metrics":
        body = metrics.render()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def work() -> None:
    """Work until SIGTERM."""
    stopping = threading.Event()
    if os.environ.get("SUPERVISED") == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    _note(f"worker started {os.getpid()}")
    stopping.wait()
    time.sleep(0.1)
    _note("worker stopped")


def _note(text: str) -> None:
    with Path(os.environ["SUPERVISED_FOLDER"], "notes").open("a") as file:
        file.write(text + "\n")


async def _main(port: str, folder: str, mode: str) -> None:
    log.configure(style="json")
    numbers = Path(folder, "metrics")
    metrics.prepare(numbers)
    os.environ[metrics.FOLDER_VARIABLE] = str(numbers)
    environment = {
        **os.environ,
        "JIEDAN_PORT": port,
        "JIEDAN_SHUTDOWN_TIMEOUT_S": "1" if mode == "stubborn" else "100",
        "JIEDAN_DRAIN_S": "500" if mode == "draining" else "0",
        "SUPERVISED": mode,
        "SUPERVISED_FOLDER": folder,
    }
    here = "tests.base.supervised"
    programs = [
        supervisor.Program("api", f"{here}:create_app", environment, count=2),
        supervisor.Program("worker", f"{here}:work", environment),
    ]
    ready = _unheard if mode == "unheard" else None
    async with children.nursery([here], environment=os.environ) as nursery:
        await supervisor.run(programs, nursery, grace_s={"stubborn": 1, "draining": 500}.get(mode, 100), ready=ready)


async def _unheard() -> None:
    """Fail as an announcement does that nobody reads."""
    raise BrokenPipeError("nobody listens")


if __name__ == "__main__":
    try:
        asyncio.run(_main(*sys.argv[1:]))
    except failures.Failure as failure:
        sys.exit(str(failure))
