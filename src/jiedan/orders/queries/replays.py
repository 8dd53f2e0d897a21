"""Orders of a span of time, and what was kept of their prices: to price them once more, set by set."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from jiedan.base import ids, sql
from jiedan.base.db import Load
from jiedan.orders.queries.decisions import story_of
from jiedan.orders.values import Order, OrderId
from jiedan.orders.values.prices import PriceStory
from jiedan.orders.values.replays import ToReplay

SQL = sql.load("jiedan.orders.queries", "replays.sql")

BEFORE_ALL = UUID(int=0)
"""Comes before every order of a moment."""


def orders_to_replay(*, after_at: datetime, after_id: UUID, until: datetime, most: int) -> Load[list[ToReplay]]:
    """Load the next orders behind a place among those placed, oldest first, `until` included."""
    parameters = {"after_at": after_at, "after_id": after_id, "until": until, "most": most}
    return Load(SQL["orders_to_replay"], parameters, lambda rows: [ToReplay(*row) for row in rows])


def count_to_replay(*, from_at: datetime, until: datetime, most: int) -> Load[int]:
    """Count the orders placed from one moment to another, both included, `most` at most."""
    parameters = {"from_at": from_at, "until": until, "most": most}
    return Load(SQL["count_to_replay"], parameters, lambda rows: int(rows[0][0]))


def price_stories(order_ids: Collection[UUID]) -> Load[Mapping[UUID, PriceStory]]:
    """Load what was kept of why orders cost what they cost, by order; those older than what is kept are absent."""

    def parse(rows: list[tuple[Any, ...]]) -> Mapping[UUID, PriceStory]:
        found: dict[UUID, PriceStory] = {}
        for order_id, rules_version, data in rows:
            if order_id not in found:
                found[order_id] = story_of(rules_version, data)
        return found

    return Load(SQL["placement_decisions"], {"order_ids": ids.in_order(order_ids)}, parse)


def orders_before_each(orders: Sequence[Order], *, most: int) -> Load[Mapping[UUID, int]]:
    """Count for each order those of its customer before it that were not canceled, `most` at most."""
    parameters = {
        "order_ids": [order.order_id for order in orders],
        "customer_ids": [order.customer_id for order in orders],
        "placed_ats": [order.placed_at for order in orders],
        "most": most,
    }
    return Load(SQL["orders_before_each"], parameters, dict)


def numbers_of_orders(order_ids: Collection[UUID]) -> Load[Mapping[OrderId, str]]:
    """Load what orders are called, by id; unknown ids are absent."""
    return Load(SQL["numbers_of_orders"], {"order_ids": ids.in_order(order_ids)}, dict)
