"""What a filter asks of the index: terms, ranges of terms, pairs of statuses, moments. Pure."""

import functools
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from jiedan.orders.rules import statuses, wording
from jiedan.orders.values import (
    FULFILLMENT_STATUSES,
    LIFECYCLES,
    PAYMENT_STATUSES,
    UNDELIVERED,
    FulfillmentStatus,
    Lifecycle,
    PaymentStatus,
)
from jiedan.orders.values.lists import ME, NOBODY, OrderFilter, Period

_DAYS: Mapping[Period, tuple[int, int]] = {
    "today": (0, 0),
    "yesterday": (1, 1),
    "last_7_days": (6, 0),
    "last_30_days": (29, 0),
}

Payable = tuple[Lifecycle, PaymentStatus]
Shippable = tuple[Lifecycle, FulfillmentStatus]

ALL_PAYABLE: frozenset[Payable] = frozenset((x, y) for x in LIFECYCLES for y in PAYMENT_STATUSES)
ALL_SHIPPABLE: frozenset[Shippable] = frozenset((x, y) for x in LIFECYCLES for y in FULFILLMENT_STATUSES)


class Criteria(NamedTuple):
    """What must hold, in the words of tables and indexes. `payments` and `fulfillments` are None where any will do.

    Terms in `terms` must be there, those in `without` must not; each of `words` must have a term in its range. Where
    there are `customer_ids`, the order is one of theirs. `late` is wanted or unwanted on the day `today`. Without
    `is_assigned` nobody looks after it.
    """

    today: date
    words: tuple[tuple[str, str], ...] = ()
    terms: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    payments: frozenset[Payable] | None = None
    fulfillments: frozenset[Shippable] | None = None
    customer_ids: tuple[UUID, ...] = ()
    placed_from: datetime | None = None
    placed_before: datetime | None = None
    late: bool | None = None
    assignee_id: UUID | None = None
    is_assigned: bool | None = None
    currency: str | None = None
    total_min: int | None = None
    total_max: int | None = None
    is_impossible: bool = False


class _Statuses(NamedTuple):
    """Statuses that may be; `held` tells which states of being held."""

    payments: frozenset[Payable]
    fulfillments: frozenset[Shippable]
    held: frozenset[bool]

    def narrowed(self, other: "_Statuses") -> "_Statuses":
        """Return what both allow."""
        return _Statuses(self.payments & other.payments, self.fulfillments & other.fulfillments, self.held & other.held)


def criteria(
    filters: OrderFilter,
    *,
    today: date,
    zone: ZoneInfo,
    location_ids: Mapping[str, UUID],
    identities: Mapping[UUID, Sequence[UUID]],
    me: UUID | None = None,
) -> Criteria:
    """Return what `filters` asks for. Nothing fits a search without letters or digits, or an unknown location.

    `identities` are the ids of each customer that filters name, those of merged duplicates among them. `me` is whoever
    asks: without one nothing is theirs.
    """
    asked = filters.customer_id
    words = wording.query_ranges(filters.q)
    wanted = _statuses(filters)
    held = next(iter(wanted.held)) if len(wanted.held) == 1 else None
    waiting = filters.waiting
    location_id = location_ids.get(filters.location) if filters.location else None
    terms = [
        *([wording.channel_term(filters.channel)] if filters.channel else []),
        *([wording.shipping_term(filters.shipping_method)] if filters.shipping_method else []),
        *([wording.sku_term(filters.sku)] if filters.sku else []),
        *([wording.tag_term(filters.tag)] if filters.tag else []),
        *([wording.hold_term(filters.hold)] if filters.hold else []),
        *([wording.location_term(location_id)] if location_id is not None else []),
        *([wording.HELD] if held is True else []),
        *([wording.WAITING] if waiting else []),
    ]
    without = [*([wording.HELD] if held is False else []), *([wording.WAITING] if waiting is False else [])]
    payments, fulfillments = _axes(wanted)
    start, end = _days(filters, today)
    assignee_id = _assignee(filters, me)
    return Criteria(
        today=today,
        words=tuple(words),
        terms=tuple(terms),
        without=tuple(without),
        payments=payments,
        fulfillments=fulfillments,
        customer_ids=() if asked is None else tuple(identities.get(asked, (asked,))),
        placed_from=_midnight(start, zone),
        placed_before=_midnight(end, zone, days=1),
        late=filters.late,
        assignee_id=assignee_id,
        is_assigned=False if filters.assignee == NOBODY else None,
        currency=filters.currency,
        total_min=filters.total_min,
        total_max=filters.total_max,
        is_impossible=(
            (bool(filters.q.strip()) and not words)
            or (bool(filters.location) and location_id is None)
            or not (wanted.payments and wanted.fulfillments and wanted.held)
            or (held is False and filters.hold is not None)
            or (filters.assignee == ME and me is None)
        ),
    )


