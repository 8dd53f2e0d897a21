"""What pages show of SKUs: sums over their locations, who holds them, what there is to count at a place."""

from collections.abc import Collection

from jiedan.base import sql
from jiedan.base.db import Load
from jiedan.catalog.values import ProductId, SkuId
from jiedan.inventory.values import LocationId, Owner, Reservation, StockTotals

SQL = sql.load("jiedan.inventory.queries", "sums.sql")


def stock_totals(sku_ids: Collection[SkuId]) -> Load[dict[SkuId, StockTotals]]:
    """Read the counters of SKUs, summed over all active locations; a SKU without any is absent."""
    return Load(
        SQL["stock_totals"],
        {"sku_ids": sorted(set(sku_ids))},
        lambda rows: {SkuId(row[0]): StockTotals(*(int(number) for number in row[1:])) for row in rows},
    )


def product_totals(product_ids: Collection[ProductId]) -> Load[dict[ProductId, StockTotals]]:
    """Read the counters of products, summed over their SKUs and all active locations; without any it is absent."""
    return Load(
        SQL["product_totals"],
        {"product_ids": sorted(set(product_ids))},
        lambda rows: {ProductId(row[0]): StockTotals(*(int(number) for number in row[1:])) for row in rows},
    )


def reservations_of_sku(sku_id: SkuId, *, limit: int) -> Load[tuple[Reservation, ...]]:
    """Read at most `limit` of what is held of a SKU, location by location, oldest first."""
    return Load(
        SQL["reservations_of_sku"],
        {"sku_id": sku_id, "limit": limit},
        lambda rows: tuple(Reservation(Owner(row[0], row[1]), *row[2:]) for row in rows),
    )


def skus_at(location_id: LocationId, *, limit: int) -> Load[list[SkuId]]:
    """Read at most `limit` SKUs of which a location has anything on hand."""
    return Load(
        SQL["skus_at"], {"location_id": location_id, "limit": limit}, lambda rows: [SkuId(row[0]) for row in rows]
    )
