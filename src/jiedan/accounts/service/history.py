"""Edits that meet: who changed a thing since the caller read it."""

from uuid import UUID

from jiedan.accounts import queries
from jiedan.base import edits, errors
from jiedan.base.db import Tx


async def check_version(tx: Tx, *, subject_id: UUID, kind: str, current: int, expected: int | None) -> None:
    """Refuse an edit of something older than it is now; `kind` is the event that an edit records.

    Nothing is expected when `expected` is None. Raises StaleVersion, which says who changed what.
    """
    if expected is None or expected == current:
        return
    made = await queries.edits(tx, subject_ids=[subject_id], kind=kind)
    newer = edits.since(made.by_thing[subject_id], expected)
    raise edits.stale(expected, current, newer, made.names)


def refuse(found: list[errors.Refusal]) -> None:
    """Raise what was found: nothing, the one refusal, or all of them together."""
    if found:
        raise errors.one_of(found)
