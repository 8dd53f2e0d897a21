"""Clients of a served installation that write down what they ask for and what they are answered."""

import asyncio
import dataclasses
import itertools
import json
import random
import time
from pathlib import Path
from typing import Any, Literal

import httpx2

from tests.histories.checking import NEVER
from tests.patience import PATIENCE_S

CUT_SHARE = 0.05
"""How often a client hangs up before it is answered, and so does not know what came of it."""

CUT_S_MAX = 0.08

Outcome = Literal["ok", "fail", "unknown"]


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """One operation of a client: what it asked for, when, and what it learnt."""

    client: str
    what: str
    key: str
    invoked: float
    ended: float
    outcome: Outcome
    asked: Any = None
    said: Any = None


@dataclasses.dataclass
class History:
    """Everything that all clients recorded, in the order in which it ended."""

    records: list[Record] = dataclasses.field(default_factory=list)
    heard: int = 0
    """Events that were taken out of the queue: each is an operation, once however many subscribers heard it."""

    @property
    def operations(self) -> int:
        """How many there are: those whose answer was lost are asked again and count once."""
        return self.heard + sum(record.outcome != "unknown" for record in self.records)

    @property
    def unknown(self) -> bool:
        """Whether somebody hung up before they were answered."""
        return any(record.outcome == "unknown" for record in self.records)

    def of(self, *whats: str) -> list[Record]:
        """Return the records of some kinds."""
        return [record for record in self.records if record.what in whats]

    def write(self, path: Path) -> None:
        """Write one line of JSON for each record."""
        with path.open("w", encoding="utf-8") as file:
            for record in self.records:
                file.write(json.dumps(dataclasses.asdict(record), default=str).replace("Infinity", "null") + "\n")


@dataclasses.dataclass(frozen=True)
class Row:
    """One row of a set: under which key, and what is recorded as asked."""

    key: str
    body: dict[str, Any]
    asked: Any = None


class Client:
    """One client with one connection; `line` names the connection, as long as it lasts."""

    def __init__(self, port: int, credential: str, name: str, history: History, dice: random.Random) -> None:
        self.name, self.history, self.dice = name, history, dice
        self._headers = {"authorization": f"Bearer {credential}"}
        self._url = f"http://127.0.0.1:{port}/api/v1"
        self._http = self._connect()
        self._lines = itertools.count(1)
        self._keys = itertools.count(1)
        self.line = f"{name}/0"

    def _connect(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            headers=self._headers, timeout=PATIENCE_S, limits=httpx2.Limits(max_connections=1), trust_env=False
        )

    async def close(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    def fresh_key(self) -> str:
        """Return a key that nobody has used."""
        return f"{self.name}-{next(self._keys)}"

    async def get(self, path: str) -> Any:
        """Read what must be there."""
        answer = await self._http.get(self._url + path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any, **headers: str) -> Any:
        """Ask once, and return what must be accepted."""
        answer = await self._http.post(self._url + path, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def send(self, what: str, path: str, field: str, rows: list[Row]) -> list[tuple[Row, Any]]:
        """Send a set, again until it is answered, and record each row each time; return what each was answered."""
        while True:
            invoked = time.monotonic()
            body = {field: [row.body for row in rows]}
            try:
                patience_s = self.dice.uniform(0.0, CUT_S_MAX) if self.dice.random() < CUT_SHARE else PATIENCE_S
                async with asyncio.timeout(patience_s):
                    answer = await self._http.post(self._url + path, json=body)
            except (TimeoutError, httpx2.TransportError):
                self._note(what, rows, invoked, NEVER, [None] * len(rows))
                await self._reconnect()
                continue
            if answer.status_code == 503:
                self._note(what, rows, invoked, NEVER, [None] * len(rows))
                await asyncio.sleep(float(answer.headers.get("retry-after", "1")))
                continue
            assert answer.status_code == 200, f"{what}: {answer.text}"
            said = answer.json()
            self._note(what, rows, invoked, time.monotonic(), said)
            return list(zip(rows, said, strict=True))

    def _note(self, what: str, rows: list[Row], invoked: float, ended: float, said: list[Any]) -> None:
        for row, each in zip(rows, said, strict=True):
            outcome: Outcome = "unknown" if each is None else "fail" if is_refused(each) else "ok"
            record = Record(self.line, what, row.key, invoked, ended, outcome, row.asked, each)
            self.history.records.append(record)

    async def look(self, what: str, values: dict[str, int], invoked: float) -> None:
        """Record what a reading found, one operation for each value."""
        ended = time.monotonic()
        self.history.records += [
            Record(self.line, what, name, invoked, ended, "ok", None, value) for name, value in values.items()
        ]

    async def _reconnect(self) -> None:
        await self._http.aclose()
        self._http = self._connect()
        self.line = f"{self.name}/{next(self._lines)}"


def is_refused(row: Any) -> bool:
    """Tell whether a row of a set was refused."""
    return bool(row.get("errors") or row.get("error") or row.get("problem"))


def reason(row: Any) -> str:
    """Return the code of a refusal."""
    problems = row.get("errors") or [row.get("error") or row.get("problem")]
    return str(problems[0]["code"])


class Subscriber:
    """Follows the merchant's events, hangs up now and then, and goes on where it was."""

    def __init__(self, port: int, credential: str, history: History, dice: random.Random) -> None:
        self._headers = {"authorization": f"Bearer {credential}"}
        self._url = f"http://127.0.0.1:{port}/api/v1/events"
        self._history, self._dice = history, dice
        self.heard: list[tuple[int, dict[str, Any], float]] = []

    async def follow(self) -> None:
        """Listen until canceled."""
        while True:
            try:
                await self._listen(self._dice.randint(200, 4_000))
            except httpx2.TransportError:
                await asyncio.sleep(0.1)

    async def _listen(self, events: int) -> None:
        after = self.heard[-1][0] if self.heard else 0
        until = len(self.heard) + events
        async with (
            httpx2.AsyncClient(headers=self._headers, timeout=PATIENCE_S, trust_env=False) as http,
            http.stream("GET", self._url, params={"after": after}) as answer,
        ):
            rest = b""
            async for piece in answer.aiter_bytes():
                *frames, rest = (rest + piece).split(b"\n\n")
                self._take(frames)
                if len(self.heard) >= until:
                    return

    def _take(self, frames: list[bytes]) -> None:
        now = time.monotonic()
        for text in frames:
            if b"\ndata: " in text:
                head, _, data = text.partition(b"\ndata: ")
                position = int(head.partition(b"\n")[0].removeprefix(b"id: "))
                self.heard.append((position, json.loads(data), now))
        self._history.heard = max(self._history.heard, len(self.heard))
