"""The words and signs under which pages show statuses, kinds and happenings."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from jiedan.base.i18n import N_
from jiedan.notifications import service as notifications
from jiedan.notifications import values as notification_values
from jiedan.orders import errors


class Sign(NamedTuple):
    """How a status is shown: `label` a message id, `tone` its color, `level` how far the circle beside it is filled."""

    label: str
    tone: str = ""
    level: str = "empty"


LIFECYCLES: Mapping[str, Sign] = MappingProxyType(
    {
        "open": Sign(N_("Open"), "info", "half"),
        "completed": Sign(N_("Completed"), "ok", "full"),
        "canceled": Sign(N_("Canceled")),
    }
)

PAYMENTS: Mapping[str, Sign] = MappingProxyType(
    {
        "not_due": Sign(N_("Nothing to pay"), "ok", "full"),
        "pending": Sign(N_("Unpaid"), "warn", "empty"),
        "processing": Sign(N_("Payment under way"), "info", "quarter"),
        "partly_authorized": Sign(N_("Partly authorized"), "info", "quarter"),
        "authorized": Sign(N_("Authorized"), "info", "half"),
        "partly_paid": Sign(N_("Partly paid"), "warn", "half"),
        "paid": Sign(N_("Paid"), "ok", "full"),
        "overpaid": Sign(N_("Overpaid"), "warn", "full"),
        "partly_refunded": Sign(N_("Partly refunded"), "", "most"),
        "refunded": Sign(N_("Refunded"), "", "empty"),
        "charged_back": Sign(N_("Charged back"), "bad", "empty"),
    }
)

FULFILLMENTS: Mapping[str, Sign] = MappingProxyType(
    {
        "not_needed": Sign(N_("Nothing to ship"), "ok", "full"),
        "waiting": Sign(N_("Waiting for stock"), "warn", "empty"),
        "partly_allocated": Sign(N_("Partly allocated"), "warn", "quarter"),
        "allocated": Sign(N_("Allocated"), "info", "quarter"),
        "partly_shipped": Sign(N_("Partly shipped"), "info", "half"),
        "shipped": Sign(N_("Shipped"), "info", "most"),
        "partly_delivered": Sign(N_("Partly delivered"), "info", "most"),
        "delivered": Sign(N_("Delivered"), "ok", "full"),
        "partly_returned": Sign(N_("Partly returned"), "", "half"),
        "returned": Sign(N_("Returned"), "", "empty"),
        "canceled": Sign(N_("Canceled")),
    }
)

SHOWN: Mapping[str, Sign] = MappingProxyType(
    {
        "submitted": Sign(N_("Submitted"), "warn", "empty"),
        "reviewed": Sign(N_("Reviewed"), "info", "quarter"),
        "paid": Sign(N_("Paid"), "info", "half"),
        "shipped": Sign(N_("Shipped"), "info", "most"),
        "signed": Sign(N_("Signed for"), "ok", "full"),
        "canceled": Sign(N_("Canceled")),
    }
)
"""What staff are told of an order in one word."""

PERIODS: Mapping[str, str] = MappingProxyType(
    {
        "today": N_("Today"),
        "yesterday": N_("Yesterday"),
        "last_7_days": N_("Last 7 days"),
        "last_30_days": N_("Last 30 days"),
    }
)

CHANNELS: Mapping[str, str] = MappingProxyType(
    {
        "api": N_("API"),
        "console": N_("Console"),
        "import": N_("Import"),
        "web": N_("Web shop"),
        "marketplace": N_("Marketplace"),
        "store": N_("Store"),
        "phone": N_("By phone"),
        "email": N_("By e-mail"),
    }
)
"""Channels with words of their own; any other is shown by its code."""

FEES: Mapping[str, str] = MappingProxyType({"shipping": N_("Shipping fee")})
"""Fees by the code that pricing gives them."""

TERMS: Mapping[str, str] = MappingProxyType(
    {"prepaid": N_("Prepaid"), "on_delivery": N_("On delivery"), "on_account": N_("On account")}
)

NOTES: Mapping[str, str] = MappingProxyType(
    {
        "delivery": N_("Delivery wish"),
        "packaging": N_("Packaging"),
        "customer": N_("From the customer"),
        "internal": N_("Internal"),
        "record": N_("For the record"),
    }
)

HOLDS = errors.HOLDS
"""Kinds of holds; any other kind is shown by its code."""

HOLDS_BY_HAND = errors.HOLDS_BY_HAND
"""Kinds of holds that staff place."""

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "contact": N_("Contact"),
        "ship_to": N_("Shipping address"),
        "bill_to": N_("Billing address"),
        "delivery_wish": N_("Delivery on"),
        "location": N_("Location"),
        "shipping_method": N_("Shipping method"),
        "tags": N_("Tags"),
        "notes": N_("Notes"),
        "prices": N_("Prices by hand"),
        "measures": N_("Measures"),
        "discount": N_("Discount on the whole order"),
        "why": N_("Reason"),
    }
)

ADDRESS_PARTS: Mapping[str, str] = MappingProxyType(
    {
        "name": N_("Name"),
        "phone": N_("Phone"),
        "email": N_("E-mail"),
        "company": N_("Company"),
        "country": N_("Country"),
        "region": N_("Province or state"),
        "city": N_("City"),
        "district": N_("District"),
        "line1": N_("Street and number"),
        "line2": N_("More of the address"),
        "postal_code": N_("Postal code"),
    }
)
"""The parts of a contact or an address, as texts are written of them."""

MISSING: Mapping[str, str] = MappingProxyType(
    {
        "not_delivered": N_("units to be delivered"),
        "not_performed": N_("services to be performed"),
        "balance": N_("the balance is not settled"),
        "all_canceled": N_("everything is canceled"),
    }
)

DECISIONS: Mapping[str, str] = MappingProxyType(
    {
        "placement": N_("When it was placed"),
        "edit": N_("When it was edited"),
        "fill": N_("When stock came in"),
        "short_pick": N_("When goods were not there"),
        "reopening": N_("When it was opened again"),
    }
)
"""On what occasion it was decided where goods come from and what they cost."""

RULES: Mapping[str, str] = MappingProxyType(
    {
        "requested_location": N_("The location that was asked for ships."),
        "one_location": N_("One location has everything; it comes first."),
        "one_location_most": N_("No location has everything and the order is not split; the one with most ships."),
        "fewest_parcels": N_("The fewest locations that have everything together."),
        "nearest_each": N_("Each line from the first location that has it."),
        "nothing_available": N_("No location has any of it."),
    }
)
"""Why these locations: what sourcing's rules mean."""

