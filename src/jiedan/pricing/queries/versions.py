"""Read books of rules: the version in force, one by its number, the list of all."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from jiedan.base import sql
from jiedan.base.db import Load, ReadTx
from jiedan.base.events import Actor
from jiedan.pricing.errors import drafts as errors
from jiedan.pricing.values import drafts
from jiedan.pricing.values.books import RuleBook
from jiedan.pricing.values.drafts import BookBrief, PublishedBook, RuleKey
from jiedan.pricing.values.examples import Example

SQL = sql.load("jiedan.pricing.queries", "versions.sql")

EMPTY = RuleBook()
"""What prices where nothing was ever published: nothing."""


def version() -> Load[int]:
    """Return the number of the last version that was published; 0 where nothing ever was."""
    return Load(SQL["last_version"], {}, _number)


def version_in_force(*, at: datetime) -> Load[int]:
    """Return the version in force now; 0 where nothing was ever published. `at` is the transaction's moment.

    What begins at once is in force for everybody as soon as it is published, whatever their clocks say.
    """
    return Load(SQL["version_in_force"], {"at": at}, _number)


def version_then(*, at: datetime) -> Load[int]:
    """Return the version that was in force at a moment of the past, or will be at one to come."""
    return Load(SQL["version_then"], {"at": at}, _number)


def _number(rows: list[tuple[Any, ...]]) -> int:
    return int(rows[0][0]) if rows else 0


async def book(tx: ReadTx, *, version: int) -> PublishedBook:
    """Return a published version with its rules. Raises PriceBookNotFound."""
    found = await tx.load_one(book_or_none(version))
    if found is None:
        raise errors.PriceBookNotFound(version, field="version")
    return found


def book_or_none(version: int) -> Load[PublishedBook | None]:
    """Return a published version with its rules, where there is one of this number."""
    return Load(SQL["book"], {"version": version}, _book)


def last_book() -> Load[PublishedBook | None]:
    """Return the newest version that was not taken back: what drafts are compared with."""
    return Load(SQL["last_book"], {}, _book)


def books(*, before: int | None = None, most: int = drafts.BOOKS_PER_PAGE) -> Load[list[BookBrief]]:
    """Return published versions without their rules, the newest first; those below `before` where it is given."""
    return Load(SQL["books"], {"before": before, "most": most}, lambda rows: [_brief(*row) for row in rows])


def _brief(  # noqa: PLR0917 - one row
    version: int,
    begins_at: datetime | None,
    note: str,
    restores: int | None,
    published_at: datetime,
    actor_kind: str,
    actor_id: str,
    withdrawn_at: datetime | None,
) -> BookBrief:
    by = Actor(actor_kind, actor_id)
    return BookBrief(version, begins_at or published_at, note, restores, published_at, by, withdrawn_at)


def _book(rows: list[tuple[Any, ...]]) -> PublishedBook | None:
    if not rows:
        return None
    *brief, document, examples = rows[0]
    return PublishedBook(_brief(*brief), msgspec.convert(document, RuleBook), examples_from(examples))


def examples_from(stored: Mapping[str, Mapping[str, Any]]) -> dict[RuleKey, tuple[Example, ...]]:
    """Return examples by rule as they were stored: by kind, then by code."""
    return {
        RuleKey(kind, code): msgspec.convert(of_rule, tuple[Example, ...])
        for kind in drafts.RULE_KINDS
        for code, of_rule in stored.get(kind, {}).items()
    }
