"""Loads for pipelines, of this module and of higher ones, and locking reads in key order."""

import itertools
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from jiedan.base import ids as base_ids
from jiedan.base import sql
from jiedan.base.db import Load, LockRank, ReadTx, Tx
from jiedan.catalog.values import SkuId
from jiedan.inventory import errors
from jiedan.inventory.values import (
    RESERVATIONS_NAMED_MAX,
    Availability,
    Count,
    CountId,
    CountLine,
    CountRound,
    Location,
    LocationId,
    LocationKind,
    Movement,
    Owner,
    OwnerKind,
    Reservation,
    StockKey,
    Thresholds,
    ThresholdsState,
    Transfer,
    TransferId,
    TransferLine,
)

SQL = sql.load("jiedan.inventory.queries", "loads.sql")

Rows = list[tuple[Any, ...]]
Holding = tuple[Owner, StockKey]


def availability(sku_ids: Collection[SkuId]) -> Load[dict[StockKey, Availability]]:
    """Read the counters of these SKUs at every active location that has any; takes no lock."""
    return Load(SQL["availability"], {"sku_ids": sorted(set(sku_ids))}, _availability)


def locations() -> Load[tuple[Location, ...]]:
    """Read every location, inactive ones too, first choice first."""
    return Load(SQL["locations"], {}, lambda rows: tuple(Location(*row) for row in rows))


def locations_by_code(codes: Collection[str]) -> Load[tuple[Location, ...]]:
    """Read the locations with these codes, inactive ones too; unknown codes are absent."""
    return Load(
        SQL["locations_by_code"], {"codes": sorted(set(codes))}, lambda rows: tuple(Location(*row) for row in rows)
    )


def locations_of_kinds(kinds: Collection[LocationKind]) -> Load[frozenset[LocationId]]:
    """Read which locations are of these kinds."""
    return Load(
        SQL["locations_of_kinds"], {"kinds": sorted(kinds)}, lambda rows: frozenset(LocationId(row[0]) for row in rows)
    )


def stock_for_update(keys: Collection[StockKey]) -> Load[dict[StockKey, Availability]]:
    """Lock the counters of `keys` in key order and read them; keys without a row are absent.

    Whoever runs it says `tx.will_lock(LockRank.STOCK)` first; `lock_stock` does both.
    """
    return Load(SQL["stock_for_update"], key_columns(sorted(set(keys), key=_lock_order)), _availability)


async def lock_stock(tx: Tx, keys: Collection[StockKey]) -> dict[StockKey, Availability]:
    """Lock the counters of `keys` in key order and read them; keys without a row are absent."""
    tx.will_lock(LockRank.STOCK)
    return await tx.load_one(stock_for_update(keys))


async def location(tx: ReadTx, location_id: LocationId) -> Location:
    """Read one location. Raises LocationNotFound."""
    rows = await tx.sql(SQL["location"], location_id=location_id)
    if not rows:
        raise errors.LocationNotFound(str(location_id))
    return Location(*rows[0])


async def location_for_update(tx: Tx, location_id: LocationId) -> Location:
    """Lock one location against edits and read it; stock may come to it all the same. Raises LocationNotFound."""
    rows = await tx.sql(SQL["location_for_update"], location_id=location_id)
    if not rows:
        raise errors.LocationNotFound(str(location_id))
    return Location(*rows[0])


async def thresholds_for_update(tx: Tx, keys: Collection[StockKey]) -> dict[StockKey, ThresholdsState]:
    """Lock the counters of `keys` in key order and read them with what staff set; keys without a row are absent."""
    tx.will_lock(LockRank.STOCK)
    rows = await tx.sql(SQL["thresholds_for_update"], **key_columns(sorted(set(keys))))
    return {
        StockKey(row[0], row[1]): ThresholdsState(Availability(*row[2:6]), Thresholds(row[4], row[6], row[7]), row[8])
        for row in rows
    }


