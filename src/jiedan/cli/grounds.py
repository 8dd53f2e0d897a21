"""The ground a command stands on: settings, and a database that is up.

The embedded server is started when the settings name no database, and stopped again by the last command that uses it.
"""

import asyncio
import contextlib
import dataclasses
import signal
from collections.abc import AsyncIterator, Iterator
from typing import ClassVar

from pydantic import SecretStr

from jiedan.base import failures, log, server
from jiedan.base import settings as settings_
from jiedan.base.i18n import N_
from jiedan.cli import output


@dataclasses.dataclass(eq=False)
class NoOwnerUrl(failures.Failure):
    """Migrations need the owner role and no URL for it is set."""

    message: ClassVar[str] = N_("Migrations run as the owner of the tables: set JIEDAN_DATABASE_OWNER_URL to its URL.")


@dataclasses.dataclass(frozen=True)
class Ground:
    """Settings, and the URLs of the database by role; `server` is the embedded one when it is used."""

    settings: settings_.Settings
    app_url: str
    owner_url: str | None
    dispatch_url: str | None
    backup_url: str | None
    server: server.RunningServer | None

    def needed_owner_url(self) -> str:
        """Return the owner's URL. Raises NoOwnerUrl."""
        if self.owner_url is None:
            raise NoOwnerUrl
        return self.owner_url


@contextlib.asynccontextmanager
async def ground() -> AsyncIterator[Ground]:
    """Load the settings, start or adopt the embedded server if it is to be used, and give it back at the end.

    Nothing is checked or opened. Raises a `failures.Failure`.
    """
    chosen = settings_.load()
    log.configure(level=chosen.log_level, style=chosen.log_format)
    with canceled_by_sigterm():
        if chosen.database_url is not None:
            yield Ground(
                settings=chosen,
                app_url=chosen.database_url.get_secret_value(),
                owner_url=_revealed(chosen.database_owner_url),
                dispatch_url=_revealed(chosen.database_dispatch_url),
                backup_url=_revealed(chosen.database_backup_url),
                server=None,
            )
            return
        async with server.running(chosen.home, progress=output.tell, testing=chosen.testing) as running_server:
            yield Ground(
                settings=chosen,
                app_url=running_server.app_url,
                owner_url=running_server.owner_url,
                dispatch_url=running_server.dispatch_url,
                backup_url=running_server.backup_url,
                server=running_server,
            )


def _revealed(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


@contextlib.contextmanager
def canceled_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end a command like Ctrl-C does, so that it stops what it started."""
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    if task is not None:
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
