"""Replays in the worker: begun by their event, gone on with after a crash."""

from collections.abc import Mapping
from uuid import UUID

from jiedan.base.db import Database, Scope
from jiedan.base.drain import Handler
from jiedan.base.ids import TenantId
from jiedan.base.jobs import Periodic, Task, per_tenant, starting
from jiedan.replays import errors, events, run, service


async def do_replay(database: Database, tenant: TenantId, ids: Mapping[str, str]) -> None:
    """Do what is left of one replay."""
    await run.run(database, tenant, UUID(ids["replay_id"]))


async def give_up_replay(database: Database, tenant: TenantId, ids: Mapping[str, str]) -> None:
    """End a replay that no try has brought to its end."""
    replay_id = UUID(ids["replay_id"])
    await database.write(
        Scope(tenant), lambda tx: service.give_up(tx, replay_id=replay_id, refusal=errors.ReplayGivenUp())
    )


DO_REPLAY = Task("replays.do_replay", do_replay, give_up=give_up_replay)


START_REPLAYS = Handler("replays.start_replays", starting(DO_REPLAY, events.ReplayQueued, "replay_id"))

PERIODIC: tuple[Periodic, ...] = (Periodic("replays.forget_old", "57 3 * * *", per_tenant(service.forget_old)),)
"""The periodic work of replays."""
