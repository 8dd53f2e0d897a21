"""Somebody gives one of the staff orders to look after."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from jiedan.accounts import queries as accounts
from jiedan.base.db import ReadTx
from jiedan.base.events import Actor, StoredEvent
from jiedan.base.i18n import N_
from jiedan.notifications.notices.protocol import Facts, NoticeKind
from jiedan.notifications.values import NewNotice, audience_of
from jiedan.orders import events as orders
from jiedan.orders import queries

NUMBERS_MAX = 3
"""Orders that a notice names; how many more there are it says behind a plus."""


async def tell(tx: ReadTx, stored: Sequence[StoredEvent]) -> list[NewNotice]:
    """Tell each person once of all that somebody else gave them in this set of events."""
    given: dict[tuple[UUID, Actor], list[tuple[StoredEvent, UUID]]] = defaultdict(list)
    for event in stored:
        assigned = orders.OrderAssigned.of(event)
        if str(assigned.assignee_id) != event.actor.id:
            given[assigned.assignee_id, event.actor].append((event, assigned.order_id))
    if not given:
        return []
    names = await tx.load_one(accounts.actor_names({actor for _, actor in given}))
    found = await queries.orders(tx, {order_id for several in given.values() for _, order_id in several})
    numbers: dict[UUID, str] = {order_id: of.order.number for order_id, of in found.items()}
    return [
        NewNotice(
            several[0][0].event_id,
            "assigned",
            audience_of(staff_id),
            several[0][1],
            {
                "person": names[actor],
                "orders": _listed([numbers[order_id] for _, order_id in several]),
                "count": len(several),
            },
        )
        for (staff_id, actor), several in given.items()
    ]


def _listed(numbers: Sequence[str]) -> str:
    more = len(numbers) - NUMBERS_MAX
    return ", ".join(numbers[:NUMBERS_MAX]) + (f" +{more}" if more > 0 else "")


def path(order_id: UUID, data: Facts) -> str:
    """Return the page of the order, or the list of one's own where there are several."""
    return f"/orders/{order_id}" if data["count"] == 1 else "/orders?view=mine"


KIND = NoticeKind(
    kind="assigned",
    label=N_("Orders assigned to you"),
    text=N_("{person} assigned orders to you: {orders}."),
    icon="user-plus",
    permission="",
    causes=(orders.OrderAssigned,),
    tell=tell,
    path=path,
)
