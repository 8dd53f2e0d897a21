"""Reads of figures: what hours have, from the facts or as it is stored."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from jiedan.base import sql
from jiedan.base.db import ReadTx, Tx
from jiedan.base.sql import Statement
from jiedan.reports import rules
from jiedan.reports.values import HOUR, Amount, DayAmount

SQL = sql.load("jiedan.reports", "queries.sql")

EVENTS_LOOKED_AT_MAX = 1_000
DEEDS_MAX = 12


class Counted(NamedTuple):
    """The hours that are counted: from the first to before the last moment."""

    begins: datetime
    ends: datetime


class DueHour(NamedTuple):
    """An hour to be counted again, and by which event."""

    hour: datetime
    event_id: UUID


class Told(NamedTuple):
    """What hours have, and days; days of orders tell the channels, hours only those that nobody counted yet."""

    hours: list[Amount]
    days: list[DayAmount]


async def figures(tx: ReadTx, *, begins: datetime, days_begin: datetime | None = None, time_zone: str) -> Told:
    """Return what each hour has from `begins` until now: as stored, and the hours not counted yet from the facts.

    And what each day has, of hours from `days_begin` on; None asks for none. Three round trips, however many orders
    there are. Of hours that nobody counted yet, the last few are counted here: there are more only without a worker.
    """
    zone = ZoneInfo(time_zone)
    known = await counted(tx)
    recent = rules.hours_since(known.ends if known else None, now=tx.now)
    # Known before what is stored is read: an hour that is counted in this very moment is in one of both.
    ends = min(recent, default=tx.now)
    asked: list[tuple[Statement, dict[str, Any]]] = [(SQL["stored"], {"begins": begins, "ends": ends})]
    if days_begin is not None:
        time = tx.now.astimezone(zone).time()
        asked += [(SQL["stored_days"], {"begins": days_begin, "ends": ends, "time_zone": time_zone, "time": time})]
    stored, *of_days = await tx.sql_many(asked)
    present = await facts(tx, recent, time_zone=time_zone)
    days = [DayAmount(*row) for rows in of_days for row in rows]
    return Told(
        [Amount(*row) for row in stored] + present,
        days + rules.as_days(present, now=tx.now, zone=zone) if of_days else [],
    )


class Deeds(NamedTuple):
    """What somebody did: events of one kind, how many, and when the last was."""

    kind: str
    staff_id: str
    number: int
    last_at: datetime


async def last_position(tx: ReadTx) -> int:
    """Return the position of the merchant's newest event, 0 when there is none."""
    return int((await tx.sql(SQL["last_position"]))[0][0])


async def people_did(tx: ReadTx, *, after: int, last: int, but: str) -> list[Deeds]:
    """Return what people did behind a position, what was done last first; not what `but` did.

    Of the last `EVENTS_LOOKED_AT_MAX` events, up to `last`.
    """
    begins = max(after, last - EVENTS_LOOKED_AT_MAX)
    return [Deeds(*row) for row in await tx.sql(SQL["people_did"], after=begins, but=but, rows_max=DEEDS_MAX)]


async def facts(tx: ReadTx, hours: Collection[datetime], *, time_zone: str) -> list[Amount]:
    """Count what hours have. One round trip."""
    if not hours:
        return []
    starts = sorted(hours)
    between = {"hours": starts, "ends": [hour + HOUR for hour in starts]}
    placed, shipped, delivered = await tx.sql_many(
        [(SQL["placed"], between), (SQL["shipped"], between), (SQL["delivered"], between | {"time_zone": time_zone})]
    )
    found: list[Amount] = []
    for hour, currency, channel, orders, total_minor in placed:
        found += [Amount(hour, "sales", currency, total_minor, channel)]
        found += [Amount(hour, "placed", currency, orders, channel)]
    found += [Amount(hour, "shipped", "", parcels) for hour, parcels in shipped]
    for hour, parcels, in_time in delivered:
        found += [Amount(hour, "delivered", "", parcels), Amount(hour, "on_time", "", in_time)]
    return [amount for amount in found if amount.amount > 0]


async def counted(tx: ReadTx) -> Counted | None:
    """Return which hours are counted; None before the first was."""
    rows = await tx.sql(SQL["counted"])
    return Counted(*rows[0]) if rows else None


async def counted_for_update(tx: Tx) -> Counted | None:
    """Lock and return which hours are counted."""
    rows = await tx.sql(SQL["counted_for_update"])
    return Counted(*rows[0]) if rows else None


async def due_hours(tx: ReadTx, *, hours_max: int) -> Sequence[DueHour]:
    """Return hours to be counted again, earliest first."""
    return [DueHour(*row) for row in await tx.sql(SQL["due_hours"], hours_max=hours_max)]


async def moments_of_orders(tx: ReadTx, order_ids: Collection[UUID]) -> list[datetime]:
    """Return when orders were placed."""
    return [row[0] for row in await tx.sql(SQL["moments_of_orders"], order_ids=sorted(order_ids))] if order_ids else []


async def moments_of_parcels(tx: ReadTx, parcel_ids: Collection[UUID]) -> list[datetime]:
    """Return when parcels left and arrived."""
    if not parcel_ids:
        return []
    rows: list[tuple[Any, ...]] = await tx.sql(SQL["moments_of_parcels"], parcel_ids=sorted(parcel_ids))
    return [moment for row in rows for moment in row if moment is not None]
