"""What a unit costs by quantity for one buyer: the tiers of the lists that hold, one after the other.

Where a list begins at a higher quantity, the price before it is that of the list after it; so what is told is what a
line of that quantity alone is charged, before promotions.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from jiedan.base.errors import Refusal
from jiedan.pricing.rules import lists, surcharges
from jiedan.pricing.rules.units import UnitRules
from jiedan.pricing.values.lists import Buyer, ListEntry, ListPrice, PriceStep, Serving
from jiedan.pricing.values.units import SkuPrices


class _Goods(NamedTuple):
    """A SKU that is asked about, and what is asked with."""

    code: str
    sku: SkuPrices
    rules: UnitRules
    buyer: Buyer
    served: Serving


def price_steps(skus: Mapping[str, SkuPrices], rules: UnitRules, buyer: Buyer) -> dict[str, tuple[PriceStep, ...]]:
    """Return what a unit of each SKU costs by quantity, by code; SKUs without a price, or with a formula, are absent.

    Quantities rise. Where lists of one rank cross, what is told is never less than what is charged.
    """
    served = lists.serving(rules.lists, buyer)
    told = {
        code: _steps(_Goods(code, sku, rules, buyer, served))
        for code, sku in skus.items()
        if rules.formula_of(code, sku.traits) is None
    }
    return {code: steps for code, steps in told.items() if steps}


def _steps(goods: _Goods) -> tuple[PriceStep, ...]:
    found: list[PriceStep] = []
    last: tuple[str, int] | None = None
    for start in _starts(goods):
        price = _price(goods, goods.sku, start)
        if price is None or (price.trace.list_code, price.trace.tier_from) == last:
            continue
        step = _step(goods, price, start, goes_on=last is not None and last[0] == price.trace.list_code)
        if step is None:
            found += _no_less(goods, price, start, found)
            continue
        last = price.trace.list_code, price.trace.tier_from
        is_same = found and step.mode == found[-1].mode == "volume" and step.unit_minor == found[-1].unit_minor
        found += [] if is_same else [step]
    return tuple(found)


def _step(goods: _Goods, price: ListPrice, start: int, *, goes_on: bool) -> PriceStep | None:
    """Return the step that begins at `start`; None where it cannot be told after the one before.

    The first tier of graduated ones prices all units up to the next, as those of other lists do. A further one is told
    where its list `goes_on`: after another list's, the units before it would have two prices.
    """
    code = price.trace.list_code
    unit_minor = _with_surcharges(goods, price.unit_minor)
    if unit_minor is None:
        return None
    entry = next((one for one in goods.sku.entries if one.list_code == code), None)
    if entry is None or entry.mode == "volume" or price.trace.tier_from == entry.tiers[0].min_quantity:
        return PriceStep(start, unit_minor, "volume", code)
    if not goes_on:
        return None
    return PriceStep(start, unit_minor - _further_off(goods, entry, start), "graduated", code)


def _no_less(goods: _Goods, price: ListPrice, start: int, told: Sequence[PriceStep]) -> list[PriceStep]:
    """Return the step for a further band of graduated ones that begins after another list's, where one is needed.

    Where the list before goes on as it is, what is told is no less than what is charged. Where its next tier is dearer,
    it would be: then each unit is told at what they cost on average there, and more of them cost less.
    """
    unit_minor = _with_surcharges(goods, price.unit_minor)
    if unit_minor is None or not told:
        return []
    charged = unit_minor * start - price.tier_off_minor
    if _amount(told, start) >= charged:
        return []
    return [PriceStep(start, -(-charged // start), "volume", price.trace.list_code)]


def _amount(told: Sequence[PriceStep], quantity: int) -> int:
    """Return what so many units cost by steps that all begin at fewer, the first at one of `volume`."""
    base = max(i for i, step in enumerate(told) if step.mode == "volume")
    bands = told[base:]
    starts = [0, *(step.min_quantity - 1 for step in bands[1:]), quantity]
    return sum(step.unit_minor * (until - since) for step, since, until in zip(bands, starts, starts[1:], strict=False))


def _further_off(goods: _Goods, entry: ListEntry, start: int) -> int:
    """Return how much less the unit costs that reaches a further band than one of the first, in minor units."""
    alone = goods.sku._replace(entries=(entry,), catalog={})
    now, then = _price(goods, alone, start), _price(goods, alone, start - 1)
    return (0 if now is None else now.tier_off_minor) - (0 if then is None else then.tier_off_minor)


def _price(goods: _Goods, sku: SkuPrices, quantity: int) -> ListPrice | None:
    price = lists.list_price(sku, quantity, goods.served, goods.rules.exchange, goods.buyer)
    return price if isinstance(price, ListPrice) else None


def _starts(goods: _Goods) -> list[int]:
    """Return the quantities at which a price may begin, rising."""
    sku = goods.sku
    found: set[int] = set()
    for currency in {goods.buyer.currency, goods.rules.exchange.base_currency}:
        ranks = goods.served.ranks.get(currency, {})
        of_lists = [entry.tiers for entry in sku.entries if entry.list_code in ranks]
        found |= {tier.min_quantity for tiers in (*of_lists, sku.catalog.get(currency, ())) for tier in tiers}
    return sorted(found)


def _with_surcharges(goods: _Goods, unit_minor: int) -> int | None:
    """Return a price with what the SKU's own options add; None where an option has no price in the currency."""
    met = surcharges.surcharges_of(goods.rules.surcharges, goods.sku.traits, goods.sku.options)
    if not met:
        return unit_minor
    try:
        return surcharges.add_surcharges(unit_minor, met, goods.code, goods.buyer, goods.rules.exchange)[0]
    except Refusal:
        return None
