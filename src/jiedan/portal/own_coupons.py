"""The coupons that are for a customer alone: their codes, what they give and until when."""

from datetime import datetime
from typing import NamedTuple

from jiedan.base.db import ReadTx
from jiedan.base.web.unit import Unit
from jiedan.customers import queries as customers
from jiedan.customers.values import CustomerId
from jiedan.portal import savings
from jiedan.portal.visitor import Visitor
from jiedan.pricing.queries import coupons as queries
from jiedan.pricing.queries import redemptions
from jiedan.pricing.rules.coupons import facts_of

OWN_COUPONS_MAX = 50


class OwnCoupon(NamedTuple):
    """A code, what its promotion is called and gives, and when it ends; None where it does not."""

    code: str
    name: str
    text: str
    until: datetime | None


async def of(tx: ReadTx, unit: Unit, who: Visitor, customer_id: CustomerId) -> list[OwnCoupon]:
    """Return the coupons for a customer alone that they may use now. Two statements where there are none."""
    identities = (await tx.load_one(customers.identities([customer_id])))[customer_id]
    codes = await queries.codes_for(tx, customer_ids=identities, limit=OWN_COUPONS_MAX)
    if not codes:
        return []
    found = await redemptions.facts(tx, codes=codes, customer_ids=[customer_id], promotions=())
    told = facts_of(found, codes=codes, customer_id=customer_id, promotions={}, at=tx.now)
    good = {x.code: x.promotion for x in told.coupons if x.state == "ok"}
    offers = await savings.offers(tx, unit, who, set(good.values()))
    return [
        OwnCoupon(code, *offers[promotion], found.coupons[code].valid_until)
        for code, promotion in good.items()
        if promotion in offers
    ]
