"""Which promotions a cart meets, and with which of its goods."""

import functools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from jiedan.pricing.rules.promotions import choosing, goods, meeting
from jiedan.pricing.rules.promotions.calls import Call
from jiedan.pricing.rules.promotions.compiling import LAST_ON_GOODS, Compiled, Indexed
from jiedan.pricing.values import lots, promoted, promotions

_PPM = 1_000_000

PAYMENT: frozenset[promoted.OutcomeCode] = frozenset({"wrong_payment_method", "wrong_payment_terms"})
"""What stands in the way of who has all else that a promotion asks, and pays another way."""


class Shelf(NamedTuple):
    """The lots of a cart in an order of their own, so that the order they came in makes no difference.

    `order` tells where each came from; `by_trait` and `everything` are lots as bits, of those that take part.
    """

    lots: tuple[lots.Lot, ...]
    order: tuple[int, ...]
    left: goods.Left
    by_trait: Mapping[str, int]
    everything: int


def shelf_of(given: Sequence[lots.Lot]) -> Shelf:
    """Put lots in order and index their traits. Goods that are not promotable take no part at all."""
    order = sorted(range(len(given)), key=lambda i: (given[i].code, given[i].unit_minor, given[i].worth_minor))
    ordered = tuple([given[i] for i in order])
    by_trait: dict[str, int] = {}
    everything = 0
    for number, lot in enumerate(ordered):
        if lot.promotable and lot.quantity > 0:
            everything |= 1 << number
            for trait in lot.traits:
                by_trait[trait] = by_trait.get(trait, 0) | 1 << number
    left: goods.Left = [((lot.quantity, lot.worth_minor, False),) for lot in ordered]
    return Shelf(ordered, tuple(order), left, by_trait, everything)


def mask_of(choice: promotions.Goods, shelf: Shelf) -> int:
    """Return the lots, as bits, that a choice of goods means."""
    if not choice.any_of:
        return _narrowed(choice, shelf, shelf.everything)
    mask = 0
    for trait in choice.any_of:
        mask |= shelf.by_trait.get(trait, 0)
    return _narrowed(choice, shelf, mask)


def _narrowed(choice: promotions.Goods, shelf: Shelf, mask: int) -> int:
    for trait in choice.all_of:
        mask &= shelf.by_trait.get(trait, 0)
    for trait in choice.none_of:
        mask &= ~shelf.by_trait.get(trait, 0)
    return mask


@functools.lru_cache(maxsize=4_096)
def lots_in(mask: int) -> tuple[int, ...]:
    """Return the lots of a mask, in order. Many promotions mean the same lots, of one cart and of the next."""
    found = []
    while mask:
        lowest = mask & -mask
        found.append(lowest.bit_length() - 1)
        mask ^= lowest
    return tuple(found)


def calls_of(
    compiled: Compiled, shelf: Shelf, facts: promoted.Facts, *, every: bool
) -> tuple[list[Call], dict[int, promoted.Outcome]]:
    """Return the promotions whose conditions the cart meets, by (priority, id), and what stands in others' way.

    Looked at are those whose goods the cart has some of and whose coupon, if they want one, was given; with `every`
    all of them are.
    """
    found: dict[tuple[int, int], int] = {}
    for trait, mask in shelf.by_trait.items():
        for key in compiled.by_trait.get(trait, ()):
            found[key] = found.get(key, 0) | mask
    for key in compiled.everywhere:
        found[key] = shelf.everything
    opened = {compiled.by_id[c.promotion] for c in facts.coupons if c.promotion in compiled.by_id}
    looked = range(len(compiled.promotions)) if every else sorted({number for number, _ in found} | opened)
    calls: list[Call] = []
    outcomes: dict[int, promoted.Outcome] = {}
    for number in looked:
        one = compiled.promotions[number]
        if not every and one.promotion.when.coupon == "required" and number not in opened:
            continue
        masks = [_narrowed(choice, shelf, found.get((number, i), 0)) for i, choice in enumerate(one.choices)]
        told = _call(one, number, masks, shelf, facts)
        if isinstance(told, Call):
            calls.append(told)
        else:
            outcomes[number] = told
    return calls, outcomes


