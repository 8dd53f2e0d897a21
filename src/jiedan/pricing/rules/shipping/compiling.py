"""Shipping methods made ready for carts: which zone a place is in is found by key."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from jiedan.pricing import values
from jiedan.pricing.rules import places


class Surcharge(NamedTuple):
    """A surcharge, and the places it is asked for; None: everywhere."""

    surcharge: values.ShippingSurcharge
    areas: places.Areas[bool] | None


class Zone(NamedTuple):
    """A zone with its rates by currency."""

    code: str
    rates: Mapping[str, values.ShippingRate]


class Method(NamedTuple):
    """A method with its zones by place."""

    method: values.ShippingMethod
    zones: places.Areas[Zone]
    excluded: places.Areas[str]
    surcharges: tuple[Surcharge, ...]


class CompiledShipping(NamedTuple):
    """The shipping methods of a merchant, by code. Made by `compile_shipping`."""

    settings: values.ShippingSettings
    methods: tuple[Method, ...]


def compile_shipping(methods: Sequence[values.ShippingMethod], settings: values.ShippingSettings) -> CompiledShipping:
    """Return methods ready to be asked, such that `problems_of_shipping_methods` has nothing to say about them."""
    return CompiledShipping(settings, tuple(_method(m) for m in sorted(methods, key=_by_code)))


def _by_code(coded: values.ShippingMethod | values.ShippingSurcharge) -> str:
    return coded.code


def _method(method: values.ShippingMethod) -> Method:
    inside: list[tuple[str, str, str, Zone]] = []
    outside: list[tuple[str, str, str, str]] = []
    for zone in method.zones:
        compiled = Zone(zone.code, {rate.currency: rate for rate in zone.rates})
        inside += [(area.country, area.region, area.postal, compiled) for area in zone.areas]
        outside += [(area.country, area.region, area.postal, zone.code) for area in zone.excluded]
    surcharges = tuple(Surcharge(s, _areas(s.areas)) for s in sorted(method.surcharges, key=_by_code))
    return Method(method, places.Areas(inside), places.Areas(outside), surcharges)


def _areas(areas: Sequence[values.ShippingArea]) -> places.Areas[bool] | None:
    if not areas:
        return None
    return places.Areas([(area.country, area.region, area.postal, True) for area in areas])


def zone_at(method: Method, place: values.Place) -> Zone | values.ShippingReason:
    """Return the most particular zone that holds a place and does not exclude it, or why there is none.

    Of zones that hold it equally closely the one whose code comes first counts.
    """
    holding = method.zones.holding(place)
    if not holding:
        return values.ShippingReason("not_served")
    if len(holding) == 1 and not method.excluded:
        return holding[0].thing
    without = {located.thing for located in method.excluded.holding(place)}
    left = sorted([located for located in holding if located.thing.code not in without], key=_by_zone)
    if not left:
        return values.ShippingReason("excluded", reference=min(located.thing.code for located in holding))
    return max(left, key=_particular).thing  # of equals the first


def _by_zone(located: places.Located[Zone]) -> str:
    return located.thing.code


def _particular(located: places.Located[Zone]) -> places.Particular:
    return located.particular
