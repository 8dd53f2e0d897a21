"""Decide what drafts become, in order, earlier drafts first. Pure.

`plan_all` decides against a snapshot of the stock, `settle` once more against the locked rows. Placing drafts one by
one and placing them in one batch come to the same.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from jiedan.base.errors import Refusal
from jiedan.orders import errors
from jiedan.orders.rules import gifting, refusing
from jiedan.orders.rules.planning import Circumstances, Key, Plan, held_of, priced
from jiedan.orders.values import Draft, Rejected
from jiedan.pricing.rules import redemptions as uses
from jiedan.pricing.values.redemptions import UseKey
from jiedan.sourcing import rules as sourcing
from jiedan.sourcing import values as sources

SCARCE_UNITS = 100
"""Below this, what a location has left may be gone before its counter is locked, so the others are locked too."""

GIFT_TRIES_MAX = 8
"""How often a draft is priced with fewer gifts, before it is priced without any."""


def plan_all(drafts: Iterable[Draft], c: Circumstances) -> list[Plan | Rejected]:
    """Return what each draft would become by the snapshot in `c`, earlier drafts taking first.

    A refusal names what is missing of the goods that are known, too.
    """
    return list(plan_each(drafts, c))


def plan_each(drafts: Iterable[Draft], c: Circumstances) -> Iterator[Plan | Rejected]:
    """Yield what `plan_all` returns, one after the other: many take a while, and others may get a turn in between."""
    left = dict(c.stock)
    locations = locations_by_sku(left)
    used = dict(c.prices.uses.used)
    c = c._replace(prices=c.prices._replace(uses=c.prices.uses._replace(used=used)))
    for draft in drafts:
        held = _bring(draft, c, left)
        outcome = _planned(draft, c, left, locations)
        if isinstance(outcome, Plan):
            _count_uses(outcome, used)
        _keep_held(held, outcome, left)
        yield outcome


def _planned(
    draft: Draft, c: Circumstances, left: dict[Key, int], locations: Mapping[UUID, Sequence[UUID]]
) -> Plan | Rejected:
    """Price a draft and choose its locations among what is `left`, and take from it, or name all against it.

    What gifts there are is known once the goods have their stock: where there are fewer, it is priced again with so
    many. Each time some are fewer; where that takes too long, or gifts are refused, there are none.
    """
    gifts = gifting.there(draft.body, c, left, locations)
    for tries_left in range(GIFT_TRIES_MAX, -1, -1):
        outcome = priced(draft, c, gifts)
        if isinstance(outcome, Rejected):
            if gifts:  # one that no carrier takes, say, is no reason to refuse the rest
                gifts = {}
                continue
            missing = refusing.shortfalls(draft.body, c, left, locations)
            return Rejected((*outcome.reasons, *missing, *refusing.unknown_cards(draft)))
        sourced = _sourced(outcome, c, left, locations)
        if isinstance(sourced, Rejected):
            return Rejected((*sourced.reasons, *refusing.unknown_cards(draft)))
        if not isinstance(sourced, gifting.Lacking):
            return sourced
        gifts = {**gifts, **sourced.gifts} if tries_left > 1 else {}
    raise AssertionError  # without gifts none are lacking


def _count_uses(plan: Plan, used: dict[UseKey, int]) -> None:
    """Count what a plan uses of promotions: what earlier drafts take, later ones find gone."""
    for one in plan.price_story.applied:
        for key, count in uses.keys_of(one.promotion, None, None, plan.header.customer_id, one.units).items():
            used[key] = used.get(key, 0) + count


def keys_to_lock(plans: Sequence[Plan], c: Circumstances) -> set[Key]:
    """Return the counters that decide whether `plans` come true.

    Those chosen; where one of them runs out, all counters of its SKU, so that another location can step in. For units
    that found nothing too: else stock that arrives between the snapshot and the commit would see no line waiting, and
    the line would see no stock.
    """
    locations = locations_by_sku(c.stock)
    taken = _taken(plans)
    keys = set(taken)
    scarce = {key[0] for key, quantity in taken.items() if c.stock[key] - quantity < SCARCE_UNITS}
    for plan in plans:
        if not scarce and not plan.choice.missing:
            continue
        for demand in plan.wanted.demands:
            if demand.sku_id in scarce or demand.line in plan.choice.missing:
                keys.update((demand.sku_id, x) for x in _where(demand, locations))
        given = plan.gift_lines
        if given and any(x.sku_id in scarce and x.line in given for x in plan.wanted.demands):
            keys.update((sku_id, x) for sku_id in gifting.rivals_of(plan, c) for x in locations.get(sku_id, ()))
    for plan in plans:
        keys.update(held_of(plan.draft, c))  # what the cart held is given back, wherever it lies
    return keys


def fits_elsewhere(
    plans: Sequence[Plan], settled: Sequence[Plan | Rejected], c: Circumstances, locked: Mapping[Key, int]
) -> bool:
    """Tell whether a plan lost units that a location not locked seems to have: deciding anew will find them."""
    locations = locations_by_sku(c.stock)
    for plan, outcome in zip(plans, settled, strict=True):
        if outcome is plan or (isinstance(outcome, Plan) and _is_as_good(outcome, plan)):
            continue
        for demand in plan.wanted.demands:
            keys = ((demand.sku_id, x) for x in _where(demand, locations))
            if any(key not in locked and c.stock[key] > 0 for key in keys):
                return True
    return False


def _is_as_good(outcome: Plan, plan: Plan) -> bool:
    """Tell whether nothing more is missing than was planned, and no gift is gone."""
    is_whole = outcome.choice.missing.keys() <= plan.choice.missing.keys()
    return is_whole and gifting.given_by(outcome) == gifting.given_by(plan)


def settle(plans: Sequence[Plan], c: Circumstances, locked: Mapping[Key, int]) -> list[Plan | Rejected]:
    """Return `plans` as the locked counters allow; what no longer fits is sourced once more among them.

    Where a gift is gone, the draft is priced once more: with another one of the choice, or without.
    """
    if all(plan.draft.body.cart_id is None for plan in plans) and _all_fit(plans, locked):
        return list(plans)
    left = dict(locked)
    # A cart may hold goods where nothing is promised from any more: they are locked to be given back, no more.
    locations = locations_by_sku(key for key in left if key[1] in c.candidates)
    used = dict(c.prices.uses.used)
    c = c._replace(prices=c.prices._replace(uses=c.prices.uses._replace(used=used)))
    settled: list[Plan | Rejected] = []
    for plan in plans:
        held = _bring(plan.draft, c, left)
        if not plan.choice.missing and _fits(plan, left):
            _take(plan.choice, left)
            outcome: Plan | Rejected = plan
        else:
            again = _sourced(plan, c, left, locations)
            outcome = again if not isinstance(again, gifting.Lacking) else _planned(plan.draft, c, left, locations)
        if isinstance(outcome, Plan):
            _count_uses(outcome, used)
        _keep_held(held, outcome, left)
        settled.append(outcome)
    return settled


def _bring(draft: Draft, c: Circumstances, left: dict[Key, int]) -> Mapping[Key, int]:
    """Add to what is `left` what the draft's cart holds, and return that: once its order stands, it holds nothing."""
    held = {key: quantity for key, quantity in held_of(draft, c).items() if key in left}
    for key, quantity in held.items():
        left[key] += quantity
    return held


