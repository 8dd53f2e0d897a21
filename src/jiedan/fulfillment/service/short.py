"""A picker does not get what should be there: counted down, and the latest promises sourced again or made to wait."""

from collections.abc import Mapping, Sequence
from typing import Any

from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.fulfillment import queries, saving
from jiedan.fulfillment.rules.shorts import Shelf, short
from jiedan.fulfillment.service.holding import hold
from jiedan.fulfillment.service.working import decided
from jiedan.fulfillment.values import Fulfillment, FulfillmentId, Short
from jiedan.inventory import queries as stock
from jiedan.inventory.values import StockKey
from jiedan.orders import service as orders

OPERATION = "fulfillment.short"


async def short_pick(tx: Tx, *, shorts: Sequence[Short]) -> list[FulfillmentId | Refusal]:
    """Count units as not found, damaged or miscounted: one outcome per row, in order, all in this transaction.

    Stock is counted down. Where more is reserved than is left, the units promised latest are freed, sourced from
    elsewhere or made to wait; what is picked stays with whom it was picked for. Outcomes are the fulfillment's id,
    FulfillmentNotFound, LineNotReleased, TooMuchToPick or KeyReused. The statement count does not grow.
    """
    subjects = await once.subjects(tx, operation=OPERATION, wishes=[(wish.key, wish) for wish in shorts])
    fresh = [i for i, found in enumerate(subjects) if isinstance(found, once.Subject) and found.is_fresh]
    outcomes = await _short(tx, [shorts[i] for i in fresh]) if fresh else []

    async def read(_: Tx, known: Sequence[Any]) -> Mapping[Any, FulfillmentId]:
        wish_by_id = {x.id: wish for x, wish in zip(subjects, shorts, strict=True) if isinstance(x, once.Subject)}
        return {key: FulfillmentId(wish_by_id[key].fulfillment_id) for key in known}

    made = dict(zip(fresh, outcomes, strict=True))
    return await once.settle(tx, operation=OPERATION, subjects=subjects, made=made, read=read)


async def _short(tx: Tx, wishes: Sequence[Short]) -> list[FulfillmentId | Refusal]:
    before = await queries.fulfillments(tx, {wish.fulfillment_id for wish in wishes})
    shortfalls = _shortfalls(before, wishes)
    others = await queries.latest_promised(tx, shortfalls)
    floor = await hold(tx, order_ids={*others, *(x.order_id for x in before.values())})
    shelf = Shelf(await stock.lock_stock(tx, list(shortfalls)))
    outcomes = [
        decided(floor, wish, wish.fulfillment_id, lambda floor, wish, _: short(floor, shelf, wish)) for wish in wishes
    ]
    now = await saving.save(tx, floor)  # without a case to lock before the stock: no parcel is concerned
    held = {**floor.ground.orders, **now}
    await orders.lose_stock(tx, held=held, losses=shelf.losses, adjustments=shelf.adjustments)
    return outcomes


def _shortfalls(found: Mapping[FulfillmentId, Fulfillment], wishes: Sequence[Short]) -> dict[StockKey, int]:
    """Return how much may go missing at each counter; what cannot be right is refused later, under the locks."""
    wanted: dict[StockKey, int] = {}
    for wish in wishes:
        of = found.get(FulfillmentId(wish.fulfillment_id))
        line = next((x for x in of.lines if x.line == wish.line), None) if of is not None else None
        if of is not None and line is not None and 0 < wish.quantity <= line.released:
            key = StockKey(line.sku_id, of.location_id)
            wanted[key] = wanted.get(key, 0) + wish.quantity
    return wanted
