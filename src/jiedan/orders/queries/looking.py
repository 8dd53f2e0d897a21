"""What an order's page tells beside the order: who else has it open, and what its customer has bought."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from jiedan.accounts.values import StaffId
from jiedan.base import ids, sql
from jiedan.base.db import Load, ReadTx

SQL = sql.load("jiedan.orders.queries", "looking.sql")

LOOKING = timedelta(seconds=45)
"""Who was heard of within this has the order open; pages tell every twenty seconds."""

LOOKING_MAX = 10
SPENDING_ORDERS_MAX = 2_000
"""Orders of one customer that are added up, the newest."""

MONTHS = 12


class Spending(NamedTuple):
    """What a customer has bought: orders that were not canceled, and their totals in one currency.

    `months` are the last twelve with what was spent in each, the one at hand last.
    """

    orders: int
    total_minor: int
    months: tuple[tuple[date, int], ...]


async def looking(tx: ReadTx, order_id: UUID, *, but: UUID) -> list[StaffId]:
    """Return who else than `but` has an order open, the latest first."""
    rows = await tx.sql(SQL["looking"], order_id=order_id, staff_id=but, since=tx.now - LOOKING, limit=LOOKING_MAX)
    return [StaffId(row[0]) for row in rows]


def spending(customer_ids: Collection[UUID], *, currency: str, time_zone: str, today: date) -> Load[Spending]:
    """Load what somebody who is known under `customer_ids` has bought; months are those of `time_zone`."""

    def parse(rows: list[tuple[Any, ...]]) -> Spending:
        by_month = {month: minor for month, _, minor in rows}
        months = tuple((month, by_month.get(month, 0)) for month in _last_months(today))
        return Spending(sum(row[1] for row in rows), sum(row[2] for row in rows), months)

    parameters = {
        "customer_ids": ids.in_order(customer_ids),
        "currency": currency,
        "time_zone": time_zone,
        "limit": SPENDING_ORDERS_MAX,
    }
    return Load(SQL["spending"], parameters, parse)


def _last_months(today: date) -> list[date]:
    first = today.year * 12 + today.month - MONTHS
    return [date(place // 12, place % 12 + 1, 1) for place in range(first, first + MONTHS)]
