"""How price rules change: what is drafted, published, taken back, published again."""

from collections.abc import Mapping
from datetime import timedelta

from tests.crashes.calls import Stage
from tests.crashes.ground import Ground
from tests.crashes.nursery import Work

VERSIONS = "/api/v1/price-rules/versions"


async def _draft(ground: Ground) -> None:
    offer = {"type": "percent_off", "rate_ppm": 20_000}
    summer = {"id": "summer", "name": "Summer", "offer": offer, "when": {"coupon": "required"}}
    await ground.post("/price-rules/drafts", {"kind": "promotion", "body": summer})


async def _publish(ground: Ground) -> Work:
    await _draft(ground)
    return ground.request("POST", VERSIONS, {"note": "Summer"})


async def _restore(ground: Ground) -> Work:
    await _draft(ground)
    await ground.post("/price-rules/versions", {})
    return ground.request("POST", f"{VERSIONS}/{{version}}/restorations", {"note": "As it was"})


async def _withdraw(ground: Ground) -> Work:
    await _draft(ground)
    made = await ground.post("/price-rules/versions", {"begins_at": "2099-01-01T00:00:00Z"})
    address = f"{VERSIONS}/{made['version']}/withdrawal"
    return ground.request("POST", f"{VERSIONS}/{{version}}/withdrawal", address=address)


async def _discard(ground: Ground) -> Work:
    await _draft(ground)
    return ground.request("POST", "/api/v1/price-rules/changes/discard")


async def _take_back(ground: Ground) -> Work:
    await _draft(ground)
    gone = await ground.post("/price-rules/changes/discard")
    address = f"/api/v1/price-rules/removals/{gone['removal_id']}/restoration"
    return ground.request("POST", "/api/v1/price-rules/removals/{removal_id}/restoration", address=address)


async def _taken_out(ground: Ground) -> Work:
    await _draft(ground)
    await ground.post("/price-rules/changes/discard")
    return ground.work("periodic", "pricing.forget_removals", after=timedelta(days=2))


PERIODIC: Mapping[str, Stage] = {"pricing.forget_removals": _taken_out}
"""By the name of the periodic work."""

CALLS: Mapping[tuple[str, str], Stage] = {
    ("POST", VERSIONS): _publish,
    ("POST", f"{VERSIONS}/{{version}}/restorations"): _restore,
    ("POST", f"{VERSIONS}/{{version}}/withdrawal"): _withdraw,
    ("POST", "/api/v1/price-rules/changes/discard"): _discard,
    ("POST", "/api/v1/price-rules/removals/{removal_id}/restoration"): _take_back,
}
"""By method and path. The others are made as their examples stand."""

AGAIN: Mapping[str, str] = {
    "POST /api/v1/list-prices/removals": "unchanged",
    "PUT /api/v1/list-prices": "unchanged",
    "DELETE /api/v1/price-rules/drafts/{rule_id}": "price_rule_not_found",
    "POST /api/v1/price-rules/changes/discard": '"rules": 0',
    "POST /api/v1/price-rules/versions/{version}/withdrawal": "price_book_begun",
    "POST /api/v1/pricing/replays/{replay_id}/cancellation": "replay_ended",
}
"""What a call that was done already may be answered instead."""

BUT_FOR: Mapping[str, frozenset[str]] = {
    "POST /api/v1/list-prices/removals": frozenset({"became"}),
    "PUT /api/v1/list-prices": frozenset({"became"}),
    "POST /api/v1/price-rules/changes/discard": frozenset({"removal_id", "rules"}),
}
"""Where the first answer is said again but for these fields."""
