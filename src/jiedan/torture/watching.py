"""The watch over readiness: what `/readyz` of every server said, and when, to be compared with what was true."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

import httpx2

from jiedan.torture.installation import Server
from jiedan.torture.stage import Moment
from jiedan.torture.values import Truth

LOOK_EVERY_S = 0.15
ANSWER_S_MAX = 2.5
NOTHING = "nothing"
"""What a server says that does not answer, or not in time."""

_READY, _NOT_READY = 200, 503


@dataclasses.dataclass(frozen=True)
class Look:
    """One look: when it was asked and answered, with which status, and what was not well; status 0 is no answer."""

    asked_s: float
    answered_s: float
    status: int
    said: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether the server said that it can take orders."""
        return self.status == _READY


@dataclasses.dataclass(frozen=True)
class Span:
    """From when to when a server said that it cannot take orders, or nothing; a moment, where it said so once."""

    since_s: float
    until_s: float
    said: str


class Watch:
    """The looks at one server."""

    def __init__(self, server: Server, looks: Iterable[Look] = ()) -> None:
        self.server = server
        self.looks = list(looks)

    async def look(self, http: httpx2.AsyncClient) -> Look:
        """Look once."""
        loop = asyncio.get_running_loop()
        asked = loop.time()
        try:
            answer = await http.get(f"{self.server.url}/readyz")
        except httpx2.HTTPError:
            return Look(asked, loop.time(), 0, NOTHING)
        return Look(asked, loop.time(), answer.status_code, _said(answer))

    def was_there(self, moment: Moment) -> bool:
        """Tell whether a moment concerns the server: it was looked at before and after."""
        is_meant = moment.of is None or moment.of is self.server
        return is_meant and bool(self.looks) and self.looks[0].asked_s <= moment.since_s <= self.looks[-1].answered_s

    def turned(self, moment: Moment) -> float | None:
        """Return after how many seconds from a moment the server said so for the first time; None when it never did.

        Where it may have been ended on purpose its dead port says so, too; and how soon it was ready is told from its
        first answer of any kind.
        """
        since_s = moment.since_s
        for look in self.looks:
            if look.asked_s < moment.since_s:
                continue
            if moment.to_ready:
                if moment.may_be_dead and look.status and since_s == moment.since_s:
                    since_s = look.asked_s
                if look.is_ready:
                    return look.answered_s - since_s
            elif look.status == _NOT_READY or (moment.may_be_dead and not look.status):
                return look.answered_s - since_s
        return None

    def not_ready(self, *, from_s: float, to_s: float, is_silence_meant: bool = False) -> Iterator[Span]:
        """Yield the spans within a time in which the server did not say that it is ready; not before it first did.

        With `is_silence_meant` no answer is none: it was ended on purpose.
        """
        has_been = False
        began: Look | None = None
        last: Look | None = None
        for look in self.looks:
            has_been = has_been or look.is_ready
            if not has_been or look.asked_s < from_s or look.answered_s > to_s:
                continue
            if look.is_ready or (is_silence_meant and not look.status):
                if began is not None and last is not None:
                    yield Span(began.asked_s, look.asked_s, began.said)
                began = None
            else:
                began = began or look
            last = look
        if began is not None and last is not None:
            yield Span(began.asked_s, last.answered_s, began.said)


class Watches:
    """The looks at all servers there are, as they come and go."""

    def __init__(self, servers: list[Server]) -> None:
        self._servers = servers
        self.of: list[Watch] = []

    async def run(self) -> None:
        """Look until canceled; servers may be added to the list meanwhile, and taken out of it."""
        async with httpx2.AsyncClient(timeout=ANSWER_S_MAX, trust_env=False) as http, asyncio.TaskGroup() as group:
            while True:
                for server in self._servers:
                    if not any(watch.server is server for watch in self.of):
                        self.of.append(Watch(server))
                        group.create_task(self._watch(self.of[-1], http))
                await asyncio.sleep(LOOK_EVERY_S)

    async def _watch(self, watch: Watch, http: httpx2.AsyncClient) -> None:
        while True:
            look = await watch.look(http)
            if not any(server is watch.server for server in self._servers):
                return  # it was taken out, and ended
            watch.looks.append(look)
            await asyncio.sleep(LOOK_EVERY_S)

    def truths(self, moments: Sequence[Moment], *, limit_s: float) -> list[Truth]:
        """Return how soon each server told the truth after each moment; of those that were there then."""
        found: list[Truth] = []
        for moment in moments:
            there = [x for x in self.of if x.was_there(moment)]
            for watch in there:
                who = f", server {self.of.index(watch) + 1}" if len(self.of) > 1 else ""
                after_s = watch.turned(moment)
                found.append(Truth(moment.what + who, None if after_s is None else round(after_s, 2), limit_s))
        return found


@contextlib.asynccontextmanager
async def watching(servers: list[Server]) -> AsyncIterator[Watches]:
    """Watch the servers of a list inside the block."""
    watches = Watches(servers)
    task = asyncio.create_task(watches.run())
    try:
        yield watches
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _said(answer: httpx2.Response) -> str:
    """Return what was not well."""
    try:
        checks = answer.json()["checks"]
        return ", ".join(f"{name}: {x['detail']}" for name, x in checks.items() if not x["ok"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return str(answer.status_code)
