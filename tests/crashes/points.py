"""Where a process may die: before each statement, after COMMIT is sent, after it is answered, around calls outside.

A point between the answer of one statement and the next statement is the point before that next one. A set of
statements that goes out in one piece is cut in the middle: what stands before the point has been sent, the rest not.
"""

import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import psycopg.abc

from jiedan.base import connections
from jiedan.base.connections import Answer, Call
from jiedan.base.db import Database
from jiedan.notifications.post.smtp import Server, Smtp
from jiedan.notifications.rules import Tried
from jiedan.notifications.values import Envelope

RV = TypeVar("RV")

NAME_CHARACTERS_MAX = 40


class Points:
    """The points that a process has passed; at number `kill_at` it ends by SIGKILL."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.kill_at: int | None = None

    def reach(self, name: str, *, first: Callable[[], None] | None = None) -> None:
        """Pass a point, or die there, having done `first`."""
        if len(self.passed) == self.kill_at:
            if first is not None:
                first()
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed.append(name)


class MortalDatabase(Database):
    """A database whose every statement is a point."""

    def __init__(self, url: str, *, points: Points, **options: Any) -> None:
        super().__init__(url, **options)
        self._points = points

    async def _connect(self) -> connections.Connection:
        made = await MortalConnection.open(self._url, options=self._options, connect_timeout_s=self._connect_timeout_s)
        made.points = self._points
        return made


class MortalConnection(connections.Connection):
    """A connection that passes a point before each statement, and two more around the answer to COMMIT."""

    points: Points
    _asking = False

    async def ask(self, calls: Sequence[Call], *, last: bytes | None = None) -> list[Answer]:
        """Send a set, as the connection does."""
        self._asking, self._unsent, self._last = True, len(calls), last
        try:
            if last is not None and not calls:
                self.points.reach("before COMMIT")
            answers = await super().ask(calls, last=last)
        finally:
            self._asking = False
        if last is not None:
            self.points.reach("COMMIT answered")
        return answers

    def _send(self, message: connections._Message) -> bytes | None:
        self.points.reach(f"before {_name(message.query.text)}", first=self._flush)
        prepared = super()._send(message)
        self._unsent -= 1
        if self._last is not None and not self._unsent:
            self.points.reach("before COMMIT", first=self._flush)
        return prepared

    async def wait(
        self,
        gen: psycopg.abc.PQGen[RV],
        interval: float = 0.1,
        timeout: float | None = None,  # noqa: ASYNC109 - the driver's signature
    ) -> RV:
        """Exchange what is queued, as the driver does; a statement that goes alone has its point here."""
        if not self._asking:
            self.points.reach("before a statement alone")
        elif self._last is not None:
            self.points.reach("COMMIT sent", first=self._flush)
        return await super().wait(gen, interval=interval, timeout=timeout)

    def _flush(self) -> None:
        """Let the server have what is queued."""
        while self.pgconn.flush():
            pass


class MortalTransport(httpx2.AsyncBaseTransport):
    """Carry requests outside; before each, and when it is answered, is a point."""

    def __init__(self, behind: httpx2.AsyncBaseTransport, points: Points) -> None:
        self._behind = behind
        self._points = points

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Carry one request."""
        self._points.reach(f"before {request.method} {request.url.path.split('/')[2]}")
        response = await self._behind.handle_async_request(request)
        self._points.reach("answered from outside")
        return response


class MortalSmtp(Smtp):
    """A mail server that writes down what it takes; before it does, and when it has answered, is a point."""

    def __init__(self, book: Path, points: Points) -> None:
        super().__init__(Server("mail.example", 25, "none", None, None, 1.0))
        self._book = book
        self._points = points

    async def send(self, envelope: Envelope) -> Tried:
        """Take one mail."""
        self._points.reach("before the mail")
        with self._book.open("a") as book:
            book.write(f"{envelope.message_id}\n")
        self._points.reach("mail taken")
        return Tried("sent")


def _name(text: bytes) -> str:
    return " ".join(text.decode().split())[:NAME_CHARACTERS_MAX]
