"""Clocks that are wrong: servers and workers that do not agree on what time it is."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from jiedan.base.clock import SystemClock
from jiedan.base.db import Database, Scope, Tx
from jiedan.carts import queries as carts
from jiedan.carts import service
from jiedan.carts.values import HOLD, Wish
from jiedan.torture.installation import START_S_MAX
from jiedan.torture.stage import Stage

SERVERS_OFF_S = (8.0, -120.0)
WORKERS_OFF_S = (15.0, -15.0)
REFUSED_OFF_S = (600.0, -600.0)
"""So far off that a worker would let things expire before their time, or believe no lease: it must not begin."""


MINUTE_S = 60.0
STARTED_S = 20.0
"""How long a worker may take to be at work; carts are taken back at the turn of each minute."""

EXPIRE_S = (3.0, 6.0, 9.0, 12.0)
"""Carts expire so long after that turn: too late for who is at work then, by any clock but one that is ahead."""

LOOK_EVERY_S = 0.1


class _Ago:
    """The machine's clock as it was a while ago, by which what is held for a while ends soon."""

    def __init__(self, ago: timedelta) -> None:
        self._ago = ago

    def now(self) -> datetime:
        """Return a moment of the past."""
        return SystemClock().now() - self._ago


async def wrong_clocks(stage: Stage) -> None:
    """Add servers and workers whose clocks are ahead or behind, and send them load; those far off must not begin.

    The worker that is ahead is the only one as the minute turns, and carts expire right after: it must keep them.
    """
    servers = [stage.at.new_server(clock_off_s=off) for off in SERVERS_OFF_S]
    for one in servers:
        one.takes_load = False
    ahead, behind = (stage.at.new_worker(clock_off_s=off) for off in WORKERS_OFF_S)
    await stage.at.workers[0].stop()
    ahead.start()
    left_s = MINUTE_S - SystemClock().now().second
    turn_s = asyncio.get_running_loop().time() + left_s + (0 if left_s > STARTED_S else MINUTE_S)
    for one in servers:
        one.program.start()
    for one in servers:
        await stage.at.until_ready(one)
        one.takes_load = True
    await _refused(stage)
    await _kept(stage, turn_s)
    behind.start()
    stage.counts["servers with a wrong clock"] += len(servers)
    stage.counts["workers with a wrong clock"] += len(WORKERS_OFF_S)
    await stage.lasts()


async def _kept(stage: Stage, turn_s: float) -> None:
    """Let carts expire right after a moment, and see that none is taken back before its time."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(turn_s - 2 - loop.time())
    held: dict[UUID, datetime] = {}
    for after_s in EXPIRE_S:
        left_s = turn_s + after_s - loop.time()
        held |= await _held_for(stage, left_s)
    taken: dict[UUID, float] = {}
    while loop.time() < turn_s + max(EXPIRE_S) + 1:
        async with stage.database.read(Scope(stage.shop.tenant)) as tx:
            there = await tx.load_one(carts.held_by(list(held)))
        now = SystemClock().now()
        taken |= {x: (held[x] - now).total_seconds() for x in held if x not in there and x not in taken}
        await asyncio.sleep(LOOK_EVERY_S)
    early = sorted(seconds for seconds in taken.values() if seconds > 0)
    stage.counts["carts that were to expire"] += len(held)
    stage.counts["carts that expired before their time"] += len(early)
    if early:
        stage.findings.append(f"{len(early)} carts expired before their time, the worst by {early[-1]:.0f} s")


async def _held_for(stage: Stage, seconds: float) -> Mapping[UUID, datetime]:
    """Return a cart that holds a unit for so long, and until when."""
    ago = HOLD - timedelta(seconds=seconds)
    database = Database(stage.at.database.app_url, clock=_Ago(ago), pool_size=1)

    async def fill(tx: Tx) -> dict[UUID, datetime]:
        cart_id = await service.open_cart(tx)
        await service.fill_cart(tx, cart_id=cart_id, wishes=[Wish("A", 1)])
        held = await tx.load_one(carts.held_by([cart_id]))
        return {x: max(r.expires_at for r in reservations if r.expires_at) for x, reservations in held.items()}

    try:
        return await database.write(Scope(stage.shop.tenant), fill)
    finally:
        await database.close()


async def _refused(stage: Stage) -> None:
    """Start workers whose clocks are minutes off: each must end by itself, with a failure."""
    far_off = [stage.at.new_worker(clock_off_s=off) for off in REFUSED_OFF_S]
    for worker in far_off:
        stage.at.workers.remove(worker)  # nobody starts it again
        worker.start()
    if not await stage.until(lambda: not any(worker.is_running for worker in far_off), within_s=START_S_MAX):
        working = [f"{off:g} s" for off, worker in zip(REFUSED_OFF_S, far_off, strict=True) if worker.is_running]
        stage.findings.append(f"workers are at work whose clocks are off by {', '.join(working)}")
    stage.counts["workers that refused their clock"] += sum(worker.ended_with() not in {0, None} for worker in far_off)
    for worker in far_off:
        await worker.stop()


async def right_again(stage: Stage) -> None:
    """End what has a wrong clock."""
    await stage.at.dismiss()
