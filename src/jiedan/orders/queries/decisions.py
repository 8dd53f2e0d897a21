"""Why orders are as they are: what was decided about them, and when."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from jiedan.base import ids, sql
from jiedan.base.db import Load, ReadTx
from jiedan.orders.values import DecisionKind, Order, OrderId
from jiedan.orders.values.prices import PriceChange, PriceStory

SQL = sql.load("jiedan.orders.queries", "decisions.sql")

DECISIONS_MAX = 50
"""The latest decisions that are shown of one order."""

PRICE_CHANGES_MAX = 50
"""The first changes of prices by hand that are told of one order."""


class Decision(NamedTuple):
    """One decision: of which kind, by which version of the price rules, and what was applied."""

    decision_id: UUID
    kind: DecisionKind
    rules_version: int
    data: dict[str, Any]
    decided_at: datetime


async def decisions(tx: ReadTx, order_id: UUID) -> list[Decision]:
    """Return why an order is as it is, the latest decision first, at most `DECISIONS_MAX`."""
    return await tx.load_one(decided(order_id))


def decided(order_id: UUID) -> Load[list[Decision]]:
    """Load what `decisions` returns."""
    parameters = {"order_id": order_id, "limit": DECISIONS_MAX}
    return Load(SQL["decisions"], parameters, lambda rows: [Decision(*row) for row in rows])


class GiftOfOrder(NamedTuple):
    """The promotion that gave a line of an order, in the rules of that version."""

    order_id: OrderId
    rules_version: int
    promotion: str
    line: int


def gifts_of_orders(order_ids: Collection[UUID]) -> Load[list[GiftOfOrder]]:
    """Load which promotions gave which lines of orders."""
    return Load(
        SQL["gifts_of_orders"], {"order_ids": ids.in_order(order_ids)}, lambda rows: [GiftOfOrder(*row) for row in rows]
    )


def price_story(order_id: UUID) -> Load[PriceStory | None]:
    """Load what was kept of why an order costs what it costs; None of one older than what is kept."""
    return Load(SQL["placement_decision"], {"order_id": order_id}, lambda rows: story_of(*rows[0]) if rows else None)


def price_changes(order_id: UUID) -> Load[tuple[PriceChange, ...]]:
    """Load what was set by hand of an order's prices, measures and method since it was placed, oldest first."""
    parameters = {"order_id": order_id, "most": PRICE_CHANGES_MAX}
    return Load(SQL["price_changes"], parameters, lambda rows: tuple([_price_change(*row) for row in rows]))


def _price_change(at: datetime, by_kind: str, by_id: str, private: Mapping[str, Any] | None) -> PriceChange:
    told = private or {}
    before: list[str] = []
    after: list[str] = []
    for name in ("measures", "prices", "discount", "shipping_method"):
        for side, words in zip((before, after), told.get(name, ()), strict=False):
            side.extend([words] if isinstance(words, str) else words)
    (_, why) = told.get("why", ("", ""))
    return PriceChange(at, by_kind, by_id, why, tuple(before), tuple(after))


def story_of(rules_version: int, data: Mapping[str, Any]) -> PriceStory:
    """Return what a decision keeps of prices."""
    kept = {name: value for name, value in data.items() if name in PriceStory.__struct_fields__}
    return msgspec.convert({**kept, "rules_version": rules_version, "lines": data.get("prices", ())}, PriceStory)


def orders_before(order: Order, *, most: int) -> Load[int]:
    """Count the orders of an order's customer before it that were not canceled, `most` at most."""
    parameters = {
        "customer_id": order.customer_id,
        "placed_at": order.placed_at,
        "order_id": order.order_id,
        "most": most,
    }
    return Load(SQL["orders_before"], parameters, lambda rows: int(rows[0][0]))
