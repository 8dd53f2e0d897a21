"""How orders and lines become rows. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from jiedan.base import money
from jiedan.base.i18n import N_, Series
from jiedan.catalog.values import Labels
from jiedan.customers.values import Address
from jiedan.exports import errors
from jiedan.exports.values import Column, Hanging, Row, Rows
from jiedan.orders.rules import statuses, taxing
from jiedan.orders.values import Line, Order
from jiedan.payments.rules.finding import Refund, What
from jiedan.payments.values import Payment
from jiedan.pricing.rules import attributes
from jiedan.pricing.values import Said, TaxRow
from jiedan.pricing.values.promotions import AttributeValue

_ADDRESS = (
    Column(N_("Recipient"), 20),
    Column(N_("Recipient's phone"), 18),
    Column(N_("Company"), 20),
    Column(N_("Country"), 8),
    Column(N_("Region"), 14),
    Column(N_("City"), 14),
    Column(N_("District"), 14),
    Column(N_("Address line 1"), 30),
    Column(N_("Address line 2"), 20),
    Column(N_("Postal code"), 12),
)

COLUMNS: Mapping[Rows, tuple[Column, ...]] = MappingProxyType(
    {
        "orders": (
            Column(N_("Order"), 20),
            Column(N_("Placed"), 18),
            Column(N_("Channel"), 12),
            Column(N_("External id"), 20),
            Column(N_("Contact"), 20),
            Column(N_("Phone"), 18),
            Column(N_("E-mail"), 26),
            Column(N_("Status"), 12),
            Column(N_("Payment status"), 16),
            Column(N_("Fulfillment status"), 16),
            Column(N_("Currency"), 8),
            Column(N_("Total"), 12),
            Column(N_("Tax"), 12),
            Column(N_("Not taxed by"), 24),
            Column(N_("Tax by rate"), 30),
            Column(N_("Captured"), 12),
            Column(N_("Refunded"), 12),
            Column(N_("Paid with gift cards and credit"), 12),
            Column(N_("Balance"), 12),
            Column(N_("Payment terms"), 14),
            Column(N_("Delivery wish"), 12),
            Column(N_("Shipping method"), 16),
            Column(N_("Promised at placement"), 18),
            Column(N_("Arrives by, half of such orders"), 14),
            Column(N_("Arrives by, nine of ten"), 14),
            Column(N_("Completed"), 18),
            Column(N_("Canceled"), 18),
            Column(N_("Reason for canceling"), 20),
            Column(N_("Tags"), 20),
            Column(N_("Attributes"), 30),
            Column(N_("Holds"), 20),
            *_ADDRESS,
        ),
        "lines": (
            Column(N_("Order"), 20),
            Column(N_("Placed"), 18),
            Column(N_("Channel"), 12),
            Column(N_("External id"), 20),
            Column(N_("Line"), 6),
            Column(N_("Part of line"), 6),
            Column(N_("Kind"), 12),
            Column(N_("SKU"), 20),
            Column(N_("Name"), 40),
            Column(N_("Brand"), 20),
            Column(N_("Product tags"), 20),
            Column(N_("Ordered"), 10),
            Column(N_("Canceled"), 10),
            Column(N_("Allocated"), 10),
            Column(N_("Waiting"), 10),
            Column(N_("Shipped"), 10),
            Column(N_("Delivered"), 10),
            Column(N_("Returned"), 10),
            Column(N_("Performed"), 10),
            Column(N_("Currency"), 8),
            Column(N_("Unit price"), 12),
            Column(N_("Discount"), 12),
            Column(N_("Tax not charged"), 12),
            Column(N_("Tax"), 12),
            Column(N_("Total"), 12),
            Column(N_("Tax by rate"), 30),
            Column(N_("Price from"), 12),
            Column(N_("Reason for the price"), 30),
            Column(N_("Measures"), 40),
        ),
    }
)

MONEY_COLUMNS: Mapping[What, tuple[Column, ...]] = MappingProxyType(
    {
        "payments": (
            Column(N_("Order"), 20),
            Column(N_("Created"), 18),
            Column(N_("State"), 14),
            Column(N_("Payment method"), 16),
            Column(N_("Provider"), 14),
            Column(N_("Reference"), 30),
            Column(N_("Currency"), 8),
            Column(N_("Amount"), 12),
            Column(N_("Authorized"), 12),
            Column(N_("Captured"), 12),
            Column(N_("Adjusted"), 12),
            Column(N_("Refunded"), 12),
            Column(N_("Charged back"), 12),
            Column(N_("Payment id"), 38),
        ),
        "refunds": (
            Column(N_("Order"), 20),
            Column(N_("Asked for"), 18),
            Column(N_("Settled"), 18),
            Column(N_("State"), 14),
            Column(N_("Payment method"), 16),
            Column(N_("Provider"), 14),
            Column(N_("Reference"), 30),
            Column(N_("Currency"), 8),
            Column(N_("Amount"), 12),
            Column(N_("Reason"), 30),
            Column(N_("Payment id"), 38),
        ),
    }
)


def columns(rows: Rows, fields: Sequence[str] = ()) -> tuple[Column, ...]:
    """Return the columns of a file in their order: those of `fields`, or all. Raises UnknownFields."""
    known = {column.key: column for column in COLUMNS[rows]}
    unknown = [field for field in fields if field not in known]
    if unknown:
        raise errors.UnknownFields(Series(unknown), Series(known), field="fields")
    return tuple(column for key, column in known.items() if not fields or key in fields)


def picked(rows: Rows, fields: Sequence[str]) -> tuple[int, ...] | None:
    """Return the places of the cells that a file has of a whole row; None for all."""
    if not fields:
        return None
    return tuple(i for i, column in enumerate(COLUMNS[rows]) if column.key in fields)


def order_row(order: Order, hanging: Hanging, *, zone: ZoneInfo) -> Row:
    """Return the row of one order, in the order of its columns; amounts in major units, moments in `zone`."""
    place = hanging.ship_to or Address(country="")
    holds = hanging.holds
    amounts = (
        order.captured_minor,
        order.refunded_minor,
        order.from_wallets_minor,
        order.balance_minor,
    )
    return (
        order.number,
        _local(order.placed_at, zone),
        order.channel,
        order.external_id,
        order.contact.name,
        order.contact.phone,
        order.contact.email,
        statuses.merchant_status(
            order.lifecycle, order.payment_status, order.fulfillment_status, standing_holds=len(holds)
        ),
        order.payment_status,
        order.fulfillment_status,
        order.currency,
        *(money.decimal_amount(minor, order.currency) for minor in (order.total_minor, order.tax_minor)),
        _freed_by(order),
        _taxes(hanging.taxes, order.currency),
        *(money.decimal_amount(minor, order.currency) for minor in amounts),
        order.payment_terms,
        order.delivery_wish.isoformat() if order.delivery_wish else None,
        order.shipping_name,
        _local(order.promised_at, zone),
        order.promised_p50_on.isoformat() if order.promised_p50_on else None,
        order.promised_p90_on.isoformat() if order.promised_p90_on else None,
        _local(order.completed_at, zone),
        _local(order.canceled_at, zone),
        order.cancel_reason,
        " ".join(hanging.tags),
        attributes.written(hanging.attributes),
        " ".join(holds),
        place.name,
        place.phone,
        place.company,
        place.country,
        place.region,
        place.city,
        place.district,
        place.line1,
        place.line2,
        place.postal_code,
    )


def _freed_by(order: Order) -> str | None:
    """Return what frees an order of tax: `certificate EX-1`, `reverse_charge DE123456789`."""
    notes = () if order.tax is None else order.tax.reasons
    return ", ".join(f"{note.code} {note.reference}".strip() for note in notes) or None


def line_row(order: Order, line: Line, labels: Labels, *, zone: ZoneInfo) -> Row:
    """Return the row of one line, in the order of its columns; amounts are those of all ordered units.

    Brand and tags are those that its product has now. Where its price comes from tells gifts, which cost nothing, and
    the reason the promotion that gives them. Tax not charged is that in the price of who is exempt. Measures are
    written as imports of orders read them.
    """
    off_minor = line.discount_minor - line.relief_minor
    amounts = (line.unit_minor, off_minor, line.relief_minor, line.tax_minor, line.total_minor)
    return (
        order.number,
        _local(order.placed_at, zone),
        order.channel,
        order.external_id,
        line.line,
        line.parent_line,
        line.kind,
        line.code,
        line.name,
        labels.brand,
        ", ".join(labels.tags),
        line.ordered,
        line.canceled,
        line.allocated,
        line.waiting,
        line.shipped,
        line.delivered,
        line.returned,
        line.performed,
        order.currency,
        *(money.decimal_amount(minor, order.currency) for minor in amounts),
        _taxes(taxing.planned([line.taxes or ()]), order.currency),
        line.price_source,
        line.price_reason,
        attributes.written({one.name: _measure(one) for one in line.attributes}),
    )


def _taxes(rows: Iterable[TaxRow], currency: str) -> str | None:
    """Return a tax table in one cell: `VAT 19%: 15.97 of 84.03; reverse_charge: 0.00 of 5.00`."""
    told = []
    for row in rows:
        name = f"{row.name} {row.rate}" if row.treatment == "taxed" else row.treatment
        tax, base = (money.decimal_amount(x, currency) for x in (row.tax_minor, row.base_minor))
        told.append(f"{name}: {tax} of {base}")
    return "; ".join(told) or None


def payment_row(payment: Payment, number: str | None, *, zone: ZoneInfo) -> Row:
    """Return the row of one payment, in the order of its columns; `number` is its order's."""
    sums = payment.sums
    amounts = (
        payment.amount_minor,
        sums.authorized,
        sums.captured,
        sums.adjusted,
        sums.refunded,
        sums.charged_back,
    )
    return (
        number,
        _local(payment.created_at, zone),
        payment.state,
        payment.method,
        payment.provider,
        payment.provider_ref,
        payment.currency,
        *(money.decimal_amount(minor, payment.currency) for minor in amounts),
        str(payment.payment_id),
    )


def refund_row(refund: Refund, number: str | None, *, zone: ZoneInfo) -> Row:
    """Return the row of one refund, in the order of its columns; `number` is its order's."""
    return (
        number,
        _local(refund.requested_at, zone),
        _local(refund.settled_at, zone),
        refund.state,
        refund.method,
        refund.provider,
        refund.provider_ref,
        refund.currency,
        money.decimal_amount(refund.amount_minor, refund.currency),
        refund.reason,
        str(refund.payment_id),
    )


def _measure(said: Said) -> AttributeValue:
    """Return a measure with its unit, a whole number without one as such; a text as it was written, also `007`."""
    if said.letters is not None:
        return said.value
    read = attributes.value_of(said.measure)
    return read if type(read) is int else said.measure


def _local(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    """Return a moment as the merchant's clocks show it, without its zone and to the second."""
    return moment and moment.astimezone(zone).replace(tzinfo=None, microsecond=0)
