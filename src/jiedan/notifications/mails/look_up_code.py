"""To a guest who looks for an order: the code that shows it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.base.events import StoredEvent
from jiedan.base.i18n import N_
from jiedan.notifications.mails.protocol import Desk, Errand, Mail
from jiedan.notifications.values import Code, Content, MessageId, Paragraph
from jiedan.orders import events, service
from jiedan.orders.values import Order


def _order_of(event: StoredEvent) -> UUID | None:
    told = event.data["order_id"]
    return UUID(told) if told is not None else None


class _Coded(NamedTuple):
    """The order that somebody looks for, and the code made for this mail."""

    order: Order
    code: str
    expires_at: datetime


async def gather(tx: Tx, errands: Sequence[Errand]) -> Mapping[MessageId, _Coded]:
    """Gather a code for each mail; a look-up that has run out has none."""
    look_up_of = {x.message_id: events.LookUpRequested.of(x.event).look_up_id for x in errands}
    codes = await service.mail_codes(tx, look_up_ids=look_up_of.values())
    return {
        x.message_id: _Coded(x.order.order, *codes[look_up_of[x.message_id]])
        for x in errands
        if x.order is not None and look_up_of[x.message_id] in codes
    }


def write(desk: Desk[_Coded]) -> Content | None:
    """Write the code."""
    order, code, expires_at = desk.gathered
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
            Code(code),
            Paragraph(desk.say(N_("The code works once, until {when}."), when=desk.moment(expires_at))),
            Paragraph(desk.say(N_("It was not you? Then do nothing, and tell the code to nobody."))),
        ),
    )


MAIL = Mail(
    "look_up_code",
    N_("Code to see an order"),
    "order",
    (events.LookUpRequested,),
    _order_of,
    gather,
    write,
    is_optional=False,
    leads_to_order=False,
)