def reservations_of(holdings: Collection[Holding]) -> Load[dict[Holding, Reservation]]:
    """Read what these owners hold at these keys; lock the stock rows first, they guard it."""
    distinct = sorted(set(holdings))
    parameters = {
        "owner_kinds": [owner.kind for owner, _ in distinct],
        "owner_ids": [owner.id for owner, _ in distinct],
        **key_columns([key for _, key in distinct]),
    }
    return Load(SQL["reservations_of"], parameters, _reservations_by_holding)


def reservations_of_owners(kind: OwnerKind, ids: Collection[UUID]) -> Load[dict[UUID, tuple[Reservation, ...]]]:
    """Load what owners of one kind hold anywhere, by owner; who holds nothing is absent."""

    def parse(rows: Rows) -> dict[UUID, tuple[Reservation, ...]]:
        held = [_reservation(row) for row in rows]
        return {owner: tuple(of) for owner, of in itertools.groupby(held, lambda r: r.owner.id)}

    return Load(SQL["reservations_of_owners"], {"owner_kind": kind, "owner_ids": base_ids.in_order(ids)}, parse)


def places_of_owners(kind: OwnerKind, ids: Collection[UUID]) -> Load[list[tuple[UUID, LocationId]]]:
    """Load at which locations owners of one kind hold anything: a pair for each reservation, in no order."""
    parameters = {"owner_kind": kind, "owner_ids": base_ids.in_order(ids)}
    return Load(SQL["places_of_owners"], parameters, lambda rows: [(row[0], row[1]) for row in rows])


def reservations_at(shortfalls: Mapping[StockKey, int]) -> Load[dict[StockKey, tuple[Reservation, ...]]]:
    """Read, of each key, the latest reservations that together cover its shortfall, latest first.

    At most `RESERVATIONS_NAMED_MAX` of each key.
    """
    keys = sorted(shortfalls)
    parameters = {
        **key_columns(keys),
        "shortfalls": [shortfalls[key] for key in keys],
        "limit": RESERVATIONS_NAMED_MAX,
    }
    return Load(SQL["reservations_at"], parameters, _reservations_by_key)


def reservations_expired(*, now: datetime, limit: int) -> Load[tuple[Reservation, ...]]:
    """Read at most `limit` reservations whose time to live is over at `now`, longest over first."""
    parameters = {"now": now, "limit": limit}
    return Load(SQL["reservations_expired"], parameters, lambda rows: tuple(map(_reservation, rows)))


def movements_by_operation(operation_keys: Collection[str]) -> Load[dict[str, Movement]]:
    """Read the movements that these operation keys have made, by operation key."""
    parameters = {"operation_keys": sorted(set(operation_keys))}
    return Load(SQL["movements_by_operation"], parameters, _movements_by_operation)


async def transfers_for_update(tx: Tx, transfer_ids: Collection[TransferId]) -> dict[TransferId, Transfer]:
    """Lock transfers in key order and read them with their lines; unknown ids are absent."""
    tx.will_lock(LockRank.FULFILLMENT)
    parameters = {"transfer_ids": sorted(set(transfer_ids))}
    heads, lines = await tx.sql_many([(SQL["transfers_for_update"], parameters), (SQL["transfer_lines"], parameters)])
    return _transfers_by_id(heads, lines)


async def transfers(tx: ReadTx, transfer_ids: Collection[TransferId]) -> dict[TransferId, Transfer]:
    """Read transfers with their lines; unknown ids are absent."""
    parameters = {"transfer_ids": sorted(set(transfer_ids))}
    heads, lines = await tx.sql_many([(SQL["transfers"], parameters), (SQL["transfer_lines"], parameters)])
    return _transfers_by_id(heads, lines)


