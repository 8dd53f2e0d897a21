"""The clock of a play: it stands where the play is, and never goes back."""

from datetime import datetime, timedelta

_TICK = timedelta(microseconds=1)


class PlayClock:
    """A clock that is told what time it is; each reading is a microsecond later, so that nothing happens at once."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """Return the moment the play is at."""
        self._at += _TICK
        return self._at

    def reach(self, at: datetime) -> None:
        """Let it be `at`, unless it is later already."""
        self._at = max(self._at, at)
