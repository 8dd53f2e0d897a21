"""Two shipping methods: a cheap one for everywhere, and a fast one at home."""

from jiedan.base.db import Database, Scope
from jiedan.pricing import service as pricing
from jiedan.pricing.values import FlatTariff, ShippingArea, ShippingMethod, ShippingRate, ShippingZone

STANDARD_MINOR, EXPRESS_MINOR, FREE_FROM_MINOR = 800, 2_500, 9_900


def flat(code: str, name: str, fee_minor: int, country: str, free_from_minor: int | None = None) -> ShippingMethod:
    """Return a method that always costs the same in one country, or in all of them."""
    rate = ShippingRate("CNY", FlatTariff(fee_minor), free_from_minor)
    return ShippingMethod(code, name, (ShippingZone("zone", (ShippingArea(country),), (rate,)),))


STANDARD = flat("standard", "Standard", STANDARD_MINOR, "*", FREE_FROM_MINOR)
EXPRESS = flat("express", "Express by air", EXPRESS_MINOR, "CN")


async def offered(db: Database, scope: Scope, *methods: ShippingMethod) -> None:
    """Publish methods: both, unless others are given."""
    async with db.begin(scope) as tx:
        for one in methods or (STANDARD, EXPRESS):
            await pricing.create_rule(tx, kind="shipping_method", body=one)
        await pricing.publish(tx)
