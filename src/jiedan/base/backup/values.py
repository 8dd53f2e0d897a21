"""What a backup says of itself."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "database.dump"
SECRET = "secret"  # noqa: S105 - the name of an entry
FILES = "files/"
"""Names inside the archive."""


class Contents(msgspec.Struct, frozen=True):
    """How many rows a table has, and the sum of their 64-bit hashes: equal in whatever order they lie."""

    rows: int
    hash: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The last entry of a backup: an archive without one is torn.

    `revision` is the newest migration applied, `server` the version of PostgreSQL, and `secret_id` tells which signing
    secret sealed what is in the database without telling the secret.
    """

    format: int = FORMAT
    made_at: datetime
    jiedan: str
    revision: str
    server: str
    secret_id: str
    tables: Mapping[str, Contents]


class Difference(msgspec.Struct, frozen=True):
    """A table that does not hold what the backup was made of; None stands for a table that is not there."""

    table: str
    wanted: Contents | None
    found: Contents | None


class Source(NamedTuple):
    """What is backed up: a database by its URL, the secret in force, and folders of the home by name.

    `keeps_secret` is false when the secret comes from the environment: then it is nowhere in the backup.
    """

    url: str
    home: Path
    secret: str
    keeps_secret: bool
    folders: tuple[str, ...]
