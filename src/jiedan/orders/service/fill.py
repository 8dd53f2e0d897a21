"""Give goods that appeared to the lines that wait for them."""

from collections.abc import Collection
from uuid import UUID

from jiedan.accounts import queries as accounts
from jiedan.base.db import Tx
from jiedan.catalog.values import SkuId
from jiedan.orders import changes, events, queries
from jiedan.orders.rules import derived, resourcing
from jiedan.orders.rules.resourcing import Resourced
from jiedan.orders.service import resource
from jiedan.orders.service.cancel import held_by
from jiedan.orders.values import OrderWithLines

LINES_PER_SET_MAX = 500
"""Waiting lines that one transaction looks at."""

SKUS_PER_SET_MAX = 200
"""SKUs that one step of a sweep looks at."""


async def fill_waiting(tx: Tx, *, sku_ids: Collection[UUID], limit: int = LINES_PER_SET_MAX) -> int:
    """Allocate stock that appeared to waiting lines, oldest promise first; return how many orders got some.

    Looked at are lines that can use what is free now, so none that cannot keeps others waiting. A bounded set: when
    there are more, an event asks for the next one.
    """
    order_ids, has_more = await queries.waiting_orders(tx, sku_ids, limit=limit)
    if not order_ids:
        return 0
    found = await queries.orders_for_update(tx, order_ids)
    held = await held_by(tx, list(found.values()))
    hanging = await queries.details(tx, order_ids)
    ship_to = {key: details.addresses.get("ship_to") for key, details in hanging.items()}
    where = await resource.places(tx, [address for address in ship_to.values() if address is not None])
    settings = await tx.load_one(accounts.settings())
    left = await resource.lock_available(tx, [SkuId(sku_id) for sku_id in sku_ids])
    filled: list[tuple[OrderWithLines, Resourced]] = []
    made: list[changes.Change] = []
    for order_id in order_ids:
        before = found[order_id]
        if before.order.lifecycle != "open":
            continue
        got = resourcing.fill(
            before,
            held,
            left,
            where.among(left),
            sku_ids=frozenset(sku_ids),
            destination=where.of(ship_to[order_id]),
        )
        if not got.claims:
            continue
        for claim in got.claims:
            left[claim.key] -= claim.quantity
        order = derived.refreshed(before.order, got.lines, at=tx.now, expiry_minutes=settings.expiry_minutes)
        made.append(changes.Change(before, order, got.lines))
        filled.append((before, got))
    await changes.save(tx, made)
    await resource.save_resourced(tx, filled, kind="fill")
    if has_more and filled:
        tx.emit(events.WaitingLinesLeft(order_id=order_ids[-1], sku_ids=tuple(sorted(sku_ids))))
    return len(filled)


async def sweep_waiting(tx: Tx) -> int:
    """Fill one set of lines that no event told of; return how many orders got something, 0 when none is left.

    Goods that arrive for the first time while an order is being placed see no line that waits, and the order no goods.
    """
    after = UUID(int=0)
    while sku_ids := await queries.skus_to_fill(tx, after=after, limit=SKUS_PER_SET_MAX):
        waiting, _ = await queries.waiting_orders(tx, sku_ids, limit=1)
        if waiting:
            return await fill_waiting(tx, sku_ids=sku_ids)
        after = sku_ids[-1]
    return 0
