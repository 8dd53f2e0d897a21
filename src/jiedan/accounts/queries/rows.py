"""How a statement of SQLAlchemy's is asked for its rows."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from jiedan.base.db import ReadTx


async def all_rows(tx: ReadTx, statement: sa.Executable) -> Sequence[Any]:
    """Return every row."""
    return (await tx.execute(statement)).all()


async def one_row(tx: ReadTx, statement: sa.Executable) -> Any:
    """Return the only row, or None."""
    return (await tx.execute(statement)).one_or_none()
