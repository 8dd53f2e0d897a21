"""To the customer: an order was canceled, and what becomes of what was paid."""

from jiedan.base.i18n import N_
from jiedan.notifications.mails.protocol import Desk, Mail, subject
from jiedan.notifications.values import Content, Facts, Paragraph
from jiedan.orders import events as orders
from jiedan.orders import queries


async def write(desk: Desk) -> Content | None:
    """Write that nothing more comes of the order; nothing where it was opened again meanwhile."""
    order = (await queries.order(desk.tx, desk.recipient_id)).order
    if order.lifecycle != "canceled":
        return None
    told = orders.OrderCanceled.of(desk.event)
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


MAIL = Mail("canceled", N_("Order canceled"), "order", (orders.OrderCanceled,), subject, write)
