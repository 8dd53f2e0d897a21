"""Read what an order was priced by when it was placed: to explain it, or to ask what else it could have cost.

By the version that priced it. What nobody kept is as it is now.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from jiedan.base.db import ReadTx
from jiedan.inventory.values import Location
from jiedan.orders import queries
from jiedan.orders.placement import load
from jiedan.orders.rules import askable, bespoke, repricing
from jiedan.orders.rules.planning import Circumstances
from jiedan.orders.values import NewOrder, OrderWithLines
from jiedan.orders.values.prices import PriceStory


def code_of(locations: Sequence[Location], location_id: UUID | None) -> str | None:
    """Return the code of a location."""
    return next((x.code for x in locations if x.location_id == location_id), None)


async def circumstances(
    tx: ReadTx, placed: OrderWithLines, story: PriceStory, body: NewOrder, locations: Sequence[Location]
) -> Circumstances:
    """Return what decided about an order as it was `placed`. Raises PriceBookNotFound."""
    order = placed.order
    c = await load.look(tx, [body], at=order.placed_at, version=order.price_rules_version)
    rules = c.prices.rules
    most = rules.needs.earlier_orders if order.customer_id is not None else 0
    earlier: int | None = None
    if most:
        earlier = await tx.load_one(queries.orders_before(order, most=most))
    codes: Mapping[str, UUID] = {x.code: x.location_id for x in locations}
    c = c._replace(locations=codes, no_stores={}, prices=askable.unjudged(c.prices))
    moved = bespoke.moved(placed.lines, c.prices.skus, rules.units)
    return repricing.as_placed(repricing.with_formulas(c, moved), placed, story, earlier)
