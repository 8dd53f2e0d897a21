"""To the customer: a parcel has left, with whom, under which number, and where to follow it."""

from jiedan.base.i18n import N_
from jiedan.carriers import queries as carriers
from jiedan.fulfillment import events as fulfillment
from jiedan.fulfillment import queries as parcels
from jiedan.fulfillment.values import ParcelId
from jiedan.notifications.mails.protocol import Desk, Mail, subject
from jiedan.notifications.values import Block, Button, Content, Facts, Goods, Paragraph
from jiedan.orders import queries


async def write(desk: Desk) -> Content | None:
    """Write what is in the parcel and where it is; nothing of one that is not known any more."""
    told = fulfillment.ParcelShipped.of(desk.event)
    found = (await parcels.parcels(desk.tx, [told.parcel_id])).get(ParcelId(told.parcel_id))
    if found is None:
        return None
    _, parcel = found
    order, lines = await queries.order(desk.tx, desk.recipient_id)
    names = {line.line_id: line.name for line in lines}
    accounts = await desk.tx.load_one(carriers.carriers())
    pairs = [(desk.say(N_("Order number")), order.number)]
    if parcel.carrier:
        known = accounts.get(parcel.carrier)
        pairs.append((desk.say(N_("Carrier")), known.name if known else parcel.carrier))
    if parcel.tracking_number:
        pairs.append((desk.say(N_("Tracking number")), parcel.tracking_number))
    if order.promised_p90_on is not None:
        pairs.append((desk.say(N_("Arrives by")), desk.date(order.promised_p90_on)))
    goods = Goods(tuple((names[x.line_id], desk.number(x.quantity), "") for x in parcel.lines), ())
    blocks: list[Block] = [Paragraph(desk.say(N_("Your parcel has left us."))), Facts(tuple(pairs)), goods]
    address = carriers.Tracking(accounts).url(parcel.carrier, parcel.tracking_number)
    if address is not None:
        blocks.append(Button(desk.say(N_("Follow the parcel")), address))
    return Content(
        desk.say(N_("Order {number} is on its way"), number=order.number),
        desk.say(N_("It is on its way")),
        tuple(blocks),
    )


MAIL = Mail("shipped", N_("Parcel shipped"), "order", (fulfillment.ParcelShipped,), subject, write)
