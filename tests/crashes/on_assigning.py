"""What an order desk does in bulk: orders given to people, taken back from those who leave, and printed."""

from collections.abc import Mapping

from tests.crashes import calls
from tests.crashes.calls import Stage
from tests.crashes.forms import form
from tests.crashes.ground import Ground
from tests.crashes.nursery import Work


async def _assign(ground: Ground) -> Work:
    order_id = await calls.order(ground)
    path = "/api/v1/orders/{order_id}/assignment"
    body = {"assignee_id": ground.world.ids["assignee_id"]}
    return ground.request("POST", path, body, address=f"/api/v1/orders/{order_id}/assignment")


async def _assign_many(ground: Ground) -> Work:
    person = ground.world.ids["assignee_id"]
    body = [{"order_id": await calls.order(ground), "assignee_id": person} for _ in range(2)]
    return ground.request("POST", "/api/v1/orders/assignments", {"assignments": body})


async def _assign_by_form(ground: Ground) -> Work:
    order_id = await calls.order(ground)
    fields = {"version": "1", "assignee_id": ground.world.ids["assignee_id"]}
    return form(ground, "/orders/{order_id}/assignment", fields, order_id=order_id)


async def _left(ground: Ground) -> Work:
    """Somebody leaves who looks after orders."""
    person = ground.world.ids["assignee_id"]
    for _ in range(2):
        await ground.post(f"/orders/{await calls.order(ground)}/assignment", {"assignee_id": person})
    await ground.call("PATCH", f"/staff/{person}", {"is_active": False})
    return ground.work("drain", "orders.take_back")


CALLS: Mapping[tuple[str, str], Stage] = {
    ("POST", "/api/v1/orders/{order_id}/assignment"): _assign,
    ("POST", "/api/v1/orders/assignments"): _assign_many,
}
"""By method and path."""


async def _papers(ground: Ground) -> Work:
    ids = await calls.released(ground)
    return form(ground, "/papers", {"document": "pick-list", "order_ids": [ids["order_id"]]})


FORMS: Mapping[str, Stage] = {
    "/c/{slug}/orders/{order_id}/assignment": _assign_by_form,
    "/c/{slug}/papers": _papers,
}
"""By path; each is posted."""

HANDLERS: Mapping[str, Stage] = {"orders.take_back": _left}
"""By the handler's name."""