RANKED: Mapping[str, str] = MappingProxyType(
    {"distance": N_("Locations by distance."), "priority": N_("Locations by priority, as distances are not known.")}
)

OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        "chosen": N_("chosen"),
        "covers_less": N_("has less"),
        "farther": N_("comes later"),
        "lower_priority": N_("has lower priority"),
    }
)

PRICES: Mapping[str, str] = MappingProxyType(
    {
        "list": N_("List price"),
        "catalog": N_("Catalog price"),
        "contract": N_("Contract price"),
        "formula": N_("By formula"),
        "manual": N_("Price by hand"),
        "as_sold": N_("As sold"),
        "rule": N_("By rule"),
        "included": N_("Included"),
        "gift": N_("Gift"),
    }
)

CANCEL_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "customer_request": N_("The customer asked for it"),
        "out_of_stock": N_("Out of stock"),
        "not_paid": N_("Not paid"),
        "mistake": N_("Placed by mistake"),
        "too_late": N_("It takes too long"),
        "found_elsewhere": N_("Found elsewhere"),
        "expired": N_("Not paid in time"),
    }
)

METHODS: Mapping[str, str] = MappingProxyType(
    {
        "card": N_("Card"),
        "bank_transfer": N_("Bank transfer"),
        "cash_on_delivery": N_("Cash on delivery"),
        "boleto": N_("Boleto"),
        "voucher": N_("Voucher"),
        "debit_card": N_("Debit card"),
        "other": N_("Other"),
        "gift_card": N_("Gift card"),
        "store_credit": N_("Store credit"),
        "points": N_("Points"),
    }
)

