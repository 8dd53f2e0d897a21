"""PostgreSQL's wire protocol, as far as a proxy must understand it: where messages end, and which of them commits.

Format: https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

import struct
from typing import NamedTuple

STARTUP_HEAD_BYTES = 8
SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80_877_103, 80_877_104, 80_877_102
"""Codes in the place of the protocol's version, of what comes before a start or instead of one."""

REFUSED_ENCRYPTION = b"N"
MESSAGE_BYTES_MAX = 1 << 30

QUERY, PARSE, BIND, SYNC = b"Q", b"P", b"B", b"S"
READY = b"Z"

_HEAD_BYTES = 5
_COMMITS = (b"COMMIT", b"END")


class BrokenFrame(Exception):
    """What came is not a message of this protocol."""


class Frame(NamedTuple):
    """One whole message, with its head."""

    kind: bytes
    raw: bytes

    @property
    def body(self) -> bytes:
        """What follows the head."""
        return self.raw[_HEAD_BYTES:]


class Frames:
    """Cut one direction of a connection, after its start, into messages."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Frame]:
        """Take in what arrived and return the messages that are whole now. Raises BrokenFrame."""
        found: list[Frame] = []
        held = self._rest + data
        at = 0
        while len(held) - at >= _HEAD_BYTES:
            (length,) = struct.unpack_from("!I", held, at + 1)
            if not _HEAD_BYTES - 1 <= length <= MESSAGE_BYTES_MAX:
                message = f"a message of {length} bytes"
                raise BrokenFrame(message)
            end = at + 1 + length
            if end > len(held):
                break
            found.append(Frame(held[at : at + 1], held[at:end]))
            at = end
        self._rest = held[at:]
        return found


class Commits:
    """Follow what one client sends and tell when a commit is whole: its answer is what comes next."""

    def __init__(self) -> None:
        self._named: set[bytes] = set()
        self._is_bound = False

    def ends(self, frame: Frame) -> bool:
        """Take in a message; tell whether with it the server has all it needs to commit.

        A simple query commits by itself. In the extended protocol, pipelined or not, a commit is bound, and done at
        the latest when Sync has come.
        """
        if frame.kind == QUERY:
            return _is_commit(frame.body.rstrip(b"\0"))
        if frame.kind == PARSE:
            name, text, *_ = frame.body.split(b"\0", 2)
            self._named.discard(name)
            if _is_commit(text):
                self._named.add(name)
        elif frame.kind == BIND:
            _portal, name, *_ = frame.body.split(b"\0", 2)
            self._is_bound = self._is_bound or name in self._named
        elif frame.kind == SYNC and self._is_bound:
            self._is_bound = False
            return True
        return False


def _is_commit(text: bytes) -> bool:
    """Tell whether a statement ends a transaction; of several in one simple query, whether the last does.

    What is prepared in two phases is another thing.
    """
    last = text.strip().rstrip(b";").rpartition(b";")[2].strip().upper()
    words = last.split()
    return bool(words) and words[0] in _COMMITS and b"PREPARED" not in words


def startup_code(head: bytes) -> tuple[int, int]:
    """Return length and code of the message that a client begins with. Raises BrokenFrame."""
    length, code = struct.unpack("!II", head)
    if not STARTUP_HEAD_BYTES <= length <= MESSAGE_BYTES_MAX:
        message = f"a start of {length} bytes"
        raise BrokenFrame(message)
    return length, code
