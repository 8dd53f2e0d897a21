"""Customers who come back from a provider's page: nothing is sent, and yet the provider is asked and heard."""

from collections.abc import Mapping

from tests.crashes.calls import TEA, Stage
from tests.crashes.ground import Ground
from tests.crashes.nursery import Work

CARD = "4242424242424242"
RETURN = "/pay/return/{tenant}/{payment_id}"


async def _come_back(ground: Ground) -> Work:
    """Let somebody have paid on the processor's page, who is on the way back before its message is."""
    await ground.call("PUT", "/payment-providers/sandbox", {"is_active": True})
    placed = await ground.post("/orders", {"lines": [TEA]})
    begun = await ground.post(f"/orders/{placed['order_id']}/payments", {"provider": "sandbox"})
    ground.outside.pay(begun["pay_url"], CARD)
    work = ground.request("GET", RETURN, address=f"/pay/return/{ground.world.at.tenant}/{begun['payment_id']}")
    work.headers = {}
    return work


CALLS: Mapping[tuple[str, str], Stage] = {("GET", RETURN): _come_back}
"""By method and path: every address that is only asked for and changes something."""
