"""Decide what a cancellation gives up: quantities, the stock they held, and whether the order ends."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from jiedan.base.errors import Refusal
from jiedan.inventory.values import Free, Owner, Reservation
from jiedan.orders import errors
from jiedan.orders.rules import derived, totals
from jiedan.orders.rules.earning import NOTHING, Earning, unearned
from jiedan.orders.values import (
    OWNER_KIND,
    REASON_CHARS_MAX,
    STOCKED_KINDS,
    CancelRequest,
    Line,
    LineId,
    LineQuantity,
    Order,
    OrderWithLines,
)

Held = Mapping[UUID, Sequence[Reservation]]
"""What each line holds, by line id."""

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


def is_code(reason: str) -> bool:
    """Tell whether a reason is a code, which may stand in the log, and not somebody's own words."""
    return _CODE.fullmatch(reason) is not None


class Canceled(NamedTuple):
    """A decided cancellation: the order and lines as they become, and what goes back to stock.

    `happened_at` is the moment of one that happened elsewhere and is imported as history; None for one of today.
    """

    before: OrderWithLines
    order: Order
    lines: tuple[Line, ...]
    reason: str
    quantities: tuple[tuple[LineId, int], ...]
    canceled_minor: int
    frees: tuple[Free, ...]
    happened_at: datetime | None = None
    given_up: tuple[str, ...] = ()
    """The promotions of which no gift is left."""


def cancel(
    found: OrderWithLines | None,
    request: CancelRequest,
    held: Held,
    *,
    at: datetime,
    expiry_minutes: int,
    earning: Earning = NOTHING,
) -> Canceled | Refusal:
    """Return what `request` does to an order, or why not.

    Units that wait for stock go first, then those whose location has fewest, so that parcels close. When no goods and
    services are left, the fees go too and the order is canceled. Gifts go with what earned them.
    """
    if found is None:
        return errors.OrderNotFound(str(request.order_id))
    refusal = _refusal(found, request)
    if refusal is not None:
        return refusal
    wanted = _wanted(found, request, earning)
    if isinstance(wanted, Refusal):
        return wanted
    lines, frees = [], []
    for line in found.lines:
        quantity = wanted.get(line.line, 0)
        freed = max(0, quantity - line.waiting) if line.kind in STOCKED_KINDS else 0
        frees.extend(_frees(line, freed, held.get(line.line_id, ())))
        allocated = line.allocated - freed
        released = min(line.released, allocated)  # which location stops is settled where the releases are known
        lines.append(
            msgspec.structs.replace(line, canceled=line.canceled + quantity, allocated=allocated, released=released)
        )
    order = found.order
    happened_at = request.happened_at if order.history else None
    if all(line.canceled == line.ordered for line in lines):
        order = msgspec.structs.replace(
            order, lifecycle="canceled", canceled_at=happened_at or at, cancel_reason=request.reason
        )
    order = derived.refreshed(order, lines, at=at, expiry_minutes=expiry_minutes)
    return Canceled(
        before=found,
        order=order,
        lines=tuple(lines),
        reason=request.reason,
        quantities=tuple((line.line_id, wanted[line.line]) for line in found.lines if wanted.get(line.line)),
        canceled_minor=totals.order_total(derived.line_totals(found.lines)) - order.total_minor,
        frees=tuple(frees),
        happened_at=happened_at,
        given_up=tuple(
            earning.promotions[line.line].id
            for line in lines
            if line.line in earning.promotions and line.canceled == line.ordered and wanted.get(line.line)
        ),
    )


def _refusal(found: OrderWithLines, request: CancelRequest) -> Refusal | None:
    order = found.order
    if not 0 < len(request.reason.strip()) <= REASON_CHARS_MAX:
        return errors.ReasonMissing(REASON_CHARS_MAX, field="reason")
    if order.lifecycle != "open":
        return errors.OrderEnded(order.number, order.lifecycle)
    if request.lines is None and any(line.shipped or line.performed for line in found.lines):
        return errors.AlreadyShipped(order.number)
    return None


def _wanted(found: OrderWithLines, request: CancelRequest, earning: Earning) -> dict[int, int] | Refusal:
    """Return the quantity to cancel by line, components, gifts and fees included, or why it cannot be."""
    if request.lines is None:
        return {line.line: line.ordered - line.canceled for line in found.lines}
    by_number = {line.line: line for line in found.lines}
    wanted: dict[int, int] = {}
    for i, asked in enumerate(request.lines):
        refusal = _add(wanted, by_number, found, asked)
        if refusal is not None:
            refusal.field = f"lines[{i}]"
            return refusal
    for number, quantity in unearned(found.lines, wanted, earning, found.order.currency):
        gift = by_number[number]
        parts = [x for x in found.lines if x.parent_line == number]
        there = _left(gift, parts) - wanted.get(number, 0)  # what has left stays given
        if there > 0:
            _give_up(wanted, gift, parts, min(quantity, there))
    left = any(line.ordered - line.canceled - wanted.get(line.line, 0) for line in found.lines if line.kind != "fee")
    if not left:
        wanted.update((x.line, x.ordered - x.canceled) for x in found.lines if x.kind == "fee")
    return wanted


def _add(
    wanted: dict[int, int], by_number: Mapping[int, Line], found: OrderWithLines, asked: LineQuantity
) -> Refusal | None:
    line = by_number.get(asked.line)
    if line is None:
        return errors.LineNotFound(found.order.number, asked.line)
    if line.kind in {"fee", "component"}:
        return errors.LineNotCancelable(line.line)
    parts = [x for x in found.lines if x.parent_line == line.line]
    already = wanted.get(line.line, 0)
    left = _left(line, parts) - already
    if not 0 < asked.quantity <= left:
        return errors.TooMuchToCancel(line.line, asked.quantity, left)
    _give_up(wanted, line, parts, asked.quantity)
    return None


def _give_up(wanted: dict[int, int], line: Line, parts: Sequence[Line], quantity: int) -> None:
    """Add units of a line, and what they are made of, to what is wanted."""
    wanted[line.line] = wanted.get(line.line, 0) + quantity
    for part in parts:
        wanted[part.line] = wanted.get(part.line, 0) + quantity * (part.ordered // line.ordered)


def _left(line: Line, parts: Sequence[Line]) -> int:
    """Return how many units can still be canceled; a kit goes as far as each of its components does."""
    left = line.ordered - line.canceled - line.shipped - line.performed
    for part in parts:
        each = part.ordered // line.ordered
        left = min(left, (part.ordered - part.canceled - part.shipped) // each)
    return left


def _frees(line: Line, quantity: int, held: Sequence[Reservation]) -> list[Free]:
    """Return which reservations give up `quantity`: the smallest first, so that parcels close."""
    frees = []
    for reservation in sorted(held, key=lambda r: (r.quantity, r.location_id)):
        taken = min(quantity, reservation.quantity)
        if not taken:
            continue
        owner = Owner(OWNER_KIND, line.line_id)
        frees.append(Free(owner, reservation.sku_id, reservation.location_id, taken))
        quantity -= taken
    return frees


def without(held: Held, frees: Sequence[Free]) -> Held:
    """Return what lines still hold once `frees` are given up; what is emptied is held no more."""
    gone = {(free.owner.id, free.location_id): free.quantity or 0 for free in frees}
    left = {
        owner: [dataclasses.replace(r, quantity=r.quantity - gone.get((owner, r.location_id), 0)) for r in reservations]
        for owner, reservations in held.items()
    }
    return {owner: [r for r in reservations if r.quantity] for owner, reservations in left.items()}
