"""Promise when orders arrive, and set how long locations take."""

import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

import structlog

from jiedan.accounts import queries as accounts
from jiedan.base.db import Load, Tx
from jiedan.carriers import queries as carriers
from jiedan.carriers.values import Account, Place, Transit
from jiedan.fulfillment import errors, events, queries, saving
from jiedan.fulfillment.rules.promising import HANDLING_DEFAULT, arrival
from jiedan.fulfillment.service.holding import Beside, holding_lines, lay_out
from jiedan.fulfillment.service.release import has_goods_here, reconsider_floor
from jiedan.inventory import errors as stock_errors
from jiedan.inventory import queries as stock
from jiedan.inventory.values import LocationId
from jiedan.orders import queries as order_queries
from jiedan.orders import service as orders
from jiedan.orders.values import OWNER_KIND, STOCKED_KINDS, Leaving, OrderId, OrderWithLines, Promise

log = structlog.get_logger()

DAYS_MAX = 365


async def promise_orders(
    tx: Tx, *, order_ids: Collection[UUID], edited: Mapping[UUID, datetime] = MappingProxyType({})
) -> int:
    """Keep when these orders arrive, of those that have no promise yet and are allocated whole; return how many.

    Those that were `edited`, at that moment, are promised anew. Where nobody can tell any more, as goods wait now or
    nobody knows how long the new way takes, what was promised is taken back.
    Imported history keeps what it was promised elsewhere. Ten statements, whatever their number.
    """
    found = await order_queries.orders_for_update(tx, {*order_ids, *edited})
    wanted = _to_be_promised(found.values(), edited)
    if not wanted:
        return 0
    line_ids = [line_id for each in wanted for line_id in holding_lines(each)]
    held, settings, *ways = await tx.load(
        stock.reservations_of_owners(OWNER_KIND, line_ids), accounts.settings(), *_ways_of(wanted)
    )
    return await _promise(tx, wanted, edited, Beside(held, settings, tuple(ways)))


async def release_and_promise(
    tx: Tx,
    *,
    reconsidered: Collection[UUID],
    promised: Collection[UUID],
    edited: Mapping[UUID, datetime] = MappingProxyType({}),
) -> None:
    """Do what `reconsider` does to some orders, then what `promise_orders` does to some, reading each once.

    A release changes nothing of what a promise looks at.
    """
    if not reconsidered:
        await promise_orders(tx, order_ids=promised, edited=edited)
        return
    found = await order_queries.orders_for_update(tx, {*reconsidered, *promised, *edited})
    to_release, to_promise = set(reconsidered), {*promised, *edited}
    concerned = {key: each for key, each in found.items() if key in to_release and has_goods_here(each)}
    wanted = _to_be_promised([each for key, each in found.items() if key in to_promise], edited)
    floor, beside = await lay_out(tx, concerned, *_ways_of(wanted), beside=wanted)
    await reconsider_floor(tx, floor)
    if wanted:
        await _promise(tx, wanted, edited, beside)


def _to_be_promised(found: Iterable[OrderWithLines], edited: Collection[UUID]) -> list[OrderWithLines]:
    return [x for x in found if _is_to_be_promised(x, is_edited=x.order.order_id in edited)]


def _ways_of(wanted: Collection[OrderWithLines]) -> tuple[Load[Any], ...]:
    """Return what is to be read of the ways that orders go: carriers, days of locations, and where they go."""
    if not wanted:
        return ()
    return *_known_ways(), order_queries.destinations([x.order.order_id for x in wanted])


def _known_ways() -> tuple[Load[Any], ...]:
    return carriers.carriers(), queries.handling()


