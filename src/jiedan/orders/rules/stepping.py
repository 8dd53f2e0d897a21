"""What the goods of a draft cost by quantity, for whoever asks: the steps of the price lists that hold. Pure."""

from collections.abc import Mapping

from jiedan.orders.rules import askable
from jiedan.orders.rules.planning import Circumstances
from jiedan.orders.values import NewOrder
from jiedan.pricing import rules as pricing
from jiedan.pricing.values.lists import Buyer, PriceStep

Steps = Mapping[str, tuple[PriceStep, ...]]
"""The steps of SKUs, by code."""


def steps_of(body: NewOrder, c: Circumstances) -> Steps:
    """Return what a unit of each SKU costs by quantity, before promotions; what has no price of its own is absent.

    A price by hand is for one line, not for the SKU: what its list says is told all the same.
    """
    known = c.prices
    customer = c.customers.get(body.customer_id) if body.customer_id is not None else None
    buyer = Buyer(
        body.currency or c.settings.currency,
        known.at,
        body.channel,
        "" if customer is None else str(customer.customer_id),
        frozenset() if customer is None else known.groups.get(customer.customer_id, frozenset()),
        frozenset() if customer is None else askable.known_as(customer),
    )
    skus = {line.sku: known.skus[line.sku] for line in body.lines if line.sku in known.skus}
    return pricing.price_steps(skus, known.rules.units, buyer)
