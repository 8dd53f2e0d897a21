"""Clocks that are wrong: servers and workers that do not agree on what time it is."""

from jiedan.torture.installation import START_S_MAX
from jiedan.torture.stage import Stage

SERVERS_OFF_S = (8.0, -120.0)
WORKERS_OFF_S = (15.0, -15.0)
REFUSED_OFF_S = (600.0, -600.0)
"""So far off that a worker would let things expire before their time, or believe no lease: it must not begin."""


async def wrong_clocks(stage: Stage) -> None:
    """Add servers and workers whose clocks are ahead or behind, and send them load; those far off must not begin."""
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
    await _refused(stage)
    await stage.lasts()


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
