"""Read orders in sets and write them as a table."""

import asyncio
import dataclasses
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import IO
from uuid import UUID
from zoneinfo import ZoneInfo

from jiedan.accounts import queries as accounts
from jiedan.base import errands, i18n, paging
from jiedan.base.db import Database, ReadTx, Scope
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import Labels
from jiedan.exports import rules, sheets
from jiedan.exports.values import ORDERS_PER_SET, PAYMENTS_PER_SET, Hanging, MoneyWanted, Row, Wanted
from jiedan.orders import queries as orders
from jiedan.orders.rules import assigning, taxing
from jiedan.orders.values import Line, OrderId
from jiedan.orders.values.lists import LIST_NAME, OrderFilter, given
from jiedan.payments import queries as payments
from jiedan.payments.rules import finding

_UNMARKED = Labels()


async def sets(
    database: Database, scope: Scope, wanted: Wanted, *, advance: errands.Progress = errands.silent
) -> AsyncIterator[list[Row]]:
    """Yield the rows of the orders that fit, newest order first, a bounded set at a time.

    Each set is read in a transaction of its own, so a long export holds nothing up: an order that is changed meanwhile
    is exported as it is when its turn comes, and none twice. Six statements for a set.
    """
    cursors = paging.Cursors(secrets.token_hex())
    cursor: str | None = None
    while True:
        asked = paging.Request.of(
            cursors, tenant=scope.tenant, name=LIST_NAME, filters=given(wanted.filters), cursor=cursor
        )
        request = dataclasses.replace(asked, limit=ORDERS_PER_SET)
        async with database.read(scope) as tx:
            settings = await tx.load_one(accounts.settings())
            (criteria,) = await orders.criteria_of(
                tx, [wanted.filters], time_zone=settings.time_zone, me=assigning.own(scope.actor)
            )
            page = await orders.order_rows(tx, request=request, criteria=criteria)
            rows = await _rows(tx, wanted, [row.order_id for row in page.items], ZoneInfo(settings.time_zone))
        advance(len(page.items))
        if rows:
            yield rows
        if page.next is None:
            return
        cursor = page.next


async def count(database: Database, scope: Scope, filters: OrderFilter) -> paging.Count:
    """Count the orders that fit, as the list of orders counts: up to a limit."""
    async with database.read(scope) as tx:
        return await counted(tx, filters)


async def counted(tx: ReadTx, filters: OrderFilter) -> paging.Count:
    """Count the orders that fit, in the caller's transaction."""
    settings = await tx.load_one(accounts.settings())
    whose = assigning.own(tx.actor)
    criteria = await orders.criteria_of(tx, [filters], time_zone=settings.time_zone, me=whose)
    (found,) = await orders.order_counts(tx, criteria)
    return found


async def write(
    database: Database, scope: Scope, wanted: Wanted, file: IO[bytes], *, advance: errands.Progress = errands.silent
) -> int:
    """Write the table to `file`, which is open for writing bytes, and return how many rows it has.

    Raises FileTooLong where a workbook takes no more.
    """
    written = 0
    with begun(wanted, file) as sheet:
        async for rows in sets(database, scope, wanted, advance=advance):
            await asyncio.to_thread(sheet.write, rows)
            written += len(rows)
        await asyncio.to_thread(sheet.close)
    return written


def begun(wanted: Wanted, file: IO[bytes]) -> sheets.Sheet:
    """Begin the table in `file`: its headings are written."""
    columns = rules.columns(wanted.rows, wanted.fields)
    headings = [i18n.gettext(wanted.locale, column.heading) for column in columns]
    return sheets.sheet(file, wanted.format, headings=headings, columns=columns)


async def _rows(tx: ReadTx, wanted: Wanted, order_ids: list[OrderId], zone: ZoneInfo) -> list[Row]:
    """Return the rows of a set of orders, with the cells that are wanted."""
    whole = await _whole_rows(tx, wanted, order_ids, zone)
    places = rules.picked(wanted.rows, wanted.fields)
    return whole if places is None else [tuple(row[i] for i in places) for row in whole]


async def _whole_rows(tx: ReadTx, wanted: Wanted, order_ids: list[OrderId], zone: ZoneInfo) -> list[Row]:
    if not order_ids:
        return []
    found = await orders.orders(tx, order_ids)
    in_order = [found[order_id] for order_id in order_ids if order_id in found]
    if wanted.rows == "lines":
        sold = {line.sku_id for _, lines in in_order for line in lines if line.sku_id is not None}
        labels = await tx.load_one(catalog.labels(sold))
        return [
            rules.line_row(order, line, labels.get(line.sku_id, _UNMARKED) if line.sku_id else _UNMARKED, zone=zone)
            for order, lines in in_order
            for line in lines
        ]
    details = await orders.details(tx, order_ids)
    return [
        rules.order_row(order, _hanging(details[order.order_id], lines), zone=zone) for order, lines in in_order
    ]  # fmt: skip


def _hanging(details: orders.Details, lines: Sequence[Line]) -> Hanging:
    holds = tuple(hold.kind for hold in details.standing_holds)
    return Hanging(details.addresses.get("ship_to"), details.tags, holds, details.attributes, taxing.table(lines) or ())


async def money_sets(database: Database, scope: Scope, wanted: MoneyWanted) -> AsyncIterator[list[Row]]:
    """Yield the rows of the payments, or refunds, that fit, newest first, a bounded set at a time.

    Each set is read in a transaction of its own, in the same way as orders. Four statements for a set.
    """
    cursors = paging.Cursors(secrets.token_hex())
    cursor: str | None = None
    while True:
        asked = paging.Request.of(
            cursors, tenant=scope.tenant, name=wanted.what, filters=finding.given(wanted.filters), cursor=cursor
        )
        request = dataclasses.replace(asked, limit=PAYMENTS_PER_SET)
        async with database.read(scope) as tx:
            zone = ZoneInfo((await tx.load_one(accounts.settings())).time_zone)
            sought = await payments.sought(tx, finding.criteria(wanted.filters, zone=zone))
            rows, following = await _money_rows(tx, request, sought, wanted.what, zone)
        if rows:
            yield rows
        if following is None:
            return
        cursor = following


async def _money_rows(
    tx: ReadTx, request: paging.Request, sought: payments.Sought, what: finding.What, zone: ZoneInfo
) -> tuple[list[Row], str | None]:
    """Return the rows of a set, and the cursor of the next one."""
    if what == "refunds":
        refunds = await payments.refund_list(tx, request=request, wanted=sought)
        named = await payments.named_orders(tx, [x.order_id for x in refunds.items])
        return [rules.refund_row(x, _number(named, x.order_id), zone=zone) for x in refunds.items], refunds.next
    page = await payments.payment_list(tx, request=request, wanted=sought)
    named = await payments.named_orders(tx, [x.order_id for x in page.items])
    return [rules.payment_row(x, _number(named, x.order_id), zone=zone) for x in page.items], page.next


def _number(named: Mapping[UUID, payments.OrderName], order_id: UUID | None) -> str | None:
    return None if order_id is None or order_id not in named else named[order_id].number


def money_begun(wanted: MoneyWanted, file: IO[bytes]) -> sheets.Sheet:
    """Begin the table of payments, or refunds, in `file`: its headings are written."""
    columns = rules.MONEY_COLUMNS[wanted.what]
    headings = [i18n.gettext(wanted.locale, column.heading) for column in columns]
    return sheets.sheet(file, wanted.format, headings=headings, columns=columns)
