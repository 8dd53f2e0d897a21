"""Choose the locations that ship an order: pure, exact within the candidates looked at, and explained.

The order of preference: the location the line asks for; else one location that has everything, nearest first; else the
fewest parcels, then the shortest total distance. Without coordinates the locations' priority takes the place of
distance, and the trace says so.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from jiedan.sourcing import values

EARTH_RADIUS_KM = 6371.0088
"""Mean radius (IUGG)."""

Stock = Mapping[tuple[UUID, UUID], int]
"""Units that may be promised, by (SKU, location)."""


class _Ranked(NamedTuple):
    candidate: values.Candidate
    rank: int
    distance_km: float | None


def distance_km(a: values.Point, b: values.Point) -> float:
    """Return the great-circle distance in kilometres (haversine formula)."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half_lat = (lat_b - lat_a) / 2
    half_lon = math.radians(b.lon - a.lon) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))


def choose(
    wanted: values.Wanted,
    stock: Stock,
    candidates: Sequence[values.Candidate],
    *,
    losers_max: int = values.TRACE_LOSERS_MAX,
) -> tuple[values.Choice, values.Trace]:
    """Return the locations for `wanted` and why.

    `stock` holds what may be promised, of the wanted SKUs at least; `candidates` the locations to look at. Units that
    no looked-at location has are in `missing`; whether they wait or refuse the order is the caller's policy.
    """
    if len(candidates) == 1 and (simple := _all_at_the_only(wanted, stock, candidates)) is not None:
        return simple
    if (simple := _all_where_asked(wanted, stock, candidates)) is not None:
        return simple
    keys = ((demand.sku_id, candidate.location_id) for demand in wanted.demands for candidate in candidates)
    left = {key: stock[key] for key in keys if key in stock}
    fixed, open_demands, missing = _take_fixed(wanted.demands, left)
    ranked = _ranked(candidates, wanted.destination)
    ranked_by = "distance" if any(r.distance_km is not None for r in ranked) else "priority"
    opened = {assignment.location_id for assignment in fixed}
    need = _need(open_demands)
    covers = {r.candidate.location_id: _covers(need, left, r.candidate.location_id) for r in ranked}
    useful = sorted(
        (r for r in ranked if covers[r.candidate.location_id]),
        key=lambda r: (
            r.candidate.location_id not in opened,
            0 if wanted.split == "freely" else -covers[r.candidate.location_id],
            r.rank,
        ),
    )
    looked_at = sorted(_looked_at(useful, need, left), key=lambda r: r.rank)
    rule, chosen = _pick(need, left, looked_at, opened, wanted.split)
    assigned, short = _assign(open_demands, left, chosen, nearest_each=rule == "nearest_each")
    missing.update(short)
    assignments = (*fixed, *assigned)
    if not open_demands:
        rule = "requested_location"
    trace = _trace(
        rule,
        ranked_by,
        need,
        covers,
        looked_at,
        assignments=assignments,
        missing=missing,
        losers_max=losers_max,
        beyond=len(useful),
    )
    if len(open_demands) < len(wanted.demands):
        skipped = {r.candidate.location_id for r in looked_at}
        asked = _asked_for(wanted.demands, fixed, [r for r in ranked if r.candidate.location_id not in skipped])
        trace = msgspec.structs.replace(trace, chosen=(*asked, *trace.chosen))
    return values.Choice(assignments, missing), trace


def _all_at_the_only(
    wanted: values.Wanted, stock: Stock, candidates: Sequence[values.Candidate]
) -> tuple[values.Choice, values.Trace] | None:
    """Return what `choose` says when the only location has everything and nobody asks for another, else None.

    Most orders are so; going the whole way for them would cost a tenth of placing one.
    """
    location_id = candidates[0].location_id
    demands = wanted.demands
    if not demands or any(demand.location_id is not None for demand in demands):
        return None
    need = _need(demands)
    if any(stock.get((sku_id, location_id), 0) < quantity for sku_id, quantity in need.items()):
        return None
    (ranked,) = _ranked(candidates, wanted.destination)
    total = sum(need.values())
    distance_km = None if ranked.distance_km is None else round(ranked.distance_km)
    trace = values.Trace(
        rule="nearest_each" if wanted.split == "freely" else "one_location",
        ranked_by="priority" if ranked.distance_km is None else "distance",
        parcels=1,
        chosen=(values.Scored(ranked.candidate.code, total, total, "chosen", distance_km),),
    )
    assigned = tuple([values.Assignment(d.line, d.sku_id, location_id, d.quantity) for d in demands])
    return values.Choice(assigned, {}), trace


