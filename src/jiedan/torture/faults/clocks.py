"""Clocks that are wrong: servers and workers that do not agree on what time it is."""

from jiedan.torture.stage import Stage

SERVERS_OFF_S = (8.0, -120.0)
WORKERS_OFF_S = (15.0, -15.0)


async def wrong_clocks(stage: Stage) -> None:
    """Add servers and workers whose clocks are ahead or behind, and send them load."""
    servers = [stage.at.new_server(clock_off_s=off) for off in SERVERS_OFF_S]
    workers = [stage.at.new_worker(clock_off_s=off) for off in WORKERS_OFF_S]
    for one in servers:
        one.takes_load = False
        one.program.start()
    for worker in workers:
        worker.start()
    for one in servers:
        await stage.at.until_ready(one)
        one.takes_load = True
    stage.counts["servers with a wrong clock"] += len(servers)
    stage.counts["workers with a wrong clock"] += len(workers)
    await stage.lasts()


async def right_again(stage: Stage) -> None:
    """End what has a wrong clock."""
    await stage.at.dismiss()
