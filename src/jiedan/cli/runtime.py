"""What a command needs to work: the ground it stands on, checked, its database open, and what modules open on it."""

import contextlib
from collections.abc import AsyncIterator, Sequence

from jiedan.base import clock, guards, runtime
from jiedan.cli import grounds, migrate
from jiedan.cli.grounds import Ground


@contextlib.asynccontextmanager
async def running(*, parts: Sequence[runtime.Part] = ()) -> AsyncIterator[runtime.Runtime]:
    """Give a command its runtime: the database is up, checked by `base/guards.py`, and open; `parts` are opened.

    An embedded database is brought to the revision this version needs; another one is migrated by who runs it.
    Raises a `failures.Failure` that says what to do.
    """
    async with grounds.ground() as found:
        if found.server is not None:
            await migrate.bring_up(found.needed_owner_url())
        await guards.check(found.app_url, testing=found.settings.testing)
        async with opened(found, parts=parts) as made:
            yield made


@contextlib.asynccontextmanager
async def opened(found: Ground, *, parts: Sequence[runtime.Part] = ()) -> AsyncIterator[runtime.Runtime]:
    """Open the database of `found`, which is checked, and `parts` on it."""
    chosen = found.settings
    system_clock = clock.SystemClock()
    database = runtime.database(chosen, found.app_url, clock=system_clock)
    try:
        made = runtime.Runtime(settings=chosen, database=database, clock=system_clock)
        async with runtime.opened(made, parts):
            yield made
    finally:
        await database.close()
