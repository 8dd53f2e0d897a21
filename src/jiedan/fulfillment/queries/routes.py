"""The ways of an order's parcels, for maps and lists of what happened on them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from jiedan.base import towns
from jiedan.base.db import ReadTx
from jiedan.carriers import queries as carriers
from jiedan.customers.values import Address
from jiedan.fulfillment.queries.ways import Way
from jiedan.fulfillment.rules import routes as rules
from jiedan.fulfillment.values import ParcelId
from jiedan.fulfillment.values.routes import RouteStep, Spot, Trip
from jiedan.inventory.values import Location
from jiedan.sourcing import queries as sourcing

Route = tuple[RouteStep, ...]


async def routes(
    tx: ReadTx,
    *,
    ways: Sequence[Way],
    address: Address | None,
    places: Iterable[Location],
    locale: str,
    due_on: date | None = None,
) -> Mapping[ParcelId, Route]:
    """Return the way of each parcel that has left for `address`, as readers of `locale` are shown it.

    `ways` are those of the order (`queries.ways`), `places` all locations (`inventory.queries.locations`), `due_on` is
    the day promised. Two statements, one round trip; none without a parcel that has left, or without an address.
    """
    boxes = [(way, box) for way in ways if way.method == "ship" for box in way.boxes if box.shipped_at is not None]
    if not boxes or address is None:
        return {}
    numbers = [(box.carrier, box.tracking_number) for _, box in boxes if box.carrier and box.tracking_number]
    said, areas = await tx.load(carriers.said(numbers), sourcing.places([(address.country, address.postal_code)]))
    area = areas.find(address.country, address.postal_code)
    to = rules.destination(
        address,
        locale=locale,
        lat=None if area is None else area.lat,
        lon=None if area is None else area.lon,
    )
    origins = {place.location_id: _origin(place) for place in places}
    return {
        box.parcel_id: rules.route(
            Trip(origins[way.location_id], to, box.shipped_at, box.delivered_at, due_on, box.state == "returned"),
            said.get((box.carrier or "", box.tracking_number or ""), ()),
            locale=locale,
        )
        for way, box in boxes
    }


def _origin(place: Location) -> Spot:
    """Return where a location lies: by its own degrees, else by the town that its name begins with or holds."""
    if place.lat is not None and place.lon is not None:
        return Spot(place.name, place.lat, place.lon)
    town = towns.find(place.name)
    return Spot(place.name, None, None) if town is None else Spot(place.name, town.lat, town.lon)
