"""What products are marked with, by their SKUs: brand and tags."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from jiedan.base import ids, sql
from jiedan.base.db import Load
from jiedan.catalog.values import Labels, SkuId

SQL = sql.load("jiedan.catalog.queries", "labels.sql")


def labels(sku_ids: Collection[UUID]) -> Load[dict[SkuId, Labels]]:
    """Load what the products of SKUs are marked with; unknown ids are absent."""

    def parse(rows: list[tuple[Any, ...]]) -> dict[SkuId, Labels]:
        return {SkuId(sku_id): Labels(brand, tuple(tags)) for sku_id, brand, tags in rows}

    return Load(SQL["labels"], {"sku_ids": ids.in_order(sku_ids)}, parse)
