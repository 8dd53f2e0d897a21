"""What happens to events: some are poison, and workers die while they hold them, or are two."""

import asyncio
import re
import signal
from collections import Counter
from typing import Any
from uuid import UUID

import httpx2

from jiedan.base.clock import SystemClock
from jiedan.base.db import Scope, Tx
from jiedan.base.dispatch import Dispatch
from jiedan.orders import events as orders
from jiedan.torture import processes, queries
from jiedan.torture.stage import Stage

POISON = 3
FAST = 2_000.0
"""How much faster the clock of the worker runs that sees every attempt: hours of back-off in seconds."""

DEAD_S_MAX = 60.0
DELIVERED_S_MAX = 60.0
CATCHES = 3
CATCH_S_MAX = 15.0
LOOK_EVERY_S = 0.05
MINUTE_S = 60.0
STARTED_S_MAX, AFTER_S = 12.0, 8.0
"""How long two workers may take to start, and how long after the turn of a minute all is done that was due then."""

_STARTED = re.compile(r"Starting job ([\w.]+)\[\d+\]\(timestamp=(\d+)")


async def poison(stage: Stage) -> None:
    """Record events that no handler understands, among all the others."""

    async def emit(tx: Tx) -> None:
        for order in list(stage.told.orders.values())[:POISON]:
            nonsense: Any = "poison"
            tx.emit(orders.WaitingLinesLeft(order_id=UUID(str(order.order_id)), sku_ids=nonsense))
            stage.counts["poison events"] += 1

    await stage.until(lambda: len(stage.told.orders) >= POISON, within_s=30)
    await stage.database.write(Scope(stage.shop.tenant), emit)
    await stage.lasts()


async def until_dead(stage: Stage) -> None:
    """Let all attempts pass, on a clock that runs; each must end as a dead letter with a reason. Then give them up."""
    for worker in stage.at.workers:
        await worker.stop()
    fast = stage.at.new_worker(clock_off_s=0.0, rate=FAST)
    fast.start()
    letters: list[dict[str, Any]] = []
    async with httpx2.AsyncClient(
        base_url=stage.at.servers[0].url, headers=stage.shop.headers, timeout=30, trust_env=False
    ) as http:
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + DEAD_S_MAX * stage.pace.patience
        while len(letters) < stage.counts["poison events"] and loop.time() < give_up_at:
            letters = (await http.get("/api/v1/dead-letters")).raise_for_status().json()["items"]
            await asyncio.sleep(LOOK_EVERY_S)
        await stage.at.dismiss()
        stage.counts["dead letters"] = len(letters)
        stage.counts["with a reason"] = sum(bool(letter["reason"]) for letter in letters)
        if not stage.counts["poison events"] == stage.counts["dead letters"] == stage.counts["with a reason"]:
            stage.findings.append(f"of {POISON} poison events {len(letters)} are dead letters with a reason")
        if letters:
            addresses = [{"handler": x["handler"], "event_id": x["event_id"]} for x in letters]
            body = {"letters": addresses, "reason": "poison of the torture"}
            (await http.post("/api/v1/dead-letters/discard", json=body)).raise_for_status()
    await stage.at.bring_up()


async def kill_holding(stage: Stage) -> None:
    """Kill the worker at a moment when it holds a merchant's events, and see when another has delivered them."""
    for _ in range(1 if stage.pace.is_brief else CATCHES):
        if not await _killed_holding(stage):
            continue
        stage.counts["workers killed while they held events"] += 1
        killed_at = SystemClock().now()
        began = asyncio.get_running_loop().time()
        await stage.at.workers[0].kill()
        stage.at.workers[0].start()
        dispatch = Dispatch(stage.at.database.dispatch_url)
        limit_s = DELIVERED_S_MAX * stage.pace.patience
        while due := [x for x in await dispatch.due(SystemClock().now()) if x.since <= killed_at]:
            if asyncio.get_running_loop().time() - began > limit_s:
                stage.findings.append(f"events due since {due[0].since:%H:%M:%S} are not delivered after {limit_s:g} s")
                break
            await asyncio.sleep(LOOK_EVERY_S)
        await dispatch.close()
        took_s = asyncio.get_running_loop().time() - began
        stage.counts["seconds until delivered, at most"] = max(
            stage.counts["seconds until delivered, at most"], round(took_s)
        )
    if not stage.counts["workers killed while they held events"]:
        stage.findings.append("no worker was caught holding events: the step shows nothing")


async def _killed_holding(stage: Stage) -> bool:
    """Stop the worker's process again and again until it holds the lease; kill it then."""
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + CATCH_S_MAX * stage.pace.patience
    while loop.time() < give_up_at:
        await asyncio.sleep(stage.rng.uniform(0.01, 0.2))
        pids = stage.at.workers[0].below()
        for pid in pids:
            processes.send(pid, signal.SIGSTOP)
        async with stage.database.read(Scope(stage.shop.tenant)) as tx:
            is_held = await queries.holds_events(tx)
        for pid in pids:
            processes.send(pid, signal.SIGKILL if is_held else signal.SIGCONT)
        if is_held:
            return True
    return False


async def two_schedulers(stage: Stage) -> None:
    """Let two workers run over the turn of a minute: what falls due by the clock is done once."""
    await stage.at.workers[0].stop()
    # Of the torture's own make, which say each job they start; their clocks are right.
    both = [stage.at.new_worker(clock_off_s=0.0) for _ in range(2)]
    for worker in both:
        worker.start()
    left_s = MINUTE_S - SystemClock().now().second
    await asyncio.sleep(left_s + (0 if left_s > STARTED_S_MAX else MINUTE_S) + AFTER_S)
    started: Counter[tuple[str, str]] = Counter()
    for worker in both:
        said = worker.log.read_text(encoding="utf-8", errors="replace")
        started.update(set(_STARTED.findall(said)))
    stage.counts["periodic jobs started"] = len(started)
    stage.findings += [f"{name} of {at} was done by {n} workers" for (name, at), n in started.items() if n > 1]
    if not started:
        stage.findings.append("no periodic job was started: the step shows nothing")
