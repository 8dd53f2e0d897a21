"""What giving stock to placed lines takes: places, locked counters, and writing down what changed hands and why."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import accepted
from jiedan.catalog.values import SkuId
from jiedan.customers.values import Address
from jiedan.inventory import queries as stock
from jiedan.inventory import service as inventory
from jiedan.inventory.values import StockKey
from jiedan.orders import events, writing
from jiedan.orders.rules import resourcing
from jiedan.orders.rules.resourcing import Resourced, Stock
from jiedan.orders.values import STOCKED_KINDS, DecisionKind, OrderWithLines
from jiedan.sourcing import queries as sourcing
from jiedan.sourcing.values import Candidate, Point


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


async def save_resourced(tx: Tx, made: Sequence[tuple[OrderWithLines, Resourced]], *, kind: DecisionKind) -> None:
    """Free and claim what changed hands, tell it, and keep why; `made` are orders as they were and what they get.

    The counters are locked and hold it.
    """
    frees = [free for _, got in made for free in got.frees]
    claims = [claim for _, got in made for claim in got.claims]
    if frees:
        await inventory.hand_over_many(tx, frees=frees, claims=claims)
    elif claims:
        accepted(await inventory.reserve_many(tx, claims=claims, locked=True))
    await writing.add_decisions(
        tx, kind=kind, decided=[(found.order, {"sourcing": resourcing.kept(got.trace)}) for found, got in made]
    )
    for found, got in made:
        _tell(tx, found, got)


def _tell(tx: Tx, found: OrderWithLines, got: Resourced) -> None:
    """Tell which lines got stock, and where, and which wait for more than before."""
    order_id = found.order.order_id
    if got.claims:
        lines = tuple(events.LineAllocation(x.owner.id, x.sku_id, x.location_id, x.quantity) for x in got.claims)
        tx.emit(events.LinesAllocated(order_id=order_id, lines=lines))
    more = resourcing.more_waiting(found.lines, got.lines)
    if more:
        waiting = tuple(events.LineQuantity(line.line_id, quantity) for line, quantity in more)
        tx.emit(events.LinesBackordered(order_id=order_id, lines=waiting))


def stocked_skus(found: OrderWithLines) -> set[SkuId]:
    """Return the SKUs whose stock an order claims."""
    return {line.sku_id for line in found.lines if line.kind in STOCKED_KINDS and line.sku_id is not None}
