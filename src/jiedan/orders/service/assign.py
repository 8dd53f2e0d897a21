"""Give orders to members of staff, or to nobody; and take those back that somebody leaves behind."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from jiedan.accounts import queries as accounts
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, accepted
from jiedan.orders import errors, events, queries, writing
from jiedan.orders.rules import assigning
from jiedan.orders.service import versions
from jiedan.orders.values import Assignment, OrderId, OrderWithLines

TAKEN_BACK_PER_SET_MAX = 500
"""Orders that one set of events takes back; what they tell of takes back the next ones."""


async def assign_order(tx: Tx, *, assignment: Assignment) -> OrderId:
    """Give one order to one of the staff, or to nobody. Raises OrderNotFound, StaleVersion, AssigneeUnknown."""
    (order_id,) = accepted(await assign_orders(tx, assignments=[assignment]))
    return order_id


async def assign_orders(tx: Tx, *, assignments: Sequence[Assignment]) -> list[OrderId | Refusal]:
    """Give orders to members of staff, or to nobody; one outcome per assignment, same order, earlier ones first.

    Whatever state an order is in, somebody may look after it. What changes nothing is no edit. Outcomes are the order's
    id, OrderNotFound, StaleVersion or AssigneeUnknown. The statement count does not grow.
    """
    found = await queries.orders_for_update(tx, [x.order_id for x in assignments])
    wanted = {x.assignee_id for x in assignments if x.assignee_id is not None}
    people = {p.staff_id for p in assigning.colleagues(await accounts.staff(tx))} if wanted else set()
    stale = await versions.stale(tx, _seen_before(found, assignments))
    given: dict[OrderId, UUID | None] = {}
    outcomes: list[OrderId | Refusal] = []
    for assignment in assignments:
        of = found.get(OrderId(assignment.order_id))
        assignee_id = assignment.assignee_id
        if of is None:
            outcomes.append(errors.OrderNotFound(str(assignment.order_id), field="order_id"))
        elif assignment.version is not None and assignment.version != of.order.version:
            outcomes.append(stale[of.order.order_id])
        elif assignee_id is not None and assignee_id not in people:
            outcomes.append(errors.AssigneeUnknown(assignee_id, field="assignee_id"))
        else:
            outcomes.append(of.order.order_id)
            given[of.order.order_id] = assignee_id
    await _save(tx, found, given)
    return outcomes


def _seen_before(
    found: Mapping[OrderId, OrderWithLines], assignments: Sequence[Assignment]
) -> dict[UUID, tuple[int, int]]:
    """Return the versions, seen and stored, of orders that are newer than somebody saw them."""
    seen = {OrderId(x.order_id): x.version for x in assignments if x.version is not None}
    return {
        key: (version, found[key].order.version)
        for key, version in seen.items()
        if key in found and version != found[key].order.version
    }


async def take_back(tx: Tx, *, staff_ids: Collection[UUID]) -> int:
    """Take the open orders of those among `staff_ids` who have left from them; return how many it were.

    At most `TAKEN_BACK_PER_SET_MAX`: whoever hears that an order was taken back calls again. Ended orders stay with
    whom they were.
    """
    gone = {person.staff_id for person in await accounts.staff(tx) if not person.is_active} & set(staff_ids)
    if not gone:
        return 0
    left = await queries.open_orders_of(tx, gone, limit=TAKEN_BACK_PER_SET_MAX)
    found = await queries.orders_for_update(tx, left)
    kept = {key: x for key, x in found.items() if x.order.lifecycle == "open" and x.order.assignee_id in gone}
    await _save(tx, kept, dict.fromkeys(kept))
    return len(kept)


async def _save(tx: Tx, found: Mapping[OrderId, OrderWithLines], given: Mapping[OrderId, UUID | None]) -> None:
    """Write what changes, and tell of it."""
    changed = {key: assignee_id for key, assignee_id in given.items() if found[key].order.assignee_id != assignee_id}
    if not changed:
        return
    now = await writing.assign(tx, changed)
    for order_id, assignee_id in changed.items():
        before = found[order_id].order.assignee_id
        if assignee_id is not None:
            tx.emit(events.OrderAssigned(order_id=order_id, assignee_id=assignee_id, version=now[order_id]))
        elif before is not None:
            tx.emit(events.OrderUnassigned(order_id=order_id, assignee_id=before, version=now[order_id]))
