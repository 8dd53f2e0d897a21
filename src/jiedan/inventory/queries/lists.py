"""Lists: stock, what is low, movements, transfers, counts."""

import dataclasses
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import paging
from jiedan.base.db import ReadTx
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import SkuId
from jiedan.inventory import rules, tables
from jiedan.inventory.queries import loads
from jiedan.inventory.values import Count, CountId, LocationId, Movement, MovementRow, StockRow, Transfer, TransferId

_STOCK = tables.Stock

_BY_KEY = paging.Keyset((_STOCK.sku_id, _STOCK.location_id), descending=False)
_BY_LOW = paging.Keyset((_STOCK.low_since, _STOCK.sku_id, _STOCK.location_id), descending=False)
_LATEST_MOVEMENT = paging.Keyset((tables.StockMovement.movement_id,))
_LATEST_TRANSFER = paging.Keyset((tables.Transfer.transfer_id,))
_LATEST_COUNT = paging.Keyset((tables.StockCount.count_id,))

_MOVEMENT_FIELDS = tuple(field.name for field in dataclasses.fields(Movement))


async def stock_rows(
    tx: ReadTx,
    *,
    request: paging.Request,
    sku_ids: Collection[SkuId] | None = None,
    location_id: LocationId | None = None,
) -> paging.Page[StockRow]:
    """List counters by SKU and location; of some SKUs, of one location, or all."""
    statement = _stock(tx, location_id)
    if sku_ids is not None:
        statement = statement.where(_STOCK.sku_id.in_(sorted(sku_ids)))
    rows = (await tx.execute(_BY_KEY.apply(statement, request))).all()
    codes = await _codes(tx, rows)
    return _BY_KEY.page(
        rows, request, make=lambda row: _stock_row(row, codes), position=lambda row: (row.sku_id, row.location_id)
    )


async def low_stock(
    tx: ReadTx, *, request: paging.Request, location_id: LocationId | None = None
) -> paging.Page[StockRow]:
    """List the keys at or below their threshold, longest low first, with how much to order."""
    statement = _stock(tx, location_id).where(_STOCK.low_since.is_not(None))
    rows = (await tx.execute(_BY_LOW.apply(statement, request))).all()
    codes = await _codes(tx, rows)
    return _BY_LOW.page(
        rows,
        request,
        make=lambda row: _stock_row(row, codes),
        position=lambda row: (row.low_since, row.sku_id, row.location_id),
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
    columns: tuple[Any, ...] = tuple(getattr(entry, name) for name in _MOVEMENT_FIELDS)
    statement = sa.select(*columns).where(entry.tenant_id == tx.tenant)
    if sku_id is not None:
        statement = statement.where(entry.sku_id == sku_id)
    if location_id is not None:
        statement = statement.where(entry.location_id == location_id)
    rows = (await tx.execute(_LATEST_MOVEMENT.apply(statement, request))).all()
    codes = await _codes(tx, rows)
    return _LATEST_MOVEMENT.page(
        rows,
        request,
        make=lambda row: MovementRow(codes[row.sku_id], codes[row.location_id], Movement(*row)),
        position=lambda row: (row.movement_id,),
    )


async def transfer_page(tx: ReadTx, *, request: paging.Request, is_open: bool | None = None) -> paging.Page[Transfer]:
    """List transfers with their lines, latest first; the open ones, the closed ones, or all."""
    ids = await _latest(tx, tables.Transfer, _LATEST_TRANSFER, request, is_open=is_open)
    found = await loads.transfers(tx, [TransferId(transfer_id) for transfer_id in ids])
    return _LATEST_TRANSFER.page(ids, request, make=lambda key: found[key], position=lambda key: (key,))


async def count_page(tx: ReadTx, *, request: paging.Request, is_open: bool | None = None) -> paging.Page[Count]:
    """List counts with their lines, latest first; the open ones, the closed ones, or all."""
    ids = await _latest(tx, tables.StockCount, _LATEST_COUNT, request, is_open=is_open)
    found = await loads.counts(tx, [CountId(count_id) for count_id in ids])
    return _LATEST_COUNT.page(ids, request, make=lambda key: found[key], position=lambda key: (key,))


async def _latest(
    tx: ReadTx,
    head: type[tables.Transfer | tables.StockCount],
    keyset: paging.Keyset,
    request: paging.Request,
    *,
    is_open: bool | None,
) -> Sequence[UUID]:
    statement = sa.select(keyset.columns[0]).where(head.tenant_id == tx.tenant)
    if is_open is not None:
        statement = statement.where(head.closed_at.is_(None) if is_open else head.closed_at.is_not(None))
    return (await tx.execute(keyset.apply(statement, request))).scalars().all()


def _stock(tx: ReadTx, location_id: LocationId | None) -> sa.Select[Any]:
    columns: tuple[Any, ...] = (
        _STOCK.sku_id,
        _STOCK.location_id,
        _STOCK.on_hand,
        _STOCK.reserved,
        _STOCK.incoming,
        (_STOCK.on_hand - _STOCK.reserved - _STOCK.safety_stock).label("available"),
        _STOCK.safety_stock,
        _STOCK.low_threshold,
        _STOCK.restock_level,
        _STOCK.low_since,
        _STOCK.version,
    )
    statement = sa.select(*columns).where(_STOCK.tenant_id == tx.tenant)
    return statement if location_id is None else statement.where(_STOCK.location_id == location_id)


async def _codes(tx: ReadTx, rows: Sequence[sa.Row[Any]]) -> dict[UUID, str]:
    """Read the codes of the SKUs and locations of a page.

    They are not joined in: under row-level security the planner thinks a merchant small, and would sort all of a joined
    list to show one page of it.
    """
    skus, places = await tx.load(catalog.skus_by_id({row.sku_id for row in rows}), loads.locations())
    return {sku_id: sku.code for sku_id, sku in skus.items()} | {place.location_id: place.code for place in places}


def _stock_row(row: sa.Row[Any], codes: dict[UUID, str]) -> StockRow:
    suggested = rules.suggested_quantity(
        available=row.available,
        incoming=row.incoming,
        low_threshold=row.low_threshold,
        restock_level=row.restock_level,
    )
    return StockRow(sku=codes[row.sku_id], location=codes[row.location_id], suggested=suggested, **row._asdict())
