"""The words and signs under which pages show statuses, kinds and happenings."""

from collections.abc import Mapping
from types import MappingProxyType

from jiedan.base.i18n import N_
from jiedan.console import happening_words, money_words, signs
from jiedan.notifications import service as notifications
from jiedan.notifications import values as notification_values
from jiedan.orders import errors

Sign = signs.Sign

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


MAILS = notifications.MAIL_LABELS
MAIL_FAILURES = notification_values.FAILURES

METHODS = money_words.METHODS
TENDERS = money_words.TENDERS
ENTRIES = money_words.ENTRIES
OPERATIONS = money_words.OPERATIONS
REFUND_WAYS = money_words.REFUND_WAYS
TERMS = money_words.TERMS
FEES = money_words.FEES
PRICES = money_words.PRICES

Happened = happening_words.Happened
HAPPENINGS = happening_words.HAPPENINGS
NOTEWORTHY = happening_words.NOTEWORTHY
CAUSES = happening_words.CAUSES
