"""What hangs on orders: addresses, notes, tags, holds, decisions, and their history."""

import itertools
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import ReadTx
from jiedan.base.events import Actor
from jiedan.customers.values import Address
from jiedan.orders.values import AddressKind, Hold, Note, OrderId

SQL = sql.load("jiedan.orders.queries", "hanging.sql")

TIMELINE_MAX = 500

Rows = list[tuple[Any, ...]]


class Details(NamedTuple):
    """What hangs on one order; `holds` are the lifted ones, too."""

    addresses: Mapping[AddressKind, Address]
    notes: tuple[Note, ...]
    tags: tuple[str, ...]
    holds: tuple[Hold, ...]

    @property
    def standing_holds(self) -> tuple[Hold, ...]:
        """The holds that stop the order now."""
        return tuple(hold for hold in self.holds if hold.lifted_at is None)


class Happening(NamedTuple):
    """One entry of a timeline; `private` is the erasable part, if any."""

    event_id: UUID
    kind: str
    occurred_at: datetime
    actor: Actor
    data: dict[str, Any]
    private: dict[str, Any] | None


async def details(tx: ReadTx, order_ids: Collection[UUID]) -> dict[OrderId, Details]:
    """Return what hangs on orders, by id; one entry for each asked for. Four statements, one round trip."""
    wanted = {"order_ids": sorted(set(order_ids))}
    names = ("addresses", "notes", "tags", "holds")
    addresses, notes, tags, holds = await tx.sql_many([(SQL[name], wanted) for name in names])
    by_address, by_note, by_tag = _grouped(addresses, 0), _grouped(notes, 0), _grouped(tags, 0)
    by_hold = _grouped(holds, 1)
    return {
        OrderId(order_id): Details(
            {row[1]: _address(row[2:]) for row in by_address.get(order_id, ())},
            tuple(Note(row[1], row[2], row[3], Actor(row[4], row[5])) for row in by_note.get(order_id, ())),
            tuple(row[1] for row in by_tag.get(order_id, ())),
            tuple(_hold(row) for row in by_hold.get(order_id, ())),
        )
        for order_id in wanted["order_ids"]
    }


async def orders_of_holds(tx: ReadTx, hold_ids: Collection[UUID]) -> dict[UUID, OrderId]:
    """Return which order each hold is on; unknown ids are absent."""
    rows = await tx.sql(SQL["hold_orders"], hold_ids=sorted(set(hold_ids)))
    return {row[0]: OrderId(row[1]) for row in rows}


async def decisions(tx: ReadTx, order_id: UUID) -> list[dict[str, Any]]:
    """Return why an order is as it is: each decision with its kind, the version of the rules, and what was applied."""
    rows = await tx.sql(SQL["decisions"], order_id=order_id)
    return [{"kind": r[0], "rules_version": r[1], "data": r[2], "decided_at": r[3]} for r in rows]


async def timeline(tx: ReadTx, subject_ids: Collection[UUID]) -> list[Happening]:
    """Return what happened to the given subjects (an order, its payments), oldest first, at most `TIMELINE_MAX`."""
    rows = await tx.sql(SQL["timeline"], subject_ids=sorted(set(subject_ids)), limit=TIMELINE_MAX)
    return [Happening(r[0], r[1], r[2], Actor(r[3], r[4]), r[5], r[6]) for r in rows]


async def waiting_orders(tx: ReadTx, sku_ids: Collection[UUID], *, limit: int) -> tuple[list[OrderId], bool]:
    """Return the open orders with lines that wait for these SKUs, oldest promise first, and whether there are more.

    `limit` counts lines. Imported history waits for nothing: its goods left long ago.
    """
    rows = await tx.sql(SQL["waiting_lines"], sku_ids=sorted(set(sku_ids)), limit=limit)
    return list(dict.fromkeys(OrderId(row[0]) for row in rows)), len(rows) == limit


def _grouped(rows: Rows, column: int) -> dict[UUID, list[tuple[Any, ...]]]:
    return {key: list(of) for key, of in itertools.groupby(rows, key=lambda row: row[column])}


def _address(row: tuple[Any, ...]) -> Address:
    country, name, phone, company, region, city, district, line1, line2, postal_code, lat, lon = row
    return Address(
        country=country,
        name=name,
        phone=phone,
        company=company,
        region=region,
        city=city,
        district=district,
        line1=line1,
        line2=line2,
        postal_code=postal_code,
        lat=lat,
        lon=lon,
    )


def _hold(row: tuple[Any, ...]) -> Hold:
    hold_id, order_id, kind, reason, permission, deadline_at, placed_at, by_kind, by_id, lifted_at, *lifted = row
    lifted_by = Actor(lifted[0], lifted[1]) if lifted_at is not None else None
    return Hold(
        hold_id,
        order_id,
        kind,
        reason,
        permission,
        deadline_at,
        placed_at,
        Actor(by_kind, by_id),
        lifted_at,
        lifted_by,
        lifted[2],
    )
