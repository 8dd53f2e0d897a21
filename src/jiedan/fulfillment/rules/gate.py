"""The release gate: which units of an order may be picked, where, and why not the others. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from jiedan.inventory.values import LocationId
from jiedan.orders.rules import derived, totals
from jiedan.orders.values import STOCKED_KINDS, Line, LineId, Order

GOODWILL_SHARE_MAX = 2
"""A refund that leaves less than one part in so many of what is due is no goodwill: the order was called off."""

Places = Mapping[tuple[LineId, LocationId], int]
"""Units by line and location."""


class GateFacts(NamedTuple):
    """What the gate looks at; `open` is what locations were told to pick and that has not left."""

    order: Order
    lines: Sequence[Line]
    hold_kinds: Sequence[str]
    held: Places
    open: Places
    release_on_authorization: bool


class Terms(msgspec.Struct, frozen=True):
    """Whether the terms of payment are met; amounts in minor units."""

    rule: str
    is_met: bool
    total_minor: int
    kept_minor: int
    authorized_minor: int


class LineGate(msgspec.Struct, frozen=True):
    """What the gate says of one line: how much may be released where, and what the rest waits for."""

    line: int
    kind: str
    wanted: int
    allocated: int
    released: int
    releasable: int
    reasons: tuple[str, ...]
    places: tuple[tuple[UUID, int], ...] = ()


class GateTrace(msgspec.Struct, frozen=True):
    """Why an order is released, or not: what stops all of it, and line by line."""

    is_open: bool
    reasons: tuple[str, ...]
    terms: Terms
    hold_kinds: tuple[str, ...]
    lines: tuple[LineGate, ...]


class Releasable(NamedTuple):
    """Units of a line that a location may be told to pick."""

    line_id: LineId
    location_id: LocationId
    quantity: int


def gate(facts: GateFacts) -> tuple[tuple[Releasable, ...], GateTrace]:
    """Return what may be released, and the whole explanation.

    Terms must be met, no hold may stand, and only allocated units are released. An order that is never split waits
    until all that it still wants is allocated.
    """
    terms, reasons = _reasons(facts)
    free = _free(facts) if not reasons else {}
    lines = tuple(_line(line, free.get(line.line_id, ()), reasons) for line in facts.lines)
    return _in_order(facts, free), GateTrace(not reasons, reasons, terms, tuple(facts.hold_kinds), lines)


def releasable(facts: GateFacts) -> tuple[tuple[Releasable, ...], tuple[str, ...]]:
    """Return what `gate` lets through and what stops the whole order, without explaining each line."""
    _, reasons = _reasons(facts)
    return ((), reasons) if reasons else (_in_order(facts, _free(facts)), ())


def _reasons(facts: GateFacts) -> tuple[Terms, tuple[str, ...]]:
    terms = terms_of(facts.order, facts.lines, release_on_authorization=facts.release_on_authorization)
    reasons = stopped_by(facts.order, facts.hold_kinds, terms)
    if facts.order.split == "never" and any(line.waiting for line in facts.lines):
        reasons = (*reasons, "waits_for_all")
    return terms, reasons


def stopped_by(order: Order, hold_kinds: Sequence[str], terms: Terms) -> tuple[str, ...]:
    """Return what stops all work on an order: stable codes."""
    reasons: list[str] = []
    if order.lifecycle != "open":
        reasons.append(order.lifecycle)
    if hold_kinds:
        reasons.append("on_hold")
    if not terms.is_met:
        reasons.append("terms_not_met")
    return tuple(reasons)


def terms_of(order: Order, lines: Sequence[Line], *, release_on_authorization: bool) -> Terms:
    """Return whether the order's terms of payment are met.

    On delivery and on account are free to go. Prepaid needs the money, or by the merchant's policy an authorization
    for what is missing. Imported history has left already, whatever its money. An order that was paid stays paid when
    something is given back out of goodwill: beyond what canceled units came to, and not most of what is due. What is on
    its way back counts as gone.
    """
    kept = order.captured_minor - order.refunded_minor - order.charged_back_minor - order.refunding_minor
    if order.history:
        rule, is_met = "history", True
    elif order.payment_terms != "prepaid":
        rule, is_met = order.payment_terms, True
    elif _is_paid_but_for_goodwill(order, lines, kept):
        rule, is_met = "goodwill", True
    elif kept >= order.total_minor or not release_on_authorization:
        rule, is_met = "captured", kept >= order.total_minor
    else:
        rule, is_met = "authorized", kept + order.authorized_minor >= order.total_minor
    return Terms(rule, is_met, order.total_minor, kept, order.authorized_minor)


def _is_paid_but_for_goodwill(order: Order, lines: Sequence[Line], kept_minor: int) -> bool:
    """Tell whether only what was given back beyond the worth of canceled units is missing, and half or more is kept."""
    as_placed = [x._replace(canceled=0) for x in derived.line_totals(lines)]
    given_up = totals.order_total(as_placed) - order.total_minor
    goodwill = max(0, order.refunded_minor + order.refunding_minor - given_up)
    missing = order.total_minor - kept_minor
    return 0 < missing <= goodwill and kept_minor * GOODWILL_SHARE_MAX >= order.total_minor


def _free(facts: GateFacts) -> dict[LineId, list[Releasable]]:
    """Return what each line holds at each location beyond what was released there, by location."""
    found: dict[LineId, list[Releasable]] = {}
    for (line_id, location_id), quantity in facts.held.items():
        free = quantity - facts.open.get((line_id, location_id), 0)
        if free > 0:
            found.setdefault(line_id, []).append(Releasable(line_id, location_id, free))
    for of_line in found.values():
        if len(of_line) > 1:
            of_line.sort(key=lambda x: x.location_id)
    return found


def _in_order(facts: GateFacts, free: Mapping[LineId, Sequence[Releasable]]) -> tuple[Releasable, ...]:
    return tuple([x for line in facts.lines for x in free.get(line.line_id, ())])


def _line(line: Line, free: Sequence[Releasable], stopped: Sequence[str]) -> LineGate:
    if line.kind not in STOCKED_KINDS:
        return LineGate(line.line, line.kind, 0, 0, 0, 0, ())
    reasons: list[str] = []
    unreleased = line.allocated - line.released
    if unreleased:
        reasons += stopped
    if line.waiting:
        reasons.append("not_allocated")
    return LineGate(
        line.line,
        line.kind,
        line.ordered - line.canceled - line.shipped,
        line.allocated,
        line.released,
        sum(x.quantity for x in free),
        tuple(reasons),
        tuple((x.location_id, x.quantity) for x in free),
    )
