"""Choose locations again for what has not left: after an edit, or when stock appeared for waiting lines. Pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from jiedan.catalog.values import SkuId
from jiedan.inventory.values import Claim, Free, LocationId, Owner, Reservation
from jiedan.orders import errors
from jiedan.orders.rules.canceling import Held
from jiedan.orders.values import OWNER_KIND, STOCKED_KINDS, Line, LineId, OrderWithLines
from jiedan.sourcing import rules as sourcing
from jiedan.sourcing import values as sources

Stock = Mapping[tuple[UUID, UUID], int]

MISSING_KEPT_MAX = 200
"""Lines without goods that a stored decision names."""


class Resourced(NamedTuple):
    """Where lines take their goods from now: the lines as they become, what is claimed and what is freed, and why."""

    lines: tuple[Line, ...]
    claims: tuple[Claim, ...]
    frees: tuple[Free, ...]
    trace: sources.Trace


def fill(
    found: OrderWithLines,
    held: Held,
    stock: Stock,
    candidates: Sequence[sources.Candidate],
    *,
    sku_ids: frozenset[UUID],
    destination: sources.Point | None,
) -> Resourced:
    """Return what the waiting units of an order's lines of `sku_ids` can take from `stock`.

    An order that is never split waits until one location has all that a line still needs; once it holds goods at one,
    the lines that ask for no other come from there.
    """
    is_whole = found.order.split == "never"
    demands = [
        _demand(found, line, line.waiting)
        for line in found.lines
        if line.waiting and line.sku_id in sku_ids and line.kind in STOCKED_KINDS
    ]
    if is_whole and (here := {r.location_id for line in found.lines for r in held.get(line.line_id, ())}):
        demands = _from_one_of(here, demands)
    wanted = sources.Wanted(tuple(demands), found.order.split, backorder=True, destination=destination)
    (assignments, _), trace = (_choose_whole if is_whole else sourcing.choose)(wanted, stock, candidates)
    if all(_wished(found, line) is None for line in found.lines) and trace.rule == "requested_location":
        trace = msgspec.structs.replace(trace, rule="one_location")  # nobody asked for it but the goods that are there
    taken: dict[int, int] = {}
    for a in assignments:
        taken[a.line] = taken.get(a.line, 0) + a.quantity
    lines = tuple(msgspec.structs.replace(x, allocated=x.allocated + taken.get(x.line, 0)) for x in found.lines)
    claims = tuple(_claim(found, a) for a in assignments)
    return Resourced(lines, claims, (), trace)


def _from_one_of(here: Collection[UUID], demands: Sequence[sources.Demand]) -> list[sources.Demand]:
    """Return what can be asked for where an order has goods: with goods at several, only what names its location."""
    only = next(iter(here)) if len(here) == 1 else None
    return [x._replace(location_id=x.location_id or only) for x in demands if x.location_id or only]


def _choose_whole(
    wanted: sources.Wanted, stock: Stock, candidates: Sequence[sources.Candidate]
) -> tuple[sources.Choice, sources.Trace]:
    """Choose as sourcing does, each line whole or not at all: a location that has none of them whole is passed over."""
    possible = [x for x in wanted.demands if any(_has_whole(x, stock, place) for place in candidates)]
    waiting = [(x.line, x.quantity) for x in wanted.demands if x not in possible]
    while True:
        choice, trace = sourcing.choose(wanted._replace(demands=tuple(possible)), stock, candidates)
        whole = tuple(a for a in choice.assignments if a.line not in choice.missing)
        if whole or not choice.assignments:
            told = msgspec.structs.replace(trace, missing=tuple(sorted((*trace.missing, *waiting))))
            return sources.Choice(whole, dict(told.missing)), told
        passed_over = {a.location_id for a in choice.assignments}
        candidates = [x for x in candidates if x.location_id not in passed_over]


def _has_whole(demand: sources.Demand, stock: Stock, place: sources.Candidate) -> bool:
    is_allowed = demand.location_id in {None, place.location_id}
    return is_allowed and stock.get((demand.sku_id, place.location_id), 0) >= demand.quantity


def more_waiting(before: Sequence[Line], after: Sequence[Line]) -> list[tuple[Line, int]]:
    """Return the lines that wait for more units than before, with how many more."""
    pairs = zip(before, after, strict=True)
    return [(line, line.waiting - old.waiting) for old, line in pairs if line.waiting > old.waiting]


def shortfalls(before: Sequence[Line], after: Sequence[Line], *, field: str) -> list[errors.InsufficientStock]:
    """Return why lines may not be sourced anew where nothing may wait: each would lose units that it has.

    `field` is what was asked for that brings it about. What waits already may go on waiting.
    """
    return [
        errors.InsufficientStock(line.code, line.allocated + line.waiting, line.allocated, field=field)
        for line, _ in more_waiting(before, after)
    ]


def kept(trace: sources.Trace) -> sources.Trace:
    """Return what is kept of why goods come from where they do: not more missing lines than one reads."""
    return msgspec.structs.replace(trace, missing=trace.missing[:MISSING_KEPT_MAX])


def reassign(
    found: OrderWithLines,
    held: Held,
    stock: Stock,
    candidates: Sequence[sources.Candidate],
    *,
    location_id: UUID | None,
    destination: sources.Point | None,
) -> Resourced:
    """Return where an order's goods would come from if they were chosen now, for a new place or requested location.

    `stock` is what others leave; what the order holds itself counts too. Only differences are claimed and freed.
    """
    ours: dict[tuple[UUID, UUID], int] = {}
    for line in found.lines:
        for r in held.get(line.line_id, ()):
            key = (r.sku_id, r.location_id)
            ours[key] = ours.get(key, 0) + r.quantity
    together = {key: max(0, stock.get(key, 0)) + ours.get(key, 0) for key in {*stock, *ours}}
    open_lines = [x for x in found.lines if x.kind in STOCKED_KINDS and x.allocated + x.waiting]
    demands = [
        sources.Demand(x.line, _sku(x), x.allocated + x.waiting, x.requested_location_id or location_id)
        for x in open_lines
    ]
    wanted = sources.Wanted(tuple(demands), found.order.split, backorder=True, destination=destination)
    choice, trace = sourcing.choose(wanted, together, candidates)
    wish: dict[tuple[int, UUID], int] = {}
    for a in choice.assignments:
        wish[a.line, a.location_id] = wish.get((a.line, a.location_id), 0) + a.quantity
    claims, frees = [], []
    for line in open_lines:
        for location, quantity in _difference(line, held.get(line.line_id, ()), wish).items():
            owner = Owner(OWNER_KIND, line.line_id)
            sku_id = SkuId(_sku(line))
            if quantity > 0:
                claims.append(Claim(owner, sku_id, LocationId(location), quantity))
            elif quantity < 0:
                frees.append(Free(owner, sku_id, LocationId(location), -quantity))
    allocated = {x.line: sum(q for (line, _), q in wish.items() if line == x.line) for x in open_lines}
    lines = tuple(
        msgspec.structs.replace(x, allocated=allocated[x.line]) if x.line in allocated else x for x in found.lines
    )
    return Resourced(lines, tuple(claims), tuple(frees), trace)


def _difference(line: Line, held: Sequence[Reservation], wish: Mapping[tuple[int, UUID], int]) -> dict[UUID, int]:
    """Return by location how much more (or less) a line wants than it holds."""
    more = {location: quantity for (number, location), quantity in wish.items() if number == line.line}
    for r in held:
        more[r.location_id] = more.get(r.location_id, 0) - r.quantity
    return more


def _demand(found: OrderWithLines, line: Line, quantity: int) -> sources.Demand:
    return sources.Demand(line.line, _sku(line), quantity, _wished(found, line))


def _wished(found: OrderWithLines, line: Line) -> UUID | None:
    """Return the location that a line is to come from, by its own wish or the order's."""
    return line.requested_location_id or found.order.requested_location_id


def _sku(line: Line) -> UUID:
    if line.sku_id is None:
        message = f"line {line.line} of {line.order_id} has no SKU"
        raise ValueError(message)
    return line.sku_id


def _claim(found: OrderWithLines, a: sources.Assignment) -> Claim:
    ids: dict[int, LineId] = {line.line: line.line_id for line in found.lines}
    return Claim(Owner(OWNER_KIND, ids[a.line]), SkuId(a.sku_id), LocationId(a.location_id), a.quantity)
