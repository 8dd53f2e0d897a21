"""An order whole, as the API shows it."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from jiedan.base.db import ReadTx
from jiedan.inventory import queries as stock
from jiedan.inventory.values import LocationId, Reservation
from jiedan.orders import queries
from jiedan.orders.api.shapes import (
    ActorView,
    AllocationView,
    HoldView,
    LineView,
    NoteView,
    OrderDetail,
    tax_view,
)
from jiedan.orders.rules import derived, statuses, taxing
from jiedan.orders.values import (
    OWNER_KIND,
    Hold,
    Line,
    Order,
    OrderId,
    OrderWithLines,
)


async def detail(tx: ReadTx, order_id: UUID, *, time_zone: str) -> OrderDetail:
    """Return an order whole, as the API shows it on the day it is in `time_zone`. Raises OrderNotFound."""
    found = await queries.order(tx, order_id)
    details = (await queries.details(tx, [order_id]))[OrderId(order_id)]
    held, places = await tx.load(
        stock.reservations_of_owners(OWNER_KIND, [x.line_id for x in found.lines if x.allocated]), stock.locations()
    )
    codes = {place.location_id: place.code for place in places}
    return _detail(found, details, held, codes, tx.now.astimezone(ZoneInfo(time_zone)).date())


def _detail(
    found: OrderWithLines,
    details: queries.Details,
    held: Mapping[UUID, Sequence[Reservation]],
    codes: Mapping[LocationId, str],
    today: date,
) -> OrderDetail:
    order = found.order
    return OrderDetail(
        order_id=order.order_id,
        number=order.number,
        channel=order.channel,
        external_id=order.external_id,
        customer_id=order.customer_id,
        contact=order.contact,
        ship_to=details.addresses.get("ship_to"),
        bill_to=details.addresses.get("bill_to"),
        lifecycle=order.lifecycle,
        payment_status=order.payment_status,
        fulfillment_status=order.fulfillment_status,
        customer_status=statuses.customer_status(order.lifecycle, order.fulfillment_status),
        merchant_status=_merchant_status(order, len(details.standing_holds)),
        placed_at=order.placed_at,
        expires_at=order.expires_at,
        promised_at=order.promised_at,
        promised_p50_on=order.promised_p50_on,
        promised_p90_on=order.promised_p90_on,
        days_late=derived.days_late(order, today=today),
        completed_at=order.completed_at,
        canceled_at=order.canceled_at,
        cancel_reason=order.cancel_reason,
        currency=order.currency,
        total_minor=order.total_minor,
        tax_minor=order.tax_minor,
        taxes=taxing.table(found.lines),
        tax=tax_view(order.tax),
        authorized_minor=order.authorized_minor,
        captured_minor=order.captured_minor,
        refunded_minor=order.refunded_minor,
        charged_back_minor=order.charged_back_minor,
        balance_minor=order.balance_minor,
        refunding_minor=order.refunding_minor,
        to_pay_minor=order.to_pay_minor,
        payment_terms=order.payment_terms,
        delivery_wish=order.delivery_wish,
        requested_location_id=order.requested_location_id,
        shipping_method=order.shipping_method,
        shipping_name=order.shipping_name,
        missing_for_completion=_missing(found),
        lines=[_line(line, _allocations(held.get(line.line_id, ()), codes)) for line in found.lines],
        holds=[_hold(hold) for hold in details.holds],
        notes=[NoteView(n.kind, n.text, n.written_at) for n in details.notes],
        tags=list(details.tags),
        attributes=dict(details.attributes),
        assignee_id=order.assignee_id,
        version=order.version,
    )


def _merchant_status(order: Order, holds: int) -> str:
    return statuses.merchant_status(
        order.lifecycle, order.payment_status, order.fulfillment_status, standing_holds=holds
    )  # fmt: skip


def _missing(found: OrderWithLines) -> list[tuple[str, int]]:
    return list(derived.completion(found.order, found.lines).missing) if found.order.lifecycle == "open" else []


def _hold(hold: Hold) -> HoldView:
    return HoldView(
        hold_id=hold.hold_id,
        kind=hold.kind,
        reason=hold.reason,
        lift_permission=hold.lift_permission,
        deadline_at=hold.deadline_at,
        placed_at=hold.placed_at,
        placed_by=ActorView(*hold.placed_by),
        lifted_at=hold.lifted_at,
        lifted_by=None if hold.lifted_by is None else ActorView(*hold.lifted_by),
        lift_reason=hold.lift_reason,
    )


def _allocations(held: Sequence[Reservation], codes: Mapping[LocationId, str]) -> list[AllocationView]:
    return [AllocationView(r.location_id, codes[r.location_id], r.quantity) for r in held]


def _line(line: Line, allocations: list[AllocationView]) -> LineView:
    return LineView(
        line_id=line.line_id,
        line=line.line,
        kind=line.kind,
        parent_line=line.parent_line,
        sku_id=line.sku_id,
        code=line.code,
        name=line.name,
        ordered=line.ordered,
        canceled=line.canceled,
        waiting=line.waiting,
        allocated=line.allocated,
        shipped=line.shipped,
        delivered=line.delivered,
        returned=line.returned,
        performed=line.performed,
        unit_minor=line.unit_minor,
        discount_minor=line.discount_minor,
        tax_minor=line.tax_minor,
        tax_rate_ppm=line.tax_rate_ppm,
        total_minor=line.total_minor,
        price_source=line.price_source,
        price_reason=line.price_reason,
        ruled_minor=line.ruled_minor,
        by_hand_minor=line.by_hand_minor,
        relief_minor=line.relief_minor,
        attributes=line.attributes,
        allocations=allocations,
    )