def _call(
    one: Indexed, rank: int, masks: Sequence[int], shelf: Shelf, facts: promoted.Facts
) -> Call | promoted.Outcome:
    """Return a promotion with what its offer needs of this cart, or what stands in its way."""
    promotion = one.promotion
    of_payment = None
    for check in one.checks:
        if (outcome := check(facts)) is not None:
            if outcome.code not in PAYMENT:
                return outcome
            of_payment = outcome
            break  # these are checked last
    minor, at_most, min_spend = _amounts(promotion, facts.currency)
    if minor == _NO_CURRENCY:
        return promoted.Outcome(promotion.id, "not_in_currency", wanted=(facts.currency,))
    mask = 0
    for part in masks:
        mask |= part
    when = promotion.when
    is_bundle = isinstance(promotion.offer, promotions.Bundle)
    own = mask if is_bundle else masks[0]
    looks = own if when.counted is None else mask_of(when.counted, shelf)
    if not mask or not (looks or when.counted is None):
        return promoted.Outcome(promotion.id, "no_goods")
    look_lots = lots_in(looks)
    quantity = sum([shelf.lots[lot].quantity for lot in look_lots])
    if quantity < when.min_quantity:
        return needs_quantity(promotion.id, when.min_quantity - quantity, when.min_quantity)
    if one.stage == 1 and min_spend and (worth := goods.worth_of(shelf.left, look_lots)) < min_spend:
        return needs_spend(promotion.id, min_spend - worth, min_spend)
    if of_payment is not None:
        return of_payment
    lot_numbers = lots_in(own)
    if isinstance(promotion.offer, promotions.Steps):
        quantity = sum([shelf.lots[lot].quantity for lot in lot_numbers])
    coupon = meeting.coupon_of(promotion.id, facts) if when.coupon == "required" else None
    return Call(
        promotion,
        one.stage,
        rank,
        facts.currency,
        lot_numbers,
        mask,
        look_lots,
        looks if min_spend else 0,
        quantity,
        min_spend,
        minor,
        at_most,
        _limit(promotion, facts),
        lots_in(masks[1]) if len(masks) > 1 and not is_bundle else (),
        _fits(masks) if is_bundle else {},
        _codes(promotion.offer, lot_numbers, shelf),
        coupon.code if coupon is not None else "",
        choosing.foreseen(promotion, facts.gifts_named, facts.gifts_of),
        (mask if one.stage <= LAST_ON_GOODS else 0) | (looks if min_spend else 0),
        one.shared,
    )


_NO_CURRENCY = -1


def _amounts(promotion: promotions.Promotion, currency: str) -> tuple[int | None, int | None, int]:
    """Return the offer's amount, its ceiling and the least spend in a currency; an amount of -1: not offered in it."""
    offer = promotion.offer
    amounts: promotions.Amounts = getattr(offer, "amounts", {})
    ceilings: promotions.Amounts = getattr(offer, "at_most", {})
    spends = promotion.when.min_spend
    needed = [amounts, ceilings, spends]
    if isinstance(offer, promotions.Steps):
        needed += [each for step in offer.steps for each in (step.amounts, step.from_amounts)]
    for each in needed:
        if each and currency not in each:
            return _NO_CURRENCY, None, 0
    return amounts.get(currency), ceilings.get(currency), spends.get(currency, 0)


def _limit(promotion: promotions.Promotion, facts: promoted.Facts) -> int | None:
    """Return how many units may still be reduced, where units are counted."""
    caps = promotion.caps
    limits = [] if caps.units is None else [facts.units_left.get(promotion.id, caps.units)]
    if caps.units_per_order is not None:
        limits.append(caps.units_per_order)
    return min(limits, default=None)


def _fits(masks: Sequence[int]) -> dict[int, int]:
    """Return the slots that each lot fits, as bits."""
    fits: dict[int, int] = {}
    for slot, mask in enumerate(masks):
        for lot in lots_in(mask):
            fits[lot] = fits.get(lot, 0) | 1 << slot
    return fits


def _codes(offer: promotions.Offer, numbers: Sequence[int], shelf: Shelf) -> tuple[tuple[int, ...], ...]:
    """Return the lots of each SKU, for an offer whose sets are made of one SKU."""
    if not isinstance(offer, promotions.BuyGet) or offer.among != "sku":
        return ()
    by_code: dict[str, list[int]] = {}
    for lot in numbers:
        by_code.setdefault(shelf.lots[lot].code, []).append(lot)
    return tuple([tuple(same) for same in by_code.values()])


def needs_quantity(
    promotion: str, missing: int, needed: int, *, code: promoted.OutcomeCode = "needs_quantity"
) -> promoted.Outcome:
    """Return that so many units more would do."""
    return promoted.Outcome(promotion, code, quantity=missing, missing_ppm=_PPM * missing // needed)


def needs_spend(
    promotion: str, missing: int, needed: int, *, code: promoted.OutcomeCode = "needs_spend"
) -> promoted.Outcome:
    """Return that so much more spent would do."""
    return promoted.Outcome(promotion, code, amount_minor=missing, missing_ppm=_PPM * missing // needed)
