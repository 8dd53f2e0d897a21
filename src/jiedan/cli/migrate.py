"""`jiedan migrate`: bring the database to the revision this version needs."""

import asyncio

from jiedan.base import guards, lazy, revisions
from jiedan.base.i18n import N_
from jiedan.cli import grounds, output

_DONE = N_("The database is at revision {revision}.")
_MIGRATING = N_("Migrating the database from revision {found} to {wanted} …")


async def migrate() -> None:
    """Apply the migrations the database lacks; a second time does nothing."""
    async with grounds.ground() as ground:
        before = await bring_up(ground.needed_owner_url())
        output.result({"before": before, "revision": revisions.newest()}, _DONE, revision=revisions.newest())


async def bring_up(owner_url: str) -> str | None:
    """Migrate the database of `owner_url` to the newest revision and return the one it was at.

    Raises MigrationsAhead, and what `guards.check_owner` raises.
    """
    wanted = revisions.newest()
    found = await guards.check_owner(owner_url)
    if found == wanted:
        return found
    if found is not None and not revisions.known(found):
        raise guards.MigrationsAhead(found=found)
    output.tell(_MIGRATING, found=found or "-", wanted=wanted)
    await asyncio.to_thread(lazy.own("jiedan.base.migrate").migrate, owner_url)
    return found
