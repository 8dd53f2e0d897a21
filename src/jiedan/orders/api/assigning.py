"""REST of who looks after orders: give one to somebody, or many in one call."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, post

from jiedan.base.errors import Refusal
from jiedan.base.web import answers, bodies
from jiedan.base.web.unit import Unit
from jiedan.orders import service
from jiedan.orders.api.detail import detail
from jiedan.orders.api.shapes import OrderDetail, OrderOutcome, reason_of
from jiedan.orders.values import ASSIGNMENTS_PER_BATCH_MAX, Assignment


class OrderAssignmentBody(bodies.Body):
    """Who looks after the order from now on; null is nobody."""

    __example__: ClassVar[dict[str, Any]] = {"assignee_id": "0193a000-0000-7000-8000-000000000001"}

    assignee_id: UUID | None


class AssignmentOneBody(OrderAssignmentBody, kw_only=True):
    """One assignment of many; with `version` only if the order is still as it was then."""

    __example__: ClassVar[dict[str, Any]] = {
        "order_id": "0193a000-0000-7000-8000-000000000001",
        "assignee_id": "0193a000-0000-7000-8000-000000000002",
    }

    order_id: UUID
    version: bodies.Version | None = None


class AssignManyBody(bodies.Body):
    """Orders to be given to people, or to nobody; earlier ones first."""

    __example__: ClassVar[dict[str, Any]] = {"assignments": [AssignmentOneBody.__example__]}

    assignments: Annotated[list[AssignmentOneBody], msgspec.Meta(min_length=1, max_length=ASSIGNMENTS_PER_BATCH_MAX)]


@post(
    "/orders/{order_id:uuid}/assignment",
    permission="orders:write",
    versioned=True,
    status_code=200,
    summary="Assign an order",
)
async def assign_order(unit: Unit, order_id: UUID, data: OrderAssignmentBody) -> Response[OrderDetail]:
    """Give an order to one of the staff, who is told of it, or to nobody."""
    assignment = Assignment(order_id, data.assignee_id, unit.if_match)
    await unit.write(lambda tx: service.assign_order(tx, assignment=assignment))
    async with unit.read() as tx:
        order = await detail(tx, order_id, time_zone=unit.principal.time_zone)
    return answers.versioned(order, order.version)


@post("/orders/assignments", permission="orders:write", status_code=200, summary="Assign many orders")
async def assign_orders(unit: Unit, data: AssignManyBody) -> list[OrderOutcome]:
    """Give orders to members of staff, or to nobody: one outcome each, in order."""
    assignments = [Assignment(x.order_id, x.assignee_id, x.version) for x in data.assignments]
    outcomes = await unit.write(lambda tx: service.assign_orders(tx, assignments=assignments))
    return [
        OrderOutcome(wish.order_id, done=False, error=reason_of(outcome, f"assignments[{i}]", unit.locale))
        if isinstance(outcome, Refusal)
        else OrderOutcome(wish.order_id, done=True)
        for i, (wish, outcome) in enumerate(zip(data.assignments, outcomes, strict=True))
    ]


HANDLERS: list[Any] = [assign_order, assign_orders]
