"""The statement recorder: what the suite knows of the SQL that really ran."""

import contextlib
from collections.abc import Iterator


class StatementRecorder:
    """Collect every distinct statement, and count statements while a budget is watched.

    `BEGIN`, `SET LOCAL`, `COMMIT` and `ROLLBACK` are the boundary's and are not counted.
    """

    def __init__(self) -> None:
        self.distinct: set[str] = set()
        self._running: list[list[str]] = []

    def record(self, text: str) -> None:
        """Note one statement, as sent."""
        self.distinct.add(text)
        for log in self._running:
            log.append(text)

    @contextlib.contextmanager
    def watching(self) -> Iterator[list[str]]:
        """Yield a list that grows by each statement sent while the block runs."""
        log: list[str] = []
        self._running.append(log)
        try:
            yield log
        finally:
            self._running.remove(log)
