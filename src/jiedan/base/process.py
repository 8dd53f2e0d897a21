"""One process of `jiedan serve`, forked from the nursery (`base/nursery.py`) with everything imported.

    main("api", TARGET)       serve the ASGI application that the factory TARGET makes, on the address of the settings
    main("worker", TARGET)    call TARGET, which works until SIGTERM

Standard input is a lifeline: when it closes, the supervisor is gone and the process drains and ends too.
"""

import asyncio
import dataclasses
import functools
import gc
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, ClassVar

import structlog
import uvloop
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server

from jiedan.base import draining, failures, garbage, log, settings, tracing
from jiedan.base.i18n import N_

BACKLOG = 2048
HEADER_READ_TIMEOUT_MS = 10_000

_LOGGING: dict[str, Any] = {  # the server's own messages go the way of all others
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"propagate": True}, "granian.access": {"propagate": True}},
}


@dataclasses.dataclass(eq=False)
class ApplicationFailed(failures.Failure):
    """The application ended without having been asked to."""

    message: ClassVar[str] = N_("The application could not start; the lines above say why.")


def main(kind: str, target: str) -> int:
    """Run `target` (`package.module:function`) as this `kind` of process and return the exit code."""
    try:
        chosen = settings.load()
        prepare(chosen, name=kind)
        end_with_supervisor(grace_s=chosen.shutdown_timeout_s)
        if kind == "api":
            uvloop.run(serve(chosen, target))
        else:
            garbage.look_seldom(garbage.WORKING)
            _resolve(target)()
    except failures.Failure as failure:
        structlog.get_logger("jiedan.base.process").error(str(failure))
        return failure.exit_code
    except Exception:  # noqa: BLE001 - a bug: logged once, like all else; the supervisor starts the process again
        structlog.get_logger("jiedan.base.process").exception("process failed")
        return failures.EXIT_FAILURE
    finally:
        tracing.shutdown()
    return 0


def prepare(chosen: settings.Settings, *, name: str) -> None:
    """Set up logs and traces for this process."""
    log.configure(level=chosen.log_level, style=chosen.log_format)
    structlog.contextvars.bind_contextvars(process=name, pid=os.getpid())
    tracing.configure(chosen, service=f"jiedan-{name}")


def end_with_supervisor(*, grace_s: float) -> None:
    """Drain and end when the supervisor dies, which closes standard input; force it after `grace_s` more seconds."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(grace_s)
        os._exit(failures.EXIT_FAILURE)

    threading.Thread(target=watch, name="supervisor-watch", daemon=True).start()


async def serve(chosen: settings.Settings, target: str) -> None:
    """Serve the ASGI application that the factory `target` makes until SIGTERM or SIGINT. Raises ApplicationFailed."""
    server = Server(
        functools.partial(_made, target),
        factory=True,
        interface=Interfaces.ASGI,
        address=chosen.host,
        port=chosen.port,
        backlog=BACKLOG,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_READ_TIMEOUT_MS),
        websockets=False,
        log_level=LogLevels.error,
        log_dictconfig=_LOGGING,
        ssl_cert=chosen.tls_certificate,
        ssl_key=chosen.tls_key,
    )
    stopping = asyncio.Event()

    def stop() -> None:
        if not stopping.is_set():
            stopping.set()
            draining.begin()
            loop.call_later(chosen.drain_s, server.stop)

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    await server.serve()  # stops accepting, lets what is in flight finish, then closes the application
    if not stopping.is_set():
        raise ApplicationFailed


def _made(target: str) -> Any:
    """Make the application, which lives as long as the process: the garbage collector need not look through it."""
    gc.disable()
    try:
        return _resolve(target)()
    finally:
        garbage.look_seldom(garbage.ANSWERING)
        gc.enable()


def _resolve(target: str) -> Callable[[], Any]:
    module, _, name = target.partition(":")
    found: Callable[[], Any] = getattr(importlib.import_module(module), name)
    return found