def _all_where_asked(
    wanted: values.Wanted, stock: Stock, candidates: Sequence[values.Candidate]
) -> tuple[values.Choice, values.Trace] | None:
    """Return what `choose` says when each line asks for a location and that has it, else None."""
    asked: dict[tuple[UUID, UUID], int] = {}
    for demand in wanted.demands:
        if demand.location_id is None:
            return None
        key = (demand.sku_id, demand.location_id)
        asked[key] = asked.get(key, 0) + demand.quantity
    location_ids = {location_id for _, location_id in asked}
    places = [candidate for candidate in candidates if candidate.location_id in location_ids]
    if not asked or len(places) < len(location_ids) or any(stock.get(key, 0) < units for key, units in asked.items()):
        return None
    assigned = tuple(
        [
            values.Assignment(d.line, d.sku_id, d.location_id, d.quantity)
            for d in wanted.demands
            if d.location_id is not None
        ]
    )
    is_measured = wanted.destination is not None and any(c.point is not None for c in candidates)
    trace = values.Trace(
        rule="requested_location",
        ranked_by="distance" if is_measured else "priority",
        parcels=len(places),
        chosen=tuple(_asked_for(wanted.demands, assigned, _ranked(places, wanted.destination))),
    )
    return values.Choice(assigned, {}), trace


def _take_fixed(
    demands: Sequence[values.Demand], left: dict[tuple[UUID, UUID], int]
) -> tuple[list[values.Assignment], list[values.Demand], dict[int, int]]:
    """Serve the demands that name a location from there and nowhere else; return the others too."""
    taken: list[values.Assignment] = []
    others: list[values.Demand] = []
    missing: dict[int, int] = {}
    for demand in demands:
        if demand.location_id is None:
            others.append(demand)
            continue
        key = (demand.sku_id, demand.location_id)
        quantity = min(demand.quantity, max(0, left.get(key, 0)))
        if quantity:
            left[key] -= quantity
            taken.append(values.Assignment(demand.line, demand.sku_id, demand.location_id, quantity))
        if quantity < demand.quantity:
            missing[demand.line] = demand.quantity - quantity
    return taken, others, missing


def _asked_for(
    demands: Sequence[values.Demand], fixed: Sequence[values.Assignment], ranked: Sequence[_Ranked]
) -> list[values.Scored]:
    """Return the locations that lines ask for, with the units asked for and those that are there."""
    asked: dict[UUID, int] = {}
    got: dict[UUID, int] = {}
    for demand in demands:
        if demand.location_id is not None:
            asked[demand.location_id] = asked.get(demand.location_id, 0) + demand.quantity
    for assignment in fixed:
        got[assignment.location_id] = got.get(assignment.location_id, 0) + assignment.quantity
    return [
        values.Scored(
            location=r.candidate.code,
            covers=got.get(r.candidate.location_id, 0),
            of=asked[r.candidate.location_id],
            outcome="chosen",
            distance_km=None if r.distance_km is None else round(r.distance_km),
        )
        for r in ranked
        if r.candidate.location_id in asked
    ]


def _ranked(candidates: Sequence[values.Candidate], destination: values.Point | None) -> list[_Ranked]:
    """Order locations: nearest first where both ends have a place, then by priority, then by code."""
    if len(candidates) == 1 and destination is None:
        return [_Ranked(candidates[0], 0, None)]
    measured = [
        (distance_km(destination, c.point) if destination is not None and c.point is not None else None, c)
        for c in candidates
    ]
    measured.sort(key=lambda m: (m[0] is None, m[0] or 0.0, m[1].priority, m[1].code))
    return [_Ranked(candidate, rank, distance) for rank, (distance, candidate) in enumerate(measured)]


def _need(demands: Sequence[values.Demand]) -> dict[UUID, int]:
    need: dict[UUID, int] = {}
    for demand in demands:
        need[demand.sku_id] = need.get(demand.sku_id, 0) + demand.quantity
    return need


def _covers(need: Mapping[UUID, int], left: Stock, location_id: UUID) -> int:
    """Return how many of the needed units the location has."""
    return sum(min(quantity, max(0, left.get((sku_id, location_id), 0))) for sku_id, quantity in need.items())


def _looked_at(useful: Sequence[_Ranked], need: Mapping[UUID, int], left: Stock) -> Sequence[_Ranked]:
    """Return the locations to choose among: as `useful` prefers them, but first what nobody else has.

    Only the one far location may have the one rare thing: what covers most of what is still missing comes first.
    """
    if len(useful) <= values.SOURCING_CANDIDATES_MAX:
        return useful
    missing, rest = dict(need), list(useful)
    needed: list[_Ranked] = []
    while len(needed) < values.SOURCING_CANDIDATES_MAX:
        best = max(rest, key=lambda r: _covers(missing, left, r.candidate.location_id))  # the first of equals
        if not _covers(missing, left, best.candidate.location_id):
            break
        rest.remove(best)
        needed.append(best)
        for sku_id in need:
            missing[sku_id] -= min(missing[sku_id], max(0, left.get((sku_id, best.candidate.location_id), 0)))
    return [*needed, *rest][: values.SOURCING_CANDIDATES_MAX]


