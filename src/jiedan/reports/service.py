"""Count hours, and count again those that changed."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from jiedan.accounts import queries as accounts
from jiedan.base import sql
from jiedan.base.db import Tx
from jiedan.base.errors import Overtaken
from jiedan.reports import queries, rules
from jiedan.reports.queries import Counted
from jiedan.reports.values import HOUR, HOURS_PER_SET, KEPT

SQL = sql.load("jiedan.reports", "service.sql")


async def count_hours(tx: Tx) -> int:
    """Count the next hours that are over, at most `HOURS_PER_SET`, and return how many; 0 when all are counted.

    The first time it begins with the oldest hour that is looked back to.
    """
    now = rules.hour_of(tx.now)
    counted = await queries.counted_for_update(tx)
    if counted is None:
        begins = rules.hour_of(tx.now - KEPT)
        if not await tx.sql_count(SQL["begin_counting"], hour=begins):  # somebody else begins in this very moment
            raise Overtaken
        counted = Counted(begins, begins)
    ends = min(now, counted.ends + HOURS_PER_SET * HOUR)
    hours = rules.hours_between(counted.ends, ends)
    if hours:
        await _count(tx, hours)
        await tx.sql_count(SQL["counted_up_to"], hour=ends)
    return len(hours)


async def count_due(tx: Tx) -> int:
    """Count hours again that changed since they were counted, at most `HOURS_PER_SET`; return how many, 0 when done."""
    counted = await queries.counted_for_update(tx)
    due = await queries.due_hours(tx, hours_max=HOURS_PER_SET)
    if counted is None or not due:
        return 0
    await _count(tx, sorted({x.hour for x in due if counted.begins <= x.hour < counted.ends}))
    await tx.sql_count(SQL["delete_due"], hours=[x.hour for x in due], event_ids=[x.event_id for x in due])
    return len(due)


async def mark_due(tx: Tx, *, moments: Collection[datetime], event_id: UUID) -> int:
    """Let the hours of moments be counted again that are over; return how many. `event_id` is what changed them."""
    present = rules.hour_of(tx.now)
    hours = sorted({hour for moment in moments if (hour := rules.hour_of(moment)) < present})
    return await tx.sql_count(SQL["insert_due"], hours=hours, event_id=event_id) if hours else 0


async def _count(tx: Tx, hours: Collection[datetime]) -> None:
    settings = await tx.load_one(accounts.settings())
    amounts = await queries.facts(tx, hours, time_zone=settings.time_zone)
    await tx.sql_many(
        [
            (SQL["forget_hours"], {"hours": sorted(hours)}),
            (
                SQL["insert_hours"],
                {
                    "hours": [x.hour for x in amounts],
                    "figures": [x.figure for x in amounts],
                    "currencies": [x.currency for x in amounts],
                    "channels": [x.channel for x in amounts],
                    "amounts": [x.amount for x in amounts],
                },
            ),
        ]
    )
