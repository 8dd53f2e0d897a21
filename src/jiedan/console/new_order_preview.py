"""What a new order would be right now: its price, where it would come from and why, and when it would arrive."""

from typing import NamedTuple

from jiedan.accounts import queries as accounts
from jiedan.base.web.unit import Unit
from jiedan.carriers import queries as carriers
from jiedan.carriers.values import Place, Transit
from jiedan.customers import rules as customer_rules
from jiedan.fulfillment import queries as fulfillment
from jiedan.fulfillment.rules.promising import HANDLING_DEFAULT, Arrival, arrival
from jiedan.orders import service
from jiedan.orders.rules.planning import Plan
from jiedan.orders.service import OfferedGift
from jiedan.orders.values import Approval, Draft, NewOrder, Rejected

written = customer_rules.written


class Outlook(NamedTuple):
    """A plan, its gifts by name, and when it would arrive; None where nobody knows, or something waits for stock."""

    plan: Plan
    gifts: tuple[OfferedGift, ...]
    arrival: Arrival | None
    approval: Approval | None
    """What somebody else would have to approve of its prices by hand."""

    @property
    def goods_minor(self) -> int:
        """What everything but the fees costs."""
        return sum(line.total_minor for line in self.plan.lines if line.kind != "fee")


async def outlook(unit: Unit, body: NewOrder) -> Outlook:
    """Return what the order would be; it promises nothing. Raises its refusals."""
    draft = Draft(body, 0, unit.principal.actor, unit.request_id, unit.principal.caller, "", b"")
    async with unit.read() as tx:
        (plan,) = await service.preview_orders(tx, [draft])
        if isinstance(plan, Rejected):
            raise service.refusal_of(plan)
        approval = await service.approval_of(tx, lines=plan.lines, actor=unit.principal.actor)
        gifts = await service.gifts_of(tx, plan=plan)
        settings, known, handling = await tx.load(accounts.settings(), carriers.carriers(), fulfillment.handling())
    if plan.waiting or not plan.choice.assignments:
        return Outlook(plan, gifts, None, approval)
    transit: Transit | None = Transit(0, 0)
    if body.ship_to is not None:
        way = carriers.transit(known, Place(body.ship_to.country, body.ship_to.postal_code))
        transit = way[1] if way is not None else None
    made = arrival(
        tx.now,
        time_zone=settings.time_zone,
        handling=[handling.get(x.location_id, HANDLING_DEFAULT) for x in plan.choice.assignments],
        transit=transit,
        delivery_wish=body.delivery_wish,
    )
    return Outlook(plan, gifts, made, approval)
