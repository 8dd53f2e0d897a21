"""Give stock to lines again: to waiting ones when goods appear, and to edited orders from other places."""

from collections.abc import Collection, Mapping
from typing import NamedTuple
from uuid import UUID

from jiedan.accounts import queries as accounts
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import accepted
from jiedan.catalog.values import SkuId
from jiedan.customers.values import Address
from jiedan.inventory import queries as stock
from jiedan.inventory import service as inventory
from jiedan.inventory.values import Claim, StockKey
from jiedan.orders import changes, events, queries
from jiedan.orders.rules import derived, resourcing
from jiedan.orders.rules.resourcing import Resourced, Stock
from jiedan.orders.values import STOCKED_KINDS, OrderWithLines
from jiedan.sourcing import queries as sourcing
from jiedan.sourcing.values import Candidate, Point

LINES_PER_SET_MAX = 500
"""Waiting lines that one transaction looks at."""


class Places(NamedTuple):
    """The locations that could ship, and where addresses lie."""

    candidates: Mapping[UUID, Candidate]
    postal: sourcing.Places

    def of(self, address: Address | None) -> Point | None:
        """Return where an address lies; None when nobody knows."""
        if address is None:
            return None
        if address.lat is not None and address.lon is not None:
            return Point(address.lat, address.lon)
        return self.postal.find(address.country, address.postal_code)

    def among(self, available: Stock) -> list[Candidate]:
        """Return the candidates that stand in `available`."""
        ids = {location_id for _, location_id in available}
        return [self.candidates[x] for x in sorted(ids) if x in self.candidates]


async def places(tx: ReadTx, addresses: Collection[Address]) -> Places:
    """Read the active locations and where `addresses` lie."""
    codes = {(a.country, a.postal_code) for a in addresses if a.lat is None and a.postal_code}
    found, postal = await tx.load(stock.locations(), sourcing.places(codes))
    return Places(
        {
            x.location_id: Candidate(x.location_id, x.code, x.priority, None if x.lat is None else Point(x.lat, x.lon))
            for x in found
            if x.is_active
        },
        postal,
    )


async def lock_available(
    tx: Tx, sku_ids: Collection[SkuId], more: Collection[StockKey] = ()
) -> dict[tuple[UUID, UUID], int]:
    """Lock every counter of these SKUs (and `more`) in key order; return what may be promised at active locations."""
    seen = await tx.load_one(stock.availability(sku_ids))
    locked = await stock.lock_stock(tx, {*seen, *more})
    return {key: max(0, value.available) for key, value in locked.items() if key in seen}


async def fill_waiting(tx: Tx, *, sku_ids: Collection[UUID], limit: int = LINES_PER_SET_MAX) -> int:
    """Allocate stock that appeared to waiting lines, oldest promise first; return how many orders got some.

    A bounded set: when more lines wait than were looked at, and this set could use anything, an event asks for the
    next one.
    """
    order_ids, has_more = await queries.waiting_orders(tx, sku_ids, limit=limit)
    if not order_ids:
        return 0
    found = await queries.orders_for_update(tx, order_ids)
    hanging = await queries.details(tx, order_ids)
    ship_to = {key: details.addresses.get("ship_to") for key, details in hanging.items()}
    where = await places(tx, [address for address in ship_to.values() if address is not None])
    settings = await tx.load_one(accounts.settings())
    left = await lock_available(tx, [SkuId(sku_id) for sku_id in sku_ids])
    made: list[changes.Change] = []
    claims: list[Claim] = []
    for order_id in order_ids:
        before = found[order_id]
        if before.order.lifecycle != "open":
            continue
        got = resourcing.fill(
            before,
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
        claims.extend(got.claims)
        tell_allocated(tx, before, got)
    await changes.save(tx, made)
    if claims:
        await inventory.reserve_many(tx, claims=claims, locked=True)
    if has_more and claims:
        tx.emit(events.WaitingLinesLeft(order_id=order_ids[-1], sku_ids=tuple(sorted(sku_ids))))
    return len(made)


async def save_resourced(tx: Tx, got: Resourced) -> None:
    """Free and claim what changed hands; the counters are locked and hold it."""
    if got.frees:
        accepted(await inventory.release_many(tx, frees=got.frees))
    if got.claims:
        await inventory.reserve_many(tx, claims=got.claims, locked=True)


def tell_allocated(tx: Tx, found: OrderWithLines, got: Resourced) -> None:
    """Tell which lines got stock, and where."""
    if not got.claims:
        return
    lines = tuple(
        events.LineAllocation(claim.owner.id, claim.sku_id, claim.location_id, claim.quantity) for claim in got.claims
    )
    tx.emit(events.LinesAllocated(order_id=found.order.order_id, lines=lines), history=found.order.history)


def stocked_skus(found: OrderWithLines) -> set[SkuId]:
    """Return the SKUs whose stock an order claims."""
    return {line.sku_id for line in found.lines if line.kind in STOCKED_KINDS and line.sku_id is not None}
