"""To a guest who looks for an order: the code that shows it."""

from uuid import UUID

from jiedan.base.events import StoredEvent
from jiedan.base.i18n import N_
from jiedan.notifications.mails.protocol import Desk, Mail
from jiedan.notifications.values import Code, Content, Paragraph
from jiedan.orders import events, queries, service


def _order_of(event: StoredEvent) -> UUID | None:
    told = event.data["order_id"]
    return UUID(told) if told is not None else None


async def write(desk: Desk) -> Content | None:
    """Write the code, made for this mail; nothing once the look-up has run out."""
    told = events.LookUpRequested.of(desk.event)
    code = await service.mail_code(desk.tx, look_up_id=told.look_up_id)
    if code is None:
        return None
    order, _ = await queries.order(desk.tx, desk.recipient_id)
    return Content(
        desk.say(N_("Your code for order {number}"), number=order.number),
        desk.say(N_("Your code")),
        (
            Paragraph(
                desk.say(
                    N_("Somebody asks for order {number} at {merchant}. With this code it is shown:"),
                    number=order.number,
                    merchant=desk.merchant.name,
                )
            ),
            Code(code.text),
            Paragraph(desk.say(N_("The code works once, until {when}."), when=desk.moment(code.expires_at))),
            Paragraph(desk.say(N_("It was not you? Then do nothing, and tell the code to nobody."))),
        ),
    )


MAIL = Mail(
    "look_up_code", N_("Code to see an order"), "order", (events.LookUpRequested,), _order_of, write, is_optional=False
)
