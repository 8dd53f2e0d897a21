"""What rows can become."""

from collections.abc import Sequence
from typing import Protocol

from jiedan.base.db import Tx
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
