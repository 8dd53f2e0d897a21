"""Whether events pile up in this process: what can wait a little, as mails can, gives way to them for a while."""

import asyncio
import time
from collections.abc import Callable

MARKED_S = 0.5
"""How long a full set of events says that there are more; the next one is handed out within that time."""

WAIT_S_MAX = 5.0
"""Nobody gives way longer: where events pile up all day, everything else goes on beside them."""

_LOOK_EVERY_S = 0.05


class Backlog:
    """Events that are due and not handed out yet, as far as one process knows.

    `now_s` is a clock that only advances.
    """

    def __init__(self, *, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._until_s = 0.0

    @property
    def is_there(self) -> bool:
        """Whether more events are due than a set holds."""
        return self._now_s() < self._until_s

    def mark(self) -> None:
        """Say that a full set was handed out: behind it there are probably more."""
        self._until_s = self._now_s() + MARKED_S

    async def melted(self, wait_s_max: float = WAIT_S_MAX) -> None:
        """Return when no events pile up, and after `wait_s_max` in any case."""
        give_up_at_s = self._now_s() + wait_s_max
        while self.is_there and self._now_s() < give_up_at_s:  # noqa: ASYNC110 - it also ends by time, and mails may look seldom
            await asyncio.sleep(_LOOK_EVERY_S)


EVENTS = Backlog()
"""What the drain of this process has not handed out yet."""
