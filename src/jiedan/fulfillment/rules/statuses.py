"""The status of a fulfillment, derived from its lines and whether it waits to be collected."""

import msgspec

from jiedan.fulfillment.values import Fulfillment, Status


def status(found: Fulfillment) -> Status:
    """Return where a fulfillment stands."""
    wanted = sum(x.wanted for x in found.lines)
    shipped = sum(x.shipped for x in found.lines)
    if not wanted:
        return "stopped" if any(x.to_put_back for x in found.lines) else "canceled"
    if sum(x.delivered for x in found.lines) >= wanted:
        return "collected" if found.method == "collect" else "delivered"
    if shipped >= wanted:
        return "shipped"
    if shipped:
        return "partly_shipped"
    if found.ready_at is not None:
        return "ready"
    if not any(x.to_pick or x.to_pack for x in found.lines):
        return "packed"
    if not any(x.to_pick for x in found.lines):
        return "picked"
    return "picking" if any(x.picked for x in found.lines) else "released"


def refreshed(found: Fulfillment) -> Fulfillment:
    """Return the fulfillment with its status made right."""
    now = status(found)
    return found if now == found.status else msgspec.structs.replace(found, status=now)
