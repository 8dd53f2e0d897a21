"""Lay out the way of a parcel, place by place. Pure."""

from collections.abc import Sequence

from jiedan.base import towns
from jiedan.base.i18n import N_
from jiedan.carriers.values import TrackingEvent
from jiedan.customers.values import Address
from jiedan.fulfillment.values.routes import RouteStep, Spot, StepState, Trip
from jiedan.fulfillment.values.signs import PARCEL_SIGNS

WAITS = N_("Waits to leave")
LEFT = N_("Has left")
SEEN = N_("On its way")
DUE = N_("Expected to arrive")
COMES_BACK = N_("Comes back")


def route(trip: Trip, events: Sequence[TrackingEvent], *, locale: str) -> tuple[RouteStep, ...]:
    """Return the places of a way in their order; the last that was reached is `now`, what follows is ahead.

    Events have no degrees: they lie where the town lies that they name, if our table knows it. A parcel that comes back
    has its origin before it again.
    """
    steps = [_step(trip.origin, LEFT if trip.shipped_at else WAITS)._replace(at=trip.shipped_at)]
    steps += [_said(x, locale) for x in events if x.state != "delivered"] if trip.shipped_at else []
    if trip.delivered_at is not None:
        said = next((x for x in events if x.state == "delivered"), None)
        arrived = _step(trip.destination, PARCEL_SIGNS["delivered"].label)._replace(at=trip.delivered_at)
        steps.append(arrived if said is None else arrived._replace(place=said.place, text=said.description))
    steps = [x._replace(state=_state(i, len(steps))) for i, x in enumerate(steps)]
    if trip.delivered_at is not None:
        return tuple(steps)
    if trip.comes_back:
        return (*steps, _step(trip.origin, COMES_BACK))
    return (*steps, _step(trip.destination, DUE)._replace(due_on=trip.due_on))


def _state(number: int, count: int) -> StepState:
    return "now" if number == count - 1 else "past"


def _step(spot: Spot, label: str) -> RouteStep:
    return RouteStep(spot.name, "ahead", label, lat=spot.lat, lon=spot.lon)


def _said(event: TrackingEvent, locale: str) -> RouteStep:
    town = towns.find(event.place) or towns.find(event.description)
    return RouteStep(
        event.place if town is None else town.name(locale),
        "past",
        SEEN if event.state is None else PARCEL_SIGNS[event.state].label,
        event.occurred_at,
        None if town is None else town.lat,
        None if town is None else town.lon,
        event.place,
        event.description,
    )


def destination(address: Address, *, locale: str, lat: float | None = None, lon: float | None = None) -> Spot:
    """Return where a parcel goes, no nearer than the district: `lat` and `lon` where its postal code is known to lie.

    Degrees of the address itself count more, those of the town's name less.
    """
    town = towns.find(address.city) or towns.find(address.region)
    name = address.city or address.region or address.postal_code
    if town is not None and town.name(locale) not in address.city:
        name = town.name(locale)
    elif address.district:
        name = f"{name} · {address.district}"
    if address.lat is not None and address.lon is not None:
        return Spot(name, address.lat, address.lon)
    if lat is not None and lon is not None:
        return Spot(name, lat, lon)
    return Spot(name, None, None) if town is None else Spot(name, town.lat, town.lon)
