"""What belongs to an order in higher modules, like its payments: what happens to it is told with the order."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from jiedan.base.db import ReadTx
from jiedan.base.runtime import Part, Runtime


class SubjectSource(NamedTuple):
    """A module that knows of things that belong to an order: `ids_of` returns their ids, for who has `permission`."""

    permission: str
    ids_of: Callable[[ReadTx, UUID], Awaitable[Collection[UUID]]]


class OrderSubjects:
    """Everything whose events stand in the timeline of an order."""

    def __init__(self, sources: Sequence[SubjectSource]) -> None:
        self._sources = sources

    async def of(self, tx: ReadTx, order_id: UUID, *, permissions: Collection[str]) -> list[UUID]:
        """Return the order's id and those of what belongs to it, as far as `permissions` let them be seen."""
        found = [order_id]
        for source in self._sources:
            if source.permission in permissions:
                found.extend(await source.ids_of(tx, order_id))
        return found


def order_subjects(*sources: SubjectSource) -> Part:
    """Return the part that knows what belongs to an order; `wiring` names the sources."""

    @contextlib.asynccontextmanager
    async def open_order_subjects(_runtime: Runtime) -> AsyncIterator[OrderSubjects]:
        yield OrderSubjects(sources)

    return open_order_subjects
