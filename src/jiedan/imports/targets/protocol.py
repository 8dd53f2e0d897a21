"""What rows can become."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from jiedan.base.db import Database, Scope, Tx
from jiedan.base.errors import Refusal
from jiedan.imports.values import Field, Outcome, Row


class Target(Protocol):
    """One kind of thing that is imported."""

    @property
    def kind(self) -> str:
        """The word for it in commands and addresses, like `products`."""
        ...

    @property
    def permission(self) -> str:
        """What a caller needs."""
        ...

    @property
    def fields(self) -> Sequence[Field]:
        """What a row may say, the needed fields first."""
        ...

    def key(self, row: Row) -> str | None:
        """Return what neighboring rows of one thing have in common, so that they are saved together; None for none."""
        ...

    async def save(self, tx: Tx, rows: Sequence[Row]) -> list[Outcome]:
        """Save rows as a set: one outcome per row, in order; the same row again changes nothing."""
        ...


@runtime_checkable
class Whole(Target, Protocol):
    """A target whose things have several rows each, and come in with all of them or not at all."""

    def thing(self, row: Row) -> str | None:
        """Return the thing that a row is about; None where the row stands alone."""
        ...

    def torn(self, number: int) -> Refusal:
        """Return why a row is refused when row `number`, of the same thing, cannot be read."""
        ...


@runtime_checkable
class Staged(Target, Protocol):
    """A target that goes through a file several times, and prepares each chunk outside the chunk's transaction."""

    @property
    def stages(self) -> int:
        """How many times the file is gone through."""
        ...

    def stage(self, row: Row) -> int:
        """Return in which pass a row is saved, from 0; one chunk holds rows of one pass."""
        ...

    async def ready(self, database: Database, scope: Scope, rows: Sequence[Row]) -> Target:
        """Return the target that saves these rows, with what cannot be had inside their transaction."""
        ...

    def trial(self) -> Target:
        """Return the target of a dry run: it decides like the real one, stores nothing and locks nothing."""
        ...
