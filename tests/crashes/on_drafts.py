"""Drafts of orders that come back."""

from collections.abc import Mapping

from tests.crashes.calls import Stage
from tests.crashes.ground import Ground
from tests.crashes.nursery import Work


async def _take_back(ground: Ground) -> Work:
    await ground.call("DELETE", f"/order-drafts/{ground.world.ids['draft_id']}")
    return ground.request("POST", "/api/v1/order-drafts/{draft_id}/restoration")


CALLS: Mapping[tuple[str, str], Stage] = {("POST", "/api/v1/order-drafts/{draft_id}/restoration"): _take_back}
"""By method and path."""
