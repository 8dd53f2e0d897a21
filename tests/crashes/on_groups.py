"""How groups of customers change: who joins, who leaves, and what goes with them."""

from collections.abc import Mapping

from tests.crashes.calls import Stage, plain
from tests.crashes.ground import Ground
from tests.crashes.nursery import Work

ALL = "/api/v1/customer-groups"


async def _remove(ground: Ground) -> Work:
    made = await ground.post("/customer-groups", {"code": "idle", "name": "Idle"})
    return ground.request("DELETE", f"{ALL}/{{group_id}}", address=f"{ALL}/{made['group_id']}")


async def _join(ground: Ground) -> Work:
    others = [(await ground.post("/customers", {"name": name}))["customer_id"] for name in ("李雷", "韩梅梅")]
    return ground.request("POST", f"{ALL}/{{group_id}}/members", {"customer_ids": others})


async def _choose(ground: Ground) -> Work:
    await ground.post("/customer-groups", {"code": "idle", "name": "Idle"})
    return ground.request("PUT", "/api/v1/customers/{customer_id}/groups", {"groups": ["idle"]})


CALLS: Mapping[tuple[str, str], Stage] = {
    ("DELETE", f"{ALL}/{{group_id}}"): _remove,
    ("PATCH", f"{ALL}/{{group_id}}"): plain("PATCH", f"{ALL}/{{group_id}}", {"name": "Dealers"}),
    ("POST", f"{ALL}/{{group_id}}/members"): _join,
    ("PUT", "/api/v1/customers/{customer_id}/groups"): _choose,
}
"""By method and path."""
