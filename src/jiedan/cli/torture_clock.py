"""A server or a worker whose clock is wrong on purpose: `python -m jiedan.cli.torture_clock serve|worker OFF_S [RATE]`.

Only the torture starts it, for its own installation; nothing that serves people has a setting for its clock.
"""

import logging
import sys
from datetime import datetime, timedelta

import uvloop

from jiedan import app, worker
from jiedan.base import clock, failures, process, runtime, settings
from jiedan.base.web.frame import Frame


class WrongClock:
    """Tell the machine's time, off by so many seconds, and from now on so many times as fast."""

    def __init__(self, off_s: float, rate: float = 1.0) -> None:
        self._true = clock.SystemClock()
        self._since = self._true.now()
        self._off = timedelta(seconds=off_s)
        self._rate = rate

    def now(self) -> datetime:
        """Return a moment that is wrong."""
        return self._since + self._off + self._rate * (self._true.now() - self._since)


def create_app() -> Frame:
    """Return the application on a wrong clock, as the command line of this process says."""
    chosen = settings.load()
    wrong = WrongClock(float(sys.argv[2]))
    url = "" if chosen.database_url is None else chosen.database_url.get_secret_value()
    database = runtime.database(chosen, url, clock=wrong)
    return app.create_app(runtime.Runtime(settings=chosen, database=database, clock=wrong))


def main() -> None:
    """Serve, or work, until SIGTERM."""
    kind, off_s, *rate = sys.argv[1:]
    rates = [float(x) for x in rate]
    chosen = settings.load()
    process.prepare(chosen, name=kind)
    logging.getLogger("procrastinate").setLevel(logging.INFO)  # the torture reads which jobs were started
    if kind == "serve":
        uvloop.run(process.serve(chosen, "jiedan.cli.torture_clock:create_app"))
        return
    is_watched = all(x == 1.0 for x in rates)  # one that runs fast is wrong at once, and is wanted so
    try:
        uvloop.run(worker.work(chosen, using=WrongClock(float(off_s), *rates), is_watched=is_watched))
    except failures.Failure as failure:
        sys.stderr.write(f"{failure}\n")
        sys.exit(failure.exit_code)


if __name__ == "__main__":
    main()
