"""A cart as it stands now: names, prices, stock, and what has changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from jiedan.base.db import Load, ReadTx
from jiedan.carts import rules
from jiedan.carts.queries.carts import held_by
from jiedan.carts.values import Cart, CartCoupon, CartLine, CartView, LineView
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import PriceTier, SellableSku
from jiedan.inventory import queries as inventory
from jiedan.inventory.values import Reservation
from jiedan.pricing.queries import redemptions
from jiedan.pricing.rules.coupons import facts_of
from jiedan.pricing.values.redemptions import FoundUses


async def view(tx: ReadTx, cart: Cart) -> CartView:
    """Return a cart with today's names, prices and stock. Four statements, two more where it keeps coupons."""
    skus, held_by_cart = await tx.load(
        catalog.skus_by_id([line.sku_id for line in cart.lines]), held_by([cart.cart_id])
    )
    held: Sequence[Reservation] = held_by_cart.get(cart.cart_id, ())
    goods = {part.sku_id for sku in skus.values() for part in rules.parts_of(sku, 1)}
    tiers, counters, *found = await tx.load(
        catalog.price_tiers([sku.code for sku in skus.values()], [cart.currency]),
        inventory.availability(goods),
        *_of_coupons(cart),
    )
    left: dict[UUID, int] = {}
    for key, row in counters.items():
        left[key.sku_id] = left.get(key.sku_id, 0) + max(row.available, 0)
    mine: dict[UUID, int] = {}
    for reservation in held:
        if reservation.expires_at is not None and reservation.expires_at > tx.now:
            mine[reservation.sku_id] = mine.get(reservation.sku_id, 0) + reservation.quantity
    reachable: dict[UUID, int] = {sku_id: left.get(sku_id, 0) + mine.get(sku_id, 0) for sku_id in goods}
    lines = tuple(
        _line(line, skus[line.sku_id], cart.currency, tiers, held=mine, reachable=reachable)
        for line in cart.lines
        if line.sku_id in skus
    )
    ends = [r.expires_at for r in held if r.expires_at is not None and r.expires_at > tx.now]
    return CartView(
        cart.cart_id,
        cart.customer_id,
        cart.currency,
        cart.order_id,
        min(ends, default=None),
        cart.version,
        sum(line.total_minor or 0 for line in lines),
        lines,
        _coupons(cart, FoundUses(*found), at=tx.now) if found else (),
    )


def _of_coupons(cart: Cart) -> Sequence[Load[Any]]:
    """Return the loads that tell what the codes of a cart are good for; none where it keeps none."""
    if not cart.coupons:
        return ()
    buyers = [] if cart.customer_id is None else [cart.customer_id]
    return (
        redemptions.coupons_by_code(cart.coupons),
        redemptions.used_by(codes=cart.coupons, customer_ids=buyers, promotions=()),
    )


def _coupons(cart: Cart, found: FoundUses, *, at: datetime) -> tuple[CartCoupon, ...]:
    told = facts_of(found, codes=cart.coupons, customer_id=cart.customer_id, promotions={}, at=at)
    return tuple(CartCoupon(coupon.code, coupon.state) for coupon in told.coupons)


def _line(
    line: CartLine,
    sku: SellableSku,
    currency: str,
    tiers: Mapping[tuple[str, str], tuple[PriceTier, ...]],
    *,
    held: Mapping[UUID, int],
    reachable: Mapping[UUID, int],
) -> LineView:
    listed = () if line.attributes else tiers.get((sku.code, currency), ())
    unit_minor = rules.unit_price(listed, line.quantity)
    is_news = line.currency == currency and line.unit_minor is not None and line.unit_minor != unit_minor
    return LineView(
        sku_id=sku.sku_id,
        product_id=sku.product_id,
        sku=sku.code,
        name=sku.name,
        kind=sku.kind,
        quantity=line.quantity,
        unit_minor=unit_minor,
        seen_minor=line.unit_minor if is_news else None,
        total_minor=None if unit_minor is None else unit_minor * line.quantity,
        held=min(rules.units_left(sku, held) or 0, line.quantity),
        available=rules.units_left(sku, reachable),
        is_sold=sku.is_active,
        attributes=dict(line.attributes),
        piece=line.piece,
        quantities=sku.quantities,
    )
