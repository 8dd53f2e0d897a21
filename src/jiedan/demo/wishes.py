"""What stories ask of the doors: the order itself, who carries it, what is done at the desk."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from jiedan.accounts.values import PaymentTerms
from jiedan.carriers.values import NewTrackingEvent, TrackingState
from jiedan.customers.values import CustomerId
from jiedan.demo.offers import NOTHING, Brought
from jiedan.demo.people import Person
from jiedan.demo.stories import Story
from jiedan.orders.values import LineQuantity, NewLine, NewNote, NewOrder, OrderWithLines
from jiedan.orders.values.drafts import Contact

CANCEL_REASON = "customer_request"
HOLD_REASON = "Please look at this one."
CARRIERS = ("顺丰速运 SF Express", "中通快递 ZTO", "京东物流 JD Logistics")
ABROAD = "EMS"
FAR = timedelta(hours=96)
"""What travels longer than this goes abroad."""

_LAST_SEEN: tuple[TrackingState, ...] = ("in_transit", "in_transit", "out_for_delivery", "failed")

_TERMS: Mapping[str, PaymentTerms] = {"on_delivery": "on_delivery", "on_account": "on_account"}


def key(story: Story) -> str:
    """Return the key that an order is placed under."""
    return f"demo:{story.number}"


def order(
    story: Story,
    person: Person,
    customer_id: CustomerId,
    *,
    location: str | None = None,
    brought: Brought = NOTHING,
) -> NewOrder:
    """Return what is ordered; `location` is the code of the only place it may come from."""
    is_collected = story.fate == "collected"
    return NewOrder(
        lines=(*[NewLine(sku=code, quantity=quantity) for code, quantity in story.lines], *brought.lines),
        channel=story.channel,
        external_id=f"demo-{story.number}",
        locale=person.locale,
        customer_id=customer_id,
        contact=Contact(name=person.address.name, phone=person.phone, email=person.email),
        ship_to=None if is_collected else person.address,
        location=_store(story) if is_collected else location,
        payment_terms=_TERMS.get(story.fate, "prepaid"),
        notes=(NewNote(kind=story.note[0], text=story.note[1]),) if story.note else (),
        tags=story.tags,
        coupons=brought.coupons,
        wallets=brought.wallets,
    )


def carrier(story: Story) -> str:
    """Return who brings an order's parcels."""
    return ABROAD if story.delivered_after > FAR else CARRIERS[story.number % len(CARRIERS)]


def tracking_number(story: Story, parcel: int) -> str:
    """Return the number under which a parcel travels."""
    return f"JD{story.number:09d}{parcel:03d}"


def parcel_number(parcel_id: UUID) -> int:
    """Return a number of three digits for a parcel."""
    return parcel_id.int % 1_000


def last_seen(story: Story, carrier: str, number: str, at: datetime) -> NewTrackingEvent:
    """Return what the carrier says of a parcel that has not arrived: where it is, or why it comes later."""
    state = _LAST_SEEN[story.number // 8 % len(_LAST_SEEN)]
    return NewTrackingEvent(carrier, number, state, at, state)


def services_left(whole: OrderWithLines) -> tuple[LineQuantity, ...]:
    """Return what of an open order is still to be performed."""
    if whole.order.lifecycle != "open":
        return ()
    return tuple(
        LineQuantity(line.line, line.ordered - line.canceled - line.performed)
        for line in whole.lines
        if line.kind == "service" and line.ordered > line.canceled + line.performed
    )


def _store(story: Story) -> str:
    return "BJ-1" if story.number % 2 else "CD-1"
