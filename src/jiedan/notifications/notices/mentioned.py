"""A colleague calls one of the staff in a comment on an order."""

from collections.abc import Sequence
from uuid import UUID

from jiedan.accounts import queries as accounts
from jiedan.base.db import ReadTx
from jiedan.base.events import StoredEvent
from jiedan.base.i18n import N_
from jiedan.notifications.notices.protocol import Facts, NoticeKind
from jiedan.notifications.values import NewNotice, audience_of
from jiedan.orders import events as orders
from jiedan.orders import queries


async def tell(tx: ReadTx, stored: Sequence[StoredEvent]) -> list[NewNotice]:
    """Tell each person who is called, but not of their own words."""
    told = [(event, orders.OrderCommented.of(event)) for event in stored]
    names = await tx.load_one(accounts.actor_names({event.actor for event, _ in told}))
    found = await queries.orders(tx, {comment.order_id for _, comment in told})
    numbers: dict[UUID, str] = {order_id: of.order.number for order_id, of in found.items()}
    return [
        NewNotice(
            event.event_id,
            "mentioned",
            audience_of(staff_id),
            comment.order_id,
            {"person": names[event.actor], "order": numbers[comment.order_id]},
        )
        for event, comment in told
        for staff_id in dict.fromkeys(comment.mentioned)
        if str(staff_id) != event.actor.id and comment.order_id in numbers
    ]


def path(order_id: UUID, _data: Facts) -> str:
    """Return the page of the order."""
    return f"/orders/{order_id}"


KIND = NoticeKind(
    kind="mentioned",
    label=N_("A colleague calls you"),
    text=N_("{person} calls you on order {order}."),
    icon="users",
    permission="",
    causes=(orders.OrderCommented,),
    tell=tell,
    path=path,
)
