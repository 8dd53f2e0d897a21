"""Search: what is typed is cut into tokens, and each must begin some term of a SKU."""

from typing import NamedTuple
from uuid import UUID

from jiedan.base import sql, terms
from jiedan.base.db import ReadTx

SQL = sql.load("jiedan.catalog.queries", "search.sql")

MATCHES_MAX = 1_000
"""How many rows of the rarest term are looked at; what is broader than that wants another word."""


class Matches(NamedTuple):
    """What a search found; when `is_capped`, there is more, and another word would narrow it."""

    sku_ids: list[UUID]
    product_ids: list[UUID]
    is_capped: bool


async def matching_skus(tx: ReadTx, *, text: str) -> Matches:
    """Return the SKUs that fit every word of `text`: name, pinyin, initials, code or barcode. Two statements.

    The candidates come from the rarest word, whole words before longer ones that begin with it. A text without any
    letter or digit finds nothing.
    """
    wanted = terms.wanted(text, matches_max=MATCHES_MAX)
    if wanted is None:
        return Matches([], [], is_capped=False)
    counts = [row[1] for row in await tx.sql(SQL["count_terms"], **wanted.counting())]
    matching = wanted.matching(counts)
    if matching is None:
        return Matches([], [], is_capped=False)
    rows = await tx.sql(SQL["matching_skus"], **matching)
    return Matches([row[0] for row in rows], sorted({row[1] for row in rows}), is_capped=min(counts) > MATCHES_MAX)
