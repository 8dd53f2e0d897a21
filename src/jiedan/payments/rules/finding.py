"""What lists of payments and of refunds can be filtered by, and what a statement has to look for. Pure."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from jiedan.base.errors import Rejections
from jiedan.orders.errors import RangeReversed
from jiedan.payments.values import (
    METHODS,
    OPERATION_STATES,
    PAYMENT_STATES,
    Method,
    OperationId,
    OperationState,
    PaymentId,
    PaymentState,
)

SEARCH_CHARACTERS_MAX = 100

LOOKED_AT_MAX = 1_000
"""Payments, or refunds, that one page looks at. Where fewer of them fit than the page holds, the page is short and has
a next one."""

SUMMED_MAX = 10_000
"""Payments, or refunds, that sums are made of: the newest ones, which takes some twenty milliseconds."""

FOUND_MAX = 200
"""Payments that one text finds by each of the things it may be the beginning of."""

PAIRS = (("created_from", "created_to"), ("amount_min", "amount_max"))
"""The first and the last of each range, both included."""

What = Literal["payments", "refunds"]

Word = Annotated[str, Meta(min_length=1, max_length=100)]
Amount = Annotated[int, Meta(ge=0, le=10**15)]
Methods = Annotated[tuple[Method, ...], Meta(max_length=len(METHODS))]


class _MoneyFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    q: Annotated[str, Meta(max_length=SEARCH_CHARACTERS_MAX)] = ""
    method: Methods = ()
    provider: Word | None = None
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$")] | None = None
    created_from: date | None = None
    created_to: date | None = None
    amount_min: Amount | None = None
    amount_max: Amount | None = None


class PaymentFilter(_MoneyFilter, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a payment must be to be listed; everything given must hold, of `state` and `method` one of those given.

    `q` begins the number of its order or a reference: the provider's, or what was noted when money came or went. Days
    are the merchant's, amounts minor units, both ends included.
    """

    state: Annotated[tuple[PaymentState, ...], Meta(max_length=len(PAYMENT_STATES))] = ()


class RefundFilter(_MoneyFilter, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a refund must be to be listed: as with payments, but `state`, days and amounts are its own."""

    state: Annotated[tuple[OperationState, ...], Meta(max_length=len(OPERATION_STATES))] = ()


MoneyFilter = PaymentFilter | RefundFilter


class Criteria(NamedTuple):
    """What a list asks for, as a statement takes it; `until` is not included. `text` is empty where none is sought."""

    text: str = ""
    states: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    provider: str | None = None
    currency: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    amount_min: int | None = None
    amount_max: int | None = None


class Refund(NamedTuple):
    """Money that was asked to go back, and what came of it; `provider` and `method` are those of its payment."""

    operation_id: OperationId
    payment_id: PaymentId
    order_id: UUID | None
    provider: str
    method: Method
    currency: str
    amount_minor: int
    state: OperationState
    provider_ref: str
    reason: str
    failure: str
    to_wallet: bool
    requested_at: datetime
    settled_at: datetime | None


def given(filters: MoneyFilter) -> dict[str, Any]:
    """Return what `filters` says, as JSON has it; what is left out does not stand there."""
    found: dict[str, Any] = msgspec.to_builtins(filters)
    return found


def range_refusals(filters: MoneyFilter, *, place: str = "") -> list[RangeReversed]:
    """Return a refusal of each range that ends before it begins; `place` is like `filters.`."""
    found = []
    for begins, ends in PAIRS:
        first: date | int | None = getattr(filters, begins)
        last: date | int | None = getattr(filters, ends)
        if first is not None and last is not None and first > last:  # type: ignore[operator]  # a pair is of one type
            found.append(RangeReversed(str(first), str(last), field=f"{place}{begins}"))
    return found


def check_ranges(filters: MoneyFilter, *, place: str = "") -> None:
    """Raise Rejections of the ranges that end before they begin, if any does."""
    found = range_refusals(filters, place=place)
    if found:
        raise Rejections(tuple(found))


def criteria(filters: MoneyFilter, *, zone: ZoneInfo) -> Criteria:
    """Return what `filters` asks for, with days as they begin and end in `zone`."""
    return Criteria(
        text=filters.q.strip(),
        states=tuple(filters.state),
        methods=tuple(filters.method),
        provider=filters.provider,
        currency=filters.currency,
        since=_midnight(filters.created_from, zone),
        until=_midnight(filters.created_to, zone, days=1),
        amount_min=filters.amount_min,
        amount_max=filters.amount_max,
    )


def _midnight(day: date | None, zone: ZoneInfo, *, days: int = 0) -> datetime | None:
    """Return when a day begins, or one some days later; None where there is no such day, as at the end of time."""
    try:
        return None if day is None else datetime.combine(day + timedelta(days=days), time(), zone)
    except OverflowError:
        return None
