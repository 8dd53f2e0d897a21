"""Whether this process has been asked to end: what would otherwise go on for hours (a stream of events) looks here.

`base/process.py` says so when SIGTERM comes; requests in flight finish, endless answers end themselves. `/readyz` says
that no more should come, and every answer that it is the last on its connection, for as long as `JIEDAN_DRAIN_S` says
before connections are refused.
"""

import threading

_asked = threading.Event()


def begin() -> None:
    """Say that this process is to end."""
    _asked.set()


def is_on() -> bool:
    """Tell whether this process has been asked to end."""
    return _asked.is_set()