def _pick(
    need: Mapping[UUID, int],
    left: Stock,
    looked_at: Sequence[_Ranked],
    opened: set[UUID],
    split: values.Split,
) -> tuple[str, list[UUID]]:
    """Return the rule that decided and the chosen locations, nearest first."""
    if not looked_at or not need:
        return "nothing_available", []
    total = sum(need.values())
    order = sorted(looked_at, key=lambda r: (r.candidate.location_id not in opened, r.rank))
    if split == "freely":
        return "nearest_each", [r.candidate.location_id for r in looked_at]
    for ranked in order:
        if _covers(need, left, ranked.candidate.location_id) == total:
            return "one_location", [ranked.candidate.location_id]
    if split == "never":
        best = max(order, key=lambda r: (_covers(need, left, r.candidate.location_id), -r.rank))
        return "one_location_most", [best.candidate.location_id]
    return "fewest_parcels", _fewest(need, left, looked_at, opened)


def _fewest(need: Mapping[UUID, int], left: Stock, looked_at: Sequence[_Ranked], opened: set[UUID]) -> list[UUID]:
    """Return the smallest set of locations that covers all that can be covered, the shortest among equals.

    Exact: with at most `SOURCING_CANDIDATES_MAX` locations there are few subsets, tried by size.
    """
    have = [[max(0, left.get((sku_id, r.candidate.location_id), 0)) for sku_id in need] for r in looked_at]
    goal = [min(quantity, sum(row[i] for row in have)) for i, quantity in enumerate(need.values())]
    free = [i for i, r in enumerate(looked_at) if r.candidate.location_id in opened]
    paid = [i for i, r in enumerate(looked_at) if r.candidate.location_id not in opened]
    for size in range(len(paid) + 1):
        fits = [
            (*free, *subset)
            for subset in itertools.combinations(paid, size)
            if all(sum(have[i][column] for i in (*free, *subset)) >= aim for column, aim in enumerate(goal))
        ]
        if fits:
            best = min(fits, key=lambda s: _journey([looked_at[i] for i in sorted(s)]))
            return [looked_at[i].candidate.location_id for i in sorted(best)]
    return [r.candidate.location_id for r in looked_at]


def _journey(places: Sequence[_Ranked]) -> tuple[int, float, list[int]]:
    """Return what makes one set of locations better than another of its size: the smallest is the best.

    A location without coordinates lies nowhere, so it comes after those that lie somewhere.
    """
    distances = [place.distance_km for place in places if place.distance_km is not None]
    return len(places) - len(distances), sum(distances), [place.rank for place in places]


def _assign(
    demands: Sequence[values.Demand],
    left: dict[tuple[UUID, UUID], int],
    chosen: Sequence[UUID],
    *,
    nearest_each: bool,
) -> tuple[list[values.Assignment], dict[int, int]]:
    """Hand the demands to the chosen locations, a line whole where one of them has it all."""
    assigned: list[values.Assignment] = []
    missing: dict[int, int] = {}
    for demand in demands:
        rest = demand.quantity
        order = chosen
        if not nearest_each:
            whole = [x for x in chosen if left.get((demand.sku_id, x), 0) >= demand.quantity]
            order = whole[:1] or chosen
        for location_id in order:
            quantity = min(rest, max(0, left.get((demand.sku_id, location_id), 0)))
            if quantity:
                left[demand.sku_id, location_id] -= quantity
                assigned.append(values.Assignment(demand.line, demand.sku_id, location_id, quantity))
                rest -= quantity
            if not rest:
                break
        if rest:
            missing[demand.line] = rest
    return assigned, missing


def _trace(
    rule: str,
    ranked_by: str,
    need: Mapping[UUID, int],
    covers: Mapping[UUID, int],
    looked_at: Sequence[_Ranked],
    *,
    assignments: Sequence[values.Assignment],
    missing: Mapping[int, int],
    losers_max: int,
    beyond: int,
) -> values.Trace:
    used = {a.location_id for a in assignments}
    total = sum(need.values())
    chosen: list[values.Scored] = []
    lost: list[values.Scored] = []
    for ranked in looked_at:
        location_id = ranked.candidate.location_id
        won = location_id in used
        if not won and len(lost) >= losers_max:
            continue
        partial = covers[location_id] < total
        later = "farther" if ranked_by == "distance" else "lower_priority"
        scored = values.Scored(
            location=ranked.candidate.code,
            covers=covers[location_id],
            of=total,
            outcome="chosen" if won else "covers_less" if partial else later,
            distance_km=None if ranked.distance_km is None else round(ranked.distance_km),
        )
        (chosen if won else lost).append(scored)
    return values.Trace(
        rule=rule,
        ranked_by=ranked_by,
        parcels=len(used),
        chosen=tuple(chosen),
        lost=tuple(lost),
        missing=tuple(sorted(missing.items())),
        beyond=max(0, beyond - len(looked_at)),
    )
