"""Where a process keeps its numbers: a file as `prometheus_client` reads it, every page of which has its room.

The library maps files with holes. A page of one that is written to for the first time while the disk is full kills the
process by SIGBUS, and the first answer of a new kind is enough for that: its numbers need a new page. Here zeros are
written before a page is mapped. What has no room is counted beside, in memory, and joins the file when it has.

    used (int) · four bytes · entries: length of the key (int) · key · padding to eight bytes · value · time (doubles)
"""

import contextlib
import mmap
import os
import struct
import time
from collections.abc import Callable
from pathlib import Path

from prometheus_client.mmap_dict import MmapedDict

ROOM_BYTES = 1 << 16
"""At first; it is doubled where it is not enough."""

AGAIN_S = 5.0
"""How long after there was no room it is asked for again."""

DRAFT = ".new"
"""What the name of a file ends in that nobody reads yet."""

_HEAD_BYTES = 8
_USED = struct.Struct("i")
_NUMBERS = struct.Struct("dd")


class MetricsFile:
    """The numbers of one kind of one process by key; each is a value and a time, as the library gives them."""

    def __init__(self, filename: str, *, now_s: Callable[[], float] = time.monotonic) -> None:
        self._path = Path(filename)
        self._now_s = now_s
        self._no_room_until_s = float("-inf")
        self._descriptor: int | None = None
        self._map: mmap.mmap | None = None
        self._room = 0
        self._used = _HEAD_BYTES
        self._positions: dict[str, int] = {}
        self._beside: dict[str, tuple[float, float]] = {}
        for key, value, timestamp in _left_behind(self._path):  # by another process that had the same number
            self.write_value(key, value, timestamp)

    def read_value(self, key: str) -> tuple[float, float]:
        """Return what is kept under a key; a key that is new begins with zero, and can be seen from now on."""
        at = self._positions.get(key)
        if at is not None and self._map is not None:
            value, timestamp = _NUMBERS.unpack_from(self._map, at)
            return value, timestamp
        if key not in self._beside:
            self.write_value(key, 0.0, 0.0)
        return self._beside.get(key, (0.0, 0.0))

    def write_value(self, key: str, value: float, timestamp: float) -> None:
        """Keep a value under a key."""
        at = self._positions.get(key)
        if at is None:
            at = self._placed(key)
        if at is None or self._map is None:
            self._beside[key] = (value, timestamp)
            return
        self._map[at : at + _NUMBERS.size] = _NUMBERS.pack(value, timestamp)

    def close(self) -> None:
        """Close the file; what it holds stays."""
        if self._map is not None:
            self._map.close()
            self._map = None
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _placed(self, key: str) -> int | None:
        """Give a key its place in the file, and return it; None where there is no room."""
        name = key.encode()
        padding = b" " * (8 - (_USED.size + len(name)) % 8)
        entry = _USED.pack(len(name)) + name + padding + _NUMBERS.pack(0.0, 0.0)
        if self._used + len(entry) > self._room and not self._enlarged(self._used + len(entry)):
            return None
        if self._map is None:
            return None
        self._map[self._used : self._used + len(entry)] = entry
        self._used += len(entry)
        self._map[: _USED.size] = _USED.pack(self._used)  # last: who reads meanwhile stops before the entry
        self._beside.pop(key, None)
        self._positions[key] = self._used - _NUMBERS.size
        return self._positions[key]

    def _enlarged(self, needed: int) -> bool:
        """Make room for so many bytes, and tell whether there is; where there was none, nobody asks for a while."""
        if self._now_s() < self._no_room_until_s:
            return False
        room = self._room or ROOM_BYTES
        while room < needed:
            room *= 2
        try:
            if self._descriptor is None:
                self._descriptor, self._map = self._made(room)
            else:
                _write_zeros(self._descriptor, self._room, room)
                self._map = mmap.mmap(self._descriptor, room)
        except OSError:
            if self._descriptor is not None:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._descriptor, self._room)
            self._no_room_until_s = self._now_s() + AGAIN_S
            return False
        self._room = room
        return True

    def _made(self, room: int) -> tuple[int, mmap.mmap]:
        """Make the file, whole before anybody can read it. Raises OSError."""
        draft = self._path.with_name(self._path.name + DRAFT)
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            _write_zeros(descriptor, 0, room)
            mapped = mmap.mmap(descriptor, room)
            mapped[: _USED.size] = _USED.pack(_HEAD_BYTES)
            draft.rename(self._path)
        except OSError:
            os.close(descriptor)
            draft.unlink(missing_ok=True)
            raise
        return descriptor, mapped


def _write_zeros(descriptor: int, start: int, end: int) -> None:
    """Give the file its room from `start` to `end`. Raises OSError."""
    while start < end:
        start += os.pwrite(descriptor, bytes(end - start), start)


def _left_behind(path: Path) -> list[tuple[str, float, float]]:
    try:
        found = MmapedDict.read_all_values_from_file(str(path))  # type: ignore[no-untyped-call]  # ships without it
        return [(key, value, timestamp) for key, value, timestamp, _ in found]
    except (OSError, struct.error, RuntimeError):  # none, or none that anybody could read
        return []
