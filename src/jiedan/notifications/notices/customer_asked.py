"""A customer asks for something that staff have to do."""

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
    """Tell of each request, with the number of its order."""
    told = [(event.event_id, orders.CustomerAsked.of(event)) for event in stored]
    found = await queries.orders(tx, {asked.order_id for _, asked in told})
    numbers: dict[UUID, str] = {order_id: of.order.number for order_id, of in found.items()}
    return [
        NewNotice(event_id, "customer_asked", KIND.permission, asked.case_id, {"order": numbers[asked.order_id]})
        for event_id, asked in told
        if asked.order_id in numbers
    ]


def path(case_id: UUID, _data: Facts) -> str:
    """Return the page of the case."""
    return f"/cases/{case_id}"


KIND = NoticeKind(
    kind="customer_asked",
    label=N_("A customer asks for something"),
    text=N_("A customer asks for something about order {order}."),
    icon="message-circle",
    permission="cases:read",
    causes=(orders.CustomerAsked,),
    tell=tell,
    path=path,
)
