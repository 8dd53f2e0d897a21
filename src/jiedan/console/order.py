"""The page of an order: everything about it, and the forms by which it is changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get

from jiedan.accounts import queries as accounts
from jiedan.base import i18n
from jiedan.base.db import ReadTx
from jiedan.base.events import Actor
from jiedan.base.paging import LIMIT_MAX
from jiedan.base.web import pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.cases import queries as cases
from jiedan.cases.values import KIND_LABELS, Case
from jiedan.console import words
from jiedan.customers import rules as customer_rules
from jiedan.fulfillment import queries as fulfillment
from jiedan.fulfillment.queries import Way
from jiedan.fulfillment.values import signs
from jiedan.inventory import queries as stock
from jiedan.orders import queries
from jiedan.orders.queries import Decision, Details, Happening
from jiedan.orders.rules import derived, statuses, totals
from jiedan.orders.values import OWNER_KIND, Line, Order, OrderId, OrderWithLines
from jiedan.payments import queries as payments
from jiedan.payments import rules as payment_rules
from jiedan.payments.values import BY_HAND, Entry, Operation, Payment


class Step(NamedTuple):
    """One step of an order's way: `state` is done, current or empty; `at` where the moment is known."""

    label: str
    state: str
    at: datetime | None = None


class ShownLine(NamedTuple):
    """A line with where its goods are, and what is left of it."""

    line: Line
    places: list[tuple[str, int]]
    total_minor: int
    cancelable: int
    performable: int


class ShownPayment(NamedTuple):
    """A tender with its ledger and what can be done with it."""

    payment: Payment
    entries: Sequence[Entry]
    unsettled: Sequence[Operation]
    can_confirm: bool
    can_capture: bool
    can_refund: bool


class Shown(NamedTuple):
    """Everything an order's page shows."""

    order: Order
    lines: list[ShownLine]
    details: Details
    status: str
    days_late: int
    missing: tuple[tuple[str, int], ...]
    steps: list[Step]
    timeline: list[tuple[Happening, str]]
    decisions: list[Decision]
    cases: list[Case]
    payments: list[ShownPayment] | None
    locations: Mapping[UUID, str]
    ways: list[Way]
    cancelable: bool
    editable: bool
    reopenable: bool


async def shown(tx: ReadTx, unit: Unit, order_id: UUID) -> Shown:
    """Read everything about an order: fourteen statements at most. Raises OrderNotFound."""
    found = await queries.order(tx, order_id)
    order = found.order
    details = (await queries.details(tx, [order_id]))[OrderId(order_id)]
    held, locations, ways = await tx.load(
        stock.reservations_of_owners(OWNER_KIND, [x.line_id for x in found.lines if x.allocated]),
        stock.locations(),
        fulfillment.ways(order_id),
    )
    names = {place.location_id: place.name for place in locations}
    tenders = await _tenders(tx, order_id) if unit.may("payments:read") else None
    subjects = [order_id, *(tender.payment.payment_id for tender in tenders or ())]
    newest = await queries.timeline(tx, subjects, request=unit.page("order-timeline", filters={}, limit=LIMIT_MAX))
    timeline = newest.items[::-1]
    parcel_ids = [box.parcel_id for way in ways for box in way.boxes]
    actors = await tx.load_one(accounts.actor_names({entry.actor for entry in timeline}))
    lines = [
        _line(line, [(names[r.location_id], r.quantity) for r in held.get(line.line_id, ())]) for line in found.lines
    ]
    return Shown(
        order=order,
        lines=lines,
        details=details,
        status=statuses.merchant_status(
            order.lifecycle,
            order.payment_status,
            order.fulfillment_status,
            standing_holds=len(details.standing_holds),
        ),
        days_late=derived.days_late(order, today=tx.now.astimezone(ZoneInfo(unit.principal.time_zone)).date()),
        missing=derived.completion(order, found.lines).missing if order.lifecycle == "open" else (),
        steps=_steps(found, timeline),
        timeline=[(entry, _by(unit, entry.actor, actors)) for entry in reversed(timeline)],
        decisions=await queries.decisions(tx, order_id),
        cases=await cases.cases_about(tx, [*subjects, *parcel_ids]) if unit.may("cases:read") else [],
        payments=tenders,
        locations=names,
        ways=[way for way in ways if way.status != "canceled"],
        cancelable=order.lifecycle == "open" and any(line.cancelable for line in lines),
        editable=order.lifecycle == "open" and not any(line.shipped for line in found.lines),
        reopenable=order.lifecycle == "canceled" and not order.history,
    )


