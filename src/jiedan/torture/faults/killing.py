"""What is killed: processes that serve, that work, that store, and all of them at once."""

import signal
import sys

import httpx2

from jiedan.torture import processes
from jiedan.torture.installation import ANSWER_S_MAX, Server
from jiedan.torture.stage import Stage

DOWN_S_MIN = 4.0
"""Long enough that `/readyz` has to tell."""

API_PROCESSES = 2 if sys.platform == "linux" else 1
"""Elsewhere no server has more than one."""

API_KILLS = ("one", "one", "all", "one", "one")
"""One of two while the other serves, or both at once."""

KILLS = 3
DEAD_S_MAX, BACK_S_MAX = 5.0, 30.0
RESTARTS = 5
RESTART_S_MIN, RESTART_S_MAX = 5.0, 40.0


async def kill_api(stage: Stage) -> None:
    """Kill the processes that serve, one of them or all, again and again; their supervisor starts others."""
    server = stage.at.servers[0]
    for which in API_KILLS:
        living = server.program.below()
        killed = living if which == "all" else [min(living)]  # those that were not killed before have the lowest
        for pid in killed:
            processes.send(pid, signal.SIGKILL)
        stage.counts["api processes killed"] += len(killed)
        if len(killed) < len(living):
            await _served_by_others(stage, server, killed)
        stage.is_ready("ready after a kill", may_be_dead=len(killed) == len(living))
        if not await stage.until(lambda: _all_serve(server), within_s=BACK_S_MAX):
            stage.findings.append(f"a process that was killed is not back after {BACK_S_MAX:g} s")
        await stage.lasts(stage.pace.fault_s / len(API_KILLS))


def _all_serve(server: Server) -> bool:
    """Tell whether as many processes as there should be are there and take connections."""
    is_there = len(server.program.below()) == API_PROCESSES
    return is_there and (API_PROCESSES == 1 or processes.listening(server.port) == API_PROCESSES)


async def _served_by_others(stage: Stage, server: Server, killed: list[int]) -> None:
    """See that a request is answered by who was not killed, over a connection that nobody had before."""
    await stage.until(lambda: not any(pid in server.program.family() for pid in killed), within_s=DEAD_S_MAX)
    try:
        async with httpx2.AsyncClient(timeout=ANSWER_S_MAX * stage.pace.patience, trust_env=False) as http:
            (await http.get(f"{server.url}/livez")).raise_for_status()
        stage.counts["killed alone, while another served"] += 1
    except httpx2.HTTPError as error:
        stage.findings.append(f"one of {API_PROCESSES} processes was killed, and nobody served: {type(error).__name__}")


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
    stage.is_not_ready("not ready, everything is killed", may_be_dead=True)
    await stage.lasts()


async def restart_database(stage: Stage) -> None:
    """Stop PostgreSQL at once, without a checkpoint, and start it again, every 5 to 40 seconds, as there is time."""
    for number in range(RESTARTS):
        if number:
            longest_s = min(max(stage.pace.fault_s, RESTART_S_MIN), RESTART_S_MAX)
            await stage.lasts(stage.rng.uniform(RESTART_S_MIN, longest_s))
        stage.at.kill_database(how=signal.SIGQUIT)
        stage.counts["immediate restarts"] += 1
        await stage.until(lambda: not stage.at.database_lives(), within_s=10)
        await stage.at.revive_database()
        stage.is_ready("ready after an immediate restart")
