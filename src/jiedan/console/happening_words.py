"""The words under which pages tell what happened to an order."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from jiedan.base.i18n import N_


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