def _line(line: Line, places: list[tuple[str, int]]) -> ShownLine:
    left = line.ordered - line.canceled - line.shipped - line.performed
    total = totals.line_total(totals.LineTotal(line.total_minor, line.tax_minor, line.ordered, line.canceled))
    return ShownLine(
        line,
        places,
        total,
        left if line.kind in {"goods", "service", "kit"} else 0,
        left if line.kind == "service" else 0,
    )


def _by(unit: Unit, actor: Actor, names: Mapping[Actor, str]) -> str:
    return i18n.gettext(unit.locale, words.SYSTEM) if actor.kind == "system" else names.get(actor, actor.id)


async def _tenders(tx: ReadTx, order_id: UUID) -> list[ShownPayment]:
    found = await payments.payments_with_entries(tx, order_id)
    waiting = [payment.payment_id for payment, _ in found if payment.state in _WAITING]
    asked = await payments.operations_of(tx, waiting) if waiting else {}
    return [
        ShownPayment(
            payment,
            entries,
            unsettled=[o for o in asked.get(payment.payment_id, ()) if payment_rules.may_settle(o, at=tx.now)],
            can_confirm=payment.provider in BY_HAND and not payment.sums.captured,
            can_capture=payment.provider not in BY_HAND and payment_rules.outstanding(payment.sums) > 0,
            can_refund=payment_rules.refundable(payment.sums) > 0,
        )
        for payment, entries in found
    ]


_WAITING = frozenset({"unknown", "processing", "action_needed"})
_GONE = frozenset({"partly_shipped", "shipped", "partly_delivered", "delivered", "partly_returned", "returned"})
_ARRIVED = frozenset({"delivered", "partly_returned", "returned"})
_PAID = frozenset({"paid", "overpaid", "not_due"})


def _steps(found: OrderWithLines, timeline: Sequence[Happening]) -> list[Step]:
    """Return the way of an order: which steps are done, which are under way, and when."""
    order = found.order
    moments: dict[str, datetime] = {}
    for entry in timeline:
        moments.setdefault(entry.kind, entry.occurred_at)
    placed = Step(words.STEPS["placed"], "done", order.placed_at)
    if order.lifecycle == "canceled":
        return [placed, Step(words.STEPS["canceled"], "done", order.canceled_at)]
    payment, goods = order.payment_status, order.fulfillment_status
    paid_at = moments.get("orders.payment_recorded")
    paid = "done" if payment in _PAID else "current" if payment != "pending" else ""
    allocated = "done" if goods in _GONE | {"allocated", "not_needed"} else "current" if goods != "waiting" else ""
    gone = "done" if goods in _GONE - {"partly_shipped"} else "current" if goods == "partly_shipped" else ""
    arrived = "done" if goods in _ARRIVED else "current" if goods == "partly_delivered" else ""
    completed = "done" if order.lifecycle == "completed" else ""
    return [
        placed,
        Step(words.STEPS["paid"], paid, paid_at if paid else None),
        Step(words.STEPS["allocated"], allocated),
        Step(words.STEPS["shipped"], gone),
        Step(words.STEPS["delivered"], arrived),
        Step(words.STEPS["completed"], completed, order.completed_at),
    ]


async def order_answer(unit: Unit, order_id: UUID, name: str = "", form: "Filled[Any] | None" = None) -> Response[str]:
    """Show an order; `form` is what was just sent under `name` and did not go through."""
    async with unit.read() as tx:
        found = await shown(tx, unit, order_id)
    return pages.render(
        unit,
        "console/order.html",
        form=form,
        shown=found,
        order=found.order,
        sent={name: form} if form is not None else {},
        words=words,
        signs=signs,
        address_lines=customer_rules.written,
        case_labels=KIND_LABELS,
        form_key=unit.own_id,
    )


@get("/orders/{order_id:uuid}", permission="orders:read")
async def order_page(unit: Unit, order_id: UUID) -> Response[str]:
    """Show an order."""
    return await order_answer(unit, order_id)


HANDLERS: tuple[Any, ...] = (order_page,)
