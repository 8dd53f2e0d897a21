"""Lists: keyset pages with signed cursors, and counts that stop counting.

A cursor is the position of the row where a page ended, sealed with an HMAC together with the tenant, the list and its
filters: changed by hand, or used with other filters, it is refused. No list has an OFFSET.
"""

import base64
import dataclasses
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar
from uuid import UUID

import msgspec
import sqlalchemy as sa

from jiedan.base import errors
from jiedan.base.db import ReadTx
from jiedan.base.i18n import N_

T = TypeVar("T")
U = TypeVar("U")

LIMIT_DEFAULT = 50
LIMIT_MAX = 200
COUNT_MAX = 1_000
CURSOR_LENGTH_MAX = 1_000

_SIGNATURE_BYTES = 16

Position = tuple[datetime | UUID | int | str, ...]


@dataclasses.dataclass(eq=False)
class BadCursor(errors.Invalid):
    """A cursor was not made for this list with these filters, or was changed."""

    code: ClassVar[str] = "bad_cursor"
    message: ClassVar[str] = N_("The cursor does not belong to this list with these filters.")
    remedy: ClassVar[str] = N_("Start at the first page, without a cursor.")


@dataclasses.dataclass(eq=False)
class BadLimit(errors.Invalid):
    """More or fewer rows were asked for than a page may have."""

    code: ClassVar[str] = "bad_limit"
    message: ClassVar[str] = N_("A page has 1 to {limit_max} rows, not {limit}.")
    remedy: ClassVar[str] = N_("Ask for fewer and follow the cursor.")

    limit: int
    limit_max: int = LIMIT_MAX


class Cursors:
    """Seal positions into cursors and open them again, with this installation's secret."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"cursor:" + secret.encode()).digest()

    def seal(self, position: Position, *, backwards: bool, scope: bytes) -> str:
        """Return the cursor for a page after (or before, when `backwards`) `position` in the list `scope`."""
        payload = msgspec.json.encode([int(backwards), *(_tagged(value) for value in position)])
        return base64.urlsafe_b64encode(self._sign(payload, scope) + payload).decode().rstrip("=")

    def open(self, cursor: str, *, scope: bytes) -> tuple[Position, bool]:
        """Return the position and direction of `cursor`. Raises BadCursor."""
        if not cursor.isascii() or len(cursor) > CURSOR_LENGTH_MAX:
            raise BadCursor(field="cursor")
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError as error:
            raise BadCursor(field="cursor") from error
        signature, payload = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._sign(payload, scope)):
            raise BadCursor(field="cursor")
        backwards, *values = msgspec.json.decode(payload)
        return tuple(_untagged(value) for value in values), bool(backwards)

    def _sign(self, payload: bytes, scope: bytes) -> bytes:
        return hmac.digest(self._key, scope + b"\0" + payload, "sha256")[:_SIGNATURE_BYTES]


def _tagged(value: datetime | UUID | int | str) -> object:
    if isinstance(value, datetime):
        return ["d", value.astimezone(UTC).isoformat()]
    if isinstance(value, UUID):
        return ["u", value.hex]
    return value


def _untagged(value: Any) -> datetime | UUID | int | str:
    if isinstance(value, list):
        tag, text = value
        return datetime.fromisoformat(text) if tag == "d" else UUID(text)
    plain: int | str = value
    return plain


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """What page is asked for: how many rows, from where, in which direction; and how to seal its neighbors.

    Without a position it is the first page, or the last one when `backwards`.
    """

    limit: int
    position: Position | None
    backwards: bool
    scope: bytes
    cursors: Cursors

    @classmethod
    def of(
        cls,
        cursors: Cursors,
        *,
        tenant: UUID,
        name: str,
        filters: Mapping[str, object],
        limit: int = LIMIT_DEFAULT,
        cursor: str | None = None,
    ) -> "Request":
        """Return the request for the list `name` of `tenant` with `filters`. Raises BadCursor or BadLimit."""
        if not 1 <= limit <= LIMIT_MAX:
            raise BadLimit(limit=limit, field="limit")
        given = {key: value for key, value in filters.items() if value is not None}
        scope = hashlib.sha256(msgspec.json.encode([tenant, name, given], order="sorted")).digest()
        position, backwards = cursors.open(cursor, scope=scope) if cursor else (None, False)
        return cls(limit, position or None, backwards, scope, cursors)

    def sealed(self, position: Position, *, backwards: bool) -> str:
        """Return the cursor of the page beside `position`; beside `()` it is the first page, or backwards the last."""
        return self.cursors.seal(position, backwards=backwards, scope=self.scope)

    def nothing(self) -> "Page[Any]":
        """Return the page where there is no row; behind a cursor its rows went meanwhile, and a way leads back."""
        if self.position is None:
            return Page([], None, None)
        back = self.sealed((), backwards=not self.backwards)
        return Page([], back, None) if self.backwards else Page([], None, back)


@dataclasses.dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows in the order of the list, and the cursors of the pages after and before, where there are any."""

    items: list[T]
    next: str | None
    previous: str | None

    def each(self, make: Callable[[T], U]) -> "Page[U]":
        """Return the page of what `make` makes of each row."""
        return Page([make(item) for item in self.items], self.next, self.previous)


class Listing(msgspec.Struct, Generic[T], frozen=True):
    """A page as the API answers it."""

    items: list[T]
    next: str | None
    previous: str | None


@dataclasses.dataclass(frozen=True)
class Keyset:
    """The order of a list: columns that together are unique and never null, all rising or all falling."""

    columns: Sequence[sa.ColumnElement[Any] | sa.orm.InstrumentedAttribute[Any]]
    descending: bool = True

    def apply(self, statement: sa.Select[*tuple[Any, ...]], request: Request) -> sa.Select[*tuple[Any, ...]]:
        """Return `statement` with the position, the order and one row more than the page has."""
        falling = self.descending is not request.backwards
        if request.position is not None:
            left = sa.tuple_(*self.columns)
            right = sa.tuple_(
                *(
                    sa.bindparam(None, value, type_=c.type)
                    for c, value in zip(self.columns, request.position, strict=True)
                )
            )
            statement = statement.where(left < right if falling else left > right)
        return statement.order_by(*(c.desc() if falling else c.asc() for c in self.columns)).limit(request.limit + 1)

    def page(
        self, rows: Sequence[Any], request: Request, *, make: Callable[[Any], T], position: Callable[[Any], Position]
    ) -> Page[T]:
        """Return the page that `rows`, fetched with `apply`, make up."""
        has_more = len(rows) > request.limit
        kept = list(rows[: request.limit])
        if request.backwards:
            kept.reverse()
        if not kept:
            return request.nothing()
        is_beside_another = request.position is not None
        has_next = is_beside_another if request.backwards else has_more
        has_previous = has_more if request.backwards else is_beside_another
        return Page(
            [make(row) for row in kept],
            request.sealed(position(kept[-1]), backwards=False) if has_next else None,
            request.sealed(position(kept[0]), backwards=True) if has_previous else None,
        )


class Count(NamedTuple):
    """How many rows there are; when `is_capped`, at least that many."""

    value: int
    is_capped: bool


async def count(tx: ReadTx, statement: sa.Select[*tuple[Any, ...]], *, count_max: int = COUNT_MAX) -> Count:
    """Count the rows of `statement`, stopping after `count_max`."""
    limited = statement.order_by(None).limit(count_max + 1).subquery()
    found = (await tx.execute(sa.select(sa.func.count()).select_from(limited))).scalar_one()
    return Count(min(found, count_max), found > count_max)
