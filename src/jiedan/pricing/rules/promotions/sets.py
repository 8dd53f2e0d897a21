"""Offers on sets of units: buy some and get some, bundles. Both work on runs of units, never on one unit at a time.

Units that one set offer has had, bought or got, are in no other. Sets are made of the dearest units first, so that the
customer saves the most under the merchant's rule: of the units of each set the cheapest are the ones reduced.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, cast

from jiedan.base import money
from jiedan.pricing.rules.promotions import goods
from jiedan.pricing.rules.promotions.calls import Call, Given, Node
from jiedan.pricing.values import promotions
from jiedan.pricing.values.carts import PPM


class _Piece(NamedTuple):
    """The part of one set that comes from the same units: how many are bought, and how many got."""

    units: goods.Units
    bought: int
    got: int


class _Sets(NamedTuple):
    """So many sets made alike, and what each of them saves (before rounding)."""

    saves: int
    times: int
    pieces: tuple[_Piece, ...]


def buy_get(call: Call, node: Node, _base: goods.Left) -> Given | None:
    """Make the sets that save the most, as many as there may be, and reduce what is got in them."""
    offer = cast("promotions.BuyGet", call.promotion.offer)
    room = offer.times_max if offer.repeats else 1
    if offer.among == "other":
        sets = _across(call, node.left, offer, room)
    else:
        sets = []
        for lots in call.codes if offer.among == "sku" else (call.lots,):
            sets += _chunks(goods.units_of(node.left, lots, untaken=True), call, offer)
        # Stable: where sets save the same, those of the first SKU by code.
        sets.sort(key=lambda made: -made.saves)
    times = 0
    taken: dict[goods.Units, tuple[int, int]] = {}
    for made in sets:
        now = made.times if room is None else min(made.times, room - times)
        if not (now and made.saves):
            break
        times += now
        for units, bought, got in made.pieces:
            was = taken.get(units, (0, 0))
            taken[units] = (was[0] + bought * now, was[1] + got * now)
    return _reduce_got(call, node.left, offer, taken, times)


def _chunks(units: Sequence[goods.Units], call: Call, offer: promotions.BuyGet) -> Iterator[_Sets]:
    """Yield the sets that units make from the dearest on, those alike together."""
    size = offer.buy + offer.get
    number, have = 0, units[0][3] if units else 0
    while number < len(units):
        if have >= size:
            piece = _Piece(units[number], offer.buy, offer.get)
            yield _Sets(_saves(piece, call, offer), have // size, (piece,))
            have %= size
        pieces, filled = [], 0
        while filled < size:
            if not have:
                number += 1
                if number == len(units):
                    return
                have = units[number][3]
            elif not filled and have >= size:
                break
            now = min(have, size - filled)
            bought = max(0, min(now, offer.buy - filled))
            pieces.append(_Piece(units[number], bought, now - bought))
            filled += now
            have -= now
        if filled:
            yield _Sets(sum([_saves(piece, call, offer) for piece in pieces]), 1, tuple(pieces))


def _saves(piece: _Piece, call: Call, offer: promotions.BuyGet) -> int:
    """Return what a set saves on a piece, as parts per million of a minor unit."""
    each = -piece.units[0]
    return piece.got * (max(0, each - call.minor) * PPM if call.minor is not None else each * offer.rate_ppm)


def _across(call: Call, left: goods.Left, offer: promotions.BuyGet, room: int | None) -> list[_Sets]:
    """Return the sets whose reduced units come from other goods: the dearest of those, for the cheapest bought."""
    to_buy, to_get = frozenset(call.lots), frozenset(call.others)
    units = goods.units_of(left, sorted(to_buy | to_get), untaken=True)
    only_buy = sum([u[3] for u in units if u[1] not in to_get])
    only_get = sum([u[3] for u in units if u[1] not in to_buy])
    both = sum([u[3] for u in units if u[1] in to_buy and u[1] in to_get])
    times = min(
        (only_buy + both) // offer.buy,
        (only_get + both) // offer.get,
        (only_buy + only_get + both) // (offer.buy + offer.get),
    )
    times = times if room is None else min(times, room)
    spare = both - max(0, offer.buy * times - only_buy)  # of those that are both, so many need not be bought
    need, got = offer.get * times, dict.fromkeys(units, 0)
    for one in units:
        if one[1] in to_get and need:
            now = min(one[3], need, spare if one[1] in to_buy else need)
            spare -= now if one[1] in to_buy else 0
            got[one], need = now, need - now
    need, bought = offer.buy * times, dict.fromkeys(units, 0)
    for one in sorted(units, key=lambda u: (u[1] in to_get, -u[0], u[1], u[2])):
        if one[1] in to_buy and need:
            bought[one] = now = min(one[3] - got[one], need)
            need -= now
    pieces = tuple([_Piece(one, bought[one], got[one]) for one in units if bought[one] or got[one]])
    # All sets as one, since which units belong to which set makes no difference.
    saves = sum([_saves(piece, call, offer) for piece in pieces])
    return [_Sets(saves, 1, pieces)] if times and saves else []


def _reduce_got(
    call: Call, left: goods.Left, offer: promotions.BuyGet, taken: dict[goods.Units, tuple[int, int]], times: int
) -> Given | None:
    """Take what is got off its units, rounded once for the whole offer."""
    gots = [(units, got) for units, (_, got) in taken.items() if got]
    worths = [-units[0] * got for units, got in gots]
    if call.minor is not None:
        offs = [max(0, worth - call.minor * got) for worth, (_, got) in zip(worths, gots, strict=True)]
    else:
        off = money.round_half_up(sum(worths) * offer.rate_ppm, PPM)
        offs = goods.spread(off, worths) if off else []
    if not any(offs):
        return None
    takings = [
        goods.Taking(lot, run, got, worth, off)
        for ((_, lot, run, _), got), worth, off in zip(gots, worths, offs, strict=True)
    ]
    bought = [
        goods.Taking(lot, run, count, -cost * count, 0) for (cost, lot, run, _), (count, _) in taken.items() if count
    ]
    after = goods.without(left, [*takings, *bought], into_set=True)
    if offer.among == "other":
        times = sum([taking.units for taking in takings]) // offer.get
    units = sum([taking.units for taking in takings])
    return Given(after, sum(offs), goods.by_lot(takings), times=times, units=units)


def bundle(call: Call, node: Node, _base: goods.Left) -> Given | None:
    """Sell the sets of units that save the most at the price of the bundle."""
    offer = cast("promotions.Bundle", call.promotion.offer)
    price = call.minor or 0
    needs = tuple([slot.quantity for slot in offer.slots])
    units = goods.units_of(node.left, call.lots, untaken=True)
    most = sets_of(needs, _counts(units, call.fits))
    if offer.times_max is not None:
        most = min(most, offer.times_max)
    times, filled = _sets_that_save(units, call.fits, needs, most, price)
    if not times:
        return None
    worths = [-one[0] * count for one, count in filled]
    off = sum(worths) - price * times
    takings = [
        goods.Taking(lot, run, count, worth, share)
        for ((_, lot, run, _), count), worth, share in zip(filled, worths, goods.spread(off, worths), strict=True)
    ]
    after = goods.without(node.left, takings, into_set=True)
    return Given(after, off, goods.by_lot(takings), times=times, units=sum([taking.units for taking in takings]))


_Filled = list[tuple[goods.Units, int]]


def _sets_that_save(
    units: Sequence[goods.Units], fits: Mapping[int, int], needs: tuple[int, ...], most: int, price: int
) -> tuple[int, _Filled]:
    """Return how many sets to make and of what: as many as the last of them still saves anything.

    Sets are made of the dearest units first, so what one more saves only falls: all or none are the commonest answers,
    and else the number is found by halving.
    """
    low, filled, high = 0, _Filled(), most
    middle = most
    while low < high:
        more = _fill(units, fits, needs, middle)
        if _worth(more) - _worth(_fill(units, fits, needs, middle - 1)) > price:
            low, filled = middle, more
        else:
            high = middle - 1
        middle = (low + high + 1) // 2
    return low, filled


def missing_for_set(call: Call, left: goods.Left) -> int:
    """Return how many units a bundle lacks for one set: of all slots together, the most that any of them lack."""
    offer = cast("promotions.Bundle", call.promotion.offer)
    counts = _counts(goods.units_of(left, call.lots, untaken=True), call.fits)
    needs = tuple([slot.quantity for slot in offer.slots])
    return max([need - _there(subset, counts) for subset, need in _subsets(needs)])


def sets_of(needs: tuple[int, ...], counts: Mapping[int, int]) -> int:
    """Return how many sets can be filled: none of the slots' subsets may ask for more units than fit it (Hall).

    `counts` are units by the slots they fit, as bits.
    """
    return min([_there(subset, counts) // need for subset, need in _subsets(needs)])


@functools.lru_cache(maxsize=1_024)
def _subsets(needs: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Return each subset of the slots, as bits, with the units that one set needs for it."""
    return tuple([
        (subset, sum([need for slot, need in enumerate(needs) if subset >> slot & 1]))
        for subset in range(1, 1 << len(needs))
    ])  # fmt: skip


def _there(subset: int, counts: Mapping[int, int]) -> int:
    """Return the units that fit one of these slots."""
    return sum([count for fit, count in counts.items() if fit & subset])


def _counts(units: Sequence[goods.Units], fits: Mapping[int, int]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for _, lot, _, count in units:
        counts[fits[lot]] = counts.get(fits[lot], 0) + count
    return counts


def _fill(units: Sequence[goods.Units], fits: Mapping[int, int], needs: tuple[int, ...], times: int) -> _Filled:
    """Return the units of so many sets: dearest first, as long as those taken still fit their slots together."""
    filled = _Filled()
    if not times:
        return filled
    room = {subset: times * need for subset, need in _subsets(needs)}
    for one in units:
        fit = fits[one[1]]
        # Units that fit nothing outside a subset of the slots can be no more than that subset takes.
        inside = [subset for subset in room if not fit & ~subset]
        now = min(one[3], *[room[subset] for subset in inside])
        if now:
            filled.append((one, now))
            for subset in inside:
                room[subset] -= now
    return filled


def _worth(filled: _Filled) -> int:
    return sum([-one[0] * count for one, count in filled])
