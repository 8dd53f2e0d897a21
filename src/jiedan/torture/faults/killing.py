"""What is killed: processes that serve, that work, that store, and all of them at once."""

import signal

from jiedan.torture.stage import Stage

DOWN_S_MIN = 4.0
"""Long enough that `/readyz` has to tell."""

KILLS = 3
RESTART_S_MIN, RESTART_S_MAX = 5.0, 40.0


async def kill_api(stage: Stage) -> None:
    """Kill the process that serves, again and again; its supervisor starts another."""
    for _ in range(KILLS):
        stage.counts["api processes killed"] += stage.at.servers[0].program.kill_workers()
        await stage.lasts(stage.pace.fault_s / KILLS)


async def kill_worker(stage: Stage) -> None:
    """Kill the process that works on events and jobs; its supervisor starts another."""
    for _ in range(KILLS):
        stage.counts["worker processes killed"] += stage.at.workers[0].kill_workers()
        await stage.lasts(stage.pace.fault_s / KILLS)


async def kill_database(stage: Stage) -> None:
    """Kill PostgreSQL's first process, let nobody start it for a while, then recover."""
    stage.at.kill_database()
    stage.counts["databases killed"] += 1
    stage.is_not_ready("not ready, PostgreSQL is killed")
    await stage.lasts(max(DOWN_S_MIN * stage.pace.patience, stage.pace.fault_s))
    await stage.at.revive_database()
    stage.is_ready("ready, PostgreSQL is back")


async def kill_everything(stage: Stage) -> None:
    """Kill every process of the installation at the same moment, and start it again."""
    await stage.at.kill_everything()
    stage.counts["installations killed"] += 1
    stage.is_not_ready("not ready, everything is killed")
    await stage.lasts()


async def restart_database(stage: Stage) -> None:
    """Stop PostgreSQL at once, without a checkpoint, and start it again, every 5 to 40 seconds."""
    lasted = 0.0
    while not lasted or lasted < stage.pace.fault_s:
        stage.at.kill_database(how=signal.SIGQUIT)
        stage.counts["immediate restarts"] += 1
        await stage.until(lambda: not stage.at.database_lives(), within_s=10)
        await stage.at.revive_database()
        stage.is_ready("ready after an immediate restart")
        pause_s = min(stage.rng.uniform(RESTART_S_MIN, RESTART_S_MAX), max(stage.pace.fault_s - lasted, 1.0))
        await stage.lasts(pause_s)
        lasted += pause_s
