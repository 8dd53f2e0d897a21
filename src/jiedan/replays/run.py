"""Do a replay from where it is, set by set."""

from uuid import UUID

from jiedan.base import errands
from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.replays import queries, service
from jiedan.replays.values import Replay


async def run(
    database: Database, tenant: TenantId, replay_id: UUID, *, progress: errands.Progress = errands.silent
) -> Replay:
    """Do what is left of a replay and return it; one that is through, or was canceled, is left alone.

    Killed at any moment it goes on with the next order when it is called again; two that run at once share the sets.
    `progress` is told how many orders more are done. Raises ReplayNotFound, and Unavailable when the database is away.
    """
    async with database.read(Scope(tenant)) as tx:
        replay = await queries.replay(tx, replay_id)
    progress(replay.done)
    while replay.is_under_way:
        before = replay.done
        replay = await database.write(
            Scope(tenant, replay.asked_by), lambda tx: service.do_set(tx, replay_id=replay_id)
        )  # fmt: skip
        progress(replay.done - before)
    return replay
