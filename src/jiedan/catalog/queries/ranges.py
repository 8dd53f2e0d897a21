"""What lists show of products beside their rows."""

from collections.abc import Collection
from typing import NamedTuple

from jiedan.base import sql
from jiedan.base.db import Load
from jiedan.catalog.values import ProductId

SQL = sql.load("jiedan.catalog.queries", "ranges.sql")


class PriceRange(NamedTuple):
    """What one unit of a product costs, in minor units: its cheapest SKU and its dearest."""

    lowest_minor: int
    highest_minor: int


def price_ranges(product_ids: Collection[ProductId], *, currency: str) -> Load[dict[ProductId, PriceRange]]:
    """Load what one unit of each product costs; without a price in the currency it is absent."""
    return Load(
        SQL["price_ranges"],
        {"product_ids": sorted(set(product_ids)), "currency": currency},
        lambda rows: {ProductId(row[0]): PriceRange(row[1], row[2]) for row in rows},
    )
