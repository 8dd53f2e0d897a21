"""Say when an order would arrive that is not placed yet."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from jiedan.accounts import queries as accounts
from jiedan.base.db import ReadTx
from jiedan.carriers import queries as carriers
from jiedan.carriers.values import Place, Transit
from jiedan.customers.values import Address
from jiedan.fulfillment import queries
from jiedan.fulfillment.rules.promising import HANDLING_DEFAULT, Arrival, arrival
from jiedan.inventory.values import LocationId


class Foreseen(NamedTuple):
    """When an order would arrive, or lie ready, and why: the days of its slowest location, and those on the way."""

    arrival: Arrival
    handling: Transit
    transit: Transit


async def foresee(
    tx: ReadTx, *, locations: Collection[LocationId], address: Address | None, delivery_wish: date | None = None
) -> Foreseen | None:
    """Return when an order placed now would arrive that leaves from `locations`; without an address it is collected.

    None when nobody knows how long the way takes. Three statements.
    """
    settings, known, handling = await tx.load(accounts.settings(), carriers.carriers(), queries.handling())
    transit: Transit | None = Transit(0, 0)
    if address is not None:
        way = carriers.transit(known, Place(address.country, address.postal_code))
        transit = way[1] if way is not None else None
    days = [handling.get(x, HANDLING_DEFAULT) for x in locations]
    made = arrival(tx.now, time_zone=settings.time_zone, handling=days, transit=transit, delivery_wish=delivery_wish)
    if made is None or transit is None:
        return None
    return Foreseen(made, max(days, key=lambda x: (x.p50_days, x.p90_days)), transit)
