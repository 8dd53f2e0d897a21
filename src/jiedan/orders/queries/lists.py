"""Lists of orders: keyset pages, newest first, by any filters at once, and counts that stop counting."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from jiedan.base import paging, sql
from jiedan.base.db import ReadTx
from jiedan.customers import queries as customers
from jiedan.inventory import queries as stock
from jiedan.inventory.values import Location
from jiedan.orders.queries import search
from jiedan.orders.rules import finding, statuses
from jiedan.orders.rules.finding import Criteria
from jiedan.orders.tables import Order
from jiedan.orders.values.lists import LOOKED_AT_MAX, OrderFilter, OrderRow

SQL = sql.load("jiedan.orders.queries", "lists.sql")

KEYSET = paging.Keyset(columns=(Order.placed_at, Order.order_id), descending=True)

_COLUMNS = (
    Order.number,
    Order.channel,
    Order.external_id,
    Order.customer_id,
    Order.contact_name,
    Order.contact_phone,
    Order.lifecycle,
    Order.payment_status,
    Order.fulfillment_status,
    Order.promised_at,
    Order.promised_p90_on,
    Order.expires_at,
    Order.currency,
    Order.total_minor,
    Order.version,
    Order.assignee_id,
    Order.shipping_method,
    Order.shipping_name,
)


async def criteria_of(
    tx: ReadTx,
    filters: Sequence[OrderFilter],
    *,
    time_zone: str,
    locations: Sequence[Location] | None = None,
    me: UUID | None = None,
) -> list[Criteria]:
    """Return what filters ask for now, on the day it is in `time_zone`.

    `locations` are read here when a filter names one and the caller has not read them. Who asks for a customer means
    the orders of merged duplicates, too. `me` is who asks for their own.
    """
    if locations is None and any(wanted.location for wanted in filters):
        locations = await tx.load_one(stock.locations())
    location_ids = {x.code: x.location_id for x in locations or ()}
    zone = ZoneInfo(time_zone)
    today = tx.now.astimezone(zone).date()
    named = {wanted.customer_id for wanted in filters if wanted.customer_id is not None}
    identities = await tx.load_one(customers.identities(named)) if named else {}
    return [
        finding.criteria(x, today=today, zone=zone, location_ids=location_ids, identities=identities, me=me)
        for x in filters
    ]


async def order_rows(
    tx: ReadTx, *, request: paging.Request, criteria: Criteria, oldest_first: bool = False
) -> paging.Page[OrderRow]:
    """Return a page of the orders that fit, newest first unless told. Three statements at most, whatever is asked.

    A page looks at `LOOKED_AT_MAX` orders at most; when few of them fit, it is short and has a next page.
    """
    if criteria.is_impossible:
        return request.nothing()
    source = await search.rarest(tx, criteria)
    conditions = search.others(tx, criteria, source)
    falling = oldest_first is request.backwards
    rows = list(await tx.execute(_page(tx, request, criteria, source, conditions, falling=falling)))
    # The last one looked at is returned even if it does not fit: the next page goes on there.
    end = rows[-1] if rows and len(rows) <= request.limit and rows[-1].place == LOOKED_AT_MAX else None
    fitting = [row for row in rows if row.number is not None]
    marks = await _marks(tx, [row.order_id for row in fitting])
    page = KEYSET.page(fitting, request, make=lambda row: _row(row, marks, criteria.today), position=_position)
    return page if end is None else _going_on(page, request, end)


def _page(
    tx: ReadTx,
    request: paging.Request,
    criteria: Criteria,
    source: search.Source,
    conditions: search.Conditions,
    *,
    falling: bool,
) -> Any:
    """Return the statement: candidates from the right place on, numbered, each with its order if that fits."""
    place = search.Place(request.position, falling=falling)
    limit = LOOKED_AT_MAX if conditions else request.limit + 1
    looked_at = search.candidates(tx, criteria, source, limit=limit, place=place).subquery()
    here = (looked_at.c.placed_at, looked_at.c.order_id)
    number = sa.func.row_number().over(order_by=place.ordered(here)).label("place")
    numbered = sa.select(*here, number).subquery()
    order = search.fitting(tx, numbered, conditions, *_COLUMNS)
    return (
        sa.select(numbered.c.placed_at, numbered.c.order_id, numbered.c.place, *(order.c[c.key] for c in _COLUMNS))
        .select_from(numbered.outerjoin(order, sa.true()))
        .where(sa.or_(order.c.order_id.is_not(None), numbered.c.place == LOOKED_AT_MAX))
        .order_by(*place.ordered((numbered.c.placed_at, numbered.c.order_id)))
        .limit(request.limit + 1)
    )


async def order_counts(tx: ReadTx, criteria: Sequence[Criteria]) -> list[paging.Count]:
    """Count the orders that fit each of `criteria`, looking at `LOOKED_AT_MAX` of each; the same ones once.

    One statement.
    """
    possible = list(dict.fromkeys(c for c in criteria if not c.is_impossible))
    if not possible:
        return [paging.Count(0, is_capped=False) for _ in criteria]
    columns = [column for c in possible for column in _count(tx, c)]
    numbers = iter((await tx.execute(sa.select(*columns))).one())
    counts: dict[Criteria, paging.Count] = {}
    for c in possible:
        fitting, looked_at = next(numbers), next(numbers)
        counts[c] = paging.Count(min(fitting, LOOKED_AT_MAX), looked_at > LOOKED_AT_MAX)
    return [counts.get(c, paging.Count(0, is_capped=False)) for c in criteria]


def _count(tx: ReadTx, criteria: Criteria) -> tuple[Any, Any]:
    source = search.sources(criteria)[0]
    conditions = search.others(tx, criteria, source)
    found = search.candidates(tx, criteria, source, limit=LOOKED_AT_MAX + 1).subquery()
    looked_at = sa.select(sa.func.count()).select_from(found).scalar_subquery()
    if not conditions and source.kind != "word":
        return looked_at, looked_at
    # The one more only tells that there are more: it is counted as looked at, not as found.
    limited = search.candidates(tx, criteria, source, limit=LOOKED_AT_MAX).distinct().subquery()
    order = search.fitting(tx, limited, conditions)
    statement = sa.select(sa.func.count()).select_from(limited.join(order, sa.true()))
    return statement.scalar_subquery(), looked_at


def _going_on(
    page: paging.Page[OrderRow], request: paging.Request, end: "sa.Row[tuple[Any, ...]]"
) -> paging.Page[OrderRow]:
    """Return a short page with the way to what was not looked at yet."""
    beyond = request.sealed(_position(end), backwards=request.backwards)
    behind = None
    if request.position is not None:
        here = page.next if request.backwards else page.previous
        behind = here if page.items else request.sealed(request.position, backwards=not request.backwards)
    return paging.Page(page.items, behind, beyond) if request.backwards else paging.Page(page.items, beyond, behind)


def _position(row: Any) -> paging.Position:
    return (row.placed_at, row.order_id)


async def _marks(tx: ReadTx, order_ids: Sequence[Any]) -> dict[Any, dict[str, list[str]]]:
    """Return tags, standing holds, city and units by order."""
    marks: dict[Any, dict[str, list[str]]] = {}
    for order_id, mark, value in await tx.sql(SQL["marks"], order_ids=list(order_ids)) if order_ids else ():
        marks.setdefault(order_id, {}).setdefault(mark, []).append(value)
    return marks


def _row(row: Any, marks: dict[Any, dict[str, list[str]]], today: date) -> OrderRow:
    of = marks.get(row.order_id, {})
    holds = tuple(of.get("hold", ()))
    return OrderRow(
        order_id=row.order_id,
        number=row.number,
        channel=row.channel,
        external_id=row.external_id,
        customer_id=row.customer_id,
        contact_name=row.contact_name,
        contact_phone=row.contact_phone,
        city=of.get("city", [""])[0],
        lifecycle=row.lifecycle,
        payment_status=row.payment_status,
        fulfillment_status=row.fulfillment_status,
        merchant_status=statuses.merchant_status(
            row.lifecycle, row.payment_status, row.fulfillment_status, standing_holds=len(holds)
        ),
        customer_status=statuses.customer_status(row.lifecycle, row.fulfillment_status),
        placed_at=row.placed_at,
        promised_at=row.promised_at,
        promised_p90_on=row.promised_p90_on,
        days_late=statuses.days_late(
            row.lifecycle, row.fulfillment_status, promised_on=row.promised_p90_on, today=today
        ),
        expires_at=row.expires_at,
        currency=row.currency,
        total_minor=row.total_minor,
        units=int(of.get("units", ["0"])[0]),
        tags=tuple(of.get("tag", ())),
        holds=holds,
        version=row.version,
        assignee_id=row.assignee_id,
        shipping_method=row.shipping_method,
        shipping_name=row.shipping_name,
    )
