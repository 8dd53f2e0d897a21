"""Carts and promotions of tests, in as few words as they need."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from jiedan.pricing.rules import promotions as rules
from jiedan.pricing.values import promoted, promotions
from jiedan.pricing.values.lots import Lot

ALL = 1_000_000
HALF = 500_000
NOON = dt.datetime(2026, 11, 11, 4, 0, tzinfo=dt.UTC)  # noon in China, a Wednesday
LOCAL_NOON = dt.datetime(2026, 11, 11, 12, 0)  # noqa: DTZ001 - the merchant's clock


def lot(
    code: str, quantity: int, unit_minor: int, *traits: str, worth: int | None = None, promotable: bool = True
) -> Lot:
    """Make a lot with the trait of its SKU; traits without a kind are categories."""
    kinds = [trait if ":" in trait else f"category:{trait}" for trait in traits]
    total = quantity * unit_minor if worth is None else worth
    return Lot(code, quantity, unit_minor, total, frozenset({f"sku:{code}", *kinds}), promotable)


def goods(*traits: str, none_of: Sequence[str] = (), all_of: Sequence[str] = ()) -> promotions.Goods:
    """Choose goods; traits without a kind are categories, those in capitals SKUs."""
    return promotions.Goods(_traits(traits), _traits(all_of), _traits(none_of))


def _traits(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(n if ":" in n else f"sku:{n}" if n.isupper() else f"category:{n}" for n in names)


def promotion(offer: promotions.Offer, *traits: str, id: str = "P", **more: Any) -> promotions.Promotion:
    """Make a promotion for goods; its name is its id."""
    return promotions.Promotion(id=id, name=id, offer=offer, goods=more.pop("goods", goods(*traits)), **more)


def facts(currency: str = "CNY", **more: Any) -> promoted.Facts:
    """Make what promotions may ask: at noon of 11 November, nothing else known."""
    return promoted.Facts(currency, more.pop("at", NOON), more.pop("local_at", LOCAL_NOON), **more)


def promote(cart: Sequence[Lot], *given: promotions.Promotion, every: bool = False, **more: Any) -> promoted.Promoted:
    """Promote a cart; every promotion must be one that a merchant could have published."""
    for one in given:
        assert rules.problems_of_promotion(one) == ()
    return rules.promote(cart, facts(**more), rules.compile_promotions(given), every=every)


def amounts(told: promoted.Promoted) -> dict[str, int]:
    """Return what each promotion took off."""
    return {one.promotion: one.amount_minor for one in told.applied}


def outcome(told: promoted.Promoted, promotion: str = "P") -> promoted.Outcome:
    """Return what became of a promotion."""
    return next(one for one in told.outcomes if one.promotion == promotion)


def percent(rate_ppm: int, **more: Any) -> promotions.PercentOff:
    return promotions.PercentOff(rate_ppm=rate_ppm, **more)


def off(minor: int, per: Any = "order", currency: str = "CNY") -> promotions.AmountOff:
    return promotions.AmountOff(amounts={currency: minor}, per=per)


def fixed(minor: int, currency: str = "CNY") -> promotions.FixedPrice:
    return promotions.FixedPrice(amounts={currency: minor})


def buy_get(buy: int, get: int, rate_ppm: int = ALL, **more: Any) -> promotions.BuyGet:
    return promotions.BuyGet(buy=buy, get=get, rate_ppm=0 if more.get("amounts") else rate_ppm, **more)


def bundle(minor: int, *slots: tuple[promotions.Goods, int], currency: str = "CNY", **more: Any) -> promotions.Bundle:
    made = tuple(promotions.Slot(goods=chosen, quantity=quantity) for chosen, quantity in slots)
    return promotions.Bundle(slots=made, amounts={currency: minor}, **more)


def steps(*pairs: tuple[int, int], currency: str = "CNY", **more: Any) -> promotions.Steps:
    """Make steps of money: from so much, so much off."""
    made = tuple(promotions.Step(from_amounts={currency: a}, amounts={currency: b}) for a, b in pairs)
    return promotions.Steps(steps=made, **more)
