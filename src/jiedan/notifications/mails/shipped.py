"""To the customer: a parcel has left, with whom, under which number, and where to follow it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from jiedan.base.db import Tx
from jiedan.base.i18n import N_
from jiedan.carriers import queries as carriers
from jiedan.carriers.values import Account
from jiedan.fulfillment import events as fulfillment
from jiedan.fulfillment import queries as parcels
from jiedan.fulfillment.values import Parcel, ParcelId
from jiedan.notifications.mails.protocol import Desk, Errand, Mail, subject
from jiedan.notifications.values import Block, Button, Content, Facts, Goods, MessageId, Paragraph
from jiedan.orders.rules import kits
from jiedan.orders.values import OrderWithLines


class _Left(NamedTuple):
    """A parcel that left, its order, and the merchant's carriers by code."""

    parcel: Parcel
    order: OrderWithLines
    carriers: Mapping[str, Account]


async def gather(tx: Tx, errands: Sequence[Errand]) -> Mapping[MessageId, _Left]:
    """Gather the parcels; one that is not known any more is absent."""
    parcel_of = {x.message_id: ParcelId(fulfillment.ParcelShipped.of(x.event).parcel_id) for x in errands}
    found = await parcels.parcels(tx, set(parcel_of.values()))
    accounts = await tx.load_one(carriers.carriers())
    return {
        x.message_id: _Left(found[parcel_of[x.message_id]][1], x.order, accounts)
        for x in errands
        if x.order is not None and parcel_of[x.message_id] in found
    }


def write(desk: Desk[_Left]) -> Content | None:
    """Write what is in the parcel and where it is."""
    parcel, (order, lines), accounts = desk.gathered
    inside = {x.line_id: desk.number(x.quantity) for x in parcel.lines}
    pairs = [(desk.say(N_("Order number")), order.number)]
    if order.shipping_name:
        pairs.append((desk.say(N_("Shipping method")), order.shipping_name))
    if parcel.carrier:
        known = accounts.get(parcel.carrier)
        pairs.append((desk.say(N_("Carrier")), known.name if known else parcel.carrier))
    if parcel.tracking_number:
        pairs.append((desk.say(N_("Tracking number")), parcel.tracking_number))
    if order.promised_p90_on is not None:
        pairs.append((desk.say(N_("Arrives by")), desk.date(order.promised_p90_on)))
    rows = ((x.told_in(desk.locale), inside[x.line_id], "") for x in kits.as_read(lines) if x.line_id in inside)
    goods = Goods(tuple(rows), ())
    blocks: list[Block] = [Paragraph(desk.say(N_("Your parcel has left us."))), Facts(tuple(pairs)), goods]
    address = carriers.Tracking(accounts).url(parcel.carrier, parcel.tracking_number)
    if address is not None:
        blocks.append(Button(desk.say(N_("Follow the parcel")), address))
    return Content(
        desk.say(N_("Order {number} is on its way"), number=order.number),
        desk.say(N_("It is on its way")),
        tuple(blocks),
    )


MAIL = Mail("shipped", N_("Parcel shipped"), "order", (fulfillment.ParcelShipped,), subject, gather, write)