REFUND_WAYS: Mapping[str, str] = MappingProxyType(
    {
        "original": N_("by the payment provider, the way it came"),
        "wallet": N_("back to where it came from, at once"),
        "credit": N_("to the store credit of the customer, at once"),
        "by_hand": N_("you give it back yourself; it is recorded here"),
    }
)
"""Where the share of a tender in a refund goes."""

TENDERS: Mapping[str, Sign] = MappingProxyType(
    {
        "open": Sign(N_("Expected"), "warn", "empty"),
        "action_needed": Sign(N_("The customer is paying"), "info", "quarter"),
        "processing": Sign(N_("Under way"), "info", "quarter"),
        "unknown": Sign(N_("Outcome unknown"), "warn", "quarter"),
        "authorized": Sign(N_("Authorized"), "info", "half"),
        "captured": Sign(N_("Received"), "ok", "full"),
        "refunded": Sign(N_("Refunded")),
        "voided": Sign(N_("Let go")),
        "failed": Sign(N_("Failed"), "bad", "empty"),
    }
)

ENTRIES: Mapping[str, str] = MappingProxyType(
    {
        "authorization": N_("Authorized"),
        "capture": N_("Captured"),
        "void": N_("Voided"),
        "refund": N_("Refunded"),
        "chargeback": N_("Charged back"),
        "adjustment": N_("Adjusted"),
    }
)


SYSTEM = N_("Jiedan")
"""Who did what nobody did by hand."""

GUEST = N_("Guest")

CUSTOMER = N_("Customer")
"""Who bought without an account; ids of sessions say nothing to staff."""

STEPS: Mapping[str, str] = MappingProxyType(
    {
        "placed": N_("Placed"),
        "paid": N_("Paid"),
        "allocated": N_("Allocated"),
        "shipped": N_("Shipped"),
        "delivered": N_("Delivered"),
        "completed": N_("Completed"),
        "canceled": N_("Canceled"),
    }
)


class Happened(NamedTuple):
    """How an event is told: `label` a message id, filled from the event's data; an icon and a tone."""

    label: str
    icon: str = "history"
    tone: str = ""


