"""The worker: drains events, runs jobs, serves nobody. `python -m jiedan.worker`, or under `jiedan serve`.

SIGTERM and SIGINT let the sets and jobs in hand finish; then it ends.
"""

import asyncio
import os
import signal
from collections.abc import Coroutine
from typing import Any

import uvloop

from jiedan import wiring
from jiedan.base import clock, process, runtime, settings, timekeeping
from jiedan.base.dispatch import Dispatch
from jiedan.base.drain import Drain
from jiedan.base.i18n import Phrase
from jiedan.base.jobs import Jobs
from jiedan.base.settings import BadSetting, Settings

NICENESS = 5
"""A worker gives way to whoever answers requests, as the database does, and no more: it holds locks."""


def main() -> None:
    """Work until told to stop. Raises BadSetting when a database URL is missing."""
    os.nice(NICENESS)
    uvloop.run(work(settings.load()))


async def work(chosen: Settings, *, using: clock.Clock | None = None, is_watched: bool = True) -> None:
    """Drain and run jobs as `chosen` says until SIGTERM or SIGINT, by the machine's clock unless another is given.

    The clock may be off the database's by a little, and is corrected, unless it is not `is_watched`. When anything of
    this ends by itself the rest is stopped and the error is raised: the supervisor starts anew. Raises BadSetting and
    ClockWrong.
    """
    reason = Phrase("`jiedan worker` sets it when the embedded server is used")
    if chosen.database_url is None:
        raise BadSetting(name="JIEDAN_DATABASE_URL", reason=reason)
    if chosen.database_dispatch_url is None:
        raise BadSetting(name="JIEDAN_DATABASE_DISPATCH_URL", reason=reason)
    dispatch = Dispatch(chosen.database_dispatch_url.get_secret_value())
    url = chosen.database_url.get_secret_value()
    given: clock.Clock = using or clock.SystemClock()
    own_clock = timekeeping.AgreedClock(given) if is_watched else given
    database = runtime.database(chosen, url, clock=own_clock, fresh_plans=True)
    try:
        if is_watched:
            await timekeeping.check(database)
        own = runtime.Runtime(settings=chosen, database=database, clock=own_clock)
        async with runtime.opened(own, wiring.PARTS):
            drain = Drain(database, dispatch, wiring.SUBSCRIPTIONS, in_two=True)
            jobs = Jobs(
                database,
                url,
                tasks=wiring.TASKS,
                periodic=wiring.PERIODIC,
                stop_within_s=chosen.shutdown_timeout_s,
            )
            await _run(drain, jobs, timekeeping.watch(database) if is_watched else None)
    finally:
        await database.close()


async def _run(drain: Drain, jobs: Jobs, watch: Coroutine[Any, Any, None] | None) -> None:
    working = [asyncio.create_task(drain.run(), name="drain"), asyncio.create_task(jobs.run(), name="jobs")]
    watching = [] if watch is None else [asyncio.create_task(watch, name="clock")]

    def stop() -> None:
        drain.stop()
        jobs.stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    done, _ = await asyncio.wait([*working, *watching], return_when=asyncio.FIRST_COMPLETED)
    stop()
    for task in watching:
        task.cancel()
    await asyncio.gather(*working)  # what is in hand is finished, even where the clock has gone wrong
    await asyncio.gather(*(task for task in watching if task in done))


if __name__ == "__main__":
    process.prepare(settings.load(), name="worker")  # as the supervisor's nursery does: no log shows local variables
    main()