def _promised_as_placed(
    found: Sequence[Any], at: datetime, time_zone: str, leaving: Sequence[Leaving]
) -> dict[OrderId, Promise]:
    """Return when new orders arrive that can leave at once; where nobody can tell, they are absent.

    A carrier that fails holds up no order: what it should have told is promised by the worker, when it can be.
    """
    accounts_by_code, handling = found
    way = _ways(accounts_by_code)
    promises = {}
    for each in leaving:
        try:
            carrier, transit = way(each.to)
        except Exception:  # adapters may be anybody's
            log.exception("promise.carrier_failed", order=str(each.order_id))
            continue
        made = arrival(
            at,
            time_zone=time_zone,
            handling=[handling.get(x, HANDLING_DEFAULT) for x in each.location_ids],
            transit=transit,
            delivery_wish=each.delivery_wish,
        )
        if made is not None:
            promises[each.order_id] = Promise(each.order_id, *made, carrier)
    return promises


PROMISING = orders.Promising(_known_ways, _promised_as_placed)
"""Promises orders a day as they are placed, in no statement of its own that writes."""


async def _promise(tx: Tx, wanted: Iterable[OrderWithLines], edited: Mapping[UUID, datetime], beside: Beside) -> int:
    accounts_by_code, handling, destinations = beside.more
    promises, taken_back = [], []
    way = _ways(accounts_by_code)
    for order, lines in wanted:
        carrier, transit = way(destinations.get(order.order_id))
        locations = {r.location_id for line in lines for r in beside.held.get(line.line_id, ())}
        made = arrival(
            edited.get(order.order_id, order.placed_at),
            time_zone=beside.settings.time_zone,
            handling=[] if any(x.waiting for x in lines) else [handling.get(x, HANDLING_DEFAULT) for x in locations],
            transit=transit,
            delivery_wish=order.delivery_wish,
        )
        if made is None:
            taken_back += [order.order_id] if order.promised_p50_on is not None else []
        elif made != (order.promised_p50_on, order.promised_p90_on):
            promises.append(Promise(order.order_id, *made, carrier))
    await orders.record_promises(tx, promises=promises, taken_back=taken_back)
    return len(promises)


def _is_to_be_promised(found: OrderWithLines, *, is_edited: bool) -> bool:
    """Tell whether it may be said when an order arrives, or is to be said anew."""
    order, lines = found
    if order.lifecycle != "open" or order.history or any(x.shipped for x in lines):
        return False
    is_whole = any(x.allocated for x in lines if x.kind in STOCKED_KINDS) and not any(x.waiting for x in lines)
    return is_edited or (is_whole and order.promised_p50_on is None)


def _ways(known: Mapping[str, Account]) -> Callable[[tuple[str, str] | None], tuple[str | None, Transit | None]]:
    """Return who tells who brings it to a destination and how long that takes: the first active carrier that says so.

    Each place is asked about once.
    """
    to = functools.cache(lambda where: carriers.transit(known, Place(*where)) or (None, None))

    def way(where: tuple[str, str] | None) -> tuple[str | None, Transit | None]:
        return (None, Transit(0, 0)) if where is None else to(where)  # without one it is collected where it is

    return way


async def set_handling(tx: Tx, *, days: Mapping[str, Transit]) -> dict[str, Transit]:
    """Set how many days locations take, by their codes; return the days of every location.

    Raises DaysOutOfRange, UnknownLocation.
    """
    places = {x.code: x.location_id for x in await tx.load_one(stock.locations())}
    wanted: dict[LocationId, Transit] = {}
    for code, value in days.items():
        if not 0 <= value.p50_days <= value.p90_days <= DAYS_MAX:
            raise errors.DaysOutOfRange(code, DAYS_MAX, field=f"days.{code}")
        if code not in places:
            raise stock_errors.UnknownLocation(code, field=f"days.{code}")
        wanted[places[code]] = value
    before = await tx.load_one(queries.handling())
    changed = {key: value for key, value in wanted.items() if before.get(key) != value}
    if changed:
        kept = await saving.save_handling(tx, changed)
        tx.emit(
            *(
                events.HandlingSet(location_id=key, p50_days=changed[key].p50_days, p90_days=changed[key].p90_days)
                for key in kept
            )
        )
    now = {**before, **changed}
    return {code: now.get(key, HANDLING_DEFAULT) for code, key in places.items()}
