"""To the customer: goods wait to be collected, where, and the code to show."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.fulfillment import events as fulfillment
from jiedan.fulfillment import service
from jiedan.fulfillment.values import Readiness
from jiedan.inventory import queries as stock
from jiedan.inventory.values import Location, LocationId
from jiedan.notifications.mails.protocol import Desk, Errand, Mail, subject
from jiedan.notifications.values import Code, Content, Facts, MessageId, Paragraph
from jiedan.orders.values import Order


class _Waiting(NamedTuple):
    """Goods that wait: of which order, where, and the code made for this mail."""

    order: Order
    place: Location
    code: str


async def gather(tx: Tx, errands: Sequence[Errand]) -> Mapping[MessageId, _Waiting]:
    """Gather where the goods wait, with a code made for each mail; what does not wait any more is absent."""
    told = [fulfillment.FulfillmentReady.of(x.event) for x in errands]
    made = await service.add_codes(tx, wishes=[Readiness(x.fulfillment_id) for x in told])
    places = {place.location_id: place for place in await tx.load_one(stock.locations())}
    return {
        x.message_id: _Waiting(x.order.order, places[LocationId(ready.location_id)], code.code)
        for x, ready, code in zip(errands, told, made, strict=True)
        if x.order is not None and not isinstance(code, Refusal)
    }


def write(desk: Desk[_Waiting]) -> Content | None:
    """Write where the goods wait, and the code."""
    order, place, code = desk.gathered
    told = (
        (N_("Order number"), order.number),
        (N_("Place"), place.name),
        (N_("Address"), place.address),
        (N_("Opening hours"), place.hours),
        (N_("Phone"), place.phone),
    )
    return Content(
        desk.say(N_("Order {number} is ready to be collected"), number=order.number),
        desk.say(N_("Ready to be collected")),
        (
            Paragraph(desk.say(N_("Your goods wait for you at {place}."), place=place.name)),
            Facts(tuple((desk.say(label), text) for label, text in told if text)),
            Paragraph(desk.say(N_("Show this code when you collect them. Whoever has it gets the goods."))),
            Code(code),
        ),
    )


MAIL = Mail(
    "ready_to_collect", N_("Ready to be collected"), "order", (fulfillment.FulfillmentReady,), subject, gather, write
)
