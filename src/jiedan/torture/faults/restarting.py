"""Restarts on purpose: one server after the other, while the load goes on, and nobody notices."""

import asyncio

from jiedan.torture.stage import Stage


async def rolling(stage: Stage) -> None:
    """Restart every server and worker in turn; load goes to the others meanwhile, what is in flight is finished."""
    loop = asyncio.get_running_loop()
    until = loop.time() + stage.pace.fault_s
    rounds = 0
    while not rounds or loop.time() < until:
        for server in stage.at.servers:
            server.takes_load = False
            code = await server.program.stop()
            if code != 0:
                stage.findings.append(f"a server that was asked to end ended with {code}")
            server.program.start()
            await stage.at.until_ready(server)
            server.takes_load = True
            stage.counts["servers restarted"] += 1
        for worker in stage.at.workers:
            code = await worker.stop()
            if code != 0:
                stage.findings.append(f"a worker that was asked to end ended with {code}")
            worker.start()
            stage.counts["workers restarted"] += 1
        rounds += 1
