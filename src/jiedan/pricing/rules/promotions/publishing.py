"""What is checked before promotions are published together: none in another's shadow, no gift in a loop, none too big.

The engine itself never goes below 0 and counts no gift; these find what a merchant cannot have meant.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from jiedan.pricing.rules.promotions import expressions
from jiedan.pricing.rules.promotions.compiling import Compiled, stage_of
from jiedan.pricing.rules.promotions.promoting import promote
from jiedan.pricing.values import lots, promoted, promotions

_QUANTITIES_MAX = 12
"""Quantities of one SKU that are tried."""


def shadows(given: Sequence[promotions.Promotion]) -> tuple[promoted.Shadow, ...]:
    """Return the promotions that never can be given, because another always is instead.

    Compared are promotions that exclude each other, by their group or by standing alone. Only what is certain is told:
    the other asks no more, for no fewer goods, without a cap, and takes off as much wherever both could be given.
    """
    ordered = sorted(given, key=lambda promotion: (promotion.priority, promotion.id))
    found = []
    for rank, weak in enumerate(ordered):
        for other_rank, strong in enumerate(ordered):
            if rank == other_rank or not _excludes(strong, weak):
                continue
            wins_ties = other_rank < rank
            is_more = strong.offer != weak.offer
            if _asks_no_more(strong, weak) and _gives_as_much(strong.offer, weak.offer) and (is_more or wins_ties):
                found.append(promoted.Shadow(weak.id, strong.id))
                break
    return tuple(found)


def of_any_currency(given: Sequence[promotions.Promotion], sold: Collection[str]) -> tuple[str, ...]:
    """Return the promotions whose free condition counts what goods cost without saying in which currency.

    Only those that are offered in more than one of the currencies `sold`; their conditions can be used.
    """
    return tuple([
        one.id
        for one in given
        if one.when.expression
        and len(_offered_in(one, sold)) > 1
        and "goods" in (looks_at := expressions.names_in(one.when.expression))
        and "currency" not in looks_at
    ])  # fmt: skip


def _offered_in(promotion: promotions.Promotion, sold: Collection[str]) -> set[str]:
    """Return in which currencies a promotion can be given: those in which it has its amounts."""
    offer, asked = promotion.offer, [promotion.when.min_spend]
    if isinstance(offer, promotions.AmountOff | promotions.FixedPrice | promotions.Bundle):
        asked.append(offer.amounts)
    elif isinstance(offer, promotions.Steps):
        asked += [amounts for step in offer.steps for amounts in (step.from_amounts, step.amounts)]
    found = set(sold)
    for amounts in filter(None, asked):
        found &= amounts.keys()
    return found


def gift_loops(
    given: Sequence[promotions.Promotion], traits_by_sku: Mapping[str, Collection[str]]
) -> tuple[tuple[str, ...], ...]:
    """Return the rings of promotions of which each gives what the next one is given for, the smallest id first.

    One that gives what it is itself given for is a ring of one. Promotions for all goods, or for money spent, are in
    none: a gift costs nothing. `traits_by_sku` are the traits of the gifts' SKUs.
    """
    gifts = {p.id: p for p in given if isinstance(p.offer, promotions.Gift)}
    opens: dict[str, list[str]] = {}
    for name, promotion in sorted(gifts.items()):
        opens[name] = [other for other in sorted(gifts) if _opened(promotion, gifts[other], traits_by_sku)]
    rings: set[tuple[str, ...]] = set()
    for start in sorted(opens):
        rings.update(_rings_from(start, opens))
    return tuple(sorted(rings))


def excesses(compiled: Compiled, samples: Sequence[lots.Lot], facts: promoted.Facts) -> tuple[promoted.Excess, ...]:
    """Return carts of one SKU that promotions would reduce beyond what they are worth, the smallest of each SKU.

    `samples` are SKUs at their prices; of each the quantities are tried at which some promotion begins.
    """
    found = []
    for sample in samples:
        for quantity in _quantities(compiled, sample, facts.currency):
            lot = sample._replace(quantity=quantity, worth_minor=sample.unit_minor * quantity)
            told = promote([lot], facts, compiled)
            cut = [applied.promotion for applied in told.applied if applied.cut_minor]
            if cut:
                asked = sum([applied.amount_minor + applied.cut_minor for applied in told.applied])
                names = tuple([applied.promotion for applied in told.applied if applied.amount_minor])
                asks = any(_asks_spend(compiled.promotions[compiled.by_id[name]].promotion, facts) for name in cut)
                found.append(promoted.Excess(lot.code, quantity, lot.worth_minor, asked, names, asks))
                break
    return tuple(found)


def _asks_spend(promotion: promotions.Promotion, facts: promoted.Facts) -> bool:
    """Tell whether a promotion is only given from so much spent on, in the currency of the facts."""
    steps = promotion.offer.steps if isinstance(promotion.offer, promotions.Steps) else ()
    return any(spend.get(facts.currency) for spend in (promotion.when.min_spend, *[s.from_amounts for s in steps]))


def _excludes(strong: promotions.Promotion, weak: promotions.Promotion) -> bool:
    """Tell whether `weak` could have been replaced by `strong` in every combination it is in."""
    if weak.stacking == "alone":
        return True
    return strong.stacking == "stack" and bool(weak.group) and strong.group == weak.group


def _asks_no_more(strong: promotions.Promotion, weak: promotions.Promotion) -> bool:
    a, b = strong.when, weak.when
    caps = strong.caps
    if caps != promotions.Caps() or a.coupon == "required" or stage_of(strong.offer) != stage_of(weak.offer):
        return False
    if (a.min_spend or a.min_quantity) and (a.counted != b.counted or strong.goods != weak.goods):
        return False
    lists = ("channels", "groups", "customers", "payment_methods", "payment_terms", "countries", "locations")
    return all([
        _covers(strong.goods, weak.goods),
        a.from_at is None or (b.from_at is not None and b.from_at >= a.from_at),
        a.until_at is None or (b.until_at is not None and b.until_at <= a.until_at),
        not a.hours or a.hours == b.hours,
        *[_is_wider(getattr(a, name), getattr(b, name)) for name in lists],
        not a.first_order or b.first_order,
        a.tax_status in {"any", b.tax_status},
        a.earlier_orders_min is None
        or (b.earlier_orders_min is not None and b.earlier_orders_min >= a.earlier_orders_min),
        a.earlier_orders_max is None or _at_most(b) <= a.earlier_orders_max,
        set(a.attributes) <= set(b.attributes),
        not a.min_spend or (bool(b.min_spend) and _none_higher(a.min_spend, b.min_spend)),
        a.min_quantity <= b.min_quantity,
        not a.expression or a.expression == b.expression,
    ])  # fmt: skip


def _at_most(when: promotions.When) -> float:
    """Return the most earlier orders that a condition allows."""
    if when.first_order:
        return 0
    return float("inf") if when.earlier_orders_max is None else when.earlier_orders_max


def _is_wider(wide: Collection[str], narrow: Collection[str]) -> bool:
    return not wide or (bool(narrow) and set(narrow) <= set(wide))


def _covers(wide: promotions.Goods, narrow: promotions.Goods) -> bool:
    return (
        _is_wider(wide.any_of, narrow.any_of)
        and set(wide.all_of) <= set(narrow.all_of)
        and set(wide.none_of) <= set(narrow.none_of)
    )


def _none_higher(low: promotions.Amounts, high: promotions.Amounts) -> bool:
    """Tell whether one has an amount for each currency of the other, and none is higher."""
    return all(currency in low and low[currency] <= minor for currency, minor in high.items())


def _gives_as_much(strong: promotions.Offer, weak: promotions.Offer) -> bool:
    """Tell whether an offer takes off as much as another on any goods; only what is certain."""
    if strong == weak:
        return True
    if isinstance(strong, promotions.PercentOff) and isinstance(weak, promotions.PercentOff):
        return strong.rate_ppm >= weak.rate_ppm and _caps_no_lower(strong.at_most, weak.at_most)
    if isinstance(strong, promotions.AmountOff) and isinstance(weak, promotions.AmountOff):
        return strong.per == weak.per and _none_higher(weak.amounts, strong.amounts) and _same(strong, weak)
    if isinstance(strong, promotions.FixedPrice) and isinstance(weak, promotions.FixedPrice):
        return _none_higher(strong.amounts, weak.amounts)
    return False


def _same(strong: promotions.AmountOff, weak: promotions.AmountOff) -> bool:
    return strong.amounts.keys() == weak.amounts.keys()


def _caps_no_lower(strong: promotions.Amounts, weak: promotions.Amounts) -> bool:
    if not strong:
        return True
    return strong.keys() == weak.keys() and all(strong[currency] >= minor for currency, minor in weak.items())


def _opened(
    giver: promotions.Promotion, other: promotions.Promotion, traits_by_sku: Mapping[str, Collection[str]]
) -> bool:
    """Tell whether a gift is among the goods that another gift is given for."""
    goods = other.when.counted or other.goods
    if other.when.min_spend or not (goods.any_of or goods.all_of) or not isinstance(giver.offer, promotions.Gift):
        return False
    for sku in giver.offer.skus:
        traits = {f"sku:{sku}", *traits_by_sku.get(sku, ())}
        is_one = not goods.any_of or not traits.isdisjoint(goods.any_of)
        if is_one and traits.issuperset(goods.all_of) and traits.isdisjoint(goods.none_of):
            return True
    return False


def _rings_from(start: str, opens: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Yield the shortest ring through `start`, beginning with its smallest id."""
    waiting: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    for path in waiting:
        for after in opens[path[-1]]:
            if after == start:
                first = path.index(min(path))
                yield path[first:] + path[:first]
                return
            if after not in seen:
                seen.add(after)
                waiting.append((*path, after))


def _quantities(compiled: Compiled, sample: lots.Lot, currency: str) -> list[int]:
    """Return the quantities of a SKU at which some promotion begins, the smallest first."""
    quantities = {1}
    for one in compiled.promotions:
        when, offer = one.promotion.when, one.promotion.offer
        spends = [when.min_spend.get(currency, 0)]
        quantities.add(when.min_quantity)
        if isinstance(offer, promotions.BuyGet):
            quantities.add(offer.buy + offer.get)
        elif isinstance(offer, promotions.Steps):
            quantities.update([step.from_quantity for step in offer.steps])
            spends += [step.from_amounts.get(currency, 0) for step in offer.steps]
        if sample.unit_minor > 0:
            quantities.update([-(-spend // sample.unit_minor) for spend in spends])
    return sorted(quantity for quantity in quantities if 0 < quantity <= promotions.COUNT_MAX)[:_QUANTITIES_MAX]
