"""Offers that need no sets: rates and amounts off, fixed prices, steps, gifts, shipping."""

from collections.abc import Callable
from typing import cast

from jiedan.base import money
from jiedan.pricing.rules.promotions import goods, sets
from jiedan.pricing.rules.promotions.calls import PERK_BITS, Call, Given, Node
from jiedan.pricing.values import promoted, promotions
from jiedan.pricing.values.carts import PPM

Give = Callable[[Call, Node, goods.Left], Given | None]
"""Return what an offer gives, or None for nothing: of a call, what was given before it, and what thresholds look at."""


def part(worth: int, rate_ppm: int) -> int:
    """Return a rate of an amount, rounded half up."""
    return money.round_half_up(worth * rate_ppm, PPM)


def _percent_off(call: Call, node: Node, _base: goods.Left) -> Given | None:
    offer = cast("promotions.PercentOff", call.promotion.offer)
    if call.limit is not None:
        takings = _dearest(call, node.left)
        worths = [taking.worth for taking in takings]
        off = _capped(part(sum(worths), offer.rate_ppm), call.at_most)
        return _on_units(node.left, takings, goods.spread(off, worths) if worths else [], 0)
    worths = goods.worths_of(node.left, call.lots)
    return _on_lots(call, node.left, worths, _capped(part(sum(worths), offer.rate_ppm), call.at_most), 0)


def _amount_off(call: Call, node: Node, _base: goods.Left) -> Given | None:
    offer = cast("promotions.AmountOff", call.promotion.offer)
    minor = call.minor or 0
    if offer.per == "order":
        worths = goods.worths_of(node.left, call.lots)
        off = min(minor, sum(worths))
        return _on_lots(call, node.left, worths, off, minor - off)
    if offer.per == "line":
        offs = [min(minor, worth) for worth in goods.worths_of(node.left, call.lots)]
        after, parts = goods.reduced(node.left, call.lots, offs)
        return Given(after, sum(offs), parts, cut=minor * len(offs) - sum(offs)) if parts else None
    if call.limit is not None:
        takings = _dearest(call, node.left)
        offs = [min(minor * taking.units, taking.worth) for taking in takings]
        cut = sum([minor * taking.units for taking in takings]) - sum(offs)
        return _on_units(node.left, takings, offs, cut)
    asked = minor * sum([run[0] for lot in call.lots for run in node.left[lot]])
    given = _on_runs(call, node.left, minor, is_price=False)
    return given and given._replace(cut=asked - given.minor)


def _fixed_price(call: Call, node: Node, _base: goods.Left) -> Given | None:
    minor = call.minor or 0
    if call.limit is not None:
        takings = [taking for taking in _dearest(call, node.left) if taking.worth > minor * taking.units]
        return _on_units(node.left, takings, [taking.worth - minor * taking.units for taking in takings], 0)
    return _on_runs(call, node.left, minor, is_price=True)


def _steps(call: Call, node: Node, base: goods.Left) -> Given | None:
    """Give the step that takes off the most of those reached; thresholds look at `base`."""
    offer = cast("promotions.Steps", call.promotion.offer)
    reached = call.quantity if offer.by == "quantity" else goods.worth_of(base, call.lots)
    worths = goods.worths_of(node.left, call.lots)
    total = sum(worths)
    best = (0, 0, 1, 0)
    for number, step in enumerate(offer.steps, start=1):
        needed = step.from_quantity if offer.by == "quantity" else step.from_amounts[call.currency]
        if reached < needed:
            break
        times = reached // max(needed, 1) if offer.repeats else 1
        asked = step.amounts[call.currency] * times if step.amounts else part(total, step.rate_ppm)
        asked = _capped(asked, call.at_most)
        best = max(best, (min(asked, total), times if offer.repeats else number, times, asked))
    off, level, times, asked = best
    given = _on_lots(call, node.left, worths, off, asked - off)
    return given and given._replace(times=times, level=level)


