"""Promise orders a day as they are placed: what whoever knows their ways reads, and what they are told."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from jiedan.base.db import Load
from jiedan.orders.rules.planning import Plan
from jiedan.orders.values import Leaving, OrderId, Promise


class Promising(NamedTuple):
    """Who knows when orders arrive: `loads` are read with all else, `promise` is pure.

    It is told what was read, the present moment, the merchant's time zone, and the orders that can leave at once.
    """

    loads: Callable[[], tuple[Load[Any], ...]]
    promise: Callable[[Sequence[Any], datetime, str, Sequence[Leaving]], Mapping[OrderId, Promise]]


def leaving(plans: Sequence[tuple[OrderId, Plan]]) -> list[Leaving]:
    """Return where those of `plans` go that are allocated whole; history was promised elsewhere."""
    return [
        Leaving(
            order_id,
            frozenset([assignment.location_id for assignment in plan.choice.assignments]),
            None if plan.header.ship_to is None else (plan.header.ship_to.country, plan.header.ship_to.postal_code),
            plan.draft.body.delivery_wish,
        )
        for order_id, plan in plans
        if plan.choice.assignments and not plan.waiting and plan.draft.body.history is None
    ]
