"""Lists: stock, what is low, movements, transfers, counts."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from jiedan.base import paging
from jiedan.base.db import ReadTx
from jiedan.catalog import tables as catalog
from jiedan.catalog.values import SkuId
from jiedan.inventory import rules, tables
from jiedan.inventory.queries import loads
from jiedan.inventory.values import Count, CountId, LocationId, Movement, MovementRow, StockRow, Transfer, TransferId

_STOCK = tables.Stock
_AVAILABLE = _STOCK.on_hand - _STOCK.reserved - _STOCK.safety_stock

_BY_KEY = paging.Keyset((_STOCK.sku_id, _STOCK.location_id), descending=False)
_BY_LOW = paging.Keyset((_STOCK.low_since, _STOCK.sku_id, _STOCK.location_id), descending=False)
_LATEST_MOVEMENT = paging.Keyset((tables.StockMovement.movement_id,))
_LATEST_TRANSFER = paging.Keyset((tables.Transfer.transfer_id,))
_LATEST_COUNT = paging.Keyset((tables.StockCount.count_id,))


async def stock_rows(
    tx: ReadTx,
    *,
    request: paging.Request,
    sku_ids: Collection[SkuId] | None = None,
    location_id: LocationId | None = None,
) -> paging.Page[StockRow]:
    """List counters by SKU and location; of some SKUs, of one location, or all."""
    statement = _stock(tx)
    if sku_ids is not None:
        statement = statement.where(_STOCK.sku_id.in_(sorted(sku_ids)))
    if location_id is not None:
        statement = statement.where(_STOCK.location_id == location_id)
    rows = (await tx.execute(_BY_KEY.apply(statement, request))).all()
    return _BY_KEY.page(rows, request, make=_stock_row, position=lambda row: (row.sku_id, row.location_id))


async def low_stock(
    tx: ReadTx, *, request: paging.Request, location_id: LocationId | None = None
) -> paging.Page[StockRow]:
    """List the keys at or below their threshold, longest low first, with how much to order."""
    statement = _stock(tx).where(_STOCK.low_since.is_not(None))
    if location_id is not None:
        statement = statement.where(_STOCK.location_id == location_id)
    rows = (await tx.execute(_BY_LOW.apply(statement, request))).all()
    return _BY_LOW.page(
        rows, request, make=_stock_row, position=lambda row: (row.low_since, row.sku_id, row.location_id)
    )


async def movements(
    tx: ReadTx,
    *,
    request: paging.Request,
    sku_id: SkuId | None = None,
    location_id: LocationId | None = None,
) -> paging.Page[MovementRow]:
    """List movements, latest first; of one SKU, of a SKU at one location, of a location, or all."""
    entry = tables.StockMovement
    statement = (
        sa.select(
            catalog.Sku.code, tables.Location.code, *(getattr(entry, name) for name in Movement.__dataclass_fields__)
        )
        .join(catalog.Sku, (catalog.Sku.tenant_id == entry.tenant_id) & (catalog.Sku.sku_id == entry.sku_id))
        .join(
            tables.Location,
            (tables.Location.tenant_id == entry.tenant_id) & (tables.Location.location_id == entry.location_id),
        )
        .where(entry.tenant_id == tx.tenant)
    )
    if sku_id is not None:
        statement = statement.where(entry.sku_id == sku_id)
    if location_id is not None:
        statement = statement.where(entry.location_id == location_id)
    rows = (await tx.execute(_LATEST_MOVEMENT.apply(statement, request))).all()
    return _LATEST_MOVEMENT.page(
        rows,
        request,
        make=lambda row: MovementRow(row[0], row[1], Movement(*row[2:])),
        position=lambda row: (row.movement_id,),
    )


async def transfer_page(tx: ReadTx, *, request: paging.Request, is_open: bool | None = None) -> paging.Page[Transfer]:
    """List transfers with their lines, latest first; the open ones, the closed ones, or all."""
    head = tables.Transfer
    statement = sa.select(head.transfer_id).where(head.tenant_id == tx.tenant)
    if is_open is not None:
        statement = statement.where(head.closed_at.is_(None) if is_open else head.closed_at.is_not(None))
    ids = (await tx.execute(_LATEST_TRANSFER.apply(statement, request))).scalars().all()
    found = await loads.transfers(tx, [TransferId(transfer_id) for transfer_id in ids])
    return _LATEST_TRANSFER.page(ids, request, make=lambda key: found[key], position=lambda key: (key,))


async def count_page(tx: ReadTx, *, request: paging.Request, is_open: bool | None = None) -> paging.Page[Count]:
    """List counts with their lines, latest first; the open ones, the closed ones, or all."""
    head = tables.StockCount
    statement = sa.select(head.count_id).where(head.tenant_id == tx.tenant)
    if is_open is not None:
        statement = statement.where(head.closed_at.is_(None) if is_open else head.closed_at.is_not(None))
    ids = (await tx.execute(_LATEST_COUNT.apply(statement, request))).scalars().all()
    found = await loads.counts(tx, [CountId(count_id) for count_id in ids])
    return _LATEST_COUNT.page(ids, request, make=lambda key: found[key], position=lambda key: (key,))


def _stock(tx: ReadTx) -> sa.Select[Any]:
    columns: tuple[Any, ...] = (
        _STOCK.sku_id,
        catalog.Sku.code.label("sku"),
        _STOCK.location_id,
        tables.Location.code.label("location"),
        _STOCK.on_hand,
        _STOCK.reserved,
        _STOCK.incoming,
        _AVAILABLE.label("available"),
        _STOCK.safety_stock,
        _STOCK.low_threshold,
        _STOCK.restock_level,
        _STOCK.low_since,
        _STOCK.version,
    )
    sku, place = catalog.Sku, tables.Location
    return (
        sa.select(*columns)
        .join(sku, (sku.tenant_id == _STOCK.tenant_id) & (sku.sku_id == _STOCK.sku_id))
        .join(place, (place.tenant_id == _STOCK.tenant_id) & (place.location_id == _STOCK.location_id))
        .where(_STOCK.tenant_id == tx.tenant)
    )


def _stock_row(row: sa.Row[Any]) -> StockRow:
    suggested = rules.suggested_quantity(
        available=row.available,
        incoming=row.incoming,
        low_threshold=row.low_threshold,
        restock_level=row.restock_level,
    )
    return StockRow(suggested=suggested, **row._asdict())
