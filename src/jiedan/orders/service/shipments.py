"""Record what happened to the goods of orders, told by fulfillment in the transaction that moves them."""

from collections.abc import Mapping, Sequence

import msgspec

from jiedan.accounts import queries as accounts
from jiedan.base.db import Tx
from jiedan.orders import changes, queries
from jiedan.orders.rules import derived
from jiedan.orders.values import OrderId, OrderWithLines, ShipmentFact

_GOODS = ("allocated", "released", "shipped", "delivered")


async def record_shipments(
    tx: Tx,
    *,
    facts: Sequence[ShipmentFact],
    held: Mapping[OrderId, OrderWithLines] | None = None,
    history: changes.History = changes.NOTHING_BEFORE,
) -> dict[OrderId, OrderWithLines]:
    """Add signed differences to the quantities of lines; return each order as it is now, by id.

    Several facts of one line add up. Fulfillment status, expiry and completion follow. Three statements, whatever
    their number. The orders are locked here, unless the caller gives them as `held`, locked and as they are now: orders
    come before fulfillments and stock. Unknown ids are absent. Of `history` are the orders of which only what happened
    elsewhere is told; it says when the last of that was.
    """
    wanted = {fact.order_id for fact in facts}
    found = await queries.orders_for_update(tx, wanted) if held is None else {i: held[i] for i in sorted(wanted)}
    settings = await tx.load_one(accounts.settings())
    sums = changes.summed(facts, lambda fact: fact.line_id, _GOODS)
    made: list[changes.Change] = []
    for before in found.values():
        lines = tuple(
            msgspec.structs.replace(line, **{name: getattr(line, name) + by for name, by in moved.items()})
            if (moved := sums.get(line.line_id)) is not None
            else line
            for line in before.lines
        )
        order = derived.refreshed(before.order, lines, at=tx.now, expiry_minutes=settings.expiry_minutes)
        made.append(changes.Change(before, order, lines))
    saved = await changes.save(tx, made, history=history)
    return {change.order.order_id: OrderWithLines(change.order, change.lines) for change in saved}
