"""Wipe the person out of orders: who it was, where it went, what was said. Amounts, goods and dates stay."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from jiedan.base import ids, sql
from jiedan.base.db import LockRank, Tx
from jiedan.base.erasing import ERASED
from jiedan.orders import events, indexing, writing
from jiedan.orders.queries import erasing
from jiedan.orders.rules import canceling, forgetting
from jiedan.orders.rules.forgetting import SaidOfLine
from jiedan.orders.values import OrderId

SQL = sql.load("jiedan.orders.service", "erasure.sql")

NO_FINGERPRINT = bytes(32)
"""Of no draft at all."""


async def erase_orders(tx: Tx, *, order_ids: Collection[OrderId]) -> None:
    """Wipe orders that are over, with what hangs on them and what they are found by. Raises Overtaken.

    The number of statements does not grow with the set.
    """
    wanted = {"order_ids": ids.in_order(order_ids)}
    tx.will_lock(LockRank.ORDER)
    locked = await tx.sql(SQL["orders_to_erase"], **wanted)
    worded = [order_id for order_id, reason in locked if reason is not None and not canceling.is_code(reason)]
    with_mark = {**wanted, "erased": ERASED}
    texts = forgetting.without_texts(await erasing.said_in(tx, order_ids))
    await tx.sql_many(
        [
            (SQL["erase_orders"], {**wanted, "nothing": NO_FINGERPRINT}),
            (SQL["erase_cancel_reasons"], {"order_ids": worded}),
            (SQL["erase_addresses"], wanted),
            (SQL["erase_notes"], with_mark),
            (SQL["delete_tags"], wanted),
            (SQL["delete_attributes"], wanted),
            (SQL["erase_holds"], with_mark),
            (SQL["erase_price_reasons"], with_mark),
            (SQL["erase_said_elsewhere"], wanted),
            (SQL["erase_texts"], _columns(texts)),
            (SQL["erase_decisions"], wanted),
            (SQL["delete_look_ups"], wanted),
            (SQL["delete_drafts"], wanted),
        ]
    )
    await indexing.write_terms(tx, order_ids)


def _columns(lines: Sequence[SaidOfLine]) -> dict[str, Any]:
    return {
        "line_ids": [x.line_id for x in lines],
        "attributes": [writing.said_json(x.said) for x in lines],
        "placed_attributes": [writing.said_json(x.placed) for x in lines],
    }


async def forget_wishes(tx: Tx, *, customer_ids: Collection[UUID], words: Collection[str]) -> None:
    """Throw away the drafts that are being written for customers, and the views that look for one of `words`."""
    drafts = await erasing.drafts_of(tx, customer_ids)
    gone = await tx.sql(SQL["discard_drafts"], draft_ids=drafts)
    tx.emit(*(events.DraftDiscarded(draft_id=row[0]) for row in gone))
    known = {word.casefold() for word in words}
    views = [search.view_id for search in await erasing.searches(tx) if search.text.strip().casefold() in known]
    removed = await tx.sql(SQL["remove_views"], view_ids=views)
    tx.emit(*(events.ViewRemoved(view_id=row[0], list_name=row[1]) for row in removed))
