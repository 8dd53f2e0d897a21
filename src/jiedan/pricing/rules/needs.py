"""What rules may ask of a cart beside its goods' own prices, so that nothing is read that no rule asks for."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from jiedan.pricing.rules.promotions.compiling import choices_of
from jiedan.pricing.values.books import RuleBook
from jiedan.pricing.values.promotions import Caps, Gift, Goods, Promotion
from jiedan.pricing.values.shipping import FlatTariff, ShippingMethod

_NO_CAPS = Caps()


class Needs(NamedTuple):
    """What the rules of one version ask.

    `goods`: traits beyond the SKU, entries of price lists, options, or sizes. `earlier_orders` is how many orders of a
    customer make a difference, 0 where none do. `caps` are by promotion, those of first orders with one per customer.
    `gifts` are the promotions that give some.
    """

    goods: bool = False
    groups: bool = False
    earlier_orders: int = 0
    coupons: bool = False
    caps: Mapping[str, Caps] = {}
    gifts: tuple[Promotion, ...] = ()


NOTHING = Needs()


def needs_of(book: RuleBook) -> Needs:
    """Return what the rules of a book ask."""
    promotions = book.promotions
    return Needs(
        goods=any(one.is_active for one in book.price_lists)
        or bool(book.surcharges or book.formulas)
        or any(_asks_traits(choice) for one in promotions for choice in _choices(one))
        or any(_asks_sizes(method) for method in book.shipping_methods),
        groups=any(one.when.groups for one in promotions) or any(one.groups for one in book.price_lists),
        earlier_orders=max((_earlier_orders(one) for one in promotions), default=0),
        coupons=any(one.when.coupon == "required" for one in promotions),
        caps={one.id: one.caps for one in map(counted, promotions) if one.caps != _NO_CAPS},
        gifts=tuple(counted(one) for one in promotions if isinstance(one.offer, Gift)),
    )


def counted(promotion: Promotion) -> Promotion:
    """Return a promotion with the limit that its conditions mean: the first order of a customer happens once."""
    if not promotion.when.first_order:
        return promotion
    return replace(promotion, caps=replace(promotion.caps, per_customer=1))


def _choices(promotion: Promotion) -> Iterable[Goods]:
    counted = promotion.when.counted
    return (*choices_of(promotion), *([counted] if counted is not None else []))


def _asks_traits(choice: Goods) -> bool:
    return any(not trait.startswith("sku:") for trait in (*choice.any_of, *choice.all_of, *choice.none_of))


def _asks_sizes(method: ShippingMethod) -> bool:
    return any(not isinstance(rate.tariff, FlatTariff) for zone in method.zones for rate in zone.rates) or bool(
        method.surcharges or method.limits.volume_mm3 or method.limits.side_mm
    )


def _earlier_orders(promotion: Promotion) -> int:
    """Return how many earlier orders have to be counted to tell: one more than the most that is asked."""
    when = promotion.when
    if not when.first_order and when.earlier_orders_min is None and when.earlier_orders_max is None:
        return 0
    return 1 + max(when.earlier_orders_min or 0, when.earlier_orders_max or 0)
