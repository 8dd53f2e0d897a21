"""Customers who are forgotten: begun by a call, done by the worker piece by piece, gone on with every minute."""

from collections.abc import Mapping
from typing import Any

from tests.crashes.calls import TEA, Stage
from tests.crashes.ground import Ground
from tests.crashes.nursery import Work

ERASURE = "/api/v1/customers/{customer_id}/erasure"
GUESTS = "/api/v1/guest-erasures"
GUEST = {"name": "Han Lei", "email": "han.lei@example.com"}
LEAVER = {"name": "Han Lei", "phone": "138 0013 8009", "tags": ["VIP"]}
CONFIRMED = {"confirmation": "Han Lei"}


async def _leaver(ground: Ground) -> str:
    """Return a customer who has bought nothing in the end, while no file is being written in which they might be."""
    ground.do("task", "exports.write_file", export_id=ground.world.ids["export_id"])
    customer_id = str((await ground.post("/customers", LEAVER))["customer_id"])
    placed = await ground.post("/orders", {"lines": [TEA], "customer_id": customer_id})
    await ground.post(f"/orders/{placed['order_id']}/cancellations", {"reason": "They moved away."})
    return customer_id


async def _begin(ground: Ground) -> Work:
    customer_id = await _leaver(ground)
    return ground.request("POST", ERASURE, CONFIRMED, address=ERASURE.replace("{customer_id}", customer_id))


async def _guest(ground: Ground) -> Work:
    """Let a guest have bought nothing in the end, whom search finds."""
    placed = await ground.post("/orders", {"lines": [TEA], "contact": GUEST})
    await ground.post(f"/orders/{placed['order_id']}/cancellations", {"reason": "They moved away."})
    ground.do("drain", "orders.write_terms")
    return ground.request("POST", GUESTS, {"email": GUEST["email"]}, address=GUESTS)


async def _begun(ground: Ground) -> Any:
    return await ground.post(f"/customers/{await _leaver(ground)}/erasure", CONFIRMED)


async def _queued(ground: Ground) -> Work:
    await _begun(ground)
    return ground.work("drain", "privacy.start_erasures")


async def _left(ground: Ground) -> Work:
    await _begun(ground)
    return ground.work("periodic", "privacy.continue_erasures")


async def _erase(ground: Ground) -> Work:
    begun = await _begun(ground)
    return ground.work("task", "privacy.erase_customer", erasure_id=begun["erasure_id"])


CALLS: Mapping[tuple[str, str], Stage] = {("POST", ERASURE): _begin, ("POST", GUESTS): _guest}
HANDLERS: Mapping[str, Stage] = {"privacy.start_erasures": _queued}
PERIODIC: Mapping[str, Stage] = {"privacy.continue_erasures": _left}
TASKS: Mapping[str, Stage] = {"privacy.erase_customer": _erase}

MAY_REPEAT: Mapping[str, str] = {
    "handler privacy.start_erasures": "asked for twice, an erasure is done once, as the task of that name shows",
}
