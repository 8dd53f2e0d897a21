"""Gifts: which SKUs carts may be given, and how many an order still earns. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from jiedan.pricing.rules.promotions import calling, giving, goods
from jiedan.pricing.rules.promotions.calls import Call
from jiedan.pricing.rules.promotions.compiling import stage_of
from jiedan.pricing.values.lots import Lot
from jiedan.pricing.values.promotions import Gift, Goods, Promotion

_SKU = "sku:"


class Glance(NamedTuple):
    """What is known of a cart before its prices are: its SKUs, how many units they are, for whom and through what."""

    codes: frozenset[str]
    quantity: int
    currency: str
    channel: str
    at: datetime
    has_coupons: bool = False
    knows_customer: bool = False


def skus_of(promotion: Promotion) -> tuple[str, ...]:
    """Return the SKUs that a promotion gives one of; none where it gives something else."""
    return promotion.offer.skus if isinstance(promotion.offer, Gift) else ()


def within_reach(offered: Iterable[Promotion], carts: Sequence[Glance]) -> frozenset[str]:
    """Return the SKUs that some cart may be given, as far as a glance tells: what no cart can earn is not read.

    Goods that are named by SKU are looked for; of those named by category, brand or tag it is only known once prices
    are.
    """
    return frozenset(sku for one in offered if any(_may_earn(one, cart) for cart in carts) for sku in skus_of(one))


def still_earned(promotion: Promotion, lots: Sequence[Lot], currency: str) -> int:
    """Return how many units of its gift a promotion gives for what is left of an order's goods.

    Only goods and thresholds are looked at: who ordered, when and through what was decided when it was placed.
    """
    offer, when = promotion.offer, promotion.when
    if not isinstance(offer, Gift):
        return 0
    shelf = calling.shelf_of(lots)
    own = calling.mask_of(promotion.goods, shelf)
    looks = own if when.counted is None else calling.mask_of(when.counted, shelf)
    if not own or not looks:
        return 0
    counted = calling.lots_in(looks)
    quantity = sum([shelf.lots[lot].quantity for lot in counted])
    min_spend = when.min_spend.get(currency, 0)
    if quantity < when.min_quantity or goods.worth_of(shelf.left, counted) < min_spend:
        return 0
    call = Call(
        promotion,
        stage_of(offer),
        0,
        currency,
        calling.lots_in(own),
        own,
        counted,
        looks,
        quantity,
        min_spend,
    )
    return offer.quantity * giving.times_reached(call, shelf.left)


def _may_earn(one: Promotion, cart: Glance) -> bool:
    when = one.when
    is_now = (when.from_at is None or when.from_at <= cart.at) and (when.until_at is None or cart.at < when.until_at)
    is_known = cart.knows_customer or not (when.customers or when.groups or one.caps.per_customer is not None)
    is_offered = not when.min_spend or cart.currency in when.min_spend
    return (
        is_now
        and is_known
        and is_offered
        and (when.coupon == "none" or cart.has_coupons)
        and (not when.channels or cart.channel in when.channels)
        and cart.quantity >= when.min_quantity
        and _may_have(one.goods, cart.codes)
        and (when.counted is None or _may_have(when.counted, cart.codes))
    )


def _may_have(choice: Goods, codes: frozenset[str]) -> bool:
    return not choice.any_of or any(
        not trait.startswith(_SKU) or trait.removeprefix(_SKU) in codes for trait in choice.any_of
    )
