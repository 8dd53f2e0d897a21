"""Orders, fulfillments and parcels by what people call them, in sets."""

from collections.abc import Collection
from typing import Literal
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import ReadTx

SQL = sql.load("jiedan.fulfillment.queries", "numbers.sql")

Kind = Literal["orders", "fulfillments", "parcels"]


async def numbered(tx: ReadTx, kind: Kind, numbers: Collection[str]) -> dict[str, list[UUID]]:
    """Return the ids that numbers stand for; unknown numbers are absent.

    The number of an order stands for its fulfillments that are not done, that of a fulfillment for its parcels that
    have not arrived.
    """
    found: dict[str, list[UUID]] = {}
    for number, key in await tx.sql(SQL[f"{kind}_numbered"], numbers=sorted(set(numbers))):
        found.setdefault(number, []).append(key)
    return found
