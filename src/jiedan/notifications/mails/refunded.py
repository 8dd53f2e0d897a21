"""To the customer: money went back."""

from jiedan.base.i18n import N_
from jiedan.notifications.mails.protocol import Desk, Mail, order_of_payment, orders
from jiedan.notifications.values import Content, Facts, Paragraph
from jiedan.orders.values import OrderWithLines
from jiedan.payments import events as payments


def write(desk: Desk[OrderWithLines]) -> Content | None:
    """Write how much went back."""
    told = payments.MoneyRefunded.of(desk.event)
    order = desk.gathered.order
    pairs = (
        (desk.say(N_("Order number")), order.number),
        (desk.say(N_("Refunded")), desk.money(told.amount_minor, told.currency)),
    )
    return Content(
        desk.say(N_("Refund for order {number}"), number=order.number),
        desk.say(N_("Your money is on its way back")),
        (Paragraph(desk.say(N_("It goes back the way it came; your bank may need some days."))), Facts(pairs)),
    )


MAIL = Mail("refunded", N_("Payment refunded"), "order", (payments.MoneyRefunded,), order_of_payment, orders, write)