HAPPENINGS: Mapping[str, Happened] = MappingProxyType(
    {
        "orders.order_placed": Happened(N_("Order placed"), "inbox", "ok"),
        "orders.order_edited": Happened(N_("Order edited"), "edit"),
        "orders.order_assigned": Happened(N_("Order assigned"), "user-plus"),
        "orders.order_unassigned": Happened(N_("Order unassigned"), "user"),
        "orders.lines_canceled": Happened(N_("Quantity canceled"), "x"),
        "orders.order_canceled": Happened(N_("Order canceled"), "x"),
        "orders.order_expired": Happened(N_("Expired unpaid"), "clock"),
        "orders.order_reopened": Happened(N_("Order opened again"), "refresh", "info"),
        "orders.order_completed": Happened(N_("Order completed"), "check", "ok"),
        "orders.look_up_opened": Happened(N_("Looked up by a guest"), "search"),
        "orders.guest_identified": Happened(N_("Guest's order given to a customer"), "user"),
        "orders.customer_asked": Happened(N_("Customer asks for something"), "message-circle", "warn"),
        "orders.order_commented": Happened(N_("Comment"), "message-circle", "info"),
        "orders.hold_placed": Happened(N_("Hold placed"), "pause"),
        "orders.hold_lifted": Happened(N_("Hold lifted"), "check"),
        "orders.approval_asked": Happened(N_("Approval of prices asked for"), "alert", "warn"),
        "orders.prices_refused": Happened(N_("Prices by hand refused"), "x", "warn"),
        "orders.lines_allocated": Happened(N_("Stock allocated"), "boxes", "ok"),
        "orders.lines_backordered": Happened(N_("Waiting for stock"), "clock"),
        "orders.delivery_promised": Happened(N_("Delivery promised"), "clock", "info"),
        "orders.promise_taken_back": Happened(N_("Promised day of delivery taken back"), "clock", "warn"),
        "orders.payment_recorded": Happened(N_("Payment recorded"), "card", "ok"),
        "orders.services_performed": Happened(N_("Service performed"), "check", "ok"),
        "fulfillment.fulfillment_released": Happened(N_("Released to be picked"), "list", "info"),
        "fulfillment.lines_withdrawn": Happened(N_("Taken back from the location"), "refresh"),
        "fulfillment.lines_picked": Happened(N_("Picked"), "boxes"),
        "fulfillment.line_short": Happened(N_("Not all was there"), "alert"),
        "fulfillment.goods_put_back": Happened(N_("Put back on the shelf"), "refresh"),
        "fulfillment.notes_acknowledged": Happened(N_("Notes read"), "check"),
        "fulfillment.parcel_packed": Happened(N_("Parcel packed"), "package"),
        "fulfillment.parcel_unpacked": Happened(N_("Parcel opened again"), "package"),
        "fulfillment.parcel_labeled": Happened(N_("Label made"), "tag"),
        "fulfillment.parcel_printed": Happened(N_("Paper printed"), "list"),
        "fulfillment.parcel_shipped": Happened(N_("Parcel shipped"), "truck", "ok"),
        "fulfillment.parcel_tracked": Happened(N_("Tracking news"), "truck"),
        "fulfillment.parcel_delivered": Happened(N_("Parcel delivered"), "check", "ok"),
        "fulfillment.fulfillment_ready": Happened(N_("Ready to collect"), "key", "info"),
        "fulfillment.fulfillment_collected": Happened(N_("Collected"), "check", "ok"),
        "payments.payment_created": Happened(N_("Payment arranged"), "card"),
        "payments.operation_requested": Happened(N_("Payment provider asked"), "card"),
        "payments.operation_failed": Happened(N_("Payment provider refused"), "alert"),
        "payments.operation_unknown": Happened(N_("The payment provider's answer was lost"), "alert"),
        "payments.operation_settled": Happened(N_("Outcome settled by hand"), "card"),
        "payments.money_authorized": Happened(N_("Payment authorized"), "card", "info"),
        "payments.money_captured": Happened(N_("Payment received"), "card", "ok"),
        "payments.authorization_voided": Happened(N_("Authorization voided"), "card"),
        "payments.money_refunded": Happened(N_("Payment refunded"), "card"),
        "payments.money_charged_back": Happened(N_("Payment charged back"), "alert"),
        "payments.money_adjusted": Happened(N_("Payment adjusted"), "card"),
        "payments.payment_assigned": Happened(N_("Payment assigned to this order"), "card"),
        "notifications.order_mail_sent": Happened(N_("Mail sent"), "mail", "ok"),
        "notifications.order_mail_failed": Happened(N_("Mail not sent"), "mail", "bad"),
    }
)

MAILS = notifications.MAIL_LABELS
MAIL_FAILURES = notification_values.FAILURES

NOTEWORTHY = frozenset(
    {
        *("orders.order_placed", "orders.order_canceled", "orders.order_expired", "orders.order_reopened"),
        *("orders.customer_asked", "orders.approval_asked", "orders.prices_refused"),
        *("orders.order_completed", "orders.hold_placed", "orders.hold_lifted", "orders.lines_backordered"),
        *("payments.money_captured", "payments.money_refunded", "payments.money_charged_back"),
        *("payments.operation_failed", "payments.operation_unknown"),
        *("notifications.order_mail_sent", "notifications.order_mail_failed"),
        *("fulfillment.line_short", "fulfillment.parcel_shipped", "fulfillment.parcel_tracked"),
        *("fulfillment.parcel_delivered", "fulfillment.fulfillment_ready", "fulfillment.fulfillment_collected"),
    }
)
"""What is shown by itself whoever did it; other work of Jiedan's own is folded into one line."""

CAUSES: Mapping[str, str] = MappingProxyType(
    {
        "given_up": N_("canceled or moved"),
        "stopped": N_("on hold, or not paid any more"),
        "short": N_("goods are not there"),
        "moved": N_("sent another way"),
        "not_found": N_("not found"),
        "damaged": N_("damaged"),
        "miscount": N_("miscounted"),
    }
)
"""Why goods were taken back from a location, or were not there."""

OPERATIONS: Mapping[str, str] = MappingProxyType(
    {
        "authorize": N_("authorization"),
        "sale": N_("payment"),
        "capture": N_("capture"),
        "void": N_("void"),
        "refund": N_("refund"),
    }
)
"""What is asked of payment providers."""
