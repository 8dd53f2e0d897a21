"""Errands: what somebody asked the worker for and follows, each a row in a table of its module.

An import, a file of orders, a bulk job, a replay: what they do, when they end and who is told of it is their module's.
Here is what all of them have alike: how far they are and why they stopped, how one is found, locked and listed, which
one is under way, how it is written down and changed.
"""

import dataclasses
from collections.abc import Callable, Collection
from typing import Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import errors, i18n, paging
from jiedan.base.db import ReadTx, Tx
from jiedan.base.tables import ErrandTable

E = TypeVar("E")

STOPPED_BY_CHARS_MAX = 500

Progress = Callable[[int], None]
"""Is told how many more are done."""


def silent(_: int, /) -> None:
    """Tell nobody how many more are done."""


@dataclasses.dataclass(frozen=True)
class Errands(Generic[E]):
    """The errands of one table as its module reads them; ids rise with time.

    `make` turns a row into a value, `missing` is raised for an id that no errand has. While its status is one of
    `under_way` the worker has something to do for an errand. `apart` names columns that are large and read apart.
    """

    table: type[ErrandTable]
    key: sa.orm.InstrumentedAttribute[Any]
    make: Callable[[Any], E]
    missing: type[errors.NotFound]
    under_way: Collection[str] = ()
    apart: Collection[str] = ()

    async def one(self, tx: ReadTx, errand_id: UUID) -> E:
        """Return one errand. Raises `missing`."""
        return await self._one(tx, self._all(tx, self.key == errand_id))

    async def one_for_update(self, tx: ReadTx, errand_id: UUID) -> E:
        """Return one errand, locked until the end of the transaction. Raises `missing`."""
        return await self._one(tx, self._all(tx, self.key == errand_id).with_for_update(key_share=True))

    async def page(self, tx: ReadTx, request: paging.Request, *which: sa.ColumnElement[bool]) -> paging.Page[E]:
        """List the errands that fit, newest first."""
        keyset = paging.Keyset(columns=(self.key,))
        rows = (await tx.execute(keyset.apply(self._all(tx, *which), request))).all()
        return keyset.page(rows, request, make=self.make, position=lambda row: (getattr(row, self.key.key),))

    async def newest(self, tx: ReadTx, *which: sa.ColumnElement[bool]) -> E | None:
        """Return the newest errand that fits, if there is one."""
        statement = self._all(tx, *which).order_by(self.key.desc()).limit(1)
        row = (await tx.execute(statement)).one_or_none()
        return None if row is None else self.make(row)

    async def newest_under_way(self, tx: ReadTx, *which: sa.ColumnElement[bool]) -> E | None:
        """Return the newest errand that fits and that the worker has in hand, if there is one."""
        return await self.newest(tx, *which, self.table.status.in_(sorted(self.under_way)))

    def _all(self, tx: ReadTx, *which: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
        columns = [column for column in self.table.__table__.columns if column.key not in self.apart]
        return sa.select(*columns).where(self.table.tenant_id == tx.tenant, *which)

    async def _one(self, tx: ReadTx, statement: sa.Select[*tuple[Any, ...]]) -> E:
        row = (await tx.execute(statement)).one_or_none()
        if row is None:
            raise self.missing
        return self.make(row)


async def insert(tx: Tx, table: type[ErrandTable], **values: Any) -> None:
    """Write down an errand that whoever acts in this transaction asks for now."""
    await tx.execute(
        sa.insert(table).values(
            tenant_id=tx.tenant,
            stopped_by="",
            actor_kind=tx.actor.kind,
            actor_id=tx.actor.id,
            created_at=tx.now,
            updated_at=tx.now,
            **values,
        )
    )


async def update(tx: Tx, table: type[ErrandTable], *which: sa.ColumnElement[bool], **changes: Any) -> bool:
    """Change the errand that fits, and say whether there is one."""
    changed = await tx.execute(
        sa.update(table).where(table.tenant_id == tx.tenant, *which).values(**changes, updated_at=tx.now)
    )
    return changed.rowcount > 0


def why(locale: str, refusal: i18n.Sayable) -> str:
    """Return why an errand stopped, in the words that are kept."""
    return i18n.say(locale, refusal)[:STOPPED_BY_CHARS_MAX]