def _assignee(filters: OrderFilter, me: UUID | None) -> UUID | None:
    if filters.assignee == ME:
        return me
    return None if filters.assignee in {None, NOBODY} else UUID(filters.assignee)


def _statuses(filters: OrderFilter) -> _Statuses:
    lifecycles = filters.lifecycle or LIFECYCLES
    payments = frozenset((x, y) for x in lifecycles for y in filters.payment or PAYMENT_STATUSES)
    fulfillments = frozenset((x, y) for x in lifecycles for y in filters.fulfillment or FULFILLMENT_STATUSES)
    held = frozenset({True, False} if filters.held is None else {filters.held})
    found = _Statuses(payments, fulfillments, held)
    may_be_late = MAY_BE_LATE if filters.late else None
    for shown in (shown_as(filters.status), told_as(filters.customer_status), may_be_late):
        if shown is not None:
            found = found.narrowed(shown)
    return found


MAY_BE_LATE = _Statuses(
    frozenset(("open", x) for x in PAYMENT_STATUSES),
    frozenset(("open", x) for x in UNDELIVERED),
    frozenset({True, False}),
)
"""Statuses of orders that somebody waits for."""


@functools.cache
def shown_as(status: str | None) -> _Statuses | None:
    """Return the statuses under which staff are shown `status`; the function that shows it is asked itself."""
    if status is None:
        return None
    fitting = [
        (lifecycle, payment, fulfillment, held)
        for lifecycle, payment in ALL_PAYABLE
        for fulfillment in FULFILLMENT_STATUSES
        for held in (False, True)
        if statuses.merchant_status(lifecycle, payment, fulfillment, standing_holds=int(held)) == status
    ]
    return _Statuses(
        frozenset((x[0], x[1]) for x in fitting),
        frozenset((x[0], x[2]) for x in fitting),
        frozenset(x[3] for x in fitting),
    )


@functools.cache
def told_as(status: str | None) -> _Statuses | None:
    """Return the statuses under which the customer is told `status`."""
    if status is None:
        return None
    fitting = frozenset(pair for pair in ALL_SHIPPABLE if statuses.customer_status(*pair) == status)
    lifecycles = {lifecycle for lifecycle, _ in fitting}
    payments = frozenset(pair for pair in ALL_PAYABLE if pair[0] in lifecycles)
    return _Statuses(payments, fitting, frozenset({True, False}))


def _axes(wanted: _Statuses) -> tuple[frozenset[Payable] | None, frozenset[Shippable] | None]:
    """Return the pairs that really narrow; what the other axis says, too, is left to it."""
    payments, fulfillments = wanted.payments, wanted.fulfillments
    payable, shippable = {x for x, _ in payments}, {x for x, _ in fulfillments}
    any_payment = len(payments) == len(payable) * len(PAYMENT_STATUSES)
    any_fulfillment = len(fulfillments) == len(shippable) * len(FULFILLMENT_STATUSES)
    kept_payments = None if any_payment and shippable <= payable else payments
    if kept_payments is None:
        return None, None if fulfillments == ALL_SHIPPABLE else fulfillments
    return kept_payments, None if any_fulfillment and payable <= shippable else fulfillments


def _days(filters: OrderFilter, today: date) -> tuple[date | None, date | None]:
    start, end = filters.placed_from, filters.placed_to
    if filters.period is not None:
        first, last = (today - timedelta(days=days) for days in _DAYS[filters.period])
        start = max(start, first) if start is not None else first
        end = min(end, last) if end is not None else last
    return start, end


def _midnight(day: date | None, zone: ZoneInfo, *, days: int = 0) -> datetime | None:
    if day is None or (days and day == date.max):
        return None
    return datetime.combine(day + timedelta(days=days), time(), zone)
