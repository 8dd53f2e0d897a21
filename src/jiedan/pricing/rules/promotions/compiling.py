"""Promotions compiled once: an index by trait, so that a cart looks only at what it can meet, and their checks."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from jiedan.pricing.rules.promotions import meeting
from jiedan.pricing.values import promotions

LAST_ON_GOODS = 2
"""The last stage that acts on goods; gifts and shipping come after it."""

_STAGES: dict[type, int] = {promotions.Steps: 2, promotions.Gift: 3, promotions.ShippingOff: 4}


class Indexed(NamedTuple):
    """One promotion, ready: its stage, its checks, and the choices of goods that bring it to a cart's notice.

    `shared` names what it has in common with others beside goods: an exclusive group, gifts, the shipping fee.
    """

    promotion: promotions.Promotion
    stage: int
    checks: tuple[meeting.Check, ...]
    choices: tuple[promotions.Goods, ...]
    shared: frozenset[str]


class Compiled(NamedTuple):
    """Promotions by (priority, id). An index of traits tells (promotion, choice of goods); `everywhere` have none."""

    promotions: tuple[Indexed, ...]
    by_trait: Mapping[str, tuple[tuple[int, int], ...]]
    everywhere: tuple[tuple[int, int], ...]
    by_id: Mapping[str, int]
    reduces_shipping: bool
    has_expressions: bool = False


def stage_of(offer: promotions.Offer) -> int:
    """Return when an offer acts: 1 on goods, 2 on the order, 3 gifts, 4 shipping."""
    if isinstance(offer, promotions.AmountOff | promotions.PercentOff):
        return 2 if offer.per == "order" else 1
    return _STAGES.get(type(offer), 1)


def choices_of(promotion: promotions.Promotion) -> tuple[promotions.Goods, ...]:
    """Return the choices of goods of a promotion: its own, those of its slots, or its own and what can be got."""
    offer = promotion.offer
    if isinstance(offer, promotions.Bundle):
        return tuple([slot.goods for slot in offer.slots])
    if isinstance(offer, promotions.BuyGet) and offer.among == "other":
        return (promotion.goods, offer.other or promotions.ALL_GOODS)
    return (promotion.goods,)


def _shared(promotion: promotions.Promotion) -> frozenset[str]:
    offer = promotion.offer
    names = [f"group:{promotion.group}"] if promotion.group else []
    if isinstance(offer, promotions.Gift):
        names += [f"gift:{sku}" for sku in offer.skus]
    elif isinstance(offer, promotions.ShippingOff):
        names.append("fee")
    return frozenset(names)


def compile_promotions(given: Iterable[promotions.Promotion]) -> Compiled:
    """Return promotions ready for carts. They must have no problems (`problems_of_promotion`) and ids of their own."""
    ordered = sorted(given, key=lambda promotion: (promotion.priority, promotion.id))
    indexed = tuple([
        Indexed(p, stage_of(p.offer), meeting.checks_of(p), choices_of(p), _shared(p)) for p in ordered
    ])  # fmt: skip
    by_trait: dict[str, list[tuple[int, int]]] = {}
    everywhere: list[tuple[int, int]] = []
    for number, one in enumerate(indexed):
        for place, goods in enumerate(one.choices):
            # One trait of `all_of` is enough to find it by; whether the others are there is asked then.
            found_by = goods.any_of or goods.all_of[:1]
            for trait in dict.fromkeys(found_by):
                by_trait.setdefault(trait, []).append((number, place))
            if not found_by:
                everywhere.append((number, place))
    return Compiled(
        indexed,
        {trait: tuple(found) for trait, found in by_trait.items()},
        tuple(everywhere),
        {one.promotion.id: number for number, one in enumerate(indexed)},
        any(isinstance(one.promotion.offer, promotions.ShippingOff) for one in indexed),
        any(one.promotion.when.expression for one in indexed),
    )
