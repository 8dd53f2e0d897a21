"""REST of lists of payments and of refunds, and of what they come to."""

from datetime import date, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter

from jiedan.base import paging
from jiedan.base.web import answers, bodies
from jiedan.base.web.unit import Unit
from jiedan.payments import queries
from jiedan.payments.api import views
from jiedan.payments.rules import finding
from jiedan.payments.rules.finding import PaymentFilter, RefundFilter
from jiedan.payments.values import Method, OperationState, PaymentState

F = TypeVar("F", PaymentFilter, RefundFilter)


class RefundView(msgspec.Struct, frozen=True, kw_only=True):
    """A refund: money that was asked to go back, and what came of it. `provider` and `method` are its payment's."""

    operation_id: UUID
    payment_id: UUID
    order_id: UUID | None
    provider: str
    method: str
    currency: str
    amount_minor: int
    state: str
    reference: str
    reason: str | None
    failure: str | None
    to_wallet: bool
    requested_at: datetime
    settled_at: datetime | None


class SumView(msgspec.Struct, frozen=True):
    """What payments in one state come to; `kept_minor` is what of them came and did not go back."""

    state: str
    currency: str
    number: int
    amount_minor: int
    kept_minor: int


class SumsView(msgspec.Struct, frozen=True):
    """Sums by state and currency; when `is_capped`, only of the newest payments that were looked at."""

    sums: list[SumView]
    is_capped: bool


@get("/payments", permission="payments:read", summary="List payments")
async def list_payments(
    unit: Unit,
    *,
    q: str | None = None,
    payment_state: Annotated[list[PaymentState] | None, QueryParameter(name="state")] = None,
    method: list[Method] | None = None,
    provider: str | None = None,
    currency: str | None = None,
    created_from: date | None = None,
    created_to: date | None = None,
    amount_min: int | None = None,
    amount_max: int | None = None,
    limit: bodies.Limit = 50,
    cursor: str | None = None,
) -> Response[paging.Listing[views.PaymentView]]:
    """Return payments, newest first, by any filters at once.

    `q` begins a reference or an order's number. A page looks at a thousand payments at most: where few of them fit, it
    is short and still has a `next` one.
    """
    asked = {
        "q": q,
        "state": payment_state,
        "method": method,
        "provider": provider,
        "currency": currency,
        "created_from": created_from,
        "created_to": created_to,
        "amount_min": amount_min,
        "amount_max": amount_max,
    }
    filters = _filters(PaymentFilter, asked)
    request = unit.page("payments", filters=finding.given(filters), limit=limit, cursor=cursor)
    async with unit.read() as tx:
        wanted = await queries.sought(tx, _criteria(unit, filters))
        page = await queries.payment_list(tx, request=request, wanted=wanted)
    return answers.listing(unit, page.each(views.view))


@get("/payments/sums", permission="payments:read", summary="Sum payments")
async def sum_payments(
    unit: Unit,
    *,
    q: str | None = None,
    payment_state: Annotated[list[PaymentState] | None, QueryParameter(name="state")] = None,
    method: list[Method] | None = None,
    provider: str | None = None,
    currency: str | None = None,
    created_from: date | None = None,
    created_to: date | None = None,
    amount_min: int | None = None,
    amount_max: int | None = None,
) -> SumsView:
    """Return what payments come to by state and currency, of the ten thousand newest; the filters are the list's."""
    asked = {
        "q": q,
        "state": payment_state,
        "method": method,
        "provider": provider,
        "currency": currency,
        "created_from": created_from,
        "created_to": created_to,
        "amount_min": amount_min,
        "amount_max": amount_max,
    }
    filters = _filters(PaymentFilter, asked)
    async with unit.read() as tx:
        wanted = await queries.sought(tx, _criteria(unit, filters))
        found = await queries.totals(tx, what="payments", wanted=wanted)
    return SumsView([SumView(*row) for row in found.rows], found.is_capped)


@get("/refunds", permission="payments:read", summary="List refunds")
async def list_refunds(
    unit: Unit,
    *,
    q: str | None = None,
    refund_state: Annotated[list[OperationState] | None, QueryParameter(name="state")] = None,
    method: list[Method] | None = None,
    provider: str | None = None,
    currency: str | None = None,
    created_from: date | None = None,
    created_to: date | None = None,
    amount_min: int | None = None,
    amount_max: int | None = None,
    limit: bodies.Limit = 50,
    cursor: str | None = None,
) -> Response[paging.Listing[RefundView]]:
    """Return refunds, those that were asked for last first; states, days and amounts are those of the refund.

    A page looks at a thousand refunds at most: where few of them fit, it is short and still has a `next` one.
    """
    asked = {
        "q": q,
        "state": refund_state,
        "method": method,
        "provider": provider,
        "currency": currency,
        "created_from": created_from,
        "created_to": created_to,
        "amount_min": amount_min,
        "amount_max": amount_max,
    }
    filters = _filters(RefundFilter, asked)
    request = unit.page("refunds", filters=finding.given(filters), limit=limit, cursor=cursor)
    async with unit.read() as tx:
        wanted = await queries.sought(tx, _criteria(unit, filters))
        page = await queries.refund_list(tx, request=request, wanted=wanted)
    return answers.listing(unit, page.each(_refund))


def _filters(kind: type[F], asked: dict[str, Any]) -> F:
    """Return the filters that were asked for. Raises Rejections of what they cannot be."""
    try:
        filters = msgspec.convert({name: value for name, value in asked.items() if value is not None}, kind)
    except msgspec.ValidationError as error:
        raise bodies.refusal_of(error) from error
    finding.check_ranges(filters)
    return filters


def _criteria(unit: Unit, filters: PaymentFilter | RefundFilter) -> finding.Criteria:
    return finding.criteria(filters, zone=ZoneInfo(unit.principal.time_zone))


def _refund(refund: finding.Refund) -> RefundView:
    return RefundView(
        operation_id=refund.operation_id,
        payment_id=refund.payment_id,
        order_id=refund.order_id,
        provider=refund.provider,
        method=refund.method,
        currency=refund.currency,
        amount_minor=refund.amount_minor,
        state=refund.state,
        reference=refund.provider_ref,
        reason=refund.reason or None,
        failure=refund.failure or None,
        to_wallet=refund.to_wallet,
        requested_at=refund.requested_at,
        settled_at=refund.settled_at,
    )


HANDLERS: list[Any] = [list_payments, sum_payments, list_refunds]