async def counts(tx: ReadTx, count_ids: Collection[CountId]) -> dict[CountId, Count]:
    """Read counts with their lines and rounds; unknown ids are absent."""
    parameters = {"count_ids": sorted(set(count_ids))}
    heads, rounds = await tx.sql_many([(SQL["counts"], parameters), (SQL["count_rounds"], parameters)])
    return _counts_by_id(heads, rounds)


async def counted_for_update(tx: Tx, location_ids: Collection[LocationId]) -> dict[StockKey, CountId]:
    """Lock locations in key order, so that nobody opens a count there meanwhile, and read what is being counted."""
    parameters = {"location_ids": sorted(set(location_ids))}
    _, rows = await tx.sql_many([(SQL["locations_for_update"], parameters), (SQL["keys_of_open_counts"], parameters)])
    return {StockKey(SkuId(row[0]), LocationId(row[1])): CountId(row[2]) for row in rows}


async def counts_for_update(tx: Tx, count_ids: Collection[CountId]) -> dict[CountId, Count]:
    """Lock counts in key order and read them with their lines and rounds; unknown ids are absent."""
    tx.will_lock(LockRank.FULFILLMENT)
    parameters = {"count_ids": sorted(set(count_ids))}
    heads, rounds = await tx.sql_many([(SQL["counts_for_update"], parameters), (SQL["count_rounds"], parameters)])
    return _counts_by_id(heads, rounds)


def key_columns(keys: Iterable[StockKey]) -> dict[str, Any]:
    """Return the parameters `sku_ids` and `location_ids` of `keys`, in their order."""
    listed = list(keys)
    return {"sku_ids": [key.sku_id for key in listed], "location_ids": [key.location_id for key in listed]}


def _transfers_by_id(heads: Rows, lines: Rows) -> dict[TransferId, Transfer]:
    """Put transfers together from rows of `transfer` and of `transfer_line`, the latter sorted by transfer."""
    grouped = itertools.groupby(lines, key=lambda row: row[0])
    lines_by_id = {of: tuple(TransferLine(*row[1:]) for row in rows) for of, rows in grouped}
    return {head[0]: Transfer(*(*head, lines_by_id.get(head[0], ()))) for head in heads}


def _counts_by_id(heads: Rows, rounds: Rows) -> dict[CountId, Count]:
    """Put counts together from rows of `stock_count` and of `count_rounds`."""
    lines_by_id: dict[CountId, list[CountLine]] = {}
    for (count_id, sku_id), rows in itertools.groupby(rounds, key=lambda row: (row[0], row[1])):
        tallies = tuple(CountRound(*row[2:]) for row in rows if row[2] is not None)
        lines_by_id.setdefault(count_id, []).append(CountLine(sku_id, tallies))
    return {head[0]: Count(*(*head, tuple(lines_by_id.get(head[0], ())))) for head in heads}


def _lock_order(key: StockKey) -> tuple[int, int]:
    """Return what sorts keys as they sort themselves, without a call of Python for each comparison."""
    return key[0].int, key[1].int


def _availability(rows: Rows) -> dict[StockKey, Availability]:
    return {StockKey(SkuId(row[0]), LocationId(row[1])): Availability(*row[2:]) for row in rows}


def _reservation(row: tuple[Any, ...]) -> Reservation:
    return Reservation(Owner(row[0], row[1]), *row[2:])


def _reservations_by_holding(rows: Rows) -> dict[Holding, Reservation]:
    return {(r.owner, StockKey(r.sku_id, r.location_id)): r for r in map(_reservation, rows)}


def _reservations_by_key(rows: Rows) -> dict[StockKey, tuple[Reservation, ...]]:
    grouped = itertools.groupby(map(_reservation, rows), key=lambda r: StockKey(r.sku_id, r.location_id))
    return {key: tuple(reservations) for key, reservations in grouped}


def _movements_by_operation(rows: Rows) -> dict[str, Movement]:
    return {movement.operation_key: movement for movement in (Movement(*row) for row in rows)}
