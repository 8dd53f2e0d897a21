"""Price stored orders by other rules than their own, a set at a time, to see what that would change."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from jiedan.base import turns
from jiedan.base.db import ReadTx
from jiedan.inventory import queries as stock
from jiedan.orders import queries
from jiedan.orders.placement import load
from jiedan.orders.placement.load import Trial
from jiedan.orders.queries import replays
from jiedan.orders.rules import askable, replaying, repricing
from jiedan.orders.rules.planning import Circumstances
from jiedan.orders.rules.replaying import Stored
from jiedan.orders.values import OrderId, OrderWithLines
from jiedan.orders.values.prices import PriceStory
from jiedan.orders.values.replays import Replayed
from jiedan.pricing.errors.drafts import PriceBookNotFound
from jiedan.pricing.values.books import RuleBook


async def replay_orders(
    tx: ReadTx, *, order_ids: Sequence[UUID], version: int, book: RuleBook, trial_id: UUID
) -> list[Replayed]:
    """Return what each order would have come to by the rules of `book`, in the order of the ids.

    `version` is that of the rules that priced them all; the book is always the same under one `trial_id`, and compiled
    once. The number of statements does not depend on the number of orders.
    """
    found = await queries.orders(tx, order_ids)
    orders = [found[OrderId(order_id)] for order_id in order_ids if order_id in found]
    early = {one.order.order_id: out for one in orders if (out := replaying.left_out(one)) is not None}
    fit = [one for one in orders if one.order.order_id not in early]
    priced = iter(await _replayed(tx, fit, version=version, trial=Trial(trial_id, book)) if fit else ())
    return [early[one.order.order_id] if one.order.order_id in early else next(priced) for one in orders]


async def _replayed(tx: ReadTx, orders: Sequence[OrderWithLines], *, version: int, trial: Trial) -> list[Replayed]:
    stored, locations = await _stored(tx, orders)
    bodies = [repricing.body_of(one.found, one.story, one.ship_to, one.location, one.attributes) for one in stored]
    moments = [one.found.order.placed_at for one in stored]
    try:
        own = await load.look(tx, bodies, version=version, moments=moments)
    except PriceBookNotFound as refusal:
        return [replaying.unlike(one.found, refusal) for one in stored]
    other = await load.look(tx, bodies, trial=trial, moments=moments)
    stored = await _with_earlier(tx, stored, own, other)
    own, other = (
        c._replace(locations=locations, no_stores={}, prices=askable.unjudged(c.prices)) for c in (own, other)
    )
    return await turns.taken(_each(stored, own, other))


def _each(stored: Sequence[Stored], own: Circumstances, other: Circumstances) -> Iterator[Replayed]:
    for one in stored:
        yield replaying.replayed(one, own, other)


async def _stored(tx: ReadTx, orders: Sequence[OrderWithLines]) -> tuple[Sequence[Stored], Mapping[str, UUID]]:
    """Return orders with what was kept of them, and every location by its code."""
    order_ids = [one.order.order_id for one in orders]
    stories, locations = await tx.load(replays.price_stories(order_ids), stock.locations())
    details = await queries.details(tx, order_ids)
    codes = {x.location_id: x.code for x in locations}
    stored = [
        Stored(
            one,
            stories.get(one.order.order_id) or PriceStory(one.order.price_rules_version),
            details[one.order.order_id].addresses.get("ship_to"),
            None if one.order.requested_location_id is None else codes.get(one.order.requested_location_id),
            details[one.order.order_id].attributes,
        )
        for one in orders
    ]
    return stored, {x.code: x.location_id for x in locations}


async def _with_earlier(
    tx: ReadTx, stored: Sequence[Stored], own: Circumstances, other: Circumstances
) -> Sequence[Stored]:
    """Return orders with how many their customers had before, where rules ask; no statement where none do."""
    most = max(own.prices.rules.needs.earlier_orders, other.prices.rules.needs.earlier_orders)
    orders = [one.found.order for one in stored if one.found.order.customer_id is not None]
    if not most or not orders:
        return stored
    counts: Mapping[UUID, int] = await tx.load_one(replays.orders_before_each(orders, most=most))
    return [one._replace(earlier=counts.get(one.found.order.order_id)) for one in stored]
