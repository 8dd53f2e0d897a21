"""Who may take off by hand how much: the limits of roles, as the price rules in force have them."""

from collections.abc import Mapping, Sequence

from jiedan.accounts import queries as accounts
from jiedan.base.db import ReadTx
from jiedan.base.events import Actor
from jiedan.orders import errors
from jiedan.orders.placement.load import RULES
from jiedan.orders.rules import by_hand
from jiedan.orders.rules.rows import PlannedLine
from jiedan.orders.values import Approval, Line, OrderId, OrderWithLines
from jiedan.pricing import queries as pricing
from jiedan.pricing.values import ManualLimit


async def approval_of(tx: ReadTx, *, lines: Sequence[Line | PlannedLine], actor: Actor) -> Approval | None:
    """Return what of prices by hand somebody else must approve; no statement where nothing is by hand."""
    if not by_hand.is_by_hand(lines):
        return None
    limits, role = await _limits(tx, actor)
    return by_hand.beyond(lines, limits, role)


async def beyond(tx: ReadTx, found: Sequence[OrderWithLines]) -> Mapping[OrderId, errors.BeyondLimit]:
    """Return the refusal of each order about whose prices the caller may not decide; no statement without orders."""
    if not found:
        return {}
    limits, role = await _limits(tx, tx.actor)
    asked = {one.order.order_id: by_hand.beyond(one.lines, limits, role) for one in found}
    return {order_id: _refusal(approval) for order_id, approval in asked.items() if approval is not None}


async def _limits(tx: ReadTx, actor: Actor) -> tuple[Sequence[ManualLimit], str | None]:
    settings = await tx.load_one(accounts.settings())
    in_force = await tx.load_one(pricing.version_in_force(at=tx.now))
    rules = await RULES.current(tx, version=in_force, prices_include_tax=settings.prices_include_tax)
    if not rules.manual_limits:
        return (), None
    roles = await tx.load_one(accounts.roles_of([actor]))
    return rules.manual_limits, roles.get(actor)


def _refusal(approval: Approval) -> errors.BeyondLimit:
    return errors.BeyondLimit(by_hand.percent(approval.off_ppm), by_hand.percent(approval.limit_ppm))
