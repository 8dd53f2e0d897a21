"""Take the words about a person out of what every module writes to: the private parts of events, and callers' keys."""

from collections.abc import Collection, Sequence
from uuid import UUID

from jiedan.base import ids, sql
from jiedan.base.db import Tx

SQL = sql.load("jiedan.base", "erasing.sql")

ERASED = "—"
"""Stands where a text was that a column has to have."""


async def erase_private(tx: Tx, *, subject_ids: Collection[UUID]) -> None:
    """Delete the private parts of every event about these subjects; the events themselves stay, and still verify."""
    await tx.sql_count(SQL["delete_private"], subject_ids=ids.in_order(subject_ids))


async def forget_keys(tx: Tx, *, subject_ids: Collection[UUID], callers: Sequence[str]) -> None:
    """Delete the idempotency keys that led to these subjects, or were these callers'.

    It reads every key of the merchant, so it is for the end of long work, once.
    """
    await tx.sql_count(SQL["delete_keys"], subject_ids=ids.in_order(subject_ids), callers=sorted(callers))
