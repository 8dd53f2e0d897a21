"""What an order of the file is in our terms: what was asked for, paid, sent and canceled, and what nobody can tell.

The file's status is never stored. It is looked at for one purpose: to see what the facts beside it do not say, which
becomes a case. `docs/reference/olist.md` has the mapping as a table.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from jiedan.customers.values import Address
from jiedan.imports.presets.olist.files import COUNTRY, CURRENCY, TIME_ZONE, Customer, Item, Olist, Payment, Told
from jiedan.orders.values import NewLine, NewOrder
from jiedan.orders.values.drafts import History
from jiedan.pricing.values import AsSold

CHANNEL = "olist"
ZONE = ZoneInfo(TIME_ZONE)

CaseKind = Literal[
    "lines_missing",
    "goods_unavailable",
    "canceled_after_hand_over",
    "canceled_yet_delivered",
    "delivery_unconfirmed",
    "refund_due",
]
"""What facts cannot say. `lines_missing`: no items; what the file says of its way is in the case's data.
`goods_unavailable`: the seller had none. `canceled_after_hand_over`, `canceled_yet_delivered`: the goods have left.
`delivery_unconfirmed`: said to be delivered, nobody knows when. `refund_due`: canceled and paid."""


class Sale(NamedTuple):
    """One line: all pieces of a product from one seller at one price, in centavos."""

    product_id: str
    seller_id: str
    price_minor: int
    quantity: int


class Sent(NamedTuple):
    """What left one seller: `line` counts from 1, as the order's lines do."""

    seller_id: str
    lines: tuple[tuple[int, Sale], ...]
    shipped_at: datetime
    delivered_at: datetime | None


class Paid(NamedTuple):
    """One part of what was paid; captured unless the payment was never approved."""

    payment: Payment
    at: datetime
    is_captured: bool


class Life(NamedTuple):
    """The life of one order. What is `canceled` and has not been sent is canceled at `canceled_at`."""

    told: Told
    order: NewOrder
    sales: tuple[Sale, ...]
    paid: tuple[Paid, ...]
    sent: tuple[Sent, ...]
    canceled_at: datetime | None
    cases: Mapping[CaseKind, dict[str, str]]


def life(told: Told, olist: Olist) -> Life:
    """Return the life of one order of the set."""
    items = olist.items.get(told.order_id, ())
    sales = _sales(items)
    paid = tuple(_paid(told, payment) for payment in olist.payments.get(told.order_id, ()))
    left_on = told.handed_over_on or told.delivered_on
    has_left = left_on is not None and bool(sales)
    is_canceled = told.status == "canceled" and not has_left
    return Life(
        told,
        _order(told, sales, items, olist.customers[told.customer_id], olist.coordinates),
        sales,
        paid,
        _sent(sales, left_on, told.delivered_on) if left_on is not None else (),
        _moment(max(told.placed_on, told.approved_on or told.placed_on)) if is_canceled else None,
        _cases(told, has_items=bool(sales), is_canceled=is_canceled, captured_minor=_captured(paid)),
    )


def _cases(told: Told, *, has_items: bool, is_canceled: bool, captured_minor: int) -> dict[CaseKind, dict[str, str]]:
    found: dict[CaseKind, dict[str, str]] = {}
    left = told.handed_over_on is not None or told.delivered_on is not None
    if not has_items:
        found["lines_missing"] = _days(told)
    if told.status == "unavailable":
        found["goods_unavailable"] = _days(told)
    if told.status == "canceled" and has_items and left:
        kind: CaseKind = "canceled_yet_delivered" if told.delivered_on else "canceled_after_hand_over"
        found[kind] = _days(told)
    if told.status == "delivered" and told.delivered_on is None:
        found["delivery_unconfirmed"] = _days(told)
    if is_canceled and captured_minor > 0:
        found["refund_due"] = {"amount_minor": str(captured_minor), "currency": CURRENCY}
    return found


def _days(told: Told) -> dict[str, str]:
    days = {
        "approved_on": told.approved_on,
        "handed_over_on": told.handed_over_on,
        "delivered_on": told.delivered_on,
    }
    return {name: day.isoformat() for name, day in days.items() if day is not None}


def _sales(items: Sequence[Item]) -> tuple[Sale, ...]:
    """Return the lines of an order: the file has a row for every piece."""
    counted: dict[tuple[str, str, int], int] = {}
    for item in items:
        key = (item.product_id, item.seller_id, item.price_minor)
        counted[key] = counted.get(key, 0) + 1
    return tuple(Sale(*key, quantity) for key, quantity in counted.items())


def _order(
    told: Told,
    sales: Sequence[Sale],
    items: Sequence[Item],
    customer: Customer,
    coordinates: Mapping[str, tuple[float, float]],
) -> NewOrder:
    lat, lon = coordinates.get(customer.place.prefix, (None, None))
    lines = tuple(
        NewLine(
            sku=sale.product_id,
            quantity=sale.quantity,
            location=sale.seller_id,
            as_sold=AsSold(unit_minor=sale.price_minor),
        )
        for sale in sales
    )
    return NewOrder(
        lines=lines,
        channel=CHANNEL,
        external_id=told.order_id,
        currency=CURRENCY,
        ship_to=Address(
            country=COUNTRY,
            region=customer.place.state,
            city=customer.place.city,
            postal_code=customer.place.prefix,
            lat=lat,
            lon=lon,
        ),
        payment_terms="prepaid",
        shipping_minor=sum(item.freight_minor for item in items),
        shipping_tax_minor=0,
        history=History(placed_at=_moment(told.placed_on), tax_included=True, promised_at=_moment(told.promised_on)),
    )


def _paid(told: Told, payment: Payment) -> Paid:
    """Return a payment. One that was never approved was authorized; but what was delivered had been paid."""
    is_captured = told.approved_on is not None or told.delivered_on is not None
    return Paid(payment, _moment(told.approved_on or told.placed_on), is_captured)


def _captured(paid: Sequence[Paid]) -> int:
    return sum(part.payment.amount_minor for part in paid if part.is_captured)


def _sent(sales: Sequence[Sale], left_on: date, delivered_on: date | None) -> tuple[Sent, ...]:
    """Return what each seller sent, in the order of the lines; a delivery before the hand-over stays as it is told."""
    by_seller: dict[str, list[tuple[int, Sale]]] = {}
    for line, sale in enumerate(sales, start=1):
        by_seller.setdefault(sale.seller_id, []).append((line, sale))
    delivered_at = None if delivered_on is None else _moment(delivered_on)
    return tuple(
        Sent(seller_id, tuple(lines), _moment(left_on), delivered_at) for seller_id, lines in by_seller.items()
    )


def _moment(day: date) -> datetime:
    """Return a day of the file as a moment: its noon, as the file tells no time."""
    return datetime.combine(day, time(12), tzinfo=ZONE)
