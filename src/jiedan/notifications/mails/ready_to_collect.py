"""To the customer: goods wait to be collected, where, and the code to show."""

from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.fulfillment import events as fulfillment
from jiedan.fulfillment import service
from jiedan.fulfillment.values import Readiness
from jiedan.inventory import queries as stock
from jiedan.inventory.values import LocationId
from jiedan.notifications.mails.protocol import Desk, Mail, subject
from jiedan.notifications.values import Code, Content, Facts, Paragraph
from jiedan.orders import queries


async def write(desk: Desk) -> Content | None:
    """Write where the goods wait, with a code made for this mail; nothing once they do not wait any more."""
    told = fulfillment.FulfillmentReady.of(desk.event)
    (made,) = await service.add_codes(desk.tx, wishes=[Readiness(told.fulfillment_id)])
    if isinstance(made, Refusal):
        return None
    order = (await queries.order(desk.tx, desk.recipient_id)).order
    place = await stock.location(desk.tx, LocationId(told.location_id))
    return Content(
        desk.say(N_("Order {number} is ready to be collected"), number=order.number),
        desk.say(N_("Ready to be collected")),
        (
            Paragraph(desk.say(N_("Your goods wait for you at {place}."), place=place.name)),
            Facts(((desk.say(N_("Order number")), order.number), (desk.say(N_("Place")), place.name))),
            Paragraph(desk.say(N_("Show this code when you collect them. Whoever has it gets the goods."))),
            Code(made.code),
        ),
    )


MAIL = Mail("ready_to_collect", N_("Ready to be collected"), "order", (fulfillment.FulfillmentReady,), subject, write)