def _keep_held(held: Mapping[Key, int], outcome: Plan | Rejected, left: dict[Key, int]) -> None:
    """Take out of what is `left` what the cart of a refused draft goes on holding."""
    if isinstance(outcome, Rejected):
        for key, quantity in held.items():
            left[key] -= quantity


def _all_fit(plans: Sequence[Plan], locked: Mapping[Key, int]) -> bool:
    if any(plan.choice.missing for plan in plans):
        return False
    return all(quantity <= locked.get(key, 0) for key, quantity in _taken(plans).items())


def _fits(plan: Plan, left: Mapping[Key, int]) -> bool:
    return all(quantity <= left.get(key, 0) for key, quantity in _taken((plan,)).items())


def _taken(plans: Iterable[Plan]) -> dict[Key, int]:
    taken: dict[Key, int] = {}
    for plan in plans:
        for a in plan.choice.assignments:
            key = (a.sku_id, a.location_id)
            taken[key] = taken.get(key, 0) + a.quantity
    return taken


def _take(choice: sources.Choice, left: dict[Key, int]) -> None:
    for a in choice.assignments:
        left[a.sku_id, a.location_id] -= a.quantity


def _sourced(
    plan: Plan, c: Circumstances, left: dict[Key, int], locations: Mapping[UUID, Sequence[UUID]]
) -> Plan | Rejected | gifting.Lacking:
    """Choose locations among what is `left` and take from it, or refuse where nothing may wait."""
    if not plan.wanted.demands:
        return plan
    places = dict.fromkeys(x for demand in plan.wanted.demands for x in locations.get(demand.sku_id, ()))
    candidates = [c.candidates[x] for x in places]
    if plan.gift_lines:
        found = gifting.sourced(plan, left, candidates)
        if isinstance(found, gifting.Lacking):
            return found
        plan = found
    else:
        choice, trace = sourcing.choose(plan.wanted, left, candidates)
        plan = plan._replace(choice=choice, sourcing_trace=trace)
    if plan.choice.missing and not plan.wanted.backorder:
        return Rejected(_shortfalls(plan, plan.choice))
    _take(plan.choice, left)
    return plan


def _shortfalls(plan: Plan, choice: sources.Choice) -> tuple[Refusal, ...]:
    return tuple(
        errors.InsufficientStock(
            line.code, line.ordered, line.ordered - choice.missing[line.line], field=f"lines[{line.part_of}].quantity"
        )
        for line in plan.lines
        if line.line in choice.missing
    )


def locations_by_sku(stock: Iterable[Key]) -> dict[UUID, list[UUID]]:
    """Return where each SKU is kept."""
    found: dict[UUID, list[UUID]] = {}
    for sku_id, location_id in stock:
        found.setdefault(sku_id, []).append(location_id)
    return found


def _where(demand: sources.Demand, locations: Mapping[UUID, Sequence[UUID]]) -> Sequence[UUID]:
    here = locations.get(demand.sku_id, ())
    return [x for x in here if x == demand.location_id] if demand.location_id is not None else here
