"""Hold stock for a cart: everything it holds is exchanged, in one step, for what it asks for now."""

from collections.abc import Sequence
from uuid import UUID

from jiedan.accounts.values import MerchantSettings
from jiedan.base.db import Tx
from jiedan.base.errors import accepted
from jiedan.carts import queries, rules
from jiedan.carts.values import HOLD, OWNER_KIND
from jiedan.catalog.values import SellableSku, SkuId
from jiedan.inventory import queries as stock
from jiedan.inventory import service as inventory
from jiedan.inventory.values import Claim, Free, LocationId, Owner, StockKey
from jiedan.sourcing import rules as sourcing
from jiedan.sourcing.values import Candidate, Choice, Point, Wanted


async def hold(
    tx: Tx,
    cart_id: UUID,
    lines: Sequence[tuple[SellableSku, int]],
    *,
    settings: MerchantSettings,
    destination: Point | None = None,
) -> list[int | None]:
    """Hold, as far as it is there, what `lines` ask for, for `HOLD` from now; the cart is locked.

    Returns for each line how many units are left for this cart, None where stock does not count. Whatever the cart
    held before is given up in the same step, so nobody can take it in between. Ten statements, whatever their number.
    """
    wanted = rules.demands(lines)
    counters, locations, held_by_cart = await tx.load(
        stock.availability([SkuId(demand.sku_id) for demand in wanted]), stock.locations(), queries.held_by([cart_id])
    )
    holder = Owner(OWNER_KIND, cart_id)
    keys = {*counters, *(StockKey(r.sku_id, r.location_id) for r in held_by_cart.get(cart_id, ()))}
    if not keys:
        return _left(lines, {})
    locked = await stock.lock_stock(tx, keys)
    mine = (await tx.load_one(queries.held_by([cart_id]))).get(cart_id, ())  # the sweep may have been quicker
    left: dict[tuple[UUID, UUID], int] = {
        (key.sku_id, key.location_id): row.available for key, row in locked.items() if key in counters
    }
    for reservation in mine:
        key = (reservation.sku_id, reservation.location_id)
        if key in left:
            left[key] += reservation.quantity
    candidates = [
        Candidate(place.location_id, place.code, place.priority, _point(place.lat, place.lon))
        for place in locations
        if place.is_active
    ]
    choice = Choice((), {})
    if wanted:
        choice, _ = sourcing.choose(
            Wanted(tuple(wanted), settings.split, backorder=True, destination=destination), left, candidates
        )
    claims = [
        Claim(holder, SkuId(a.sku_id), LocationId(a.location_id), a.quantity, tx.now + HOLD) for a in choice.assignments
    ]
    frees = [Free(holder, r.sku_id, r.location_id) for r in mine]
    if claims or frees:
        accepted(await inventory.exchange_many(tx, frees=frees, claims=claims))
    in_all: dict[UUID, int] = {}
    for (sku_id, _), units in left.items():
        in_all[sku_id] = in_all.get(sku_id, 0) + max(units, 0)
    return _left(lines, in_all)


def _left(lines: Sequence[tuple[SellableSku, int]], in_all: dict[UUID, int]) -> list[int | None]:
    return [rules.units_left(sku, in_all) for sku, _ in lines]


def _point(lat: float | None, lon: float | None) -> Point | None:
    return None if lat is None or lon is None else Point(lat, lon)
