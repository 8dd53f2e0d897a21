"""The whole import: read the folder, take every stage, and compare what is stored with what the files say."""

import asyncio
import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from jiedan.base.db import Database, Scope
from jiedan.imports.presets.olist import files, stages
from jiedan.imports.presets.olist.files import Progress
from jiedan.imports.presets.olist.lives import life
from jiedan.imports.presets.olist.report import Report, dirt_of, report
from jiedan.imports.presets.olist.stored import stored

Shown = Callable[[str, int | None], AbstractContextManager[Progress]]
"""Shows how far a group of stages is, given its name and how many items it has."""

READING, COMPARING = "reading", "comparing"


class Whole(NamedTuple):
    """A set as it was read: what its files say, their digest, and the name of their folder."""

    olist: files.Olist
    digest: str
    name: str


async def read(database: Database, scope: Scope, folder: Path, *, shown: Shown) -> Whole:
    """Read the set in `folder`. Raises CurrencyNotAccepted, FileMissing, ColumnMissing or CellWrong."""
    await stages.check_currency(database, scope)
    with shown(READING, None) as progress:
        digest = await asyncio.to_thread(stages.digest, folder)
        olist = await asyncio.to_thread(files.read, folder, progress=progress)
    return Whole(olist, digest, folder.name)


async def bring_in(database: Database, scope: Scope, whole: Whole, *, shown: Shown) -> Report:
    """Import a set from where an earlier attempt stopped, and return what became of it.

    Twice changes nothing. Raises what a door refuses.
    """
    olist = whole.olist
    take = functools.partial(stages.take_side_by_side, database, scope, digest=whole.digest, file_name=whole.name)
    for group in stages.preparations(olist):
        with shown(group.name, group.size) as progress:
            await take(group, progress=progress)
    orders = await stages.lanes(database, scope, olist)
    with shown(orders.name, orders.size) as progress:
        await take(orders, progress=progress)
    return await compare(database, scope, olist, shown=shown)


async def compare(database: Database, scope: Scope, olist: files.Olist, *, shown: Shown) -> Report:
    """Return the totals and the dirt of the files beside what is stored."""
    with shown(COMPARING, None):
        dirt = await asyncio.to_thread(lambda: dirt_of(life(told, olist) for told in olist.orders))
        async with database.read(scope) as tx:
            return report(olist, dirt, await stored(tx, olist))
