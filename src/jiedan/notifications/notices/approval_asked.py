"""Prices by hand wait for somebody who may take off so much."""

from collections.abc import Sequence
from uuid import UUID

from jiedan.base.db import ReadTx
from jiedan.base.events import StoredEvent
from jiedan.base.i18n import N_
from jiedan.notifications.notices.protocol import Facts, NoticeKind
from jiedan.notifications.values import NewNotice
from jiedan.orders import events as orders
from jiedan.orders import queries


async def tell(tx: ReadTx, stored: Sequence[StoredEvent]) -> list[NewNotice]:
    """Tell of each order that waits, once for all that was changed of it in this set of events."""
    asked = {orders.ApprovalAsked.of(event).order_id: event.event_id for event in stored}
    found = await queries.orders(tx, asked)
    numbers: dict[UUID, str] = {order_id: of.order.number for order_id, of in found.items()}
    return [
        NewNotice(event_id, "approval_asked", KIND.permission, order_id, {"order": numbers[order_id]})
        for order_id, event_id in asked.items()
        if order_id in numbers
    ]


def path(order_id: UUID, _data: Facts) -> str:
    """Return the place of the order's page where it is decided."""
    return f"/orders/{order_id}#holds"


KIND = NoticeKind(
    kind="approval_asked",
    label=N_("Prices wait for approval"),
    text=N_("Prices by hand of order {order} wait for approval."),
    icon="percent",
    permission="orders:lift",
    causes=(orders.ApprovalAsked,),
    tell=tell,
    path=path,
)
