"""To the customer: an order was canceled, and what becomes of what was paid."""

from jiedan.base.i18n import N_
from jiedan.notifications.mails.protocol import Desk, Mail, orders, subject
from jiedan.notifications.values import Content, Facts, Paragraph
from jiedan.orders import events
from jiedan.orders.values import OrderWithLines


def write(desk: Desk[OrderWithLines]) -> Content | None:
    """Write that nothing more comes of the order; nothing where it was opened again meanwhile."""
    order = desk.gathered.order
    if order.lifecycle != "canceled":
        return None
    told = events.OrderCanceled.of(desk.event)
    words = [
        N_("Your order was canceled, as it was not paid in time.")
        if told.reason == "expired"
        else N_("Your order was canceled.")
    ]
    pairs = [(desk.say(N_("Order number")), order.number)]
    if order.balance_minor > 0:
        words.append(N_("What you paid is given back the way it came; that may take some days."))
        pairs.append((desk.say(N_("To be given back")), desk.money(order.balance_minor, order.currency)))
    return Content(
        desk.say(N_("Order {number} was canceled"), number=order.number),
        desk.say(N_("Your order was canceled")),
        (*(Paragraph(desk.say(text)) for text in words), Facts(tuple(pairs))),
    )


MAIL = Mail("canceled", N_("Order canceled"), "order", (events.OrderCanceled,), subject, orders, write)
