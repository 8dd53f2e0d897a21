"""What a play has noted beside the database: when it ends, and how many waves of its crowd are done."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from jiedan.base import home as homes


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A play and how far it is; another number of orders, days or seed is another play."""

    tenant: UUID
    orders: int
    days: int
    seed: int
    until: datetime
    waves: int = 0

    def is_same_play(self, other: "Note") -> bool:
        """Tell whether both are of one play, whenever it was begun."""
        return msgspec.structs.replace(other, until=self.until, waves=self.waves) == self


def read(path: Path) -> Note | None:
    """Return what was noted; None where nothing readable is, for then everything is looked through again."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Note)
    except (OSError, msgspec.MsgspecError):
        return None


def write(path: Path, note: Note) -> None:
    """Keep a note."""
    homes.write_private(path, msgspec.json.encode(note).decode())
