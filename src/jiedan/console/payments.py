"""Money across orders: the lists of payments and of refunds, what they come to, and one payment at a glance."""

from typing import Annotated, Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post

from jiedan.base import i18n, paging
from jiedan.base.errors import Refusal, accepted
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.console import payments_asked, words
from jiedan.payments import queries, service
from jiedan.payments.rules import finding, outstanding
from jiedan.payments.rules.finding import Refund, What
from jiedan.payments.values import Payment, PaymentId

ROWS = 50
PATHS: dict[What, str] = {"payments": "/payments", "refunds": "/payments/refunds"}


class Listed(NamedTuple):
    """Everything that a list shows."""

    page: paging.Page[Payment] | paging.Page[Refund]
    totals: queries.Totals
    orders: dict[UUID, queries.OrderName]


class AssignForm(forms.Form):
    """The number of the order that money is for."""

    number: Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]


@get("/payments", permission="payments:read")
async def payments_page(unit: Unit) -> Response[str]:
    """Show the payments that fit."""
    return await _list(unit, "payments")


@get("/payments/refunds", permission="payments:read")
async def refunds_page(unit: Unit) -> Response[str]:
    """Show the refunds that fit."""
    return await _list(unit, "refunds")


async def _list(unit: Unit, what: What) -> Response[str]:
    asked = payments_asked.of(unit, what)
    listed = await _listed(unit, asked)
    return pages.render(
        unit,
        "console/payments_list.html",
        part="console/_payments_list.html",
        status=422 if asked.problems else 200,
        words=words,
        asked=asked,
        listed=listed,
        chips=payments_asked.chips_of(unit, asked),
        signs=payments_asked.STATES[what],
        providers=payments_asked.PROVIDERS,
        paths=PATHS,
        filters_json=msgspec.json.encode(asked.filters).decode(),
        currency=asked.filters.currency or unit.principal.currency,
        summed_max=finding.SUMMED_MAX,
        rows_max=ROWS,
    )


async def _listed(unit: Unit, asked: payments_asked.Asked) -> Listed:
    """Read a list: four statements at most, whatever is asked."""
    cursor = unit.request.query_params.get("cursor") or None
    request = unit.page(f"console-{asked.what}", filters=finding.given(asked.filters), limit=ROWS, cursor=cursor)
    criteria = finding.criteria(asked.filters, zone=ZoneInfo(unit.principal.time_zone))
    page: paging.Page[Payment] | paging.Page[Refund]
    async with unit.read() as tx:
        wanted = await queries.sought(tx, criteria)
        if asked.what == "refunds":
            page = await queries.refund_list(tx, request=request, wanted=wanted)
        else:
            page = await queries.payment_list(tx, request=request, wanted=wanted)
        totals = await queries.totals(tx, what=asked.what, wanted=wanted)
        named = await queries.named_orders(tx, [x.order_id for x in page.items])
    return Listed(page, totals, named)


@get("/payments/{payment_id:uuid}", permission="payments:read")
async def payment_page(unit: Unit, payment_id: UUID) -> Response[str]:
    """Show one payment with its ledger and what was asked of its provider; beside the list, or as a page."""
    return await _payment(unit, payment_id)


@post("/payments/{payment_id:uuid}/assignment", permission="payments:write")
async def assign(unit: Unit, payment_id: UUID) -> Response[str]:
    """Give money that came without an order to the one with the number that was typed."""
    form = await forms.read(unit, AssignForm)
    sent = form.value
    if sent is None:
        return await _payment(unit, payment_id, form)
    async with unit.read() as tx:
        order_id = await queries.order_numbered(tx, sent.number)
    if order_id is None:
        form.status = 422
        form.errors_by_field["number"] = i18n.gettext(unit.locale, N_("No order has this number."))
        return await _payment(unit, payment_id, form)
    wish = service.Assignment(PaymentId(payment_id), order_id)
    try:
        accepted(await unit.write(lambda tx: service.assign_payments(tx, assignments=[wish])))
    except Refusal as refusal:
        form.refuse(refusal)
        return await _payment(unit, payment_id, form)
    return pages.redirect(unit, f"/payments/{payment_id}", flash=N_("The money belongs to the order now."))


async def _payment(unit: Unit, payment_id: UUID, form: "Filled[AssignForm] | None" = None) -> Response[str]:
    wanted = [PaymentId(payment_id)]
    async with unit.read() as tx:
        payment = await queries.payment(tx, payment_id)
        entries = await queries.entries_of(tx, wanted)
        operations = await queries.operations_of(tx, wanted)
        named = await queries.named_orders(tx, [payment.order_id])
    return pages.render(
        unit,
        "console/payment.html",
        part="console/_payment.html",
        form=form,
        words=words,
        payment=payment,
        order=named.get(payment.order_id) if payment.order_id is not None else None,
        entries=entries.get(payment.payment_id, []),
        operations=operations.get(payment.payment_id, []),
        outstanding_minor=outstanding(payment.sums),
        signs=payments_asked.STATES["payments"],
        operation_signs=payments_asked.OPERATIONS,
        providers=payments_asked.PROVIDERS,
    )


HANDLERS: tuple[Any, ...] = (
    payments_page,
    refunds_page,
    payment_page,
    assign,
)
