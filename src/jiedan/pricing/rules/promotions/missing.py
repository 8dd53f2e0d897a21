"""Why a promotion was not given, and how little is missing for one, or for more of it."""

from collections.abc import Iterable

from jiedan.pricing.rules.promotions import calling, goods, sets
from jiedan.pricing.rules.promotions.calls import Call, Given, Node
from jiedan.pricing.values import promoted, promotions


def why_not(call: Call, fresh: Node, best: Node) -> promoted.Outcome:
    """Return why a promotion whose conditions are met is not among the best: something lacks, or another has it."""
    base = best.left if best.base is None else best.base
    short = _short_of(call, fresh, base)
    if short is not None:
        return short
    if isinstance(call.promotion.offer, promotions.Gift) and not _has_gift(call.promotion.offer, fresh):
        return promoted.Outcome(call.promotion.id, "gift_sold_out", wanted=call.promotion.offer.skus)
    if not call.upper:
        return promoted.Outcome(call.promotion.id, "nothing_to_reduce")
    return promoted.Outcome(call.promotion.id, "excluded_by", by=_excluding(call, best))


def coming(call: Call, given: Given, fresh: Node, best: Node) -> promoted.Outcome | None:
    """Return what is missing for the next step, or the next time, of a promotion that is given."""
    offer, name = call.promotion.offer, call.promotion.id
    base = best.left if best.base is None else best.base
    if isinstance(offer, promotions.Steps):
        return _next_step(call, offer, given, base)
    if isinstance(offer, promotions.BuyGet):
        if offer.among == "other" or not offer.repeats or given.times == offer.times_max:
            return None
        size = offer.buy + offer.get
        over = max([_units(fresh, lots) % size for lots in _pools(call, offer)], default=0)
        return calling.needs_quantity(name, size - over, size, code="next_quantity") if over else None
    if isinstance(offer, promotions.Gift) and offer.per == "time" and call.min_spend and given.times != offer.times_max:
        needed = call.min_spend * (given.times + 1)
        spent = goods.worth_of(base, call.looks)
        return calling.needs_spend(name, needed - spent, needed, code="next_spend") if spent < needed else None
    return None


def _next_step(call: Call, offer: promotions.Steps, given: Given, base: goods.Left) -> promoted.Outcome | None:
    if offer.repeats:
        step, count = offer.steps[0], given.level + 1
    elif given.level < len(offer.steps):
        step, count = offer.steps[given.level], 1
    else:
        return None
    return _short_of_step(call, offer, step, base, count=count)


def _short_of_step(
    call: Call, offer: promotions.Steps, step: promotions.Step, base: goods.Left, *, count: int = 0
) -> promoted.Outcome | None:
    """Return what is missing for a step: for the first time, or for `count` times of it."""
    name, is_next = call.promotion.id, count > 0
    if offer.by == "quantity":
        needed, there = step.from_quantity * max(count, 1), call.quantity
        if there >= needed:
            return None
        return calling.needs_quantity(
            name, needed - there, needed, code="next_quantity" if is_next else "needs_quantity"
        )
    needed, there = step.from_amounts[call.currency] * max(count, 1), goods.worth_of(base, call.lots)
    if there >= needed:
        return None
    return calling.needs_spend(name, needed - there, needed, code="next_spend" if is_next else "needs_spend")


def _short_of(call: Call, fresh: Node, base: goods.Left) -> promoted.Outcome | None:
    """Return what is missing for a promotion's threshold or for its first set."""
    offer, name = call.promotion.offer, call.promotion.id
    if call.stage > 1 and call.min_spend and (spent := goods.worth_of(base, call.looks)) < call.min_spend:
        return calling.needs_spend(name, call.min_spend - spent, call.min_spend)
    if isinstance(offer, promotions.Steps):
        return _short_of_step(call, offer, offer.steps[0], base)
    if isinstance(offer, promotions.Bundle):
        lacking = sets.missing_for_set(call, fresh.left)
        needed = sum([slot.quantity for slot in offer.slots])
        return calling.needs_quantity(name, lacking, needed) if lacking > 0 else None
    if isinstance(offer, promotions.BuyGet):
        lacking = _short_of_set(call, offer, fresh)
        return calling.needs_quantity(name, lacking, offer.buy + offer.get) if lacking > 0 else None
    return None


def _short_of_set(call: Call, offer: promotions.BuyGet, fresh: Node) -> int:
    size = offer.buy + offer.get
    if offer.among != "other":
        return size - max([_units(fresh, lots) for lots in _pools(call, offer)], default=0)
    return max(
        offer.buy - _units(fresh, call.lots),
        offer.get - _units(fresh, call.others),
        size - _units(fresh, {*call.lots, *call.others}),
    )


def _pools(call: Call, offer: promotions.BuyGet) -> tuple[tuple[int, ...], ...]:
    """Return the goods that one set is made of: those of one SKU, or all."""
    return call.codes if offer.among == "sku" else (call.lots,)


def _units(node: Node, lots: Iterable[int]) -> int:
    return sum([run[0] for lot in lots for run in node.left[lot]])


def _has_gift(offer: promotions.Gift, node: Node) -> bool:
    return any(node.stock.get(sku, 0) > 0 for sku in offer.skus)


def _excluding(call: Call, best: Node) -> str:
    """Return the promotion that stands in the way: one alone, one of the group, else the biggest on the same goods."""
    for other, _ in best.given:
        group = call.promotion.group
        if other.promotion.stacking == "alone" or (group and group == other.promotion.group):
            return other.promotion.id
    is_alone = call.promotion.stacking == "alone"
    meeting = [
        (-given.minor, other.rank, other.promotion.id)
        for other, given in best.given
        if is_alone or call.touched & other.touched or not call.shared.isdisjoint(other.shared)
    ]
    return min(meeting)[2] if meeting else ""
