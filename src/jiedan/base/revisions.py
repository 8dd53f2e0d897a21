"""Which revisions of the database this code knows, read from the migration files.

Serving needs no more than this of migrations: without Alembic a process starts faster and is 10 MB smaller.
"""

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

MIGRATIONS = Path(__file__).parent.parent / "migrations"

_REVISION = re.compile(r'^revision(?:: str)? = "(\w+)"$', re.MULTILINE)
_AFTER = re.compile(r'^down_revision(?:: [\w | ]+)? = (?:None|"(\w+)")$', re.MULTILINE)


def newest() -> str:
    """Return the revision this code needs."""
    after = _after_by_revision()
    (last,) = set(after) - set(after.values())
    return last


async def current(connection: psycopg.AsyncConnection[Any]) -> str | None:
    """Return the revision the database of `connection` (autocommit) is at; None for an empty one."""
    table = await (await connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL")).fetchone()
    if table is None or not table[0]:
        return None
    row = await (await connection.execute("SELECT version_num FROM alembic_version")).fetchone()
    return str(row[0]) if row else None


def known(revision: str) -> bool:
    """Tell whether this code knows `revision`; if not, the database is ahead of it."""
    return revision in _after_by_revision()


@functools.cache
def _after_by_revision() -> Mapping[str, str | None]:
    """Return the revision that each revision follows."""
    found: dict[str, str | None] = {}
    for path in sorted((MIGRATIONS / "versions").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        revision, after = _REVISION.search(text), _AFTER.search(text)
        if revision is None or after is None:
            message = f"{path.name} does not say its revision and the one before it"
            raise ValueError(message)
        found[revision.group(1)] = after.group(1)
    return found
