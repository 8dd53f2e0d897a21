"""Restarts on purpose: one server after the other, while the load goes on, and nobody notices."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx2

from jiedan.torture.installation import Server
from jiedan.torture.stage import Stage

DRAIN_S = 5
LOOK_EVERY_S = 0.2
"""A balancer looks so often: far more often than it needs to within the time that a server says it is asked to end."""

ANSWER_S_MAX = 2.0


async def rolling(stage: Stage) -> None:
    """Ask every server and worker in turn to end, and start it again.

    Where load goes nobody says but a balancer, which knows what `/readyz` tells: to who is ready.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + stage.pace.fault_s
    rounds = 0
    async with _balanced(stage.at.servers):
        while not rounds or loop.time() < until:
            for server in stage.at.servers:
                stage.is_not_ready("not ready, asked to end", of=server)
                code = await server.program.stop()
                if code != 0:
                    stage.findings.append(f"a server that was asked to end ended with {code}")
                server.program.start()
                stage.is_ready("ready, started again", may_be_dead=True, of=server)
                await stage.at.until_ready(server)
                await _until_load_goes_there(stage, server)
                stage.counts["servers restarted"] += 1
            for worker in stage.at.workers:
                code = await worker.stop()
                if code != 0:
                    stage.findings.append(f"a worker that was asked to end ended with {code}")
                worker.start()
                stage.counts["workers restarted"] += 1
            rounds += 1


async def _until_load_goes_there(stage: Stage, server: Server) -> None:
    await stage.until(lambda: server.takes_load, within_s=ANSWER_S_MAX)


@contextlib.asynccontextmanager
async def _balanced(servers: list[Server]) -> AsyncIterator[None]:
    """Let load go to who says that it is ready, inside the block, and to nobody else."""

    async def look(server: Server, http: httpx2.AsyncClient) -> None:
        while True:
            try:
                server.takes_load = (await http.get(f"{server.url}/readyz")).is_success
            except httpx2.HTTPError:
                server.takes_load = False
            await asyncio.sleep(LOOK_EVERY_S)

    async with httpx2.AsyncClient(timeout=ANSWER_S_MAX, trust_env=False) as http:
        tasks = [asyncio.create_task(look(server, http)) for server in servers]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
