"""What the processor remembers: in memory, and as lines of a file that is only added to and read again at a start."""

import contextlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from jiedan.base import home
from jiedan.payments.providers.sandbox.messages import Answer, Ask


class Account(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Whose money it is; of the API key only the SHA-256 is kept."""

    account: str
    api_key_sha256: str
    webhook_secret: str
    webhook_url: str


class Charge(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One card's money: what was set aside, taken, let go and given back, in minor units."""

    ref: str
    account: str
    currency: str
    token: str = ""
    return_url: str = ""
    authorized: int = 0
    captured: int = 0
    voided: int = 0
    refunded: int = 0


class Operation(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What was asked under a key, and the answer as it is now; it changes by itself at `changes_at`."""

    account: str
    ask: Ask
    charge: str
    answer: Answer
    changes_at: datetime | None = None


class Delivery(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A message on its way; `number` tells copies of one message apart."""

    id: str
    number: int
    account: str
    body: str
    due_at: datetime | None
    attempts: int = 0


Row = Account | Charge | Operation | Delivery


class Store:
    """Everything the processor knows. One process uses a file."""

    def __init__(self, path: Path | None) -> None:
        """Read `path` if it is there, and write what is still needed anew; without one nothing outlives the process."""
        self.accounts: dict[str, Account] = {}
        self.charges: dict[str, Charge] = {}
        self.operations: dict[tuple[str, str], Operation] = {}
        self.deliveries: dict[tuple[str, int], Delivery] = {}
        self._file = None
        if path is None:
            return
        for row in _read(path):
            self._remember(row)
        home.write_private(path, b"".join(map(_line, self._rows())).decode())
        self._file = path.open("ab")

    def put(self, *rows: Row) -> None:
        """Remember rows: in the file first, so that what was answered outlives the process."""
        if self._file is not None:
            self._file.write(b"".join(map(_line, rows)))
            self._file.flush()
        for row in rows:
            self._remember(row)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _remember(self, row: Row) -> None:
        if isinstance(row, Account):
            self.accounts[row.account] = row
        elif isinstance(row, Charge):
            self.charges[row.ref] = row
        elif isinstance(row, Operation):
            self.operations[row.account, row.answer.key] = row
        elif row.due_at is None:
            self.deliveries.pop((row.id, row.number), None)
        else:
            self.deliveries[row.id, row.number] = row

    def _rows(self) -> Iterable[Row]:
        yield from self.accounts.values()
        yield from self.charges.values()
        yield from self.operations.values()
        yield from self.deliveries.values()


def _line(row: Row) -> bytes:
    return msgspec.json.encode(row) + b"\n"


def _read(path: Path) -> Iterable[Row]:
    """Yield the rows of a file; half a line at its end is what a crash left."""
    with contextlib.suppress(FileNotFoundError, msgspec.DecodeError), path.open("rb") as file:
        for line in file:
            yield msgspec.json.decode(line, type=Row)