def times_reached(call: Call, base: goods.Left) -> int:
    """Return how many times a gift's threshold is reached: the fewest where it has two."""
    offer = cast("promotions.Gift", call.promotion.offer)
    if offer.per == "order":
        return 1
    counts = []
    if call.min_spend:
        counts.append(goods.worth_of(base, call.looks) // call.min_spend)
    if call.promotion.when.min_quantity:
        counts.append(call.quantity // call.promotion.when.min_quantity)
    times = min(counts, default=1)
    return times if offer.times_max is None else min(times, offer.times_max)


def _gift(call: Call, node: Node, base: goods.Left) -> Given | None:
    """Give the SKU chosen, else the first that is there whole, else the one of which there is the most."""
    offer = cast("promotions.Gift", call.promotion.offer)
    times = times_reached(call, base)
    wanted = offer.quantity * times
    order = [call.choice, *offer.skus] if call.choice in offer.skus else offer.skus
    sku = next((sku for sku in order if node.stock.get(sku, 0) >= wanted), None)
    if sku is None:
        sku = max(order, key=lambda sku: node.stock.get(sku, 0))
    quantity = min(wanted, node.stock.get(sku, 0))
    if quantity <= 0:
        return None
    instead = call.choice if call.choice != sku else ""
    gift = promoted.GiftGiven(call.promotion.id, sku, quantity, instead, is_chosen=bool(call.choice) and not instead)
    return Given(node.left, 0, [], times=times, units=quantity, level=times, gift=gift)


def reduction_of(call: Call) -> promoted.ShippingReduction:
    """Return what a shipping offer takes off the fee."""
    offer = cast("promotions.ShippingOff", call.promotion.offer)
    return promoted.ShippingReduction(call.promotion.id, offer.rate_ppm, call.minor or 0, call.at_most)


def off_fee(fee_minor: int, reduction: promoted.ShippingReduction) -> int:
    """Return what a reduction takes off a shipping fee: never more than the fee."""
    off = part(fee_minor, reduction.rate_ppm) if reduction.rate_ppm else reduction.amount_minor
    return min(_capped(off, reduction.at_most_minor), fee_minor)


def _shipping_off(call: Call, node: Node, _base: goods.Left) -> Given | None:
    return Given(node.left, 0, [], fee=off_fee(node.fee, reduction_of(call)))


_GIVES: dict[type, Give] = {
    promotions.PercentOff: _percent_off,
    promotions.AmountOff: _amount_off,
    promotions.FixedPrice: _fixed_price,
    promotions.Steps: _steps,
    promotions.BuyGet: sets.buy_get,
    promotions.Bundle: sets.bundle,
    promotions.Gift: _gift,
    promotions.ShippingOff: _shipping_off,
}


def try_on(node: Node, call: Call, gift_minor: Callable[[str], int]) -> Node | None:
    """Return the combination with one promotion more, or None where it gives nothing.

    `gift_minor` tells what one unit of a gift is worth.
    """
    base = node.base
    if call.stage > 1 and base is None:
        base = node.left
    counted = node.left if base is None else base
    if call.stage > 1 and call.min_spend and goods.worth_of(counted, call.looks) < call.min_spend:
        return None
    given = _GIVES[type(call.promotion.offer)](call, node, counted)
    if given is None:
        return None
    stock, fee, score = node.stock, node.fee, node.score
    if given.gift is not None:
        sku, quantity = given.gift.sku, given.gift.quantity
        stock = {**stock, sku: stock[sku] - quantity}
        score += (gift_minor(sku) * quantity << PERK_BITS) + 1
    elif given.fee is not None:
        fee -= given.fee
        score += (given.fee << PERK_BITS) + 1
    else:
        score += given.minor << PERK_BITS
    return Node(given.left, base, stock, fee, score, (*node.given, (call, given)))


def _capped(off: int, at_most: int | None) -> int:
    return off if at_most is None else min(off, at_most)


def _on_lots(call: Call, left: goods.Left, worths: list[int], off: int, cut: int) -> Given | None:
    """Take one amount off the lots of a call, spread by what is left of them."""
    if not off:
        return None
    after, parts = goods.reduced(left, call.lots, goods.spread(off, worths))
    return Given(after, off, parts, cut=cut)


def _on_runs(call: Call, left: goods.Left, minor: int, *, is_price: bool) -> Given | None:
    """Let each unit cost at most `minor`, where that is a price, or so much less, but not below nothing.

    A run is a whole here: its units' prices are at most one minor unit apart, so that either all of them are above the
    amount, or none is.
    """
    after = left.copy()
    parts: list[tuple[int, int]] = []
    total = 0
    for lot in call.lots:
        off, runs = 0, []
        for count, worth, is_taken in left[lot]:
            amount = minor * count
            less = max(0, worth - amount) if is_price else min(worth, amount)
            off += less
            runs.append((count, worth - less, is_taken))
        if off:
            after[lot] = tuple(runs)
            parts.append((lot, off))
            total += off
    return Given(after, total, parts) if parts else None


def _dearest(call: Call, left: goods.Left) -> list[goods.Taking]:
    """Return the dearest units of the goods, as many as may still be reduced; what costs nothing stays."""
    room = call.limit or 0
    takings = []
    for cost, lot, run, count in goods.units_of(left, call.lots, untaken=False):
        if not (room and cost):
            break
        taken = min(count, room)
        room -= taken
        takings.append(goods.Taking(lot, run, taken, -cost * taken, 0))
    return takings


def _on_units(left: goods.Left, takings: list[goods.Taking], offs: list[int], cut: int) -> Given | None:
    taken = [taking._replace(off=off) for taking, off in zip(takings, offs, strict=True) if off]
    if not taken:
        return None
    after = goods.without(left, taken, into_set=False)
    units = sum([taking.units for taking in taken])
    return Given(after, sum([t.off for t in taken]), goods.by_lot(taken), units=units, cut=cut)
