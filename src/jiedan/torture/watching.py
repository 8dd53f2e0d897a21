"""The watch over readiness: what `/readyz` said, and when, to be compared with what was true."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Sequence

import httpx2

from jiedan.torture.installation import Server

LOOK_EVERY_S = 0.15
ANSWER_S_MAX = 2.5


@dataclasses.dataclass(frozen=True)
class Look:
    """One answer: when it was asked for and came, and whether it said ready; no answer says no."""

    asked_s: float
    answered_s: float
    is_ready: bool


class Watch:
    """Look at one server, again and again."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.looks: list[Look] = []

    async def run(self) -> None:
        """Look until canceled."""
        loop = asyncio.get_running_loop()
        async with httpx2.AsyncClient(timeout=ANSWER_S_MAX, trust_env=False) as http:
            while True:
                asked = loop.time()
                try:
                    is_ready = (await http.get(f"{self._server.url}/readyz")).is_success
                except httpx2.HTTPError:
                    is_ready = False
                self.looks.append(Look(asked, loop.time(), is_ready))
                await asyncio.sleep(LOOK_EVERY_S)

    def turned(self, *, to_ready: bool, since_s: float) -> float | None:
        """Return after how many seconds from a moment it said so for the first time; None when it never did."""
        for look in self.looks:
            if look.asked_s >= since_s and look.is_ready is to_ready:
                return look.answered_s - since_s
        return None


@contextlib.asynccontextmanager
async def watching(servers: Sequence[Server]) -> AsyncIterator[list[Watch]]:
    """Watch servers inside the block."""
    watches = [Watch(server) for server in servers]
    tasks = [asyncio.create_task(watch.run()) for watch in watches]
    try:
        yield watches
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
