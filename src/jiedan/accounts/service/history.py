"""Edits that meet: who changed a thing since the caller read it."""

from uuid import UUID

from jiedan.accounts import queries
from jiedan.base import errors
from jiedan.base.db import Tx


async def check_version(tx: Tx, *, subject_id: UUID, kind: str, current: int, expected: int | None) -> None:
    """Refuse an edit of something older than it is now; `kind` is the event that an edit records.

    Nothing is expected when `expected` is None. Raises StaleVersion, which says who changed what.
    """
    if expected is None or expected == current:
        return
    edits = await queries.edits_since(tx, subject_id=subject_id, kind=kind, version=expected)
    names = await tx.load_one(queries.actor_names({edit.actor for edit in edits}))
    raise errors.StaleVersion(
        expected=expected,
        current=current,
        changed_by=", ".join(sorted(set(names.values()))),
        changed=", ".join(sorted({field for edit in edits for field in edit.fields})),
    )


def refuse(found: list[errors.Refusal]) -> None:
    """Raise what was found: nothing, the one refusal, or all of them together."""
    if len(found) == 1:
        raise found[0]
    if found:
        raise errors.Rejections(tuple(found))
