"""What must come out: the file's totals, and its dirt, each counted. Pure."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from jiedan.imports.presets.olist.files import Olist
from jiedan.imports.presets.olist.lives import Life

OPEN_STATUSES = frozenset({"created", "approved", "processing", "invoiced"})
"""Statuses of the file that are one to us: nothing has left yet."""

UNPAID_STATUS = "created"
"""The one of them that the facts tell apart: nothing was captured."""


class Total(NamedTuple):
    """One total of the file; an amount is in centavos."""

    name: str
    value: int
    is_amount: bool = False


def file_totals(olist: Olist) -> list[Total]:
    """Return the control totals, in the order a report shows them."""
    statuses = Counter(told.status for told in olist.orders)
    items = [item for found in olist.items.values() for item in found]
    payments = [payment for found in olist.payments.values() for payment in found]
    kinds = Counter(payment.kind for payment in payments)
    return [
        Total("orders", len(olist.orders)),
        Total("delivered", statuses["delivered"]),
        Total("shipped", statuses["shipped"]),
        Total("canceled", statuses["canceled"]),
        Total("unavailable", statuses["unavailable"]),
        Total("paid_and_open", sum(statuses[s] for s in OPEN_STATUSES - {UNPAID_STATUS})),
        Total("unpaid_and_open", statuses[UNPAID_STATUS]),
        Total("orders_with_items", len(olist.items)),
        Total("items", len(items)),
        Total("price", sum(item.price_minor for item in items), is_amount=True),
        Total("freight", sum(item.freight_minor for item in items), is_amount=True),
        Total("orders_with_payments", len(olist.payments)),
        Total("payments", len(payments)),
        Total("paid", sum(payment.amount_minor for payment in payments), is_amount=True),
        *(Total(f"paid_by_{kind}", kinds[kind]) for kind in sorted(kinds)),
        Total("customers", len(olist.customers)),
        Total("people", len({customer.person for customer in olist.customers.values()})),
        Total("products", len(olist.products)),
        Total("sellers", len(olist.sellers)),
        Total("places", len(olist.coordinates)),
        Total("translations", len(translated(olist))),
        Total("reviews", olist.review_count),
    ]


def translated(olist: Olist) -> list[str]:
    """Return the categories that products are in and that the set translates."""
    return sorted({product.category for product in olist.products.values()} & olist.categories.keys())


def places_dirt(olist: Olist) -> Mapping[str, int]:
    """Count what is odd about places: prefixes without their zero in front, who is found by them, and who is not."""
    mended, known = olist.mended_prefixes, olist.coordinates.keys()
    sellers = [place.prefix for place in olist.sellers.values()]
    customers = [olist.customers[told.customer_id].place.prefix for told in olist.orders]
    return {
        "prefixes_mended": len(mended),
        "sellers_by_mended_prefix": sum(prefix in mended for prefix in sellers),
        "customers_by_mended_prefix": sum(prefix in mended for prefix in customers),
        "sellers_without_coordinate": sum(prefix not in known for prefix in sellers),
        "customers_without_coordinate": sum(prefix not in known for prefix in customers),
    }


def dirt(life: Life) -> Mapping[str, int]:
    """Count each kind of dirt that an order of the file has: most it has or has not."""
    told = life.told
    total_minor = sum(sale.price_minor * sale.quantity for sale in life.sales) + (life.order.shipping_minor or 0)
    paid_minor = sum(part.payment.amount_minor for part in life.paid)
    has_both = bool(life.sales and life.paid)
    return {
        "without_items": not life.sales,
        "delivered_without_payment": told.status == "delivered" and not life.paid,
        "paid_in_several_parts": len(life.paid) > 1,
        "split_over_sellers": len({sale.seller_id for sale in life.sales}) > 1,
        "payment_differs": has_both and paid_minor != total_minor,
        "payment_differs_by_more_than_a_centavo": has_both and abs(paid_minor - total_minor) > 1,
        "delivered_without_date": told.status == "delivered" and told.delivered_on is None,
        "delivered_never_approved": told.status == "delivered" and told.approved_on is None,
        "handed_over_before_approval": _is_before(told.handed_over_on, told.approved_on),
        "delivered_before_hand_over": _is_before(told.delivered_on, told.handed_over_on),
        "handed_over_before_purchase": _is_before(told.handed_over_on, told.placed_on),
        "canceled_yet_delivered": told.status == "canceled" and told.delivered_on is not None,
        "canceled_after_hand_over": told.status == "canceled"
        and told.handed_over_on is not None
        and told.delivered_on is None,
        "payments_of_nothing": sum(part.payment.amount_minor == 0 for part in life.paid),
    }


def _is_before(one: date | None, other: date | None) -> bool:
    return one is not None and other is not None and one < other
