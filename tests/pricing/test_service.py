"""Price rules change under a version, and only where they change."""

from jiedan.base.db import Database, Scope
from jiedan.pricing import events, service

RATE = service.TaxRateRow("CN", "standard", 130_000)
FEE = service.ShippingFeeRow("CNY", 1_000, 9_900)


async def test_what_is_set_again_keeps_its_version(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        versions = [await service.set_tax_rates(tx, rows=[RATE]) for _ in range(2)]
        versions += [await service.set_shipping_fees(tx, rows=[FEE]) for _ in range(2)]
        versions.append(await service.set_shipping_fees(tx, rows=[FEE._replace(free_from_minor=None)]))
        versions += [await service.set_tax_rates(tx, rows=[RATE._replace(rate_ppm=None)]) for _ in range(2)]
        told = [item.event.version for item in tx._emitted if isinstance(item.event, events.PriceRulesChanged)]
    assert versions == [1, 1, 2, 2, 3, 4, 4]
    assert told == [1, 2, 3, 4]
