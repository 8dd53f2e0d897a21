"""Replays in the worker: begun by their event, gone on with after a crash."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from jiedan.base.db import Database, Scope, Tx
from jiedan.base.drain import Handler
from jiedan.base.events import StoredEvent
from jiedan.base.ids import TenantId
from jiedan.base.jobs import Periodic, Task, enqueue, per_tenant
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


async def start_replays(tx: Tx, happened: Sequence[StoredEvent]) -> None:
    """Ask for the replays that were queued; asking twice does a replay once."""
    for event in happened:
        await enqueue(tx, DO_REPLAY, replay_id=events.ReplayQueued.of(event).replay_id)


START_REPLAYS = Handler("replays.start_replays", start_replays)

PERIODIC: tuple[Periodic, ...] = (Periodic("replays.forget_old", "57 3 * * *", per_tenant(service.forget_old)),)
"""The periodic work of replays."""
