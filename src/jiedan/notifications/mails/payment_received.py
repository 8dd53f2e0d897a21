"""To the customer: money arrived for an order."""

from jiedan.base.i18n import N_
from jiedan.notifications.mails.protocol import Desk, Mail, order_of_payment, orders
from jiedan.notifications.values import Content, Facts, Paragraph
from jiedan.orders.values import OrderWithLines
from jiedan.payments import events as payments


def write(desk: Desk[OrderWithLines]) -> Content | None:
    """Write how much arrived, and what is still open."""
    told = payments.MoneyCaptured.of(desk.event)
    order = desk.gathered.order
    pairs = [
        (desk.say(N_("Order number")), order.number),
        (desk.say(N_("Received")), desk.money(told.amount_minor, told.currency)),
    ]
    if order.lifecycle == "open" and order.to_pay_minor:
        pairs.append((desk.say(N_("Still open")), desk.money(order.to_pay_minor, order.currency)))
    return Content(
        desk.say(N_("We have received your payment for order {number}"), number=order.number),
        desk.say(N_("Thank you for your payment")),
        (Paragraph(desk.say(N_("Your payment has arrived."))), Facts(tuple(pairs))),
    )


MAIL = Mail(
    "payment_received", N_("Payment received"), "order", (payments.MoneyCaptured,), order_of_payment, orders, write
)
