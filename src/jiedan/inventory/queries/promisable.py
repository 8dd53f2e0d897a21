"""What may be promised to anybody, in all."""

from collections.abc import Collection, Mapping
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import Load

SQL = sql.load("jiedan.inventory.queries", "promisable.sql")


def promisable(sku_ids: Collection[UUID]) -> Load[Mapping[UUID, int]]:
    """Load how many units of each SKU may be promised, over all active locations; without any it is absent."""
    return Load(SQL["totals"], {"sku_ids": sorted(set(sku_ids))}, dict)
